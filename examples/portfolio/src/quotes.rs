//! The ticker tape: publishes what the market does.

use std::time::Duration;

use stomp_axum::prelude::*;
use tokio::time::{MissedTickBehavior, interval};

use crate::market::Market;

/// Moves the prices of the market again and again, and publishes each new one to `/topic/price.stock.{ticker}`.
///
/// All that is needed for that is the template: this is an ordinary task, and knows no subscriber.
pub(crate) async fn publish(
    market: Market,
    mut random: fastrand::Rng,
    every: Duration,
    template: MessagingTemplate,
) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for quote in market.tick(&mut random) {
            let destination = format!("/topic/price.stock.{}", quote.ticker);
            if let Err(error) = template.convert_and_send(&destination, &quote).await {
                tracing::warn!(destination, %error, "a quote was not published");
            }
        }
    }
}
