//! The stocks that can be traded, and how their prices move.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::RwLock;
use rust_decimal::Decimal;
use serde::Serialize;

/// Ticker, company, and the opening price in cents.
const LISTED: [(&str, &str, i64); 8] = [
    ("CTXS", "Citrix Systems", 2430),
    ("DELL", "Dell", 1344),
    ("EMC", "EMC", 2412),
    ("GOOG", "Google", 89_349),
    ("MSFT", "Microsoft", 3415),
    ("ORCL", "Oracle", 3122),
    ("RHT", "Red Hat", 4830),
    ("VMW", "VMware", 6558),
];

/// A price moves by up to 0.60 % at a time.
const MOST_BASIS_POINTS: i64 = 60;

/// What a stock costs: the payload of `/topic/price.stock.{ticker}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Quote {
    pub(crate) ticker: &'static str,
    pub(crate) price: Decimal,
    /// By how much the price has changed since the market opened.
    pub(crate) change: Decimal,
}

/// All stocks with their current prices. Cheap to clone; all clones are the same market.
#[derive(Clone, Debug)]
pub(crate) struct Market(Arc<RwLock<BTreeMap<&'static str, Stock>>>);

#[derive(Debug)]
struct Stock {
    ticker: &'static str,
    company: &'static str,
    opening: Decimal,
    price: Decimal,
}

impl Market {
    pub(crate) fn open() -> Self {
        let stocks = LISTED.map(|(ticker, company, cents)| {
            let opening = Decimal::new(cents, 2);
            let stock = Stock {
                ticker,
                company,
                opening,
                price: opening,
            };
            (ticker, stock)
        });
        Self(Arc::new(RwLock::new(stocks.into())))
    }

    /// The current quote, and the company's name; `None` if there is no such stock.
    pub(crate) fn look_up(&self, ticker: &str) -> Option<(Quote, &'static str)> {
        let stocks = self.0.read();
        let stock = stocks.get(ticker)?;
        Some((stock.quote(), stock.company))
    }

    /// Moves the prices, and returns those that have changed.
    pub(crate) fn tick(&self, random: &mut fastrand::Rng) -> Vec<Quote> {
        let mut stocks = self.0.write();
        stocks
            .values_mut()
            .filter_map(|stock| stock.tick(random))
            .collect()
    }
}

impl Stock {
    fn quote(&self) -> Quote {
        Quote {
            ticker: self.ticker,
            price: self.price,
            change: self.price - self.opening,
        }
    }

    fn tick(&mut self, random: &mut fastrand::Rng) -> Option<Quote> {
        let basis_points = random.i64(-MOST_BASIS_POINTS..=MOST_BASIS_POINTS);
        let moved = self.price + self.price * Decimal::new(basis_points, 4);
        // Whole cents, between what a stock can be worth at least and what stays exact in JavaScript.
        let price = moved
            .round_dp(2)
            .clamp(Decimal::new(1, 2), Decimal::from(1_000_000));
        let has_changed = price != self.price;
        self.price = price;
        has_changed.then(|| self.quote())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_ticks(seed: u64) -> Vec<Quote> {
        let market = Market::open();
        let mut random = fastrand::Rng::with_seed(seed);
        (0..50).flat_map(|_| market.tick(&mut random)).collect()
    }

    #[test]
    fn the_seed_decides_how_prices_move() {
        assert_eq!(first_ticks(1), first_ticks(1));
        assert_ne!(first_ticks(1), first_ticks(2));
    }

    #[test]
    fn a_quote_is_a_new_price_in_whole_cents_and_says_the_change_since_the_opening() {
        let market = Market::open();
        let opening = |ticker| Market::open().look_up(ticker).unwrap().0.price;
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..1000 {
            let before: Vec<Quote> = LISTED
                .iter()
                .map(|(ticker, ..)| market.look_up(ticker).unwrap().0)
                .collect();
            for quote in market.tick(&mut random) {
                assert!(!before.contains(&quote), "{quote:?} is no news");
                assert!(quote.price >= Decimal::new(1, 2), "{quote:?}");
                assert!(quote.price.scale() <= 2, "{quote:?}");
                assert_eq!(quote.change, quote.price - opening(quote.ticker));
                assert_eq!(market.look_up(quote.ticker).unwrap().0, quote);
            }
        }
    }
}
