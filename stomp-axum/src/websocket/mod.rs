//! WebSockets without STOMP: handlers of an application's own protocol.
//!
//! A [`WebSocketHandler`] gets the messages of all sessions of a [`WebSocketEndpoint`]; a [`WebSocketSession`] sends. The
//! endpoints of an application make up its [`WebSockets`], which are mounted into an axum router, alone or beside the
//! STOMP endpoints of a [`Messaging`](crate::server::Messaging) server. Origins, users and interceptors are those of STOMP
//! endpoints, and so is SockJS.
//!
//! A chat, with all that it needs to be served:
//!
//! ```no_run
//! use std::error::Error;
//!
//! use stomp_axum::websocket::{
//!     BoxError, CloseStatus, TextMessage, TextWebSocketHandler, WebSocketEndpoint, WebSocketHandler, WebSocketSession,
//!     WebSockets,
//! };
//!
//! struct Chat;
//!
//! impl WebSocketHandler for Chat {
//!     async fn after_connection_established(&self, session: &WebSocketSession) -> Result<(), BoxError> {
//!         session.broadcast("somebody has come");
//!         Ok(())
//!     }
//!
//!     async fn handle_text_message(&self, session: &WebSocketSession, message: TextMessage) -> Result<(), BoxError> {
//!         if message.as_str() == "bye" {
//!             session.close();
//!         } else {
//!             session.broadcast(message);
//!         }
//!         Ok(())
//!     }
//!
//!     async fn after_connection_closed(&self, session: &WebSocketSession, _: CloseStatus) -> Result<(), BoxError> {
//!         session.broadcast("somebody has left");
//!         Ok(())
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn Error>> {
//!     let chat = TextWebSocketHandler::new(Chat);
//!     let websockets = WebSockets::builder()
//!         .endpoint(WebSocketEndpoint::new("/chat", chat).allowed_origins(["https://chat.example.com"]))
//!         .build()?;
//!     let app = axum::Router::new().merge(websockets.router());
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//!     axum::serve(listener, app)
//!         .with_graceful_shutdown(websockets.shutdown_on_ctrl_c())
//!         .await?;
//!     Ok(())
//! }
//! ```
//!
//! Beside `Messaging`, both routers are merged, and both are shut down: see
//! [`WebSockets::shutdown_on_ctrl_c`].
//!
//! # Slow clients
//!
//! What was sent to a client that does not read waits, up to a limit
//! ([`send_buffer_bytes`](WebSocketEndpoint::send_buffer_bytes), 512 KiB); beyond it the session is closed with the code
//! 4500, or the oldest messages are dropped ([`OverflowStrategy`]). A write that makes no progress for
//! [`send_time_limit`](WebSocketEndpoint::send_time_limit) (10 s) closes the session, too, whether anything more is sent or
//! not. [`WebSocketSession::send`] waits until its message is written, and so sends no faster than the client reads.

mod application;
mod close_status;
mod connection_handler;
mod decorator;
mod endpoint;
mod error;
mod handler;
mod message;
mod mount;
mod one_kind;
mod outbound;
mod path_parameters;
mod per_connection;
mod request_copy;
mod runner;
mod server;
mod session;
mod sessions;

pub use self::{
    close_status::{CloseStatus, InvalidCloseCode},
    decorator::WebSocketHandlerDecorator,
    endpoint::WebSocketEndpoint,
    error::{BuildError, InvalidEndpoint, SendError},
    handler::WebSocketHandler,
    message::{BinaryMessage, PingMessage, PongMessage, TextMessage, WebSocketMessage},
    one_kind::{BinaryWebSocketHandler, TextWebSocketHandler},
    outbound::OverflowStrategy,
    per_connection::PerConnectionWebSocketHandler,
    server::{WebSockets, WebSocketsBuilder},
    session::WebSocketSession,
};
pub use stomp_core::{
    endpoint::{
        Handshake, HandshakeInterceptor, HandshakeRefused, SockJsOptions, SockJsTransport,
        TransportError,
    },
    message::{BoxError, Principal},
    session::SessionAttributes,
};

pub(crate) use self::{
    connection_handler::{ConnectionHandler, HandlerFactory},
    endpoint::EndpointOptions,
    outbound::Written,
    path_parameters::PathParameters,
    runner::SessionLimits,
};
