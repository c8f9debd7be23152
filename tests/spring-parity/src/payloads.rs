//! `Trade.java` and `Order.java`.

use garde::Validate;
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

#[derive(Debug, Deserialize, Validate)]
pub(crate) struct Order {
    #[garde(length(min = 1, max = 10))]
    pub(crate) item: String,
    #[garde(range(min = 1, max = 100))]
    pub(crate) count: i32,
}
