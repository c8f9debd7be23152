use serde::Serialize;

use super::{
    super::{
        BoxError, ContentType,
        raw::{Probe, Raw},
    },
    MessageConverter, PayloadTarget, PayloadType, PayloadValue,
};

/// Strings as `text/plain`: Spring's `StringMessageConverter`.
///
/// Needed only [without the default converters](crate::server::MessagingBuilder::without_default_message_converters),
/// which take strings with any content type. This one takes those of `text/plain` (MC-6), and always as UTF-8: a `charset`
/// does not count.
#[derive(Clone, Copy, Debug)]
pub struct TextMessageConverter {
    strict: bool,
}

impl TextMessageConverter {
    /// A converter that also takes messages without a `content-type`.
    pub fn new() -> Self {
        Self { strict: false }
    }

    /// Whether a message must say `text/plain`. Default: `false`.
    #[must_use]
    pub fn with_strict(self, strict: bool) -> Self {
        Self { strict }
    }
}

impl Default for TextMessageConverter {
    fn default() -> Self {
        Self::new()
    }
}

impl MessageConverter for TextMessageConverter {
    fn name(&self) -> &'static str {
        "text"
    }

    fn media_types(&self) -> &[&'static str] {
        const { &[ContentType::Text.as_str()] }
    }

    fn strict(&self) -> bool {
        self.strict
    }

    fn supports(&self, payload_type: PayloadType) -> bool {
        payload_type.is_text()
    }

    fn write(&self, value: &PayloadValue<'_>) -> Result<Vec<u8>, BoxError> {
        match value.serialize(Probe { raw: true })? {
            Raw::Text(text) => Ok(text.into_bytes()),
            Raw::Nothing | Raw::Bytes(_) | Raw::Byte(_) => Err("not text".into()),
        }
    }

    fn read(&self, payload: &[u8], target: &mut PayloadTarget<'_>) -> Result<(), BoxError> {
        let text = std::str::from_utf8(payload)?;
        // serde's own deserializers of strings know no `Option`.
        target.deserialize(serde_json::Value::from(text))
    }
}
