//! One connection to an annotated endpoint: its instance, and when which of its methods is called (JSR-11 to JSR-16).

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use stomp_core::{endpoint::TransportError, handler::HandlerPanicked, message::BoxError};

use super::{
    Call, EndpointError, Session,
    definition::{Callbacks, EndpointDefinition, MessageCallback, Method, OnMessage},
    parts::{Assembler, MessageTooBig},
    session::Opening,
};
use crate::websocket::{
    CloseStatus, ConnectionHandler, SendError, SessionLimits, WebSocketMessage, WebSocketSession,
};

/// What all connections of an endpoint have in common.
#[derive(Debug)]
pub(super) struct Endpoint<I> {
    pub(super) definition: &'static EndpointDefinition,
    pub(super) callbacks: Callbacks<I>,
    pub(super) limits: SessionLimits,
}

impl<I> Endpoint<I> {
    /// Whether a method takes parts of messages.
    pub(super) fn takes_parts(&self) -> bool {
        let mut all = [&self.callbacks.text, &self.callbacks.binary].into_iter();
        all.any(|callback| callback.as_ref().is_some_and(|callback| callback.partial))
    }
}

pub(super) struct EndpointConnection<I> {
    endpoint: Arc<Endpoint<I>>,
    instance: I,
    /// What was found out when it was made.
    opening: Opening,
    assembler: Assembler,
}

impl<I: Send + 'static> EndpointConnection<I> {
    pub(super) fn new(endpoint: Arc<Endpoint<I>>, instance: I, opening: Opening) -> Self {
        Self {
            endpoint,
            instance,
            opening,
            assembler: Assembler::default(),
        }
    }

    fn session(&self, session: &WebSocketSession) -> Session {
        Session::new(session.clone(), &self.opening)
    }

    /// Calls a method. One that panics has failed.
    async fn call<E, R>(
        &mut self,
        session: &Session,
        event: E,
        method: Method<I, E, R>,
    ) -> Result<R, EndpointError>
    where
        E: Send + Sync,
    {
        let call = Call {
            session: session.clone(),
            event,
        };
        let called = AssertUnwindSafe(method(&mut self.instance, &call)).catch_unwind();
        called.await.unwrap_or_else(|panic| {
            let HandlerPanicked { message } = HandlerPanicked::new(panic);
            Err(EndpointError::Panicked { message })
        })
    }

    /// Tells `#[on_error]`, or else the log. Returns whether there is an `#[on_error]`, and it did not panic.
    async fn report(&mut self, session: &Session, error: EndpointError) -> bool {
        let endpoint = self.endpoint.definition;
        let Some(on_error) = self.endpoint.callbacks.error else {
            let id = session.id();
            // What clients can cause at will is nothing to wake anybody for.
            let what = match error {
                EndpointError::Decode(_) => "a message could not be read",
                EndpointError::PathParam { .. } => "a parameter of the path could not be read",
                EndpointError::Transport(_) => "the connection failed",
                _ if is_too_late(session, &error) => "a message came too late to be sent",
                _ => {
                    tracing::error!(%endpoint, session = id, %error, "an endpoint failed");
                    return false;
                }
            };
            let and_then = match error {
                EndpointError::Decode(_) | EndpointError::PathParam { .. } if session.is_open() => {
                    ", so the session is closed with 1011"
                }
                _ => "",
            };
            tracing::debug!(
                %endpoint, session = id, %error,
                "{what}, and the endpoint has no `#[on_error]`{and_then}"
            );
            return false;
        };
        match self.call(session, error, on_error).await {
            Ok(()) => true,
            // The commonest ones tell the client, which may have gone.
            Err(error) if is_too_late(session, &error) => {
                tracing::debug!(%endpoint, session = session.id(), %error, "an `#[on_error]` could not send");
                true
            }
            Err(error) => {
                tracing::error!(%endpoint, session = session.id(), %error, "an `#[on_error]` failed");
                !matches!(error, EndpointError::Panicked { .. })
            }
        }
    }

    /// Calls a method with a message, and sends its answer.
    async fn answer(
        &mut self,
        session: &Session,
        message: WebSocketMessage,
        on_message: MessageCallback<I>,
    ) -> Result<(), EndpointError> {
        let Some(reply) = self.call(session, message, on_message).await? else {
            return Ok(());
        };
        match session.send(reply).await {
            // There is nobody to answer any more, be it because the method has closed the session; or the endpoint wants
            // messages for slow clients to be dropped.
            Ok(()) | Err(SendError::Closed | SendError::Dropped) => Ok(()),
            Err(error) => Err(EndpointError::Send(error)),
        }
    }

    /// The method for a message and the whole message, if it does not take parts. `None` if nobody takes it, or if the
    /// rest of it has to come first.
    fn route(
        &mut self,
        message: WebSocketMessage,
    ) -> Result<Option<(MessageCallback<I>, WebSocketMessage)>, MessageTooBig> {
        let Callbacks {
            text, binary, pong, ..
        } = &self.endpoint.callbacks;
        let limits = &self.endpoint.limits;
        let (on_message, max_bytes) = match &message {
            WebSocketMessage::Text(_) => (text, limits.max_text_message_bytes),
            WebSocketMessage::Binary(_) => (binary, limits.max_binary_message_bytes),
            _ => (pong, usize::MAX),
        };
        let Some(OnMessage { call, partial }) = on_message else {
            return Ok(None);
        };
        let message = if *partial {
            Some(message)
        } else {
            self.assembler.push(message, max_bytes)?
        };
        Ok(message.map(|message| (*call, message)))
    }
}

