//! `Interceptors.java`; headers and destinations of the scenarios say what they do.

use bytes::Bytes;
use stomp_axum::{channel::MessageRejected, message::Message};

type Intercepted = Result<Option<Message>, MessageRejected>;

pub(crate) fn inbound(mut message: Message) -> Intercepted {
    let header = |name| message.headers().get(name).map(str::to_owned);
    if header("x-swallow").is_some() {
        return Ok(None);
    }
    if header("x-refuse").is_some() {
        return Err(MessageRejected::new("refused", "refused"));
    }
    let payload = header("x-payload");
    if let Some(destination) = header("x-redirect") {
        message = message.with_destination(destination);
    }
    if let Some(payload) = payload {
        message = message.with_payload(Bytes::from(payload));
    }
    Ok(Some(message))
}

pub(crate) fn outbound(mut message: Message) -> Intercepted {
    let headers = message.headers();
    if headers.contains("x-hide") {
        return Ok(None);
    }
    if headers.contains("x-mark") {
        let subscription = message.subscription_id().unwrap_or_default().to_owned();
        message = message.with_header("x-subscriber", &subscription);
    }
    Ok(Some(message))
}

pub(crate) fn broker(message: Message) -> Intercepted {
    let destination = message.destination().unwrap_or_default();
    if !destination.starts_with("/topic/intercepted/") {
        return Ok(Some(message));
    }
    if destination.ends_with("/swallowed") {
        return Ok(None);
    }
    Ok(Some(message.with_header("x-published", "yes")))
}
