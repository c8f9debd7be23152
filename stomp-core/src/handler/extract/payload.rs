use std::any::type_name;

use serde::de::DeserializeOwned;

use super::{
    super::{ExtractError, MessageContext},
    FromMessage, OptionalFromMessage,
};
use crate::message::PayloadError;

/// The payload, converted by its content type: the same as an argument of type `T`, said explicitly.
///
/// `Option<Payload<T>>` is `None` if there is no body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Payload<T>(pub T);

/// The payload, read as JSON whatever its content type says.
///
/// `Option<Json<T>>` is `None` if there is no body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + Send + 'static> FromMessage for Payload<T> {
    type Rejection = ExtractError;

    async fn from_message(context: &MessageContext) -> Result<Self, ExtractError> {
        let message = context.message();
        let converters = context.converters();
        Ok(Self(
            converters.read(message.payload(), message.content_type())?,
        ))
    }
}

impl<T: DeserializeOwned + Send + 'static> OptionalFromMessage for Payload<T> {
    type Rejection = ExtractError;

    async fn from_message_optional(context: &MessageContext) -> Result<Option<Self>, ExtractError> {
        if context.message().payload().is_empty() {
            return Ok(None);
        }
        Self::from_message(context).await.map(Some)
    }
}

impl<T: DeserializeOwned + Send + 'static> FromMessage for Json<T> {
    type Rejection = ExtractError;

    async fn from_message(context: &MessageContext) -> Result<Self, ExtractError> {
        let type_name = type_name::<T>();
        match Self::from_message_optional(context).await? {
            Some(json) => Ok(json),
            None => Err(PayloadError::Missing { type_name }.into()),
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> OptionalFromMessage for Json<T> {
    type Rejection = ExtractError;

    async fn from_message_optional(context: &MessageContext) -> Result<Option<Self>, ExtractError> {
        let payload = context.message().payload();
        if payload.is_empty() {
            return Ok(None);
        }
        match serde_json::from_slice(payload) {
            Ok(value) => Ok(Some(Self(value))),
            Err(reason) => Err(PayloadError::json::<T>(reason).into()),
        }
    }
}
