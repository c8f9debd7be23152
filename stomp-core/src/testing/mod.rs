//! Connections in memory, for tests: a server without sockets, on a clock that can be paused.
//!
//! ```
//! use stomp_axum::{server::Messaging, testing::TestConnection};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let messaging = Messaging::builder().simple_broker(["/topic"]).build()?;
//! let mut client = TestConnection::connect(&messaging).await;
//! client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:r\n\n\0");
//! client.expect_receipt("r").await;
//!
//! messaging.template().convert_and_send("/topic/a", "hello").await?;
//! let message = client.expect_message().await;
//! assert_eq!(message.header("subscription"), Some("1"));
//! assert_eq!(&message.body[..], b"hello");
//! # Ok(())
//! # }
//! ```

mod transport;

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;

use self::transport::InMemoryTransport;
use crate::{
    codec::{Command, Decoder, DecoderLimits, Frame, Version},
    message::Principal,
    server::Messaging,
    session::{CloseReason, SessionAttributes},
};

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
/// Methods that expect something panic with what came instead.
#[derive(Debug)]
pub struct TestConnection {
    to_server: Option<mpsc::UnboundedSender<Bytes>>,
    from_server: mpsc::Receiver<Sent>,
    version: Option<Version>,
}

/// Longer than any timeout of the server. With the clock paused it costs no time.
const PATIENCE: Duration = Duration::from_secs(600);

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
        }
    }

    /// Opens a connection and connects with STOMP 1.2.
    pub async fn connect(messaging: &Messaging) -> Self {
        let mut connection = Self::open(messaging);
        connection.send_connect("1.2").await;
        connection
    }

    /// Opens a connection as a user and connects with STOMP 1.2.
    pub async fn connect_as(messaging: &Messaging, user: impl Into<Principal>) -> Self {
        let mut connection = Self::open_as(messaging, user);
        connection.send_connect("1.2").await;
        connection
    }

    /// Sends CONNECT with this `accept-version`, and waits for CONNECTED.
    pub async fn send_connect(&mut self, accept_version: &str) -> Frame {
        self.send(format!(
            "CONNECT\naccept-version:{accept_version}\nhost:localhost\n\n\0"
        ));
        self.expect_connected().await
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

    /// The next thing that the server sends; `None` when the connection is gone.
    ///
    /// # Panics
    ///
    /// If nothing comes within ten minutes.
    pub async fn receive(&mut self) -> Option<Sent> {
        match tokio::time::timeout(PATIENCE, self.from_server.recv()).await {
            Ok(sent) => sent,
            Err(_) => panic!("the server sent nothing for {PATIENCE:?}"),
        }
    }

    /// The next frame, past heart-beats.
    ///
    /// # Panics
    ///
    /// If the server closes instead, or sends something that is not exactly one frame.
    pub async fn expect_frame(&mut self) -> Frame {
        loop {
            let data = match self.receive().await {
                Some(Sent::Text(text)) if text == "\n" => continue,
                Some(Sent::Text(text)) => Bytes::from(text),
                Some(Sent::Binary(data)) => data,
                other => panic!("expected a frame, got {other:?}"),
            };
            return self.decode(&data);
        }
    }

    fn decode(&self, data: &Bytes) -> Frame {
        let unlimited = DecoderLimits {
            headers: usize::MAX,
            header_line_bytes: usize::MAX,
            headers_bytes: usize::MAX,
            frame_bytes: usize::MAX,
            command_bytes: usize::MAX,
        };
        let mut decoder = Decoder::new(unlimited);
        if let Some(version) = self.version {
            decoder.set_version(version);
        }
        let mut rest = &data[..];
        match decoder.decode(&mut rest) {
            Ok(Some(frame)) if rest.is_empty() => frame,
            other => panic!(
                "expected one whole frame in {data:?}, got {other:?} and {} bytes more",
                rest.len()
            ),
        }
    }

    /// The next frame, which must be a CONNECTED. From then on, frames are decoded by its version.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub async fn expect_connected(&mut self) -> Frame {
        let frame = self.expect(&Command::Connected).await;
        self.version = frame.header("version").and_then(Version::parse);
        frame
    }

    /// The next frame, which must be a MESSAGE.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub async fn expect_message(&mut self) -> Frame {
        self.expect(&Command::Message).await
    }

    /// The next frame, which must be the RECEIPT of this id.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub async fn expect_receipt(&mut self, id: &str) {
        let frame = self.expect(&Command::Receipt).await;
        assert_eq!(frame.header("receipt-id"), Some(id), "{frame:?}");
    }

    /// The next frame, which must be an ERROR with this `code`; then the server must close.
    ///
    /// # Panics
    ///
    /// If one of the two does not happen.
    pub async fn expect_error(&mut self, code: &str) -> Frame {
        let frame = self.expect(&Command::Error).await;
        assert_eq!(frame.header("code"), Some(code), "{frame:?}");
        let closed = self.receive().await;
        assert!(
            matches!(
                closed,
                Some(Sent::Closed(
                    CloseReason::Error | CloseReason::MessageTooBig
                ))
            ),
            "expected the close after ERROR, got {closed:?}"
        );
        frame
    }

    /// The server must close now, for this reason.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub async fn expect_closed(&mut self, reason: CloseReason) {
        assert_eq!(self.receive().await, Some(Sent::Closed(reason)));
    }

    /// The server must send nothing for `duration`: use it with the clock paused.
    ///
    /// # Panics
    ///
    /// If it does.
    pub async fn expect_silence(&mut self, duration: Duration) {
        if let Ok(sent) = tokio::time::timeout(duration, self.from_server.recv()).await {
            panic!("expected silence, got {sent:?}");
        }
    }

    async fn expect(&mut self, command: &Command) -> Frame {
        let frame = self.expect_frame().await;
        assert_eq!(frame.command, *command, "{frame:?} {:?}", frame.body);
        frame
    }
}
