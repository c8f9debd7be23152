//! What methods return.

use std::any::TypeId;

use serde::Serialize;
use stomp_core::message::{BoxError, ContentType, PayloadError, from_payload, to_payload};

use super::EndpointError;
use crate::websocket::{BinaryMessage, TextMessage, WebSocketMessage};

/// A type that an `#[on_message]` can return: what is sent back (JSR-13).
///
/// * any type that implements serde's `Serialize`: strings and numbers are sent as text, `Bytes` and `Vec<u8>` as binary
///   messages, everything else as text in JSON; `None` and `()` send nothing;
/// * [`TextMessage`], [`BinaryMessage`] and [`WebSocketMessage`], or an `Option` of them;
/// * a `Result` of any of these with an error that converts into a boxed error: an `Err` goes to `#[on_error]`.
///
/// The parameter `Via` only tells the implementations apart for the compiler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned by an `#[on_message]`",
    label = "can't be sent back",
    note = "derive `serde::Serialize` for it",
    note = "return `()` if nothing is sent back"
)]
pub trait IntoMessage<Via> {
    /// Makes the value a message; `None` if there is nothing to send.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] if it can't be written.
    fn into_message(self) -> Result<Option<WebSocketMessage>, PayloadError>;
}

/// Marks types that are serialised.
#[derive(Debug)]
pub enum ViaSerialize {}

/// Marks messages.
#[derive(Debug)]
pub enum ViaMessage {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + 'static> IntoMessage<ViaSerialize> for T {
    fn into_message(self) -> Result<Option<WebSocketMessage>, PayloadError> {
        encode(&self)
    }
}

macro_rules! message {
    ($($ty:ty),*) => {$(
        impl IntoMessage<ViaMessage> for $ty {
            fn into_message(self) -> Result<Option<WebSocketMessage>, PayloadError> {
                Ok(Some(self.into()))
            }
        }

        impl IntoMessage<ViaMessage> for Option<$ty> {
            fn into_message(self) -> Result<Option<WebSocketMessage>, PayloadError> {
                Ok(self.map(Into::into))
            }
        }
    )*};
}

message!(TextMessage, BinaryMessage, WebSocketMessage);

/// Strings and numbers as text, bytes as they are, and everything else as JSON.
pub(super) fn encode<T: Serialize + ?Sized + 'static>(
    value: &T,
) -> Result<Option<WebSocketMessage>, PayloadError> {
    let Some((payload, content_type)) = to_payload(value)? else {
        return Ok(None);
    };
    if content_type == ContentType::Bytes {
        return Ok(Some(BinaryMessage::new(payload).into()));
    }
    if content_type == ContentType::Json && is_character::<T>() {
        let character: char = from_payload(&payload, None)?;
        return Ok(Some(TextMessage::new(character).into()));
    }
    let text = TextMessage::try_from(payload).map_err(|_| PayloadError::NotUtf8)?;
    Ok(Some(text.into()))
}

/// A character is text, as other scalars are; in JSON it would have quotes.
fn is_character<T: ?Sized + 'static>() -> bool {
    let id = TypeId::of::<T>();
    id == TypeId::of::<char>() || id == TypeId::of::<Option<char>>()
}

/// What a method may fail with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the error of a method of a server endpoint",
    label = "`{Self}` is no `std::error::Error` that can go to `#[on_error]`",
    note = "implement `std::error::Error` for it, for example with `#[derive(Debug, thiserror::Error)]`",
    note = "it must be `Send`, `Sync` and `'static`, too"
)]
pub trait CallbackError {
    /// What `#[on_error]` gets.
    fn into_endpoint_error(self) -> EndpointError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> CallbackError for E {
    fn into_endpoint_error(self) -> EndpointError {
        EndpointError::callback(self)
    }
}

/// What an `#[on_message]` returned.
pub fn reply<T, E, Via>(result: Result<T, E>) -> Result<Option<WebSocketMessage>, EndpointError>
where
    T: IntoMessage<Via>,
    E: CallbackError,
{
    let value = result.map_err(CallbackError::into_endpoint_error)?;
    value.into_message().map_err(EndpointError::encode)
}

/// What a method returns that sends nothing back.
#[diagnostic::on_unimplemented(
    message = "what this method returns is not sent: it has to be `()`, or a `Result<(), _>`",
    label = "only an `#[on_message]` sends its return value back",
    note = "send it: `session.basic_remote().send_text(..).await?`"
)]
pub trait NoReply {}

impl NoReply for () {}

/// What another method returned.
pub fn no_reply<T: NoReply, E: CallbackError>(result: Result<T, E>) -> Result<(), EndpointError> {
    match result {
        Ok(_) => Ok(()),
        Err(error) => Err(error.into_endpoint_error()),
    }
}
