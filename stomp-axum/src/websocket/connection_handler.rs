//! What the runner calls: a handler that serves all sessions, or one that was made for this one.

use std::sync::Arc;

use http::request::Parts;
use stomp_core::{endpoint::TransportError, message::BoxError};

use super::{CloseStatus, WebSocketHandler, WebSocketMessage, WebSocketSession};

/// What one session is handled by. The callbacks run one after another.
pub(crate) trait ConnectionHandler: Send + 'static {
    /// The session was opened.
    fn established(
        &mut self,
        session: &WebSocketSession,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// A message came, or a part of one. Never a ping.
    fn message(
        &mut self,
        session: &WebSocketSession,
        message: WebSocketMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// The connection is broken, or is closed because the client broke the protocol.
    fn transport_error(
        &mut self,
        session: &WebSocketSession,
        error: &TransportError,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// The session was closed; the last.
    fn closed(
        &mut self,
        session: &WebSocketSession,
        status: CloseStatus,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// Makes the handlers of the sessions of one endpoint.
pub(crate) trait HandlerFactory: Send + Sync + 'static {
    /// What it makes.
    type Handler: ConnectionHandler;

    /// The handler of a new session, and what it wants of the request that opens it.
    fn handler(&self, request: &mut Parts) -> Self::Handler;

    /// Whether they take the parts of messages as they come.
    fn supports_partial_messages(&self) -> bool {
        false
    }
}

/// One handler for all sessions.
#[derive(Debug)]
pub(super) struct Shared<H>(pub(super) Arc<H>);

impl<H: WebSocketHandler> HandlerFactory for Shared<H> {
    type Handler = Self;

    fn handler(&self, _: &mut Parts) -> Self {
        Self(Arc::clone(&self.0))
    }

    fn supports_partial_messages(&self) -> bool {
        self.0.supports_partial_messages()
    }
}

impl<H: WebSocketHandler> ConnectionHandler for Shared<H> {
    fn established(
        &mut self,
        session: &WebSocketSession,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        self.0.after_connection_established(session)
    }

    fn message(
        &mut self,
        session: &WebSocketSession,
        message: WebSocketMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        self.0.handle_message(session, message)
    }

    fn transport_error(
        &mut self,
        session: &WebSocketSession,
        error: &TransportError,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        self.0.handle_transport_error(session, error)
    }

    fn closed(
        &mut self,
        session: &WebSocketSession,
        status: CloseStatus,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        self.0.after_connection_closed(session, status)
    }
}
