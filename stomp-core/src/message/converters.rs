use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::{Message, MessageType, PayloadError, from_payload, to_payload};
use crate::codec::Headers;

/// The message converters of a server, in the order in which they are asked: Spring's `CompositeMessageConverter`
/// (MC-1).
///
/// Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct MessageConverters(());

impl MessageConverters {
    /// Reads a payload as `T`, by its `content-type`.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] if the body is missing or is not of the type, or if no converter reads its content type.
    pub fn read<T>(&self, payload: &Bytes, content_type: Option<&str>) -> Result<T, PayloadError>
    where
        T: DeserializeOwned + 'static,
    {
        from_payload(payload, content_type)
    }

    /// Writes `value` as a message with these headers and without a destination; `None` for `None` and `()`, which are
    /// nothing to send (RV-2). A `content-type` that is missing is added (MC-4).
    ///
    /// # Errors
    ///
    /// [`PayloadError`] if the value can't be written.
    pub fn write<T>(&self, value: &T, mut headers: Headers) -> Result<Option<Message>, PayloadError>
    where
        T: Serialize + ?Sized + 'static,
    {
        let Some((payload, content_type)) = to_payload(value)? else {
            return Ok(None);
        };
        if !headers.contains("content-type") {
            headers.append("content-type", content_type.as_str());
        }
        Ok(Some(
            Message::of_type(MessageType::Message)
                .with_headers(headers)
                .with_payload(payload),
        ))
    }
}
