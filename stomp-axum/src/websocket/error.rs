use std::{error::Error, fmt};

use crate::server_endpoint::RemoteError;

/// Why a message was not sent.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The session was closed, by whichever side, before the message was written.
    #[error("the session is closed")]
    Closed,
    /// Too much waits for a client that does not read fast enough. The session is closed with the code 4500 (WS-45).
    #[error(
        "Buffer size {buffered} bytes for session '{session}' exceeds the allowed limit {limit}; \
         wait for `send`, or raise `send_buffer_bytes` of the endpoint"
    )]
    BufferLimit {
        /// Bytes that would wait.
        buffered: usize,
        /// Bytes that may wait.
        limit: usize,
        /// The id of the session.
        session: String,
    },
    /// The message was the oldest of too many, and thrown away (WS-46, [`OverflowStrategy::Drop`](super::OverflowStrategy)).
    #[error("the message was dropped, because the client does not read fast enough")]
    Dropped,
    /// A part of a message came while a message of the other kind is not complete. Send its last part first.
    #[error("a message of the other kind is not complete; send its last part first")]
    Interleaved,
    /// A ping or pong of more than 125 bytes.
    #[error("a ping or pong has at most 125 bytes, and not {0}")]
    ControlTooLong(usize),
    /// What carries the session has no such messages: SockJS carries texts alone.
    #[error("SockJS carries texts alone, and no {0}")]
    Unsupported(&'static str),
}

impl SendError {
    /// Whether an error is, or comes from, sending to a session that is closed.
    pub(crate) fn is_closed(error: &(dyn Error + 'static)) -> bool {
        let mut sources = std::iter::successors(Some(error), |&error| error.source());
        sources.any(|error| {
            // That one shows its source as itself, and so is none.
            let of_remote = error.downcast_ref::<RemoteError>();
            matches!(of_remote, Some(RemoteError::Send(Self::Closed)))
                || matches!(error.downcast_ref(), Some(Self::Closed))
        })
    }
}

/// Everything that is wrong with the endpoints, found by [`WebSocketsBuilder::build`](super::WebSocketsBuilder::build) before
/// the first client connects.
#[derive(thiserror::Error)]
pub struct BuildError {
    errors: Vec<InvalidEndpoint>,
}

/// One mistake, and the endpoint that it is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{mistake}", endpoint.as_ref().map(|endpoint| format!("the endpoint {endpoint:?}: ")).unwrap_or_default())]
pub struct InvalidEndpoint {
    endpoint: Option<String>,
    mistake: String,
}

impl InvalidEndpoint {
    pub(crate) fn new(endpoint: &str, mistake: impl Into<String>) -> Self {
        Self {
            endpoint: Some(endpoint.to_owned()),
            mistake: mistake.into(),
        }
    }

    /// A mistake that is about no endpoint in particular.
    pub(crate) fn without_endpoint(mistake: impl Into<String>) -> Self {
        Self {
            endpoint: None,
            mistake: mistake.into(),
        }
    }

    /// The path of the endpoint, if it is about one.
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }
}

impl BuildError {
    /// `None` if there is nothing wrong.
    pub(crate) fn new(errors: Vec<InvalidEndpoint>) -> Option<Self> {
        (!errors.is_empty()).then_some(Self { errors })
    }

    /// The mistakes.
    pub fn errors(&self) -> &[InvalidEndpoint] {
        &self.errors
    }
}

/// The text for people: it is what `main` prints when it returns the error, and what `unwrap` panics with.
impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.errors.len();
        write!(
            f,
            "the WebSocket endpoints can't be served, for {count} {}:",
            if count == 1 { "reason" } else { "reasons" }
        )?;
        self.errors
            .iter()
            .enumerate()
            .try_for_each(|(index, error)| write!(f, "\n{}. {error}", index + 1))
    }
}
