use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::SessionRequest;
use crate::{
    message_socket::Application,
    sockjs::{
        body,
        codec::{self, DecodeError},
        headers::{empty, failure, not_found},
        service::SockJs,
        session::DeliveryError,
    },
};

/// Gives the messages in a body to a session that is there (SJ-SES-02). `json` finds them in the body, of which no type or
/// charset is believed. What is wrong with the body comes before what is wrong with the session (SJ-SEND-05), and harms
/// none (SJ-SEND-03).
pub(super) async fn deliver<A: Application>(
    service: &SockJs<A>,
    request: SessionRequest,
    json: impl FnOnce(&HeaderMap, Bytes) -> Option<Bytes>,
) -> Result<(), Response> {
    let settings = service.settings();
    let body = body::collect(request.body, settings.body_bytes)
        .await
        .map_err(|error| empty(error.status()))?;
    let messages = json(&request.parts.headers, body)
        .ok_or(DecodeError::PayloadExpected)
        .and_then(|json| codec::decode_messages(&json, settings.body_messages))
        .map_err(refused)?;
    let max_bytes = service.application().max_message_bytes();
    if messages.iter().any(|message| message.len() > max_bytes) {
        return Err(too_large());
    }
    let session = service.find(&request.parts, &request.session)?;
    session
        .deliver(messages)
        .await
        .map_err(|error| match error {
            // It has just ended.
            DeliveryError::NoSession => not_found(),
            DeliveryError::TooManyWait => empty(StatusCode::TOO_MANY_REQUESTS),
        })
}

fn refused(error: DecodeError) -> Response {
    let text = match error {
        DecodeError::PayloadExpected => "Payload expected.",
        DecodeError::BrokenJson => "Broken JSON encoding.",
        DecodeError::TooMany => return too_large(),
    };
    failure(StatusCode::INTERNAL_SERVER_ERROR, text)
}

fn too_large() -> Response {
    failure(
        StatusCode::PAYLOAD_TOO_LARGE,
        "There are too many messages in it, or too large ones.",
    )
}
