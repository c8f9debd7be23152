use std::convert::Infallible;

use serde::Serialize;

use super::MessageContext;
use crate::{
    codec::Headers,
    message::{BoxError, Message, MessageConverters, PayloadError},
};

/// What a handler's return value becomes: nothing, or a message that still needs its destinations.
#[derive(Clone, Debug, Default)]
pub struct Reply(pub(super) Option<Message>);

impl Reply {
    /// Nothing is sent.
    pub fn nothing() -> Self {
        Self(None)
    }

    /// Payload and headers of `message` are sent; its destination does not count.
    pub fn message(message: Message) -> Self {
        Self(Some(message))
    }
}

/// A type that can be returned by a message handler.
///
/// * any type that implements serde's `Serialize`: strings are sent as text, `Bytes` and `Vec<u8>` as they are,
///   everything else as JSON (MC-5); `None` and `()` send nothing (RV-2);
/// * [`Message`], of bytes or of a value, to send headers, too, or an `Option` of it;
/// * a `Result` of any of these with an error that converts into a boxed error: an `Err` goes to the exception
///   handlers.
///
/// The parameter `Via` only tells the implementations apart for the compiler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned by a message handler",
    label = "can't be sent as a reply",
    note = "derive `serde::Serialize` for it",
    note = "return `()` if the handler has no reply"
)]
pub trait IntoReply<Via> {
    /// Makes the value a reply, with the message converters of the server.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] if it can't be written.
    fn into_reply(self, converters: &MessageConverters) -> Result<Reply, PayloadError>;
}

/// Marks types that are serialised.
#[derive(Debug)]
pub enum ViaSerialize {}

/// Marks messages.
#[derive(Debug)]
pub enum ViaMessage {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + 'static> IntoReply<ViaSerialize> for T {
    fn into_reply(self, converters: &MessageConverters) -> Result<Reply, PayloadError> {
        converters.write(&self, Headers::new()).map(Reply)
    }
}

/// The payload is converted, unless it is bytes. Of what the message says otherwise, only its headers count: so a handler
/// may return the message that it got.
impl<T: Serialize + 'static> IntoReply<ViaMessage> for Message<T> {
    fn into_reply(self, converters: &MessageConverters) -> Result<Reply, PayloadError> {
        match self.into_bytes() {
            Ok(message) => Ok(Reply::message(message.without_origin())),
            Err(message) => {
                let (message, payload) = message.into_parts();
                converters
                    .write(&payload, message.into_headers())
                    .map(Reply)
            }
        }
    }
}

impl<T: Serialize + 'static> IntoReply<ViaMessage> for Option<Message<T>> {
    fn into_reply(self, converters: &MessageConverters) -> Result<Reply, PayloadError> {
        self.map_or_else(
            || Ok(Reply::nothing()),
            |message| message.into_reply(converters),
        )
    }
}

/// What a handler returned, of which a `Result` is to be taken apart.
///
/// An inherent method goes before that of a trait: so `Returned(value).into_result()` is the `Result` itself for any
/// `Result`, under whatever name it was imported, and `Ok(value)` for any other type. An `impl IntoReply for Result`
/// can't do this: a `Result` of two `Serialize` types is `Serialize`, too.
#[doc(hidden)]
#[derive(Debug)]
pub struct Returned<T>(pub T);

impl<T, E> Returned<Result<T, E>> {
    #[doc(hidden)]
    pub fn into_result(self) -> Result<T, E> {
        self.0
    }
}

#[doc(hidden)]
pub trait ReturnedValue<T> {
    fn into_result(self) -> Result<T, Infallible>;
}

impl<T> ReturnedValue<T> for Returned<T> {
    fn into_result(self) -> Result<T, Infallible> {
        Ok(self.0)
    }
}

/// What a handler may fail with: any error that converts into a boxed one. It is there for the compiler's advice only.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the error of a message handler",
    label = "`{Self}` is no `std::error::Error` that can go to exception handlers",
    note = "implement `std::error::Error` for it, for example with `#[derive(Debug, thiserror::Error)]`",
    note = "it must be `Send`, `Sync` and `'static`, too"
)]
pub trait HandlerError {
    fn into_boxed(self) -> BoxError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> HandlerError for E {
    fn into_boxed(self) -> BoxError {
        self.into()
    }
}

/// Makes the value of a handler a reply.
#[doc(hidden)]
pub fn reply<T, E, Via>(context: &MessageContext, result: Result<T, E>) -> Result<Reply, BoxError>
where
    T: IntoReply<Via>,
    E: HandlerError,
{
    let value = result.map_err(HandlerError::into_boxed)?;
    Ok(value.into_reply(context.converters())?)
}
