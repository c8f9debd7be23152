//! The controller with all of the protocol around it: no sockets, and a clock that goes on only when everybody waits.

use std::time::Duration;

use serde_json::{Value, json};
use stomp_axum::{
    codec::Frame,
    testing::{FrameExt, TestConnection},
};
use tokio::time::Instant;

use super::*;
use crate::{market::Market, messaging, quotes};

const CONFIRMATION_DELAY: Duration = Duration::from_secs(2);
const A_WHILE: Duration = Duration::from_secs(60);

/// A server as `main` starts it, without quotes.
fn server() -> (Messaging, Market) {
    let market = Market::open();
    let portfolios = Portfolios::new(market.clone());
    let (trades, confirmations) = TradeService::new(portfolios.clone(), CONFIRMATION_DELAY);
    let messaging = messaging(PortfolioController::new(portfolios, trades)).unwrap();
    tokio::spawn(confirmations.send(messaging.template().clone()));
    (messaging, market)
}

/// A page that `user` has opened, with what it subscribes to.
async fn page(messaging: &Messaging, user: &str) -> TestConnection {
    let mut page = TestConnection::connect_as(messaging, user).await;
    page.subscribe("/user/queue/position-updates").await;
    page.subscribe("/user/queue/errors").await;
    page
}

fn trade(action: &str, ticker: &str, shares: i64) -> Value {
    json!({ "action": action, "ticker": ticker, "shares": shares })
}

#[track_caller]
fn assert_update(message: &Frame, ticker: &str, shares: u64) {
    let update: Value = message.json();
    assert_eq!(
        message.header("destination"),
        Some("/user/queue/position-updates")
    );
    assert_eq!(update["position"]["ticker"], ticker, "{update}");
    assert_eq!(update["position"]["shares"], shares, "{update}");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_is_answered_with_the_positions_of_its_user() {
    let (messaging, _) = server();
    for (user, tickers) in [
        ("fabrice", vec!["CTXS", "DELL", "MSFT", "ORCL"]),
        ("paulson", vec!["EMC", "GOOG", "RHT", "VMW"]),
        ("somebody", vec![]),
    ] {
        let mut page = TestConnection::connect_as(&messaging, user).await;
        page.subscribe("/app/positions").await;
        let positions: Vec<Value> = page.expect_message().await.json();
        let answered: Vec<_> = positions
            .iter()
            .map(|position| &position["ticker"])
            .collect();
        assert_eq!(answered, tickers);
        if user == "fabrice" {
            let citrix = json!({
                "ticker": "CTXS", "company": "Citrix Systems", "price": 24.3, "change": 0.0, "shares": 75,
            });
            assert_eq!(positions[0], citrix);
        }
        page.expect_silence(A_WHILE).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_is_confirmed_to_all_pages_of_its_user_after_a_while() {
    let (messaging, _) = server();
    let mut first = page(&messaging, "fabrice").await;
    let mut second = page(&messaging, "fabrice").await;
    let mut other = page(&messaging, "paulson").await;

    let start = Instant::now();
    first.send_json("/app/trade", &trade("sell", "CTXS", 70));
    let confirmation = first.expect_message().await;
    assert!(start.elapsed() >= CONFIRMATION_DELAY);
    assert_update(&confirmation, "CTXS", 5);
    let confirmation: Value = confirmation.json();
    assert_eq!(confirmation["trade"], trade("sell", "CTXS", 70));
    assert_eq!(confirmation["price"], 24.3);
    assert_update(&second.expect_message().await, "CTXS", 5);
    other.expect_silence(A_WHILE).await;
}

#[tokio::test(start_paused = true)]
async fn a_first_purchase_makes_a_new_position() {
    let (messaging, _) = server();
    let mut page = page(&messaging, "fabrice").await;
    page.send_json("/app/trade", &trade("buy", "GOOG", 1));
    assert_update(&page.expect_message().await, "GOOG", 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_order_is_told_to_the_page_that_sent_it() {
    let (messaging, _) = server();
    let mut first = page(&messaging, "fabrice").await;
    let mut second = page(&messaging, "fabrice").await;
    for (order, reason) in [
        (
            trade("buy", "DELL", 0),
            "The number of shares must be 1 or more.",
        ),
        (
            trade("sell", "DELL", -3),
            "The number of shares must be 1 or more.",
        ),
        (
            trade("buy", "DELL", 100_001),
            "That is too much: an order may be about 100000 shares at most.",
        ),
        (
            trade("buy", "ACME", 1),
            "There is no stock ACME on this market.",
        ),
        (
            trade("sell", "DELL", 51),
            "You can't sell that many shares of DELL: you own 50.",
        ),
        (
            trade("sell", "GOOG", 1),
            "You can't sell that many shares of GOOG: you own 0.",
        ),
    ] {
        first.send_json("/app/trade", &order);
        let error = first.expect_message().await;
        assert_eq!(error.header("destination"), Some("/user/queue/errors"));
        assert_eq!(error.text(), reason);
    }
    for unreadable in [
        json!({ "action": "buy", "ticker": "DELL", "shares": 0.5 }),
        json!({ "action": "give away", "ticker": "DELL", "shares": 1 }),
        json!("all of it"),
    ] {
        first.send_json("/app/trade", &unreadable);
        let error = first.expect_message().await;
        assert!(error.text().starts_with("The order can't be read: "));
    }
    second.expect_silence(A_WHILE).await;
    first.expect_silence(A_WHILE).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sold_twice_although_confirmations_take_a_while() {
    let (messaging, _) = server();
    let mut page = page(&messaging, "fabrice").await;
    page.send_json("/app/trade", &trade("sell", "DELL", 30));
    page.send_json("/app/trade", &trade("sell", "DELL", 30));
    let error = page.expect_message().await;
    assert_eq!(
        error.text(),
        "You can't sell that many shares of DELL: you own 20."
    );
    assert_update(&page.expect_message().await, "DELL", 20);
    page.expect_silence(A_WHILE).await;
}

#[tokio::test(start_paused = true)]
async fn quotes_go_to_subscribers_of_one_stock_and_of_all() {
    let (messaging, market) = server();
    let mut all = TestConnection::connect_as(&messaging, "guest").await;
    all.subscribe("/topic/price.stock.*").await;
    let mut one = TestConnection::connect_as(&messaging, "guest").await;
    one.subscribe("/topic/price.stock.DELL").await;

    let random = fastrand::Rng::with_seed(1);
    let every = Duration::from_secs(1);
    let expected = Market::open().tick(&mut random.clone());
    tokio::spawn(quotes::publish(
        market,
        random,
        every,
        messaging.template().clone(),
    ));
    for quote in expected {
        let message = all.expect_message().await;
        let destination = format!("/topic/price.stock.{}", quote.ticker);
        assert_eq!(message.header("destination"), Some(&*destination));
        assert_eq!(
            message.json::<Value>(),
            serde_json::to_value(&quote).unwrap()
        );
    }
    for _ in 0..3 {
        let quote: Value = one.expect_message().await.json();
        assert_eq!(quote["ticker"], "DELL");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_but_the_server_publishes_prices_and_confirmations() {
    let (messaging, _) = server();
    for destination in [
        "/topic/price.stock.DELL",
        "/user/paulson/queue/position-updates",
    ] {
        let mut cheat = TestConnection::connect_as(&messaging, "fabrice").await;
        cheat.send_json(destination, &json!({ "ticker": "DELL", "price": 0.01 }));
        cheat.expect_error("send-denied").await;
    }
}
