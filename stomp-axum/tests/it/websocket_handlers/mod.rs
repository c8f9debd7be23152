//! Handlers of raw WebSockets, over real ones.

mod endpoints;
mod messages;
mod server;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Extension, Router, extract::ConnectInfo, response::Html, routing::get};

use stomp_axum::{
    MessagingExt,
    message::Principal,
    websocket::{
        BinaryMessage, BoxError, CloseStatus, PingMessage, PongMessage, SendError, TextMessage,
        TextWebSocketHandler, WebSocketEndpoint, WebSocketHandler, WebSocketHandlerDecorator,
        WebSocketMessage, WebSocketSession, WebSockets, WebSocketsBuilder,
    },
};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use tokio_tungstenite::tungstenite::{
    Message as WsMessage,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};

use crate::support::{Client, Log, http, start_app, until, within};

/// Tells the test what happens, and sends back what comes.
struct Echo {
    events: UnboundedSender<String>,
    sub_protocols: Vec<String>,
    takes_parts: bool,
}

struct Events(UnboundedReceiver<String>);

impl Events {
    async fn next(&mut self) -> String {
        within(self.0.recv()).await.unwrap()
    }
}

impl Echo {
    fn new() -> (Self, Events) {
        let (events, receiver) = unbounded_channel();
        let echo = Self {
            events,
            sub_protocols: Vec::new(),
            takes_parts: false,
        };
        (echo, Events(receiver))
    }

    fn tell(&self, event: impl Into<String>) {
        let _test_is_over = self.events.send(event.into());
    }
}

#[derive(Clone)]
struct UserAgent(String);

impl WebSocketHandler for Echo {
    async fn after_connection_established(
        &self,
        session: &WebSocketSession,
    ) -> Result<(), BoxError> {
        self.tell(format!("established {}", session.uri()));
        Ok(())
    }

    async fn handle_text_message(
        &self,
        session: &WebSocketSession,
        message: TextMessage,
    ) -> Result<(), BoxError> {
        match message.as_str() {
            "who" => {
                let name = session.principal().map_or("nobody", Principal::name);
                session.send(name).await?;
            }
            "agent" => {
                let agent = session.attributes().get::<UserAgent>();
                session
                    .send(agent.map_or_else(String::new, |agent| agent.0))
                    .await?;
            }
            "header" => {
                let value = &session.handshake_headers()["x-test"];
                session.send(value.to_str()?).await?;
            }
            "protocol" => {
                let protocol = session.accepted_protocol().unwrap_or("none");
                session.send(protocol).await?;
            }
            "address" => {
                let address = session.remote_address();
                let address = address.map_or_else(|| "none".to_owned(), |a| a.to_string());
                session.send(address).await?;
            }
            "path" => {
                let room = session.path_parameter("room");
                let all: Vec<_> = session.path_parameters().collect();
                session.send(format!("{room:?} {all:?}")).await?;
            }
            "ping" => session.send(PingMessage::new("p")).await?,
            "parts" => {
                session.send(TextMessage::partial("a", false)).await?;
                session.send(TextMessage::partial("b", true)).await?;
            }
            "late" => {
                session.close();
                session.send("late").await?;
            }
            "fail" => return Err("as the test wants it".into()),
            _ => {
                self.tell(format!("text {:?} {}", message.as_str(), message.is_last()));
                session.send(message).await?;
            }
        }
        Ok(())
    }

    async fn handle_binary_message(
        &self,
        session: &WebSocketSession,
        message: BinaryMessage,
    ) -> Result<(), BoxError> {
        self.tell(format!(
            "binary {} {}",
            message.as_bytes().len(),
            message.is_last()
        ));
        session.send(message).await?;
        Ok(())
    }

    async fn handle_pong_message(
        &self,
        _: &WebSocketSession,
        message: PongMessage,
    ) -> Result<(), BoxError> {
        self.tell(format!("pong {:?}", message.as_bytes()));
        Ok(())
    }

    async fn handle_transport_error(
        &self,
        _: &WebSocketSession,
        error: &stomp_axum::websocket::TransportError,
    ) -> Result<(), BoxError> {
        self.tell(format!("error {error}"));
        Ok(())
    }

    async fn after_connection_closed(
        &self,
        session: &WebSocketSession,
        status: CloseStatus,
    ) -> Result<(), BoxError> {
        assert_eq!(session.try_send("late"), Err(SendError::Closed));
        self.tell(format!("closed {status}"));
        Ok(())
    }

    fn supports_partial_messages(&self) -> bool {
        self.takes_parts
    }

    fn sub_protocols(&self) -> Vec<String> {
        self.sub_protocols.clone()
    }
}

fn websockets<H: WebSocketHandler>(endpoint: WebSocketEndpoint<H>) -> WebSockets {
    WebSockets::builder().endpoint(endpoint).build().unwrap()
}

async fn start<H: WebSocketHandler>(endpoint: WebSocketEndpoint<H>) -> SocketAddr {
    start_app(websockets(endpoint).router()).await
}

async fn open(address: SocketAddr, headers: &[(&'static str, &str)]) -> Client {
    Client::try_open_path(address, "/echo?q=1", headers)
        .await
        .unwrap()
}

async fn expect_text(client: &mut Client, text: &str) {
    assert_eq!(client.receive().await, Some(WsMessage::text(text)));
}

fn fragment(data: &[u8], kind: Data, is_last: bool) -> WsMessage {
    WsMessage::Frame(Frame::message(data.to_vec(), OpCode::Data(kind), is_last))
}
