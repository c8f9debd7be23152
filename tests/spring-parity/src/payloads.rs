//! `Trade.java` and `Order.java`.

use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Trade {
    pub(crate) ticker: String,
    pub(crate) shares: u32,
}

impl Trade {
    pub(crate) fn new(ticker: &str, shares: u32) -> Self {
        let ticker = ticker.to_owned();
        Self { ticker, shares }
    }
}
