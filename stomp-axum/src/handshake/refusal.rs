use axum::response::{IntoResponse, Response};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{ALLOW, SEC_WEBSOCKET_VERSION},
};
use stomp_core::endpoint::HandshakeRefused;

use super::websocket::WEBSOCKET_VERSION;
use crate::websocket::NotUpgradable;

/// Why a request opens nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("The server is shutting down.")]
    ShuttingDown,
    #[error("The method must be GET, or CONNECT from HTTP/2 on.")]
    Method,
    #[error("Can \"Upgrade\" only to \"WebSocket\".")]
    Upgrade,
    #[error("\"Connection\" must be \"upgrade\".")]
    Connection,
    #[error("")]
    Key,
    #[error("The WebSocket version must be 13.")]
    Version,
    #[error("The origin is not allowed.")]
    Origin,
    #[error(transparent)]
    Refused(#[from] HandshakeRefused),
    #[error(transparent)]
    NotUpgradable(#[from] NotUpgradable),
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Upgrade | Self::Connection | Self::Key => StatusCode::BAD_REQUEST,
            Self::Version => StatusCode::UPGRADE_REQUIRED,
            Self::Origin => StatusCode::FORBIDDEN,
            Self::Refused(refused) => refused.status(),
            Self::NotUpgradable(reason) => reason.status(),
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
