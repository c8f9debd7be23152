//! Annotated endpoints: a type whose methods are called for the connections of a path, in the style of Jakarta's
//! `@ServerEndpoint`.
//!
//! ```no_run
//! use serde::{Deserialize, Serialize};
//! use stomp_axum::{
//!     server_endpoint::{CloseStatus, EndpointError, Principal, Session, server_endpoint},
//!     websocket::WebSockets,
//! };
//!
//! /// One value for each connection: its fields are what is kept for it.
//! struct Chat {
//!     room: String,
//!     name: String,
//! }
//!
//! #[derive(Deserialize)]
//! struct Line {
//!     text: String,
//! }
//!
//! #[derive(Serialize)]
//! struct Delivered {
//!     listeners: usize,
//! }
//!
//! #[server_endpoint("/chat/{room}", max_text_message_bytes = 4096)]
//! impl Chat {
//!     #[constructor]
//!     async fn new(#[path_param] room: String, user: Principal) -> Self {
//!         let name = user.name().to_owned();
//!         Self { room, name }
//!     }
//!
//!     #[on_open]
//!     async fn open(&mut self, session: Session) {
//!         self.tell(&session, "has come");
//!     }
//!
//!     /// JSON comes in, and goes back.
//!     #[on_message]
//!     async fn line(&mut self, line: Line, session: Session) -> Delivered {
//!         Delivered { listeners: self.tell(&session, &line.text) }
//!     }
//!
//!     #[on_close]
//!     async fn close(&mut self, session: Session, status: CloseStatus) {
//!         self.tell(&session, &format!("has left: {status}"));
//!     }
//!
//!     #[on_error]
//!     async fn error(&mut self, error: EndpointError) {
//!         println!("{}: {error}", self.name);
//!     }
//!
//!     /// To all in the room, whoever of them is slow.
//!     fn tell(&self, session: &Session, text: &str) -> usize {
//!         let mut listeners = 0;
//!         for other in session.open_sessions() {
//!             if other.path_parameter("room") == Some(&self.room) {
//!                 other.async_remote().send_text(format!("{} {text}", self.name)).ignore();
//!                 listeners += 1;
//!             }
//!         }
//!         listeners
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let websockets = WebSockets::builder().server_endpoints().build()?;
//!     let app = axum::Router::new().merge(websockets.router());
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//!     axum::serve(listener, app)
//!         .with_graceful_shutdown(websockets.shutdown_on_ctrl_c())
//!         .await?;
//!     Ok(())
//! }
//! ```
//!
//! # When what is called
//!
//! | attribute | when | how often |
//! |---|---|---|
//! | `#[constructor]` | before the connection is opened; one that fails refuses it with a status | once for each connection |
//! | `#[on_open]` | before any message | once |
//! | `#[on_message]` | for each message of its kind: text, binary or pong | one at a time, in the order in which they came |
//! | `#[on_error]` | another method failed, a message could not be read, the connection broke | any number |
//! | `#[on_close]` | at the end; nothing can be sent any more | exactly once |
//!
//! The methods of one connection are called one after another, and never cancelled. Without a constructor, instances are
//! made by `Default`; a `shared` endpoint is one instance for all connections, given to
//! [`server_endpoint_instance`](crate::websocket::WebSocketsBuilder::server_endpoint_instance).
//!
//! # Failures
//!
//! | what fails | what happens |
//! |---|---|
//! | the constructor, or one of its arguments | the client gets the status of the [`HandshakeRefused`] or of the extractor, or else 500; no other method is called |
//! | `#[on_open]` | `#[on_error]`, then the connection is closed with the code 1011 |
//! | `#[on_message]`, what it returns, a message that it can't read | `#[on_error]`, and the connection stays open; without an `#[on_error]` it is closed with 1011 |
//! | `#[on_close]` | `#[on_error]` |
//! | `#[on_error]` | it is logged |
//! | any method panics | as above, and the connection is closed with 1011 whatever it is: the instance may be left half-changed |
//! | the client breaks the protocol, or is lost | `#[on_error]`, then `#[on_close]` with the code that the client got, or 1006 |
//!
//! What is an argument of which method, and all options, stands at the macro: [`server_endpoint`](macro@server_endpoint).

mod argument;
mod builder;
mod connection;
mod constructor;
mod definition;
mod error;
#[doc(hidden)]
pub mod generated;
mod inventory;
mod kinds;
mod mounting;
mod parts;
mod path;
mod payload;
mod remote;
mod reply;
mod services;
mod session;

pub use self::{
    argument::FromSession,
    definition::ServerEndpoint,
    error::EndpointError,
    mounting::Annotated,
    remote::{AsyncRemote, BasicRemote, Completion, RemoteError},
    reply::IntoMessage,
    session::Session,
};
pub use crate::websocket::{
    BinaryMessage, BoxError, CloseStatus, PongMessage, SendError, TextMessage, WebSocketMessage,
};
pub use stomp_core::{
    endpoint::{Handshake, HandshakeInterceptor, HandshakeRefused},
    handler::State,
    message::Principal,
    session::SessionAttributes,
};
pub use stomp_macros::server_endpoint;

pub(crate) use self::mounting::ServerEndpoints;
use self::{
    constructor::EndpointHandshake, definition::Call, mounting::Mounting, services::Services,
};