/// Whether nothing is wrong but that the client has gone.
fn is_too_late(session: &Session, error: &EndpointError) -> bool {
    let of_send = match error {
        // As a source, it would be the `Arc`.
        EndpointError::Callback(source) | EndpointError::Argument(source) => {
            SendError::is_closed(&**source)
        }
        _ => SendError::is_closed(error),
    };
    of_send && !session.is_open()
}

/// When which method is called.
impl<I: Send + 'static> EndpointConnection<I> {
    /// JSR-12
    async fn established(&mut self, session: &WebSocketSession) {
        let session = self.session(session);
        session.register();
        let Some(on_open) = self.endpoint.callbacks.open else {
            return;
        };
        if let Err(error) = self.call(&session, (), on_open).await {
            self.report(&session, error).await;
            session.close_with(CloseStatus::SERVER_ERROR);
        }
    }

    /// JSR-13, JSR-15
    async fn message(&mut self, session: &WebSocketSession, message: WebSocketMessage) {
        let session = self.session(session);
        let (on_message, message) = match self.route(message) {
            Ok(Some(route)) => route,
            Ok(None) => return,
            Err(MessageTooBig) => {
                session.close_with(CloseStatus::TOO_BIG_TO_PROCESS);
                let error = EndpointError::transport(&TransportError::MessageTooBig);
                self.report(&session, error).await;
                return;
            }
        };
        if let Err(error) = self.answer(&session, message, on_message).await {
            let is_broken = matches!(error, EndpointError::Panicked { .. });
            if !self.report(&session, error).await || is_broken {
                session.close_with(CloseStatus::SERVER_ERROR);
            }
        }
    }

    async fn transport_error(&mut self, session: &WebSocketSession, error: &TransportError) {
        let session = self.session(session);
        self.report(&session, EndpointError::transport(error)).await;
    }

    /// JSR-14
    async fn closed(&mut self, session: &WebSocketSession, status: CloseStatus) {
        let session = self.session(session);
        if let Some(on_close) = self.endpoint.callbacks.close
            && let Err(error) = self.call(&session, status, on_close).await
        {
            self.report(&session, error).await;
        }
    }
}

/// `None` if the request has lost what its handshake has made: then there is nothing to call.
impl<I: Send + 'static> ConnectionHandler for Option<EndpointConnection<I>> {
    async fn established(&mut self, session: &WebSocketSession) -> Result<(), BoxError> {
        match self {
            Some(connection) => {
                connection.established(session).await;
                Ok(())
            }
            None => Err("the handshake has made no instance of the endpoint".into()),
        }
    }

    async fn message(
        &mut self,
        session: &WebSocketSession,
        message: WebSocketMessage,
    ) -> Result<(), BoxError> {
        if let Some(connection) = self {
            connection.message(session, message).await;
        }
        Ok(())
    }

    async fn transport_error(
        &mut self,
        session: &WebSocketSession,
        error: &TransportError,
    ) -> Result<(), BoxError> {
        if let Some(connection) = self {
            connection.transport_error(session, error).await;
        }
        Ok(())
    }

    async fn closed(
        &mut self,
        session: &WebSocketSession,
        status: CloseStatus,
    ) -> Result<(), BoxError> {
        if let Some(connection) = self {
            connection.closed(session, status).await;
        }
        Ok(())
    }
}
