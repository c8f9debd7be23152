//! One session from its opening to its end: a single task that reads, calls the handler, and writes.
//!
//! The callback that runs, the socket, the queue and the timer are polled side by side, so that a slow handler stops
//! neither writing nor the answers to pings. One message is read ahead of the handler; then the client has to wait.

mod connection;
mod reading;
#[cfg(test)]
mod tests;
mod writing;

use std::{any::Any, time::Duration};

use stomp_core::{endpoint::TransportError, message::BoxError};

use self::connection::{Connection, Event};
use super::{
    CloseStatus, SendError, WebSocketSession,
    connection_handler::ConnectionHandler,
    sessions::{OpenSession, Sessions},
};
use crate::message_socket::MessageSocket;

/// The bounds of one session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionLimits {
    pub(crate) send_time_limit: Duration,
    /// Without any message, in either direction.
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) max_text_message_bytes: usize,
    pub(crate) max_binary_message_bytes: usize,
}

/// Serves one session until it ends, and its handler has, too. The session is open from the call on.
///
/// The future is the session, and little else: an `async fn` would keep its arguments beside it.
pub(super) fn run<M: MessageSocket, H: ConnectionHandler>(
    socket: M,
    session: WebSocketSession,
    mut handler: H,
    limits: SessionLimits,
    sessions: &Sessions,
) -> impl Future<Output = ()> + Send + use<M, H> {
    session.set_idle_timeout(limits.idle_timeout);
    // Shutting down waits for it from before it can be closed by that.
    let task = sessions.task();
    let open = sessions.add(session.clone());
    let mut connection = Connection::new(socket, session.clone(), limits);
    async move {
        // The server is shutting down: it was too late.
        if session.is_open() {
            handle(&mut connection, &mut handler, &session, open).await;
        }
        connection.ended().await;
        drop(handler);
        session.attributes().clear();
        drop(task);
    }
}

/// Calls the handler, from the first to the last time.
async fn handle<M: MessageSocket, H: ConnectionHandler>(
    connection: &mut Connection<M>,
    handler: &mut H,
    session: &WebSocketSession,
    open: OpenSession,
) {
    tracing::debug!(
        session = session.id(),
        "a WebSocket session was established"
    );
    let established = connection
        .during(async { handler.established(session).await })
        .await;
    fail(session, "after_connection_established", established);
    while let Some(event) = connection.next().await {
        match event {
            Event::Message(message) => {
                tracing::trace!(session = session.id(), ?message, "a message came");
                let handled = connection
                    .during(async { handler.message(session, message).await })
                    .await;
                fail(session, "handle_message", handled);
            }
            Event::Error(error) => {
                tracing::debug!(session = session.id(), %error, "a transport error");
                // Now, when everything before it has been handled.
                if let Some(status) = status_of(&error) {
                    session.close_with(status);
                }
                let handled = connection
                    .during(async { handler.transport_error(session, &error).await })
                    .await;
                fail(session, "handle_transport_error", handled);
            }
        }
        // A client that sends faster than this handles must not keep the thread for itself.
        tokio::task::coop::consume_budget().await;
    }
    let status = session
        .close_status()
        .unwrap_or(CloseStatus::NO_CLOSE_FRAME);
    tracing::debug!(session = session.id(), %status, "a WebSocket session was closed");
    drop(open);
    let closed = connection
        .during(async { handler.closed(session, status).await })
        .await;
    if let Err(failure) = closed {
        // As in `fail`.
        if SendError::is_closed(&*failure) {
            tracing::debug!(session = session.id(), error = %failure, "`after_connection_closed` failed");
            return;
        }
        tracing::warn!(session = session.id(), error = %failure, "`after_connection_closed` failed");
    }
}

/// Closes the session of a callback that failed (WS-16, WS-30).
fn fail(session: &WebSocketSession, callback: &str, outcome: Result<(), BoxError>) {
    if let Err(failure) = outcome {
        // Clients go at will: that is nothing to wake anybody for.
        if !session.is_open() && SendError::is_closed(&*failure) {
            tracing::debug!(session = session.id(), callback, error = %failure, "a WebSocket handler could not send");
            return;
        }
        tracing::error!(session = session.id(), callback, error = %failure, "a WebSocket handler failed");
        session.close_with(CloseStatus::SERVER_ERROR);
    }
}

/// What a client is told that broke the rules; `None` if it can't be told anything any more.
fn status_of(error: &TransportError) -> Option<CloseStatus> {
    let reason = error.close_reason()?;
    Some(CloseStatus::new(reason.code()).with_reason(reason.as_str()))
}

/// A panic as an error.
fn panicked(panic: &(dyn Any + Send)) -> BoxError {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("of unknown kind");
    format!("it panicked: {message}").into()
}
