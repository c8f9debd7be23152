//! Connections in memory, for tests: a server without sockets, on a clock that can be paused.
//!
//! ```
//! use stomp_axum::{server::Messaging, testing::{FrameExt, TestConnection}};
//!
//! // A test has `#[tokio::test(start_paused = true)]` instead.
//! #[tokio::main(flavor = "current_thread", start_paused = true)]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let messaging = Messaging::builder().simple_broker(["/topic"]).build()?;
//!     let mut client = TestConnection::connect(&messaging).await;
//!     let subscription = client.subscribe("/topic/prices").await;
//!
//!     messaging.template().convert_and_send("/topic/prices", &[1, 2]).await?;
//!     let message = client.expect_message().await;
//!     assert_eq!(message.header("subscription"), Some(&*subscription));
//!     assert_eq!(message.json::<Vec<u32>>(), [1, 2]);
//!
//!     client.send_to("/topic/prices", "none today");
//!     assert_eq!(client.expect_message().await.text(), "none today");
//!     Ok(())
//! }
//! ```
//!
//! With the clock paused, waiting costs no time: heart-beats and timeouts of minutes can be tested, and a test that waits
//! in vain fails at once. On a running clock it fails after five seconds.

mod client;
mod expect;
mod frame_ext;
mod patience;
#[cfg(test)]
mod tests;
mod transport;

pub use self::frame_ext::FrameExt;

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
    /// What came before the RECEIPT of a subscription.
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
