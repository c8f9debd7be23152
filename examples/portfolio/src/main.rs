//! Spring's [stock portfolio sample][sample], in Rust: users log in, watch their positions at live prices, and trade.
//!
//! [sample]: https://github.com/rstoyanchev/spring-websocket-portfolio

mod controller;
mod login;
mod market;
mod portfolio;
mod quotes;
mod settings;
mod trade;
mod web;

use std::error::Error;

use axum::serve::ListenerExt;
use stomp_axum::{prelude::*, server::BuildError};
use tokio::net::TcpListener;

use crate::{
    controller::PortfolioController, market::Market, portfolio::Portfolios, settings::Settings,
    trade::TradeService,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let settings = Settings::from_environment()?;

    let market = Market::open();
    let portfolios = Portfolios::new(market.clone());
    let (trades, confirmations) =
        TradeService::new(portfolios.clone(), settings.confirmation_delay);
    let messaging = messaging(PortfolioController::new(portfolios, trades))?;

    tokio::spawn(confirmations.send(messaging.template().clone()));
    tokio::spawn(quotes::publish(
        market,
        fastrand::Rng::with_seed(settings.quote_seed),
        settings.quote_interval,
        messaging.template().clone(),
    ));

    let listener = TcpListener::bind(("127.0.0.1", settings.port)).await?;
    println!("Open http://{}", listener.local_addr()?);
    // A small frame does not wait until the client has acknowledged the one before.
    let listener = listener.tap_io(|connection| {
        let _as_it_is = connection.set_nodelay(true);
    });
    axum::serve(listener, web::router(&messaging))
        .with_graceful_shutdown(messaging.shutdown_on_ctrl_c())
        .await?;
    Ok(())
}

/// The STOMP side.
fn messaging(controller: PortfolioController) -> Result<Messaging, BuildError> {
    Messaging::builder()
        .application_destination_prefixes(["/app"])
        .simple_broker(["/topic", "/queue"])
        // Clients send to the controller only: nobody but the server publishes a price, or confirms an order.
        .deny_sends_to_broker()
        // Its user is the principal that `login::identify` has found.
        .endpoint(StompEndpoint::new("/portfolio"))
        .controller(controller)
        .build()
}
