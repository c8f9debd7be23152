//! What clients can ask for over STOMP.

use stomp_axum::prelude::*;

use crate::{
    portfolio::{Portfolios, Position},
    trade::{Trade, TradeError, TradeService},
};

/// Answers clients. All of its methods are for the user of the connection, who has logged in over HTTP.
#[derive(Debug)]
pub(crate) struct PortfolioController {
    portfolios: Portfolios,
    trades: TradeService,
}

impl PortfolioController {
    pub(crate) fn new(portfolios: Portfolios, trades: TradeService) -> Self {
        Self { portfolios, trades }
    }
}

#[message_mapping]
impl PortfolioController {
    /// A SUBSCRIBE to `/app/positions` is answered with the user's positions, once.
    #[subscribe_mapping("/positions")]
    async fn positions(&self, user: Principal) -> Vec<Position> {
        self.portfolios.positions(user.name())
    }

    /// A SEND to `/app/trade` is an order. Its confirmation comes later, to `/user/queue/position-updates`.
    #[message_mapping("/trade")]
    async fn trade(&self, trade: Trade, user: Principal) -> Result<(), TradeError> {
        tracing::info!(%user, ?trade, "an order");
        self.trades.execute(user, trade).await
    }

    /// Why an order was refused is for the page that sent it, not for the user's other pages.
    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn refused(&self, error: &TradeError) -> String {
        error.to_string()
    }

    /// An order that can't be read, such as one for half a share.
    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn unreadable(&self, error: &ExtractError) -> String {
        format!("The order can't be read: {error}.")
    }
}

#[cfg(test)]
mod tests;
