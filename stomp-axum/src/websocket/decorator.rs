use std::sync::Arc;

use stomp_core::{endpoint::TransportError, message::BoxError};

use super::{
    BinaryMessage, CloseStatus, PongMessage, TextMessage, WebSocketHandler, WebSocketMessage,
    WebSocketSession,
};

/// A handler around another one: Spring's `WebSocketHandlerDecorator`. Whatever it does not override goes to the handler
/// inside.
///
/// It is a [`WebSocketHandler`] by itself: give it to
/// [`WebSocketEndpoint::decorator`](super::WebSocketEndpoint::decorator), or to another decorator. Whoever wants to see all
/// messages overrides `handle_message`.
///
/// All callbacks are logged anyway: openings, errors and ends at the level `DEBUG`, messages at `TRACE`, and failures at
/// `ERROR` (WS-30, WS-31).
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use stomp_axum::websocket::{
///     BoxError, WebSocketEndpoint, WebSocketHandler, WebSocketHandlerDecorator, WebSocketMessage, WebSocketSession,
/// };
///
/// struct Counting<H> {
///     handler: H,
///     messages: AtomicU64,
/// }
///
/// impl<H: WebSocketHandler> WebSocketHandlerDecorator for Counting<H> {
///     type Handler = H;
///
///     fn handler(&self) -> &H {
///         &self.handler
///     }
///
///     async fn handle_message(&self, session: &WebSocketSession, message: WebSocketMessage) -> Result<(), BoxError> {
///         self.messages.fetch_add(1, Ordering::Relaxed);
///         self.handler.handle_message(session, message).await
///     }
/// }
///
/// # struct Echo;
/// # impl WebSocketHandler for Echo {}
/// let endpoint = WebSocketEndpoint::new("/echo", Echo).decorator(|handler| Counting {
///     handler,
///     messages: AtomicU64::new(0),
/// });
/// ```
pub trait WebSocketHandlerDecorator: Send + Sync + 'static {
    /// The handler inside.
    type Handler: WebSocketHandler;

    /// The handler inside (WS-33).
    fn handler(&self) -> &Self::Handler;

    /// See [`WebSocketHandler::after_connection_established`].
    ///
    /// # Errors
    ///
    /// An error closes the session with 1011.
    fn after_connection_established(
        &self,
        session: &WebSocketSession,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        self.handler().after_connection_established(session)
    }

    /// See [`WebSocketHandler::handle_message`]. By default a message goes to the method of this decorator for its kind.
    ///
    /// # Errors
    ///
    /// An error closes the session with 1011.
    fn handle_message(
        &self,
        session: &WebSocketSession,
        message: WebSocketMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        async move {
            match message {
                WebSocketMessage::Text(text) => self.handle_text_message(session, text).await,
                WebSocketMessage::Binary(binary) => {
                    self.handle_binary_message(session, binary).await
                }
                WebSocketMessage::Pong(pong) => self.handle_pong_message(session, pong).await,
                ping @ WebSocketMessage::Ping(_) => {
                    self.handler().handle_message(session, ping).await
                }
            }
        }
    }

    /// See [`WebSocketHandler::handle_text_message`].
    ///
    /// # Errors
    ///
    /// An error closes the session with 1011.
    fn handle_text_message(
        &self,
        session: &WebSocketSession,
        message: TextMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        // Not to the method of the same name: the handler inside may treat all kinds alike.
        self.handler().handle_message(session, message.into())
    }

    /// See [`WebSocketHandler::handle_binary_message`].
    ///
    /// # Errors
    ///
    /// An error closes the session with 1011.
    fn handle_binary_message(
        &self,
        session: &WebSocketSession,
        message: BinaryMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        self.handler().handle_message(session, message.into())
    }

    /// See [`WebSocketHandler::handle_pong_message`].
    ///
    /// # Errors
    ///
    /// An error closes the session with 1011.
    fn handle_pong_message(
        &self,
        session: &WebSocketSession,
        message: PongMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        self.handler().handle_message(session, message.into())
    }

    /// See [`WebSocketHandler::handle_transport_error`].
    ///
    /// # Errors
    ///
    /// An error closes the session with 1011, if it is not closed anyway.
    fn handle_transport_error(
        &self,
        session: &WebSocketSession,
        error: &TransportError,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        self.handler().handle_transport_error(session, error)
    }

    /// See [`WebSocketHandler::after_connection_closed`].
    ///
    /// # Errors
    ///
    /// An error is logged.
    fn after_connection_closed(
        &self,
        session: &WebSocketSession,
        status: CloseStatus,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        self.handler().after_connection_closed(session, status)
    }

    /// See [`WebSocketHandler::supports_partial_messages`].
    fn supports_partial_messages(&self) -> bool {
        self.handler().supports_partial_messages()
    }

    /// See [`WebSocketHandler::sub_protocols`].
    fn sub_protocols(&self) -> Vec<String> {
        self.handler().sub_protocols()
    }
}

/// A handler that other parts of the program hold on to, too.
impl<H: WebSocketHandler> WebSocketHandlerDecorator for Arc<H> {
    type Handler = H;

    fn handler(&self) -> &H {
        self
    }

    /// The handler tells the kinds apart itself.
    fn handle_message(
        &self,
        session: &WebSocketSession,
        message: WebSocketMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        H::handle_message(self, session, message)
    }
}

impl<D: WebSocketHandlerDecorator> WebSocketHandler for D {
    fn after_connection_established(
        &self,
        session: &WebSocketSession,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        WebSocketHandlerDecorator::after_connection_established(self, session)
    }

    fn handle_message(
        &self,
        session: &WebSocketSession,
        message: WebSocketMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        WebSocketHandlerDecorator::handle_message(self, session, message)
    }

    fn handle_text_message(
        &self,
        session: &WebSocketSession,
        message: TextMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        WebSocketHandlerDecorator::handle_text_message(self, session, message)
    }

    fn handle_binary_message(
        &self,
        session: &WebSocketSession,
        message: BinaryMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        WebSocketHandlerDecorator::handle_binary_message(self, session, message)
    }

    fn handle_pong_message(
        &self,
        session: &WebSocketSession,
        message: PongMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        WebSocketHandlerDecorator::handle_pong_message(self, session, message)
    }

    fn handle_transport_error(
        &self,
        session: &WebSocketSession,
        error: &TransportError,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        WebSocketHandlerDecorator::handle_transport_error(self, session, error)
    }

    fn after_connection_closed(
        &self,
        session: &WebSocketSession,
        status: CloseStatus,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        WebSocketHandlerDecorator::after_connection_closed(self, session, status)
    }

    fn supports_partial_messages(&self) -> bool {
        WebSocketHandlerDecorator::supports_partial_messages(self)
    }

    fn sub_protocols(&self) -> Vec<String> {
        WebSocketHandlerDecorator::sub_protocols(self)
    }
}
