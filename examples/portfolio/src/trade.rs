//! Orders: checked and booked at once, confirmed later.

use std::time::Duration;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use stomp_axum::prelude::*;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::portfolio::{Portfolios, Position};

/// How many shares one order may be about.
const MOST_SHARES: u64 = 100_000;

/// How many confirmations may wait. When that many do, who trades waits, too.
const MOST_CONFIRMATIONS: usize = 1024;

/// An order, as a client sends it to `/app/trade`. For whom it is does not stand in it: that is who has logged in.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Trade {
    pub(crate) ticker: String,
    pub(crate) action: Action,
    /// Signed, so that a negative number is answered by [`TradeError`] and not by a parser.
    pub(crate) shares: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    Buy,
    Sell,
}

/// Why an order was refused. The texts are for the user who gave it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TradeError {
    #[error("The number of shares must be 1 or more.")]
    NoShares,
    #[error("That is too much: an order may be about {MOST_SHARES} shares at most.")]
    TooMuch,
    #[error("There is no stock {ticker} on this market.")]
    UnknownStock { ticker: String },
    #[error("You can't sell that many shares of {ticker}: you own {owned}.")]
    NotEnoughShares { ticker: String, owned: u64 },
    #[error("The market is closed.")]
    Closed,
}

/// The confirmation of an order: the payload of `/user/queue/position-updates`.
#[derive(Debug, Serialize)]
pub(crate) struct PositionUpdate {
    pub(crate) trade: Trade,
    /// What one share has cost.
    pub(crate) price: Decimal,
    /// What the user owns now.
    pub(crate) position: Position,
}

/// Executes orders.
#[derive(Debug)]
pub(crate) struct TradeService {
    portfolios: Portfolios,
    confirmation_delay: Duration,
    confirmations: mpsc::Sender<Confirmation>,
}

/// The confirmations of a [`TradeService`]: the end of the queue that needs to send messages.
#[derive(Debug)]
pub(crate) struct Confirmations(mpsc::Receiver<Confirmation>);

#[derive(Debug)]
struct Confirmation {
    user: Principal,
    due: Instant,
    update: PositionUpdate,
}

impl TradeService {
    /// The service, and its confirmations, which come `confirmation_delay` after the order, as from an exchange that
    /// is somewhere else.
    ///
    /// They are two because a controller must be there before the messaging server, and the template after it.
    pub(crate) fn new(
        portfolios: Portfolios,
        confirmation_delay: Duration,
    ) -> (Self, Confirmations) {
        let (confirmations, receiver) = mpsc::channel(MOST_CONFIRMATIONS);
        let service = Self {
            portfolios,
            confirmation_delay,
            confirmations,
        };
        (service, Confirmations(receiver))
    }

    /// Executes an order of `user`, who will get a confirmation.
    pub(crate) async fn execute(&self, user: Principal, trade: Trade) -> Result<(), TradeError> {
        let shares = match u64::try_from(trade.shares) {
            Err(_) | Ok(0) => return Err(TradeError::NoShares),
            Ok(shares) if shares > MOST_SHARES => return Err(TradeError::TooMuch),
            Ok(shares) => shares,
        };
        // A place in the queue first: nothing is booked that can't be confirmed.
        let place = self.confirmations.reserve().await;
        let place = place.map_err(|_| TradeError::Closed)?;
        let position = self
            .portfolios
            .trade(user.name(), &trade.ticker, trade.action, shares)?;
        place.send(Confirmation {
            user,
            due: Instant::now() + self.confirmation_delay,
            update: PositionUpdate {
                trade,
                price: position.quote.price,
                position,
            },
        });
        Ok(())
    }
}

impl Confirmations {
    /// Sends each confirmation when it is due, to all connections of its user.
    pub(crate) async fn send(mut self, template: MessagingTemplate) {
        // They are due in the order in which they come, since all are delayed by the same time.
        while let Some(confirmation) = self.0.recv().await {
            sleep_until(confirmation.due).await;
            let Confirmation { user, update, .. } = confirmation;
            let sent = template
                .convert_and_send_to_user(user.name(), "/queue/position-updates", &update)
                .await;
            if let Err(error) = sent {
                tracing::warn!(%user, %error, "an order was not confirmed");
            }
        }
    }
}
