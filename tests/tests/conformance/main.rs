//! The rules of STOMP, of Spring's broker and of the threat table, driven through a whole server in memory on a paused
//! clock. Tests are named after the rules that they prove.

mod acknowledged_ids;
mod acknowledged_topics;
mod acknowledgements;
mod authorization;
mod broker;
mod chunks;
mod consumer;
mod errors;
mod events;
mod handlers;
mod heart_beat;
mod history;
mod history_threads;
mod interceptors;
mod layers;
mod leaks;
mod limits;
mod model;
mod negotiation;
mod never_cancelled;
mod ordering;
mod ordering_properties;
mod panics;
mod parallel;
mod queue_channels;
mod queue_limits;
mod queue_model;
mod queue_soak;
mod queue_statistics;
mod queues;
mod receipts;
mod scripted;
mod selectors;
mod sessions;
mod shutdown;
mod slow_consumers;
mod spring_rules;
mod statistics;
mod subscriptions;
mod threats;
mod transactions;
mod typestate;
mod user_destinations;

use std::time::Duration;

use stomp_axum::{
    codec::Frame,
    handler::Handlers,
    server::{Messaging, MessagingBuilder},
    session::Limits,
    testing::TestConnection,
};
use tokio::time::Instant;

fn builder() -> MessagingBuilder {
    Messaging::builder()
        .application_destination_prefixes(["/app"])
        .simple_broker(["/topic", "/queue"])
        .handlers(Handlers::none())
}

fn server() -> Messaging {
    builder().build().unwrap()
}

fn server_with(change: impl FnOnce(&mut Limits)) -> Messaging {
    let mut limits = Limits::default();
    change(&mut limits);
    builder().limits(limits).build().unwrap()
}

async fn connect(messaging: &Messaging, version: &str) -> TestConnection {
    let mut client = TestConnection::open(messaging);
    client.send_connect(version).await;
    client
}

/// The ERROR to a new connection that sends `data`; then it must be closed.
async fn refused(messaging: &Messaging, data: impl Into<bytes::Bytes>, code: &str) -> Frame {
    let mut client = TestConnection::open(messaging);
    client.send(data);
    client.expect_error(code).await
}

/// A client with one subscription, of id `s`.
async fn subscriber(messaging: &Messaging, destination: &str) -> TestConnection {
    let mut client = connect(messaging, "1.2").await;
    subscribe(&mut client, "s", destination).await;
    client
}

async fn subscribe(client: &mut TestConnection, id: &str, destination: &str) {
    client.send(format!(
        "SUBSCRIBE\nid:{id}\ndestination:{destination}\nreceipt:subscribed\n\n\0"
    ));
    client.expect_receipt("subscribed").await;
}

/// Sends, and waits until the server is through with it.
async fn send(client: &mut TestConnection, destination: &str, body: &str) {
    client.send(format!(
        "SEND\ndestination:{destination}\nreceipt:sent\n\n{body}\0"
    ));
    client.expect_receipt("sent").await;
}

/// The next message's subscription and body.
async fn message(client: &mut TestConnection) -> (String, String) {
    let message = client.expect_message().await;
    let subscription = message.header("subscription").unwrap_or_default();
    (subscription.to_owned(), text(&message).to_owned())
}

fn text(frame: &Frame) -> &str {
    std::str::from_utf8(&frame.body).unwrap()
}

/// Proves that nothing is on its way to the client, and that its session lives: a RECEIPT comes first.
async fn expect_nothing(client: &mut TestConnection) {
    client.send("SUBSCRIBE\nid:nothing\ndestination:/queue/nothing\n\n\0");
    client.send("UNSUBSCRIBE\nid:nothing\nreceipt:nothing\n\n\0");
    client.expect_receipt("nothing").await;
}

/// Asserts how much time has passed on the paused clock, whose timers are precise to a millisecond.
#[track_caller]
fn assert_passed(since: Instant, expected: Duration) {
    let passed = since.elapsed();
    assert!(
        passed >= expected && passed <= expected + Duration::from_millis(5),
        "{passed:?} have passed, and not {expected:?}"
    );
}

const SECOND: Duration = Duration::from_secs(1);
