use axum::response::{IntoResponse, Response};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{ALLOW, SEC_WEBSOCKET_VERSION},
};
use stomp_core::endpoint::HandshakeRefused;

use super::websocket::WEBSOCKET_VERSION;

/// Why a request opens nothing. The texts are the bodies of the responses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("The server is shutting down.")]
    ShuttingDown,
    #[error("The method must be GET, or CONNECT from HTTP/2 on.")]
    Method,
    #[error("Can \"Upgrade\" only to \"WebSocket\".")]
    Upgrade,
    #[cfg(feature = "http2")]
    #[error("The \":protocol\" must be \"websocket\".")]
    Protocol,
    #[error("\"Connection\" must be \"upgrade\".")]
    Connection,
    #[error("")]
    Key,
    #[error("The WebSocket version must be 13.")]
    Version,
    /// For example because the client speaks HTTP/1.0.
    #[error("The connection can't be upgraded.")]
    NotUpgradable,
    #[error("The origin is not allowed.")]
    Origin,
    #[error("{}", .0.body())]
    Refused(#[from] HandshakeRefused),
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Upgrade | Self::Connection | Self::Key => StatusCode::BAD_REQUEST,
            #[cfg(feature = "http2")]
            Self::Protocol => StatusCode::BAD_REQUEST,
            Self::Version | Self::NotUpgradable => StatusCode::UPGRADE_REQUIRED,
            Self::Origin => StatusCode::FORBIDDEN,
            Self::Refused(refused) => refused.status(),
        }
    }

    /// What the status demands.
    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Method => Some((ALLOW, HeaderValue::from_static("GET, CONNECT"))),
            Self::Version => Some((SEC_WEBSOCKET_VERSION, WEBSOCKET_VERSION)),
            _ => None,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.to_string()).into_response();
        if let Self::Refused(refused) = &self {
            response.headers_mut().extend(refused.headers().clone());
        }
        response.headers_mut().extend(self.header());
        response
    }
}
