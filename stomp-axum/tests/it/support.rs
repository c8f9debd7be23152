//! A server on a real socket, and clients for it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::Router;
use futures_util::{SinkExt, StreamExt};
use stomp_axum::{
    codec::{Command, Decoder, DecoderLimits, Frame, Version},
    prelude::*,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message as WsMessage,
        client::IntoClientRequest,
        handshake::client::Response,
        protocol::{CloseFrame, WebSocketConfig},
    },
};

/// Nothing here takes that long unless it is broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn messaging() -> Messaging {
    messaging_with(StompEndpoint::new("/ws"), Limits::default())
}

pub(crate) fn messaging_with(endpoint: StompEndpoint, limits: Limits) -> Messaging {
    Messaging::builder()
        .application_destination_prefixes(["/app"])
        .simple_broker(["/topic", "/queue"])
        .endpoint(endpoint)
        .limits(limits)
        .build()
        .unwrap()
}

/// Serves the endpoints of `messaging`.
pub(crate) async fn start(messaging: &Messaging) -> SocketAddr {
    start_app(messaging.router()).await
}

pub(crate) async fn start_app(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, app).into_future());
    address
}

/// Waits until something that happens elsewhere has happened.
pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    within(async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// # Panics
///
/// If it takes too long.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("nothing happened for {PATIENCE:?}"),
    }
}

/// A STOMP client over WebSocket.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
    pub(crate) response: Response,
}

impl Client {
    /// Opens a WebSocket that offers no sub-protocol, as `/ws` with nothing else.
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self::try_open(address, &[]).await.unwrap()
    }

    /// Opens a WebSocket with these headers in its handshake.
    pub(crate) async fn try_open(
        address: SocketAddr,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, tungstenite::Error> {
        Self::try_open_path(address, "/ws", headers).await
    }

    /// As [`try_open`](Self::try_open), at another endpoint.
    pub(crate) async fn try_open_path(
        address: SocketAddr,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let config = WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let stream = TcpStream::connect(address).await?;
        let handshake = tokio_tungstenite::client_async_with_config(request, stream, Some(config));
        // tungstenite as a client insists on an answer to its offer, which browsers do, too; what the server says is
        // looked at in the tests of the handshake.
        let (socket, response) = within(handshake).await?;
        Ok(Self { socket, response })
    }

    /// Opens a WebSocket, and connects with STOMP 1.2.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let mut client = Self::open(address).await;
        client.stomp_connect("1.2").await;
        client
    }

    pub(crate) async fn stomp_connect(&mut self, accept_version: &str) -> Frame {
        self.send(format!(
            "CONNECT\naccept-version:{accept_version}\nhost:/\n\n\0"
        ))
        .await;
        self.expect(&Command::Connected).await
    }

    /// Subscribes, and returns when the subscription is in force.
    pub(crate) async fn subscribe(&mut self, id: &str, destination: &str) {
        self.send(format!(
            "SUBSCRIBE\nid:{id}\ndestination:{destination}\nreceipt:subscribed\n\n\0"
        ))
        .await;
        let receipt = self.expect(&Command::Receipt).await;
        assert_eq!(receipt.header("receipt-id"), Some("subscribed"));
    }

    /// Sends a text message.
    pub(crate) async fn send(&mut self, text: impl Into<String>) {
        self.send_message(WsMessage::text(text.into())).await;
    }

    pub(crate) async fn send_message(&mut self, message: WsMessage) {
        within(self.socket.send(message)).await.unwrap();
    }

    /// The next message; `None` at the end, however it came.
    pub(crate) async fn receive(&mut self) -> Option<WsMessage> {
        within(self.socket.next()).await?.ok()
    }

    /// The next frame, which must be a message of its own (WS-013), past heart-beats.
    pub(crate) async fn receive_frame(&mut self) -> Frame {
        loop {
            match self.receive().await {
                Some(WsMessage::Text(text)) if text.as_str() == "\n" => {}
                Some(message @ (WsMessage::Text(_) | WsMessage::Binary(_))) => {
                    return decode(&message.into_data());
                }
                other => panic!("expected a frame, got {other:?}"),
            }
        }
    }

    pub(crate) async fn expect(&mut self, command: &Command) -> Frame {
        let frame = self.receive_frame().await;
        assert_eq!(frame.command, *command, "{frame:?} {:?}", frame.body);
        frame
    }

    /// The close frame, which must come now; then the connection must end.
    pub(crate) async fn expect_close(&mut self) -> CloseFrame {
        match self.receive().await {
            Some(WsMessage::Close(Some(close))) => {
                // Reading on answers it.
                assert_eq!(self.receive().await, None);
                close
            }
            other => panic!("expected a close frame, got {other:?}"),
        }
    }
}

/// Exactly one frame, of STOMP 1.2.
pub(crate) fn decode(data: &[u8]) -> Frame {
    let mut decoder = Decoder::new(DecoderLimits {
        frame_bytes: usize::MAX,
        ..DecoderLimits::default()
    });
    decoder.set_version(Version::V1_2);
    let mut rest = data;
    let frame = decoder.decode(&mut rest).unwrap().expect("a whole frame");
    assert_eq!(rest, b"", "one frame per message");
    frame
}

/// Sends a request as it is, and returns the response, with its body if it has a `content-length`.
pub(crate) async fn http(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    within(read_response(&mut stream, !request.starts_with("HEAD "))).await
}

async fn read_response(stream: &mut TcpStream, has_body: bool) -> String {
    let mut response = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&response);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .filter(|_| has_body)
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text.into_owned();
            }
        }
        if stream.read_buf(&mut response).await.unwrap() == 0 {
            return String::from_utf8(response).unwrap();
        }
    }
}

/// What this thread logs, from DEBUG on.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn start(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    /// The lines with this text in them.
    pub(crate) fn lines(&self, text: &str) -> Vec<String> {
        let log = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = log.lines().filter(|line| line.contains(text));
        lines.map(ToOwned::to_owned).collect()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        std::io::Write::write(&mut *self.0.lock().unwrap(), bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
