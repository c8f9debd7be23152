//! What `#[server_endpoint]` expands to: plain data and function pointers.

use std::{any::TypeId, fmt};

use futures_util::future::BoxFuture;
use stomp_core::{
    endpoint::HandshakeRefused,
    handler::{Function, Requirements},
};

use super::{
    EndpointError, EndpointHandshake, Mounting, Session, kinds::Payload, payload::MessageKind,
};
use crate::websocket::{CloseStatus, WebSocketMessage};

/// A type with a `#[server_endpoint]`, which implements this trait.
///
/// [`WebSocketsBuilder::server_endpoint`](crate::websocket::WebSocketsBuilder::server_endpoint) names endpoints by their
/// type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no server endpoint",
    label = "has no `#[server_endpoint]`",
    note = "write `#[server_endpoint(\"/path\")]` at its `impl`"
)]
pub trait ServerEndpoint: Sized + 'static {
    /// What a connection has: a value of its own, or an `Arc` of the one that all have.
    #[doc(hidden)]
    type Instance: Send + 'static;

    #[doc(hidden)]
    const DEFINITION: &'static EndpointDefinition;

    #[doc(hidden)]
    fn callbacks() -> Callbacks<Self::Instance>;
}

/// The arguments of one `#[server_endpoint]`.
pub struct EndpointDefinition {
    /// Where it stands.
    pub place: Function,
    /// Its path, which the macro has checked (JSR-10).
    pub path: &'static str,
    /// The names of sub-protocols.
    pub sub_protocols: &'static [&'static str],
    /// Origins that may connect.
    pub allowed_origins: &'static [&'static str],
    /// Patterns of origins that may connect.
    pub allowed_origin_patterns: &'static [&'static str],
    /// Bytes of the largest text message.
    pub max_text_message_bytes: Option<usize>,
    /// Bytes of the largest binary message.
    pub max_binary_message_bytes: Option<usize>,
    /// After how many seconds of silence a connection is closed; 0 is never.
    pub idle_timeout_seconds: Option<u64>,
    /// Whether clients may speak SockJS.
    pub sockjs: bool,
    /// Whether all connections have the same instance.
    pub shared: bool,
    /// The identity of its type. A function, since `TypeId::of` of the users' types is called when the server is built.
    pub id: fn() -> TypeId,
    /// Checks it, and adds it to a server.
    pub mount: fn(&mut Mounting<'_>),
}

/// Shows where it is.
impl fmt::Display for EndpointDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.place, f)
    }
}

impl fmt::Debug for EndpointDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointDefinition")
            .field("place", &self.place)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// What a method is called with.
#[derive(Debug)]
pub struct Call<E> {
    pub(super) session: Session,
    pub(super) event: E,
}

/// Makes the instance of a connection.
pub(super) type Construct<I> =
    for<'a, 'b> fn(&'a mut EndpointHandshake<'b>) -> BoxFuture<'a, Result<I, HandshakeRefused>>;

/// Calls a method for `E`, which results in `R`.
pub(super) type Method<I, E, R> =
    for<'a> fn(&'a mut I, &'a Call<E>) -> BoxFuture<'a, Result<R, EndpointError>>;

/// Calls a method that returns nothing.
pub(super) type Callback<I, E> = Method<I, E, ()>;

/// Calls a method with a message, and returns its answer.
pub(super) type MessageCallback<I> = Method<I, WebSocketMessage, Option<WebSocketMessage>>;

/// The methods of one endpoint.
#[derive(Debug)]
pub struct Callbacks<I> {
    pub(super) construct: Construct<I>,
    pub(super) open: Option<Callback<I, ()>>,
    pub(super) text: Option<OnMessage<I>>,
    pub(super) binary: Option<OnMessage<I>>,
    pub(super) pong: Option<OnMessage<I>>,
    pub(super) close: Option<Callback<I, CloseStatus>>,
    pub(super) error: Option<Callback<I, EndpointError>>,
    requirements: Vec<fn(&mut Requirements)>,
}

/// An `#[on_message]`.
#[derive(Debug)]
pub(super) struct OnMessage<I> {
    pub(super) call: MessageCallback<I>,
    /// Whether it takes parts.
    pub(super) partial: bool,
}

impl<I> Callbacks<I> {
    /// Those of an endpoint whose instances are made in this way.
    pub fn new(construct: Construct<I>) -> Self {
        Self {
            construct,
            open: None,
            text: None,
            binary: None,
            pong: None,
            close: None,
            error: None,
            requirements: Vec::new(),
        }
    }

    /// Adds what a method requires.
    pub fn require(&mut self, requirements: fn(&mut Requirements)) {
        self.requirements.push(requirements);
    }

    /// `#[on_open]`
    pub fn on_open(&mut self, callback: Callback<I, ()>) {
        self.open = Some(callback);
    }

    /// `#[on_message]`
    pub fn on_message<P: Payload>(&mut self, _: P, partial: bool, call: MessageCallback<I>) {
        let callback = Some(OnMessage { call, partial });
        match P::KIND {
            Some(MessageKind::Text) => self.text = callback,
            Some(MessageKind::Binary) => self.binary = callback,
            Some(MessageKind::Pong) => self.pong = callback,
            // Does not compile.
            None => {}
        }
    }

    /// `#[on_close]`
    pub fn on_close(&mut self, callback: Callback<I, CloseStatus>) {
        self.close = Some(callback);
    }

    /// `#[on_error]`
    pub fn on_error(&mut self, callback: Callback<I, EndpointError>) {
        self.error = Some(callback);
    }

    pub(super) fn require_all(&self, requirements: &mut Requirements) {
        for require in &self.requirements {
            require(requirements);
        }
    }
}
