use stomp_core::{endpoint::TransportError, message::BoxError};

use super::{
    BinaryMessage, CloseStatus, PongMessage, TextMessage, WebSocketMessage, WebSocketSession,
};

/// What an application does with the WebSockets of one endpoint: Spring's `WebSocketHandler` (WS-10).
///
/// One value serves all sessions; what belongs to a session is kept in its
/// [attributes](WebSocketSession::attributes), or in a handler of its own
/// ([`PerConnectionWebSocketHandler`](super::PerConnectionWebSocketHandler)).
///
/// For each session, the callbacks run one after another: first
/// [`after_connection_established`](Self::after_connection_established), then one for each message in the order in which
/// they came, and in the end, exactly once, [`after_connection_closed`](Self::after_connection_closed) (WS-11, WS-17).
/// The next message is read while a callback runs, and no more than that: so clients wait for a slow handler, while
/// pings are answered, and what is sent is written. No callback is cancelled half-way, even if its client has gone.
///
/// A callback that fails or panics closes the session with the code 1011; one of `after_connection_closed` is only logged
/// (WS-16, WS-30).
///
/// ```
/// use stomp_axum::websocket::{BoxError, TextMessage, WebSocketHandler, WebSocketSession};
///
/// struct Echo;
///
/// impl WebSocketHandler for Echo {
///     async fn handle_text_message(
///         &self,
///         session: &WebSocketSession,
///         message: TextMessage,
///     ) -> Result<(), BoxError> {
///         session.send(message).await?;
///         Ok(())
///     }
/// }
/// ```
pub trait WebSocketHandler: Send + Sync + 'static {
    /// A session was opened. Before any message of it.
    ///
    /// # Errors
    ///
    /// An error closes the session with 1011.
    fn after_connection_established(
        &self,
        session: &WebSocketSession,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        let _not_interested = session;
        async { Ok(()) }
    }

    /// A message came. By default it goes to the method for its kind (WS-12); overriding this one is for those who treat
    /// all kinds alike.
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
                WebSocketMessage::Ping(_) => Err("pings are answered before any handler".into()),
            }
        }
    }

    /// A text came.
    ///
    /// # Errors
    ///
    /// An error closes the session with 1011.
    fn handle_text_message(
        &self,
        session: &WebSocketSession,
        message: TextMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        let _not_interested = (session, message);
        async { Ok(()) }
    }

    /// Bytes came.
    ///
    /// # Errors
    ///
    /// An error closes the session with 1011.
    fn handle_binary_message(
        &self,
        session: &WebSocketSession,
        message: BinaryMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        let _not_interested = (session, message);
        async { Ok(()) }
    }

    /// A pong came: the answer to a [ping](super::PingMessage), or one to none.
    ///
    /// # Errors
    ///
    /// An error closes the session with 1011.
    fn handle_pong_message(
        &self,
        session: &WebSocketSession,
        message: PongMessage,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        let _not_interested = (session, message);
        async { Ok(()) }
    }

    /// The connection was lost, or the client broke the protocol: it sent a message that is too big, for example. The
    /// session ends; [`after_connection_closed`](Self::after_connection_closed) is called next.
    ///
    /// # Errors
    ///
    /// An error closes the session with 1011, if it is not closed anyway.
    fn handle_transport_error(
        &self,
        session: &WebSocketSession,
        error: &TransportError,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        let _not_interested = (session, error);
        async { Ok(()) }
    }

    /// The session was closed, by whichever side, or the connection was lost. Nothing can be sent any more.
    ///
    /// # Errors
    ///
    /// An error is logged.
    fn after_connection_closed(
        &self,
        session: &WebSocketSession,
        status: CloseStatus,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        let _not_interested = (session, status);
        async { Ok(()) }
    }

    /// Whether it takes the parts of a message as they come, instead of whole messages (WS-15). Asked once, when the
    /// server is built. Default: no.
    ///
    /// Then a message may have any size: no more of it is kept than one frame, and no part is larger than
    /// [`max_text_message_bytes`](super::WebSocketEndpoint::max_text_message_bytes) or
    /// [`max_binary_message_bytes`](super::WebSocketEndpoint::max_binary_message_bytes), since larger frames are divided. Texts
    /// are divided between characters. Over SockJS, which has no parts, messages come whole.
    fn supports_partial_messages(&self) -> bool {
        false
    }

    /// The sub-protocols that it speaks, beside those of its
    /// [endpoint](super::WebSocketEndpoint::sub_protocols) (HS-10). Asked once, when the server is built.
    fn sub_protocols(&self) -> Vec<String> {
        Vec::new()
    }
}
