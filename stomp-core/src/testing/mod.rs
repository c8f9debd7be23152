//! Tests of an application: a server without sockets, on a clock that can be paused, and stand-ins for its parts.
//!
//! | to test | use | Spring |
//! |---|---|---|
//! | a function | call it: an annotated function stays an ordinary one | |
//! | a function that sends | [`recording_template`] | a mock of `SimpMessagingTemplate` |
//! | handlers alone | a server with their [`Handlers`](crate::handler::Handlers) and a [`FakeBroker`] | standalone set-up (TST-02) |
//! | handlers with the whole server | [`TestConnection`], and a [`BrokerProbe`] to see what is published | test with the application context (TST-01) |
//! | a client over a real socket | any STOMP client, and `axum::serve` on port 0 | end to end (TST-03) |
//!
//! # A controller function through the whole server
//!
//! Nothing here sleeps (TST-04): [`subscribe`](TestConnection::subscribe) returns when the subscription is active, and a
//! message that is expected is waited for. With the clock paused, waiting costs no time: heart-beats and timeouts of
//! minutes can be tested, and a test that waits in vain fails at once. On a running clock it fails after five seconds. An
//! expectation that is not met panics with what came instead, and with its place in the test.
//!
//! ```
//! use std::time::Duration;
//!
//! use stomp_axum::{prelude::*, testing::{FrameExt, TestConnection}};
//!
//! #[derive(serde::Deserialize)]
//! struct Order { ticker: String, shares: u32 }
//!
//! #[derive(Debug, thiserror::Error)]
//! #[error("no more {0}")]
//! struct SoldOut(String);
//!
//! #[message_mapping("/orders")]
//! #[send_to("/topic/orders")]
//! async fn order(order: Order, user: Principal) -> Result<String, SoldOut> {
//!     match order.shares {
//!         ..=10 => Ok(format!("{user} has {} {}", order.shares, order.ticker)),
//!         _ => Err(SoldOut(order.ticker)),
//!     }
//! }
//!
//! #[message_exception_handler]
//! #[send_to_user("/queue/errors", broadcast = false)]
//! async fn sold_out(error: &SoldOut) -> String {
//!     error.to_string()
//! }
//!
//! // A test has `#[tokio::test(start_paused = true)]` instead.
//! #[tokio::main(flavor = "current_thread", start_paused = true)]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let messaging = Messaging::builder()
//!         .application_destination_prefixes(["/app"])
//!         .simple_broker(["/topic", "/queue"])
//!         .build()?;
//!
//!     // Two users, without a login: the handshake has found them already.
//!     let mut joe = TestConnection::connect_as(&messaging, "joe").await;
//!     let mut ann = TestConnection::connect_as(&messaging, "ann").await;
//!     let errors = joe.subscribe("/user/queue/errors").await;
//!     ann.subscribe("/topic/orders").await;
//!
//!     // A message.
//!     joe.send_json("/app/orders", &serde_json::json!({ "ticker": "VMW", "shares": 5 }));
//!     assert_eq!(ann.expect_message().await.text(), "joe has 5 VMW");
//!
//!     // What an exception handler answers, and silence for everybody else.
//!     joe.send_json("/app/orders", &serde_json::json!({ "ticker": "VMW", "shares": 50 }));
//!     let error = joe.expect_message().await;
//!     assert_eq!(error.header("subscription"), Some(&*errors));
//!     assert_eq!(error.text(), "no more VMW");
//!     ann.expect_silence(Duration::from_secs(60)).await;
//!
//!     // An ERROR, and the end of the connection.
//!     joe.send_to("/app/oders", "a typo");
//!     joe.expect_error("unknown-destination").await;
//!     Ok(())
//! }
//! ```
//!
//! Queues and histories are tested with the headers of
//! [`subscribe_with_headers`](TestConnection::subscribe_with_headers), acknowledgements with [`ack`](TestConnection::ack)
//! and [`nack`](TestConnection::nack), and transactions with [`begin`](TestConnection::begin) and
//! [`commit`](TestConnection::commit).
//!
//! A body is compared as text or as JSON by [`FrameExt`], of a frame that a client gets as well as of a message.

mod acknowledging;
mod broker_probe;
mod client;
mod expect;
mod fake_broker;
mod frame_ext;
mod patience;
mod recording_template;
mod sent_messages;
mod subscribing;
#[cfg(test)]
mod tests;
mod transactions;
mod transport;

pub use self::{
    broker_probe::BrokerProbe,
    fake_broker::{FakeBroker, FakeSubscription},
    frame_ext::FrameExt,
    recording_template::recording_template,
    sent_messages::SentMessages,
};

use std::{collections::VecDeque, panic::Location};

use bytes::Bytes;
use tokio::sync::mpsc;

use self::transport::InMemoryTransport;
use crate::{
    codec::Version,
    message::Principal,
    server::Messaging,
    session::{CloseReason, SessionAttributes},
};

/// Whom a failed expectation names.
type Caller = &'static Location<'static>;

/// What the server has sent over a [`TestConnection`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Bytes),
    /// The good-bye; nothing follows.
    Closed(CloseReason),
}

/// The client's end of a connection in memory. Dropping it is an abrupt loss of the connection.
///
/// Methods that expect something panic with what came instead, and with the place in the test that expected it.
#[derive(Debug)]
pub struct TestConnection {
    to_server: Option<mpsc::UnboundedSender<Bytes>>,
    from_server: mpsc::Receiver<Sent>,
    version: Option<Version>,
    /// How many subscriptions [`subscribe`](Self::subscribe) has made.
    subscriptions: usize,
    /// What came before the RECEIPT that was waited for.
    earlier: VecDeque<Sent>,
}

impl TestConnection {
    /// Opens a connection; nothing is sent yet.
    pub fn open(messaging: &Messaging) -> Self {
        Self::open_with(messaging, None, usize::MAX >> 4)
    }

    /// Opens a connection for which the handshake found a user.
    pub fn open_as(messaging: &Messaging, user: impl Into<Principal>) -> Self {
        Self::open_with(messaging, Some(user.into()), usize::MAX >> 4)
    }

    /// Opens a connection that takes no more than `capacity` messages until the client receives some: a client that
    /// reads slowly.
    pub fn open_slow(messaging: &Messaging, capacity: usize) -> Self {
        Self::open_with(messaging, None, capacity)
    }

    fn open_with(messaging: &Messaging, principal: Option<Principal>, capacity: usize) -> Self {
        let (to_server, receive) = mpsc::unbounded_channel();
        let (send, from_server) = mpsc::channel(capacity);
        let transport = InMemoryTransport::new(receive, send);
        let messaging = messaging.clone();
        tokio::spawn(async move {
            messaging
                .serve(transport, principal, SessionAttributes::default())
                .await;
        });
        Self {
            to_server: Some(to_server),
            from_server,
            version: None,
            subscriptions: 0,
            earlier: VecDeque::new(),
        }
    }

    /// Sends bytes, as one message of the transport.
    pub fn send(&self, data: impl Into<Bytes>) {
        if let Some(to_server) = &self.to_server {
            // A server that has closed reads no more, as with a real connection.
            let _closed = to_server.send(data.into());
        }
    }

    /// Closes the client's side: the server sees the end of the input, and can still write.
    pub fn finish(&mut self) {
        self.to_server = None;
    }
}
