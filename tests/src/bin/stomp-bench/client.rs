//! A STOMP client over WebSocket.

use std::io;

use futures_util::{SinkExt, StreamExt};
use stomp_axum::codec::{Command, DecodeError, Decoder, DecoderLimits, Frame, Version, encode};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Message, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig,
    },
};

pub(crate) struct Client {
    socket: WebSocketStream<TcpStream>,
    decoder: Decoder,
}

/// How a client differs from others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ClientOptions {
    /// Connects as `guest`, a user of `stomp-testbed`.
    pub(crate) as_guest: bool,
    /// The kernel takes as little as it can for a client that does not read.
    pub(crate) small_receive_buffer: bool,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("`{0}` is no ws:// address")]
    Url(String),
    #[error("no connection; if it is about open files, raise `ulimit -n`, for the server, too")]
    Connect(#[source] io::Error),
    #[error("the WebSocket failed")]
    WebSocket(#[from] tungstenite::Error),
    #[error("the server has closed the connection: {0}")]
    Closed(String),
    #[error("the server sent what is no STOMP")]
    Decode(#[from] DecodeError),
    #[error("the server sent an ERROR: {0}")]
    Refused(String),
    #[error("the server sent {command:?} instead of {expected:?}")]
    Unexpected { command: Command, expected: Command },
    #[error("a message is not from this run")]
    Stranger,
}

impl Client {
    /// Connects, and returns when CONNECTED has come.
    pub(crate) async fn connect(url: &str, options: ClientOptions) -> Result<Self, ClientError> {
        let no_url = || ClientError::Url(url.to_owned());
        let mut request = url.into_client_request().map_err(|_| no_url())?;
        let authority = request
            .uri()
            .authority()
            .filter(|_| url.starts_with("ws://"));
        let host = authority.ok_or_else(no_url)?;
        let host = format!("{}:{}", host.host(), host.port_u16().unwrap_or(80));
        let protocol = HeaderValue::from_static("v12.stomp");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);

        let stream = open(&host, options).await.map_err(ClientError::Connect)?;
        // The default is 128 KiB for each connection.
        let config = WebSocketConfig::default().read_buffer_size(4096);
        let (socket, _) = client_async_with_config(request, stream, Some(config)).await?;
        let limits = DecoderLimits {
            frame_bytes: usize::MAX,
            ..DecoderLimits::default()
        };
        let mut client = Self {
            socket,
            decoder: Decoder::new(limits),
        };
        let mut connect = Frame::new(Command::Connect)
            .with_header("accept-version", "1.2")
            .with_header("host", "localhost")
            .with_header("heart-beat", "0,0");
        if options.as_guest {
            connect = connect
                .with_header("login", "guest")
                .with_header("passcode", "guest");
        }
        client.send(&connect).await?;
        client.expect(&Command::Connected).await?;
        client.decoder.set_version(Version::V1_2);
        Ok(client)
    }

    /// Returns when the server has confirmed it.
    pub(crate) async fn subscribe(
        &mut self,
        id: usize,
        destination: &str,
    ) -> Result<(), ClientError> {
        let subscribe = Frame::new(Command::Subscribe)
            .with_header("id", &id.to_string())
            .with_header("destination", destination)
            .with_header("receipt", "subscribed");
        self.send(&subscribe).await?;
        self.expect(&Command::Receipt).await?;
        Ok(())
    }

    pub(crate) async fn send(&mut self, frame: &Frame) -> Result<(), ClientError> {
        let encoded = encode(frame, Version::V1_2).into_bytes();
        // All that is sent here is text.
        let text = encoded.try_into().map_err(tungstenite::Error::from)?;
        Ok(self.socket.send(Message::Text(text)).await?)
    }

    /// The next frame, past heart-beats. What is not ready yet is not lost when it is not waited for any more.
    pub(crate) async fn receive(&mut self) -> Result<Frame, ClientError> {
        loop {
            let data = match self.socket.next().await {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => message.into_data(),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Ok(Message::Close(Some(close)))) => {
                    let reason = format!("{} {}", close.code, close.reason);
                    return Err(ClientError::Closed(reason));
                }
                Some(Ok(Message::Close(None))) | None => {
                    return Err(ClientError::Closed("without a reason".to_owned()));
                }
                Some(Err(error)) => return Err(error.into()),
            };
            // A message is a whole frame, or a heart-beat.
            match self.decoder.decode(&mut &data[..])? {
                Some(frame) if frame.command == Command::Error => {
                    let message = frame.header("message").unwrap_or_default();
                    return Err(ClientError::Refused(message.to_owned()));
                }
                Some(frame) => return Ok(frame),
                None => {}
            }
        }
    }

    pub(crate) async fn expect(&mut self, expected: &Command) -> Result<Frame, ClientError> {
        let frame = self.receive().await?;
        if frame.command == *expected {
            Ok(frame)
        } else {
            Err(ClientError::Unexpected {
                command: frame.command,
                expected: expected.clone(),
            })
        }
    }
}

async fn open(host: &str, options: ClientOptions) -> io::Result<TcpStream> {
    let stream = if options.small_receive_buffer {
        let address = lookup_host(host)
            .await?
            .next()
            .ok_or(io::ErrorKind::NotFound)?;
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        }?;
        socket.set_recv_buffer_size(4096)?;
        socket.connect(address).await?
    } else {
        TcpStream::connect(host).await?
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}
