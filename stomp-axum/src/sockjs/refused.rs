use axum::response::{IntoResponse, Response};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONNECTION, RETRY_AFTER},
};

use super::{
    body::BodyError,
    codec::DecodeError,
    headers::{empty, failure, not_found},
    session::DeliveryError,
};
use crate::handshake::Refusal;

/// Why a request has nothing to do with a session.
#[derive(Debug)]
pub(super) enum Refused {
    /// There is none, or not for this caller (SJ-53).
    NoSession,
    /// Too often there was none (T-14).
    TooManyMisses,
    /// No more sessions can be opened. The response has the headers of the handshake.
    Full(Box<HeaderMap>),
    Handshake(Refusal),
    Body(BodyError),
    Decode(DecodeError),
    /// A message is larger than the application takes.
    MessageTooBig,
    Delivery(DeliveryError),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::NoSession | Self::Delivery(DeliveryError::NoSession) => not_found(),
            Self::TooManyMisses => {
                let text = "Too many sessions were asked for that are not there.";
                let mut response = failure(StatusCode::TOO_MANY_REQUESTS, text);
                let headers = response.headers_mut();
                headers.insert(RETRY_AFTER, HeaderValue::from_static("60"));
                response
            }
            Self::Full(headers) => {
                let text = "There are too many sessions.";
                let mut response = failure(StatusCode::SERVICE_UNAVAILABLE, text);
                response.headers_mut().extend(*headers);
                response
            }
            Self::Handshake(refusal) => refusal.into_response(),
            Self::Body(error) => {
                let mut response = empty(error.status());
                // What is left of the body is not read, so that there is no next request. Some clients would send one.
                let headers = response.headers_mut();
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
                response
            }
            // SJ-SEND-03
            Self::Decode(DecodeError::PayloadExpected) => {
                failure(StatusCode::INTERNAL_SERVER_ERROR, "Payload expected.")
            }
            Self::Decode(DecodeError::BrokenJson) => {
                failure(StatusCode::INTERNAL_SERVER_ERROR, "Broken JSON encoding.")
            }
            Self::Decode(DecodeError::TooMany) | Self::MessageTooBig => failure(
                StatusCode::PAYLOAD_TOO_LARGE,
                "There are too many messages in it, or too large ones.",
            ),
            Self::Delivery(DeliveryError::TooManyWait) => empty(StatusCode::TOO_MANY_REQUESTS),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Handshake(refusal)
    }
}

impl From<BodyError> for Refused {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<DecodeError> for Refused {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<DeliveryError> for Refused {
    fn from(error: DeliveryError) -> Self {
        Self::Delivery(error)
    }
}
