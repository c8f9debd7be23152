//! What travels between the parts of the server: a [`Message`] with its type, destination, headers and payload,
//! who sent it, and how values become payloads and back.

mod content;
mod converter;
mod error;
mod history_position;
mod message_id;
mod message_type;
mod payload;
mod principal;
mod raw;
mod session_id;

pub use self::{
    content::ContentType,
    converter::{
        JsonMessageConverter, MessageConverter, MessageConverters, PayloadTarget, PayloadType,
        PayloadValue, TextMessageConverter,
    },
    error::PayloadError,
    message_type::MessageType,
    payload::{from_payload, to_payload},
    principal::Principal,
    session_id::SessionId,
};

#[cfg(feature = "message-pack")]
pub use self::converter::MessagePackMessageConverter;
pub(crate) use self::{
    history_position::HistoryPosition,
    message_id::{MessageId, MessageIds},
};

use std::{
    any::{Any, type_name},
    fmt,
};

use bytes::Bytes;

use crate::codec::Headers;

/// A boxed error, as handlers return it and exception handlers see it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// A message on its way through the server: Spring's `Message<byte[]>` with its `SimpMessageHeaderAccessor` (HM-10).
///
/// The [headers](Message::headers) are the STOMP headers of the frame ("native headers" in Spring), or those that
/// the application gave to the [`MessagingTemplate`](crate::template::MessagingTemplate). What the framework itself
/// knows (type, destination, session, user, subscription) has accessors of its own and can't be forged by a header.
///
/// ```
/// use stomp_axum::message::Message;
///
/// let message = Message::new("/topic/greetings", "Hello!").with_header("priority", "9");
/// assert_eq!(message.destination(), Some("/topic/greetings"));
/// assert_eq!(message.headers().get("priority"), Some("9"));
/// assert_eq!(&message.payload()[..], b"Hello!");
/// ```
///
/// # With a value as payload
///
/// `Message<T>` is a message whose payload is a value. As an argument of a handler, it is the message with its payload
/// converted (AR-32): an empty body is an error, while a plain `Message` takes every body as it is. As a reply, it is the
/// value with headers; its `content-type` chooses the [`MessageConverter`].
///
/// ```standalone_crate
/// use serde::{Deserialize, Serialize};
/// use stomp_axum::prelude::*;
///
/// #[derive(Deserialize)]
/// struct Order { ticker: String }
///
/// #[derive(Serialize)]
/// struct Receipt { ticker: String }
///
/// #[message_mapping("/buy")]
/// async fn buy(order: Message<Order>) -> Message<Receipt> {
///     let urgent = order.headers().get("priority") == Some("9");
///     let Order { ticker } = order.into_payload();
///     Message::of(Receipt { ticker }).with_header("urgent", if urgent { "yes" } else { "no" })
/// }
/// ```
#[derive(Clone)]
pub struct Message<T = Bytes> {
    message_type: MessageType,
    destination: Option<String>,
    headers: Headers,
    payload: T,
    session_id: Option<SessionId>,
    principal: Option<Principal>,
    subscription_id: Option<String>,
}

impl Message {
    /// A message of type [`MessageType::Message`] for `destination`, without headers.
    pub fn new(destination: impl Into<String>, payload: impl Into<Bytes>) -> Self {
        Self {
            destination: Some(destination.into()),
            payload: payload.into(),
            ..Self::of_type(MessageType::Message)
        }
    }

    /// A message of the given type without destination, headers and payload.
    pub fn of_type(message_type: MessageType) -> Self {
        Self {
            message_type,
            destination: None,
            headers: Headers::new(),
            payload: Bytes::new(),
            session_id: None,
            principal: None,
            subscription_id: None,
        }
    }

    /// What it costs to keep the message, about, in bytes.
    pub(crate) fn kept_bytes(&self) -> usize {
        /// What there is besides text and payload, so that many empty messages are not free.
        const OVERHEAD: usize = 256;

        let headers = self.headers.iter();
        let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
        let destination = self.destination().map_or(0, str::len);
        OVERHEAD + destination + headers + self.payload.len()
    }

    /// Replaces the payload.
    #[must_use]
    pub fn with_payload(mut self, payload: impl Into<Bytes>) -> Self {
        self.payload = payload.into();
        self
    }
}

