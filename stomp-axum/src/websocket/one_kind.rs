//! Handlers for messages of one kind alone.

use stomp_core::message::BoxError;

use super::{
    BinaryMessage, CloseStatus, TextMessage, WebSocketHandler, WebSocketHandlerDecorator,
    WebSocketSession,
};

/// A handler for texts alone: a binary message closes the session with the code 1003 (WS-13).
///
/// ```
/// use stomp_axum::websocket::{TextWebSocketHandler, WebSocketEndpoint, WebSocketHandler};
///
/// # struct Echo;
/// # impl WebSocketHandler for Echo {}
/// let endpoint = WebSocketEndpoint::new("/echo", TextWebSocketHandler::new(Echo));
/// ```
#[derive(Clone, Debug, Default)]
pub struct TextWebSocketHandler<H>(H);

impl<H: WebSocketHandler> TextWebSocketHandler<H> {
    /// Lets a handler have texts, and pongs.
    pub fn new(handler: H) -> Self {
        Self(handler)
    }
}

impl<H: WebSocketHandler> WebSocketHandlerDecorator for TextWebSocketHandler<H> {
    type Handler = H;

    fn handler(&self) -> &H {
        &self.0
    }

    async fn handle_binary_message(
        &self,
        session: &WebSocketSession,
        _: BinaryMessage,
    ) -> Result<(), BoxError> {
        refuse(session, "Binary messages not supported");
        Ok(())
    }
}

/// A handler for binary messages alone: a text closes the session with the code 1003 (WS-14).
///
/// ```
/// use stomp_axum::websocket::{BinaryWebSocketHandler, WebSocketEndpoint, WebSocketHandler};
///
/// # struct Upload;
/// # impl WebSocketHandler for Upload {}
/// let endpoint = WebSocketEndpoint::new("/upload", BinaryWebSocketHandler::new(Upload));
/// ```
#[derive(Clone, Debug, Default)]
pub struct BinaryWebSocketHandler<H>(H);

impl<H: WebSocketHandler> BinaryWebSocketHandler<H> {
    /// Lets a handler have binary messages, and pongs.
    pub fn new(handler: H) -> Self {
        Self(handler)
    }
}

impl<H: WebSocketHandler> WebSocketHandlerDecorator for BinaryWebSocketHandler<H> {
    type Handler = H;

    fn handler(&self) -> &H {
        &self.0
    }

    async fn handle_text_message(
        &self,
        session: &WebSocketSession,
        _: TextMessage,
    ) -> Result<(), BoxError> {
        refuse(session, "Text messages not supported");
        Ok(())
    }
}

fn refuse(session: &WebSocketSession, reason: &'static str) {
    session.close_with(CloseStatus::NOT_ACCEPTABLE.with_reason(reason));
}
