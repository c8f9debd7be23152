use std::{any::Any, error::Error, fmt};

use crate::message::PayloadError;

/// An argument of a handler can't be taken from the message.
///
/// The handler is not called then; the error goes to the exception handlers like one that it returned (AR-3). The
/// texts may be sent to clients: they name no Rust types, which are in the fields.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// The body can't be read as the type of the argument. Code: that of the [`PayloadError`].
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// A header is required, and the frame does not have it (AR-13). An `Option`, or a default, makes it optional. Code:
    /// `missing-header`.
    #[error("the header `{name}` is missing")]
    MissingHeader {
        /// The header's name.
        name: String,
    },
    /// A header's value is not of the type of the argument (AR-15). Code: `invalid-header`.
    #[error("the header `{name}` can't be read: {reason}")]
    InvalidHeader {
        /// The header's name.
        name: String,
        /// The Rust type that was asked for.
        type_name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The pattern that matched has no variable of that name (AR-30). Code: `missing-destination-variable`.
    #[error("the destination has no variable `{name}`")]
    MissingDestinationVariable {
        /// The variable's name.
        name: String,
    },
    /// A variable's value is not of the type of the argument (AR-15). Code: `invalid-destination-variable`.
    #[error("`{name}` in the destination can't be read: {reason}")]
    InvalidDestinationVariable {
        /// The variable's name.
        name: String,
        /// The Rust type that was asked for.
        type_name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The session has no user. Spring passes `null` here; take an `Option<Principal>` if anonymous users are welcome.
    /// Code: `missing-principal`.
    #[error("the session has no user")]
    MissingPrincipal,
    /// The session's user has no details of the type of the argument, see
    /// [`Principal::with_details`](crate::message::Principal::with_details). Code: `missing-principal-details`.
    #[error("the session's user lacks details that the handler needs")]
    MissingPrincipalDetails {
        /// The Rust type that was asked for.
        type_name: &'static str,
    },
    /// The application did not provide the state. `build()` finds this, unless an extractor of the application's own
    /// asks for a state without saying so. Code: `missing-state`.
    #[error("the server misses a state that the handler needs")]
    MissingState {
        /// The Rust type that was asked for.
        type_name: &'static str,
    },
}

impl ExtractError {
    /// A word for programs, as the documentation of each variant names it. It does not change between versions.
    ///
    /// ```standalone_crate
    /// use serde::Serialize;
    /// use stomp_axum::{handler::ExtractError, message_exception_handler, send_to_user};
    ///
    /// #[derive(Serialize)]
    /// struct Problem { code: &'static str, text: String }
    ///
    /// #[message_exception_handler(global)]
    /// #[send_to_user("/queue/errors", broadcast = false)]
    /// async fn bad_message(error: &ExtractError) -> Problem {
    ///     Problem { code: error.code(), text: error.to_string() }
    /// }
    /// ```
    pub fn code(&self) -> &'static str {
        match self {
            Self::Payload(error) => error.code(),
            Self::MissingHeader { .. } => "missing-header",
            Self::InvalidHeader { .. } => "invalid-header",
            Self::MissingDestinationVariable { .. } => "missing-destination-variable",
            Self::InvalidDestinationVariable { .. } => "invalid-destination-variable",
            Self::MissingPrincipal => "missing-principal",
            Self::MissingPrincipalDetails { .. } => "missing-principal-details",
            Self::MissingState { .. } => "missing-state",
        }
    }
}

/// A handler panicked, or the stream that it returned. The session and the server live on.
#[derive(Debug, thiserror::Error)]
#[error("the handler panicked: {message}")]
pub struct HandlerPanicked {
    /// The message of the panic.
    pub message: String,
}

impl HandlerPanicked {
    /// What a panic said.
    #[doc(hidden)]
    pub fn new(panic: Box<dyn Any + Send>) -> Self {
        let message = match panic.downcast::<String>() {
            Ok(message) => *message,
            Err(panic) => panic
                .downcast::<&str>()
                .map_or_else(|_| "no message".to_owned(), |text| (*text).to_owned()),
        };
        Self { message }
    }

    /// A stable code for clients: `handler-panicked`.
    pub fn code(&self) -> &'static str {
        "handler-panicked"
    }
}

/// A handler has returned a stream, and its session has as many already as it may have.
#[derive(Debug, thiserror::Error)]
#[error("the session has too many streams: the limit is {limit} (`streams`)")]
pub struct TooManyStreams {
    /// [`Limits::streams`](crate::session::Limits::streams).
    pub limit: usize,
}

impl TooManyStreams {
    /// A stable code for clients: `too-many-streams`.
    pub fn code(&self) -> &'static str {
        "too-many-streams"
    }
}

/// An error and its sources, outermost first. A chain that is longer than 64 is taken for endless.
pub(super) fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    let links = std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    });
    links.take(64)
}

/// An error with all its sources, in one line.
pub(super) struct Chain<'a>(pub(super) &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in chain(self.0).enumerate() {
            let separator = if index == 0 { "" } else { ": " };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}
