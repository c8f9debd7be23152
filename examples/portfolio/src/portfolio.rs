//! Who owns how many shares of what.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use parking_lot::Mutex;
use serde::Serialize;

use crate::{
    market::{Market, Quote},
    trade::{Action, TradeError},
};

/// What the demo users own when the server starts. Whoever is not named here starts with nothing.
const OWNED: [(&str, &[(&str, u64)]); 3] = [
    (
        "fabrice",
        &[("CTXS", 75), ("DELL", 50), ("MSFT", 33), ("ORCL", 45)],
    ),
    (
        "paulson",
        &[("EMC", 75), ("GOOG", 5), ("RHT", 15), ("VMW", 23)],
    ),
    ("guest", &[("DELL", 10), ("GOOG", 2), ("MSFT", 20)]),
];

/// A stock in a user's portfolio, with its current price.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Position {
    #[serde(flatten)]
    pub(crate) quote: Quote,
    pub(crate) company: &'static str,
    pub(crate) shares: u64,
}

/// The portfolios of all users. Cheap to clone; all clones are the same portfolios.
#[derive(Clone, Debug)]
pub(crate) struct Portfolios {
    market: Market,
    /// By user, then by ticker. A stock that was sold completely stays, with no shares.
    owned: Arc<Mutex<HashMap<String, BTreeMap<&'static str, u64>>>>,
}

impl Portfolios {
    pub(crate) fn new(market: Market) -> Self {
        let owned = OWNED
            .into_iter()
            .map(|(user, shares)| (user.to_owned(), shares.iter().copied().collect()))
            .collect();
        Self {
            market,
            owned: Arc::new(Mutex::new(owned)),
        }
    }

    /// The user's positions, by ticker.
    pub(crate) fn positions(&self, user: &str) -> Vec<Position> {
        let owned = self.owned.lock();
        let Some(shares) = owned.get(user) else {
            return Vec::new();
        };
        shares
            .iter()
            .filter_map(|(ticker, shares)| self.position(ticker, *shares))
            .collect()
    }

    /// Buys or sells at the current price, and returns the new position.
    ///
    /// The lock is held from the check to the change: two orders at the same time can't sell the same shares twice.
    pub(crate) fn trade(
        &self,
        user: &str,
        ticker: &str,
        action: Action,
        shares: u64,
    ) -> Result<Position, TradeError> {
        let Some((quote, company)) = self.market.look_up(ticker) else {
            return Err(TradeError::UnknownStock {
                ticker: ticker.to_owned(),
            });
        };
        let mut owned = self.owned.lock();
        let of_user = owned.entry(user.to_owned()).or_default();
        let before = of_user.get(quote.ticker).copied().unwrap_or_default();
        let after = match action {
            Action::Buy => before.checked_add(shares).ok_or(TradeError::TooMuch)?,
            Action::Sell => {
                before
                    .checked_sub(shares)
                    .ok_or_else(|| TradeError::NotEnoughShares {
                        ticker: ticker.to_owned(),
                        owned: before,
                    })?
            }
        };
        of_user.insert(quote.ticker, after);
        Ok(Position {
            quote,
            company,
            shares: after,
        })
    }

    fn position(&self, ticker: &str, shares: u64) -> Option<Position> {
        let (quote, company) = self.market.look_up(ticker)?;
        Some(Position {
            quote,
            company,
            shares,
        })
    }
}