impl<T> Message<T> {
    /// A message with a value as payload, without destination and headers: for replies.
    pub fn of(payload: T) -> Self {
        Message::of_type(MessageType::Message).map_payload(|_| payload)
    }

    /// The same message with another payload.
    pub fn map_payload<U>(self, map: impl FnOnce(T) -> U) -> Message<U> {
        let (message, payload) = self.into_parts();
        Message {
            message_type: message.message_type,
            destination: message.destination,
            headers: message.headers,
            payload: map(payload),
            session_id: message.session_id,
            principal: message.principal,
            subscription_id: message.subscription_id,
        }
    }

    /// A copy of all but the payload.
    pub(crate) fn without_payload(&self) -> Message<()> {
        Message {
            message_type: self.message_type,
            destination: self.destination.clone(),
            headers: self.headers.clone(),
            payload: (),
            session_id: self.session_id.clone(),
            principal: self.principal.clone(),
            subscription_id: self.subscription_id.clone(),
        }
    }

    /// All but the payload, and the payload.
    pub fn into_parts(self) -> (Message<()>, T) {
        let message = Message {
            message_type: self.message_type,
            destination: self.destination,
            headers: self.headers,
            payload: (),
            session_id: self.session_id,
            principal: self.principal,
            subscription_id: self.subscription_id,
        };
        (message, self.payload)
    }

    /// The payload alone.
    pub fn into_payload(self) -> T {
        self.payload
    }

    /// The message as one of another type.
    #[must_use]
    pub(crate) fn with_message_type(mut self, message_type: MessageType) -> Self {
        self.message_type = message_type;
        self
    }

    /// Adds a STOMP header. A header of that name that is already there stays first, and so wins.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Replaces the STOMP headers.
    #[must_use]
    pub fn with_headers(mut self, headers: Headers) -> Self {
        self.headers = headers;
        self
    }

    /// Sends the message somewhere else.
    #[must_use]
    pub fn with_destination(mut self, destination: impl Into<String>) -> Self {
        self.destination = Some(destination.into());
        self
    }

    /// Says which session the message comes from, or is narrowed to (RV-22).
    #[must_use]
    pub fn with_session_id(mut self, session_id: SessionId) -> Self {
        self.session_id = Some(session_id);
        self
    }

    /// The message of no session in particular.
    #[must_use]
    pub(crate) fn without_session_id(mut self) -> Self {
        self.session_id = None;
        self
    }

    /// Says who sent the message.
    #[must_use]
    pub fn with_principal(mut self, principal: Option<Principal>) -> Self {
        self.principal = principal;
        self
    }

    /// Says by which id a client subscribes.
    #[must_use]
    pub fn with_subscription_id(mut self, subscription_id: impl Into<String>) -> Self {
        self.subscription_id = Some(subscription_id.into());
        self
    }

    /// What kind of message it is.
    pub fn message_type(&self) -> MessageType {
        self.message_type
    }

    /// Where the message goes; `None` until it is known, as in a reply.
    pub fn destination(&self) -> Option<&str> {
        self.destination.as_deref()
    }

    /// The STOMP headers.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The STOMP headers, to change.
    pub fn headers_mut(&mut self) -> &mut Headers {
        &mut self.headers
    }

    /// The `content-type` header, if there is one.
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get("content-type")
    }

    /// The body, as it came or as it will go; or the value that it stands for.
    pub fn payload(&self) -> &T {
        &self.payload
    }

    /// The session that sent the message, or that a reply is narrowed to.
    pub fn session_id(&self) -> Option<&SessionId> {
        self.session_id.as_ref()
    }

    /// The user of the session that sent the message; `None` for anonymous sessions and for messages of the server.
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }

    /// The `id` of the SUBSCRIBE.
    pub fn subscription_id(&self) -> Option<&str> {
        self.subscription_id.as_deref()
    }
}

impl<T: 'static> fmt::Debug for Message<T> {
    // Not the payload, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Message");
        match (&self.payload as &dyn Any).downcast_ref::<Bytes>() {
            Some(payload) => debug.field("payload_bytes", &payload.len()),
            None => debug.field("payload_type", &type_name::<T>()),
        };
        debug
            .field("message_type", &self.message_type)
            .field("destination", &self.destination)
            .field("headers", &self.headers)
            .field("session_id", &self.session_id)
            .field("principal", &self.principal)
            .field("subscription_id", &self.subscription_id)
            .finish()
    }
}
