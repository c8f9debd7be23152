use std::{collections::HashMap, fmt, sync::Arc};

use parking_lot::Mutex;
use stomp_core::{endpoint::TransportError, message::BoxError};

use super::{CloseStatus, WebSocketHandler, WebSocketMessage, WebSocketSession};

/// A handler of its own for each session: Spring's `PerConnectionWebSocketHandler` (WS-34). It is made when the session is
/// opened, and dropped when it is closed, so its fields are what belongs to the session.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use stomp_axum::websocket::{
///     BoxError, PerConnectionWebSocketHandler, TextMessage, WebSocketEndpoint, WebSocketHandler, WebSocketSession,
/// };
///
/// #[derive(Default)]
/// struct Counter(AtomicU32);
///
/// impl WebSocketHandler for Counter {
///     async fn handle_text_message(&self, session: &WebSocketSession, _: TextMessage) -> Result<(), BoxError> {
///         let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
///         session.send(count.to_string()).await?;
///         Ok(())
///     }
/// }
///
/// let endpoint = WebSocketEndpoint::new("/count", PerConnectionWebSocketHandler::new(|_| Counter::default()));
/// ```
///
/// It takes whole messages, unless it is told [otherwise](Self::with_partial_messages).
pub struct PerConnectionWebSocketHandler<F, H> {
    make: F,
    handlers: Mutex<HashMap<String, Arc<H>>>,
    supports_partial_messages: bool,
}

impl<F, H> PerConnectionWebSocketHandler<F, H>
where
    F: Fn(&WebSocketSession) -> H + Send + Sync + 'static,
    H: WebSocketHandler,
{
    /// `make` makes the handler of a session.
    pub fn new(make: F) -> Self {
        Self {
            make,
            handlers: Mutex::default(),
            supports_partial_messages: false,
        }
    }

    /// Takes the [parts](WebSocketHandler::supports_partial_messages) of messages as they come.
    #[must_use]
    pub fn with_partial_messages(mut self) -> Self {
        self.supports_partial_messages = true;
        self
    }

    fn handler(&self, session: &WebSocketSession) -> Result<Arc<H>, BoxError> {
        let handlers = self.handlers.lock();
        let handler = handlers.get(session.id()).cloned();
        handler
            .ok_or_else(|| "the session has no handler: it was never opened, or is closed".into())
    }
}

impl<F, H> WebSocketHandler for PerConnectionWebSocketHandler<F, H>
where
    F: Fn(&WebSocketSession) -> H + Send + Sync + 'static,
    H: WebSocketHandler,
{
    async fn after_connection_established(
        &self,
        session: &WebSocketSession,
    ) -> Result<(), BoxError> {
        let handler = Arc::new((self.make)(session));
        self.handlers
            .lock()
            .insert(session.id().to_owned(), Arc::clone(&handler));
        handler.after_connection_established(session).await
    }

    async fn handle_message(
        &self,
        session: &WebSocketSession,
        message: WebSocketMessage,
    ) -> Result<(), BoxError> {
        let handler = self.handler(session)?;
        handler.handle_message(session, message).await
    }

    async fn handle_transport_error(
        &self,
        session: &WebSocketSession,
        error: &TransportError,
    ) -> Result<(), BoxError> {
        let handler = self.handler(session)?;
        handler.handle_transport_error(session, error).await
    }

    async fn after_connection_closed(
        &self,
        session: &WebSocketSession,
        status: CloseStatus,
    ) -> Result<(), BoxError> {
        // Before anything can fail.
        let handler = self.handlers.lock().remove(session.id());
        match handler {
            Some(handler) => handler.after_connection_closed(session, status).await,
            // Making it has failed.
            None => Ok(()),
        }
    }

    fn supports_partial_messages(&self) -> bool {
        self.supports_partial_messages
    }
}

impl<F, H> fmt::Debug for PerConnectionWebSocketHandler<F, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerConnectionWebSocketHandler")
            .field("sessions", &self.handlers.lock().len())
            .finish_non_exhaustive()
    }
}
