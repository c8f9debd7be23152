//! How a session sends.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use serde::Serialize;
use stomp_core::message::PayloadError;
use tokio::time::{Sleep, sleep};

use super::reply::encode;
use crate::websocket::{
    BinaryMessage, PingMessage, PongMessage, SendError, TextMessage, WebSocketMessage,
    WebSocketSession, Written,
};

/// Why a message was not sent.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The session is closed, or the message can't be sent.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The value can't be written as JSON.
    #[error(transparent)]
    Encode(#[from] PayloadError),
    /// The message was not written in time. It is still queued, and may be sent later.
    #[error("the message was not written within {}.{:03} s", timeout.as_secs(), timeout.subsec_millis())]
    Timeout {
        /// The time that it had: [`AsyncRemote::send_timeout`].
        timeout: Duration,
    },
}

/// Sends messages one by one, each until it has been handed to the connection: Jakarta's `RemoteEndpoint.Basic` (JSR-18).
///
/// Any number of tasks may send at the same time; their messages are sent one after another. What is sent in parts is not
/// mixed with other messages, but with pings and pongs (JSR-20). All methods fail if the session is closed.
///
/// ```
/// # use stomp_axum::server_endpoint::{RemoteError, Session};
/// async fn greet(session: &Session) -> Result<(), RemoteError> {
///     let remote = session.basic_remote();
///     remote.send_text("hello").await?;
///     remote.send_object(&vec![1, 2, 3]).await?;
///     remote.send_partial_text("in two ", false).await?;
///     remote.send_partial_text("parts", true).await
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BasicRemote<'a> {
    session: &'a WebSocketSession,
}

/// Sends messages without waiting: Jakarta's `RemoteEndpoint.Async` (JSR-19).
///
/// Each method queues its message at once, in the order of the calls, and returns a [`Completion`], which tells what has
/// become of it.
///
/// ```
/// use std::time::Duration;
/// # use stomp_axum::server_endpoint::{RemoteError, Session};
///
/// async fn greet(session: &Session) -> Result<(), RemoteError> {
///     let remote = session.async_remote().send_timeout(Duration::from_secs(5));
///     let first = remote.send_text("one");
///     remote.send_text("two").on_result(|result| {
///         if let Err(error) = result {
///             println!("not sent: {error}");
///         }
///     });
///     first.await
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AsyncRemote<'a> {
    session: &'a WebSocketSession,
    timeout: Option<Duration>,
}

/// Both remotes send the same messages.
macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $ty:ty),*) => $message:expr;)*) => {
        impl BasicRemote<'_> {
            $($(#[$doc])*
            ///
            /// # Errors
            ///
            /// If it was not sent.
            pub async fn $name(&self, $($argument: $ty),*) -> Result<(), RemoteError> {
                self.send($message.into()).await
            })*
        }

        impl AsyncRemote<'_> {
            $($(#[$doc])*
            pub fn $name(&self, $($argument: $ty),*) -> Completion {
                self.send($message.into())
            })*
        }
    };
}

messages! {
    /// Sends a text.
    send_text(text: impl Into<String>) => TextMessage::new(text);
    /// Sends bytes.
    send_binary(bytes: impl Into<Bytes>) => BinaryMessage::new(bytes);
    /// Sends a part of a text; those behind it, up to the last one, belong to the same message.
    send_partial_text(text: impl Into<String>, is_last: bool) => TextMessage::partial(text, is_last);
    /// Sends a part of a binary message; those behind it, up to the last one, belong to the same message.
    send_partial_binary(bytes: impl Into<Bytes>, is_last: bool) => BinaryMessage::partial(bytes, is_last);
    /// Sends a ping with these bytes; more than 125 are an error. The pong comes to an `#[on_message]` for pongs.
    send_ping(bytes: impl Into<Bytes>) => PingMessage::new(bytes);
    /// Sends a pong to no ping, as a sign of life; more than 125 bytes are an error.
    send_pong(bytes: impl Into<Bytes>) => PongMessage::new(bytes);
    /// Sends any message.
    send_message(message: impl Into<WebSocketMessage>) => message;
}

impl<'a> BasicRemote<'a> {
    pub(super) fn new(session: &'a WebSocketSession) -> Self {
        Self { session }
    }

    /// Sends a value: strings and numbers as text, bytes as a binary message, everything else as text in JSON.
    ///
    /// # Errors
    ///
    /// If it can't be written, or was not sent.
    pub async fn send_object<T>(&self, value: &T) -> Result<(), RemoteError>
    where
        T: Serialize + ?Sized + 'static,
    {
        // The value need not be `Sync`: it is written before anything is waited for.
        let message = encode(value);
        self.send(message?.ok_or(PayloadError::Nothing)?).await
    }

    async fn send(&self, message: WebSocketMessage) -> Result<(), RemoteError> {
        Ok(self.session.send(message).await?)
    }
}

impl<'a> AsyncRemote<'a> {
    pub(super) fn new(session: &'a WebSocketSession) -> Self {
        Self {
            session,
            timeout: None,
        }
    }

    /// Says how long a message may take to be written; then its [`Completion`] fails. By default, and with zero, there is
    /// no limit but that of the endpoint, by which a client that does not read is cut off.
    #[must_use]
    pub fn send_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = (!timeout.is_zero()).then_some(timeout);
        self
    }

    /// Sends a value: strings and numbers as text, bytes as a binary message, everything else as text in JSON.
    pub fn send_object<T: Serialize + ?Sized + 'static>(&self, value: &T) -> Completion {
        match encode(value) {
            Ok(Some(message)) => self.send(message),
            Ok(None) => Completion::failed(PayloadError::Nothing.into()),
            Err(error) => Completion::failed(error.into()),
        }
    }

    fn send(&self, message: WebSocketMessage) -> Completion {
        match self.session.start_send(message) {
            Ok(written) => Completion(State::Waiting {
                written,
                timeout: self
                    .timeout
                    .map(|timeout| (timeout, Box::pin(sleep(timeout)))),
            }),
            Err(error) => Completion::failed(error.into()),
        }
    }
}

/// Tells when a message has been handed to the connection, or why it was not. The message is sent whether or not anybody
/// waits for that.
#[must_use = "the message is sent anyway; only errors are lost"]
#[derive(Debug)]
pub struct Completion(State);

#[derive(Debug)]
enum State {
    Waiting {
        written: Written,
        timeout: Option<(Duration, Pin<Box<Sleep>>)>,
    },
    Failed(Option<RemoteError>),
}

impl Completion {
    fn failed(error: RemoteError) -> Self {
        Self(State::Failed(Some(error)))
    }

    /// Calls back with the result, in a task of its own, instead of being awaited.
    pub fn on_result(self, callback: impl FnOnce(Result<(), RemoteError>) + Send + 'static) {
        tokio::spawn(async move { callback(self.await) });
    }

    /// Nobody wants to know.
    pub fn ignore(self) {}
}

impl Future for Completion {
    type Output = Result<(), RemoteError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Waiting { written, timeout } => {
                if let Poll::Ready(result) = Pin::new(written).poll(cx) {
                    return Poll::Ready(result.map_err(Into::into));
                }
                let Some((timeout, sleep)) = timeout else {
                    return Poll::Pending;
                };
                ready!(sleep.as_mut().poll(cx));
                Poll::Ready(Err(RemoteError::Timeout { timeout: *timeout }))
            }
            State::Failed(error) => {
                Poll::Ready(Err(error.take().unwrap_or(SendError::Closed.into())))
            }
        }
    }
}
