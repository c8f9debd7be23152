use bytes::Bytes;
use http::HeaderMap;

use super::SessionRequest;
use crate::{
    message_socket::Application,
    sockjs::{
        body,
        codec::{self, DecodeError},
        refused::Refused,
        service::SockJs,
    },
};

/// Gives the messages in a body to a session that is there (SJ-SES-02). `json` finds them in the body, of which no type or
/// charset is believed. What is wrong with the body comes before what is wrong with the session (SJ-SEND-05), and harms
/// none (SJ-SEND-03).
pub(super) async fn deliver<A: Application>(
    service: &SockJs<A>,
    request: SessionRequest,
    json: impl FnOnce(&HeaderMap, Bytes) -> Option<Bytes>,
) -> Result<(), Refused> {
    let body = body::collect(request.body, service.body_bytes()).await?;
    let json = json(&request.parts.headers, body).ok_or(DecodeError::PayloadExpected)?;
    let messages = codec::decode_messages(&json, service.settings().body_messages)?;
    let max_bytes = service.application().max_message_bytes();
    if messages.iter().any(|message| message.len() > max_bytes) {
        return Err(Refused::MessageTooBig);
    }
    let session = service.find(&request.parts, &request.session)?;
    Ok(session.deliver(messages).await?)
}
