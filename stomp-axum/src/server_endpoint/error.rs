use std::{error::Error, sync::Arc};

use stomp_core::{
    endpoint::TransportError,
    message::{BoxError, PayloadError},
};

use crate::websocket::SendError;

/// What went wrong with a connection, for `#[on_error]` (JSR-15). Cheap to clone.
///
/// ```
/// use stomp_axum::server_endpoint::EndpointError;
/// # #[derive(Debug, thiserror::Error)] #[error("out of stock")] struct OutOfStock;
///
/// fn answer(error: &EndpointError) -> String {
///     match error {
///         EndpointError::Decode(error) => format!("not understood: {error}"),
///         error if error.downcast_ref::<OutOfStock>().is_some() => "out of stock".to_owned(),
///         _ => "failed".to_owned(),
///     }
/// }
/// # let error = EndpointError::callback(OutOfStock);
/// # assert_eq!(answer(&error), "out of stock");
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, thiserror::Error)]
pub enum EndpointError {
    /// A message could not be read as the type that its method takes. The method was not called.
    #[error("a message could not be read: {0}")]
    Decode(#[source] Arc<PayloadError>),
    /// A parameter of the path is not of the type that a method takes (JSR-16). The method was not called.
    #[error("the path parameter `{name}` could not be read: {reason}")]
    PathParam {
        /// The parameter's name.
        name: &'static str,
        /// The Rust type that was asked for.
        type_name: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
    /// Another argument of a method could not be taken, such as the `Principal` of a client that has not logged in. The
    /// method was not called.
    #[error("an argument is missing: {0}")]
    Argument(#[source] Arc<dyn Error + Send + Sync>),
    /// A method returned this error.
    #[error("{0}")]
    Callback(#[source] Arc<dyn Error + Send + Sync>),
    /// A method panicked. The session closes with 1011, because the endpoint may be left half-changed.
    #[error("a method panicked: {message}")]
    Panicked {
        /// The message of the panic.
        message: String,
    },
    /// What a method returned could not be written.
    #[error("a reply could not be written: {0}")]
    Encode(#[source] Arc<PayloadError>),
    /// What a method returned could not be sent.
    #[error("a reply could not be sent: {0}")]
    Send(#[source] SendError),
    /// The connection was lost, or the client broke the protocol. `#[on_close]` comes next.
    #[error("{0}")]
    Transport(#[source] Arc<TransportError>),
}

impl EndpointError {
    /// The error that a method returns; for tests of an `#[on_error]`.
    pub fn callback(error: impl Into<BoxError>) -> Self {
        Self::Callback(Arc::from(error.into()))
    }

    pub(crate) fn argument(error: impl Into<BoxError>) -> Self {
        Self::Argument(Arc::from(error.into()))
    }

    pub(crate) fn decode(error: PayloadError) -> Self {
        Self::Decode(Arc::new(error))
    }

    pub(crate) fn encode(error: PayloadError) -> Self {
        Self::Encode(Arc::new(error))
    }

    /// The error itself belongs to the session, which shows it only.
    pub(crate) fn transport(error: &TransportError) -> Self {
        let copy = |source: &BoxError| BoxError::from(source.to_string());
        Self::Transport(Arc::new(match error {
            TransportError::MessageTooBig => TransportError::MessageTooBig,
            TransportError::NotAcceptable => TransportError::NotAcceptable,
            TransportError::InvalidText => TransportError::InvalidText,
            TransportError::Protocol(source) => TransportError::Protocol(copy(source)),
            TransportError::Broken(source) => TransportError::Broken(copy(source)),
            other => TransportError::Broken(other.to_string().into()),
        }))
    }

    /// The error that a method or an argument failed with, if it is of this type.
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        match self {
            Self::Callback(source) | Self::Argument(source) => source.downcast_ref(),
            _ => None,
        }
    }
}
