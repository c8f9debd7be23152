//! What a handler's arguments are taken from.

mod failed_handler;
mod message;
mod payload;
mod principal;
mod session_scoped;
mod state;
#[cfg(feature = "garde")]
mod valid;
mod variables;

#[cfg(feature = "garde")]
pub use self::valid::{Valid, ValidRejection, ValidationError, ViaValid};
pub use self::{
    failed_handler::FailedHandler,
    message::Destination,
    payload::{Json, Payload},
    principal::PrincipalDetails,
    state::State,
};

use std::convert::Infallible;

use serde::de::DeserializeOwned;

use super::{ExtractError, MessageContext, Requirements};
use crate::message::BoxError;

/// A type that can be an argument of a message handler.
///
/// Arguments may come in any order. Each is one of:
///
/// * any type that implements serde's `Deserialize`: the payload, converted (AR-42). `String`, `Bytes` and `Vec<u8>`
///   get it as it is; [`Payload`] and [`Json`] say it explicitly. Several of these each get the payload (AR-46);
/// * [`Headers`](crate::codec::Headers), [`MessageHeaderAccessor`](super::MessageHeaderAccessor), [`Destination`], [`Message`](crate::message::Message),
///   [`SessionId`](crate::message::SessionId), [`SessionAttributes`](crate::session::SessionAttributes),
///   [`Principal`](crate::message::Principal), [`PrincipalDetails<T>`](PrincipalDetails),
///   [`DestinationVariables`](crate::pattern::DestinationVariables), as a map or as a struct;
/// * [`State<T>`], [`SessionScoped<T>`](crate::session::SessionScoped), [`MessagingTemplate`](crate::template::MessagingTemplate),
///   [`UserRegistry`](crate::user::UserRegistry), [`SessionRegistry`](crate::session::SessionRegistry);
/// * `Valid<T>` of a payload (feature `garde`), which is validated;
/// * an `Option` of any of them (`None` if it is missing), or a `Result` with its [`Rejection`](Self::Rejection);
/// * a type of your own that implements this trait:
///
/// ```
/// use stomp_axum::handler::{FromMessage, MessageContext};
///
/// struct Locale(String);
///
/// impl FromMessage for Locale {
///     type Rejection = std::convert::Infallible;
///
///     async fn from_message(context: &MessageContext) -> Result<Self, Self::Rejection> {
///         Ok(Self(context.message().headers().get("locale").unwrap_or("en").to_owned()))
///     }
/// }
/// ```
///
/// axum's extractors take their values from HTTP requests, and don't work here: [`State`] and [`Json`] are types of this
/// crate, which `stomp_axum::prelude` has, too.
///
/// The parameter `Via` only tells the blanket implementations apart for the compiler; leave it out.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an argument of a message handler",
    label = "neither a payload nor an extractor",
    note = "derive `serde::Deserialize` if it, or what it wraps, is the payload",
    note = "implement `FromMessage` if it is taken from the message in another way",
    note = "take it as `stomp_axum::prelude::State<..>` if the application provides it",
    note = "axum's extractors don't work here: take `State` and `Json` of `stomp_axum::prelude`"
)]
#[cfg_attr(
    feature = "garde",
    diagnostic::on_unimplemented(note = "derive `garde::Validate`, too, for what is in a `Valid`")
)]
pub trait FromMessage<Via = ViaExtractor>: Sized {
    /// Why the argument can't be taken. Exception handlers can take it.
    type Rejection: Into<BoxError>;

    /// Takes the argument.
    ///
    /// # Errors
    ///
    /// If it can't be taken; the handler is not called then.
    fn from_message(
        context: &MessageContext,
    ) -> impl Future<Output = Result<Self, Self::Rejection>> + Send;

    /// Says what the application must provide, so that `build()` can check it.
    fn requirements(_requirements: &mut Requirements) {}
}

/// An extractor that also can say "there is none": `Option<Self>` is an argument, too.
#[diagnostic::on_unimplemented(
    message = "`Option<{Self}>` can't be an argument of a message handler",
    label = "`{Self}` is never missing, or can't say so",
    note = "implement `OptionalFromMessage` for `{Self}`"
)]
pub trait OptionalFromMessage: Sized {
    /// Why the argument can't be taken, although it is there.
    type Rejection: Into<BoxError>;

    /// Takes the argument, or `None` if it is missing.
    ///
    /// # Errors
    ///
    /// If it is there, but can't be taken.
    fn from_message_optional(
        context: &MessageContext,
    ) -> impl Future<Output = Result<Option<Self>, Self::Rejection>> + Send;
}

/// Marks extractors.
#[derive(Debug)]
pub enum ViaExtractor {}

/// Marks types that are the payload.
#[derive(Debug)]
pub enum ViaDeserialize {}

/// Marks an `Option` of an extractor.
#[derive(Debug)]
pub enum ViaOptional {}

/// Marks a `Result` of an argument.
#[derive(Debug)]
pub struct ViaResult<Via>(std::marker::PhantomData<Via>);

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + Send + 'static> FromMessage<ViaDeserialize> for T {
    type Rejection = ExtractError;

    async fn from_message(context: &MessageContext) -> Result<Self, ExtractError> {
        let message = context.message();
        let converters = context.converters();
        Ok(converters.read(message.payload(), message.content_type())?)
    }
}

#[diagnostic::do_not_recommend]
impl<T: OptionalFromMessage + Send> FromMessage<ViaOptional> for Option<T> {
    type Rejection = T::Rejection;

    async fn from_message(context: &MessageContext) -> Result<Self, T::Rejection> {
        T::from_message_optional(context).await
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromMessage<Via> + Send, Via> FromMessage<ViaResult<Via>> for Result<T, T::Rejection> {
    type Rejection = Infallible;

    async fn from_message(context: &MessageContext) -> Result<Self, Infallible> {
        Ok(T::from_message(context).await)
    }

    fn requirements(requirements: &mut Requirements) {
        T::requirements(requirements);
    }
}
