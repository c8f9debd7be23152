//! Message converters: values to payloads and back, chosen by content type (MC-1 to MC-7).

mod chain;
mod json;
mod media_type;
#[cfg(feature = "message-pack")]
mod message_pack;
mod payload_type;
mod text;
mod value;

#[cfg(feature = "message-pack")]
pub use self::message_pack::MessagePackMessageConverter;
pub use self::{
    chain::MessageConverters,
    json::JsonMessageConverter,
    payload_type::PayloadType,
    text::TextMessageConverter,
    value::{PayloadTarget, PayloadValue},
};
pub(super) use self::{
    json::JSON_MEDIA_TYPES,
    media_type::includes,
    payload_type::{is_bytes, is_text},
};

use super::BoxError;

/// Reads and writes payloads of certain content types: Spring's `MessageConverter` (MC-2).
///
/// The converters of the application, in the order in which
/// [`message_converter`](crate::server::MessagingBuilder::message_converter) got them, are asked before the default ones:
/// text, bytes, JSON (MC-1). The first one that fits counts. It fits if it supports the type, and if the `content-type`
/// of the message is one of its media types; if the message has none, a converter that is not strict fits.
///
/// `Bytes` and `Vec<u8>` are the payload itself, which no converter ever sees (AR-41).
///
/// ```
/// use stomp_axum::message::{BoxError, MessageConverter, PayloadTarget, PayloadValue};
///
/// /// JSON, which people can read.
/// struct PrettyJson;
///
/// impl MessageConverter for PrettyJson {
///     fn name(&self) -> &'static str {
///         "pretty JSON"
///     }
///
///     fn media_types(&self) -> &[&'static str] {
///         &["application/vnd.pretty+json"]
///     }
///
///     fn write(&self, value: &PayloadValue<'_>) -> Result<Vec<u8>, BoxError> {
///         Ok(serde_json::to_vec_pretty(value)?)
///     }
///
///     fn read(&self, payload: &[u8], target: &mut PayloadTarget<'_>) -> Result<(), BoxError> {
///         target.deserialize(&mut serde_json::Deserializer::from_slice(payload))
///     }
/// }
///
/// let builder = stomp_axum::server::Messaging::builder().message_converter(PrettyJson);
/// ```
pub trait MessageConverter: Send + Sync + 'static {
    /// What the converter reads and writes, in a word, for errors: "could not read the body as {name}".
    fn name(&self) -> &'static str;

    /// The media types that it reads and writes. `*` stands for any type or subtype, `*+json` for any subtype with that
    /// suffix; an empty list takes every content type.
    ///
    /// The first one without `*` is the `content-type` of what it writes, if the message has none yet (MC-4).
    /// Parameters, such as `;charset=UTF-8`, count for nothing else.
    fn media_types(&self) -> &[&'static str];

    /// Whether it takes only messages whose `content-type` names one of its media types. Default: `true`.
    ///
    /// Otherwise it also reads messages without a `content-type`, and writes values for which none was chosen.
    fn strict(&self) -> bool {
        true
    }

    /// Whether it reads and writes values of this type. Default: every type.
    fn supports(&self, _payload_type: PayloadType) -> bool {
        true
    }

    /// Writes a value.
    ///
    /// # Errors
    ///
    /// If the value has no form in this format. What calls this reports it as
    /// [`PayloadError::Write`](super::PayloadError::Write).
    fn write(&self, value: &PayloadValue<'_>) -> Result<Vec<u8>, BoxError>;

    /// Reads a payload, which is never empty, into `target`.
    ///
    /// The payload comes from the network: so this must not panic, and must use no more memory and time than the
    /// payload's size justifies.
    ///
    /// # Errors
    ///
    /// If the payload is not of the format or of the type. The text may reach the client, behind "could not read the
    /// body as {name}:" (see [`PayloadError::Read`](super::PayloadError::Read)).
    fn read(&self, payload: &[u8], target: &mut PayloadTarget<'_>) -> Result<(), BoxError>;
}
