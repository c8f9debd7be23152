use super::{super::BoxError, MessageConverter, PayloadTarget, PayloadValue};

/// What JSON is called in `content-type` headers.
pub(in crate::message) const JSON_MEDIA_TYPES: &[&str] =
    &["application/json", "application/*+json"];

/// JSON, by `serde_json`: Spring's `JacksonJsonMessageConverter`.
///
/// The last of the default converters does the same. Add this one to have JSON in another place of the chain, or
/// without the others: then a string with `content-type:application/json` is a JSON string in quotes, as in Spring (MC-5,
/// MC-6), while the default converters take any string as it is.
///
/// ```
/// use stomp_axum::{
///     message::{JsonMessageConverter, TextMessageConverter},
///     server::Messaging,
/// };
///
/// // Spring's own chain.
/// let builder = Messaging::builder()
///     .without_default_message_converters()
///     .message_converter(TextMessageConverter::new())
///     .message_converter(JsonMessageConverter::new());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct JsonMessageConverter {
    strict: bool,
}

impl JsonMessageConverter {
    /// A converter that also takes messages without a `content-type`.
    pub fn new() -> Self {
        Self { strict: false }
    }

    /// Whether a message must say `application/json` or `application/*+json`. Default: `false`.
    #[must_use]
    pub fn with_strict(self, strict: bool) -> Self {
        Self { strict }
    }
}

impl Default for JsonMessageConverter {
    fn default() -> Self {
        Self::new()
    }
}

impl MessageConverter for JsonMessageConverter {
    fn name(&self) -> &'static str {
        "JSON"
    }

    fn media_types(&self) -> &[&'static str] {
        JSON_MEDIA_TYPES
    }

    fn strict(&self) -> bool {
        self.strict
    }

    fn write(&self, value: &PayloadValue<'_>) -> Result<Vec<u8>, BoxError> {
        Ok(serde_json::to_vec(value)?)
    }

    fn read(&self, payload: &[u8], target: &mut PayloadTarget<'_>) -> Result<(), BoxError> {
        let mut deserializer = serde_json::Deserializer::from_slice(payload);
        target.deserialize(&mut deserializer)?;
        Ok(deserializer.end()?)
    }
}
