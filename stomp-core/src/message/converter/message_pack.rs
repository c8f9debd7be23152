use rmp_serde::{Deserializer, Serializer};
use serde::Serialize;

use super::{super::BoxError, MessageConverter, PayloadTarget, PayloadValue};

/// As deep as `serde_json` goes, so that no payload exhausts the stack.
const MAX_DEPTH: usize = 128;

/// MessagePack, by `rmp-serde` (feature `message-pack`).
///
/// Structs are written as maps with the names of their fields, as clients in other languages expect it. What it writes
/// is called `application/msgpack`; `application/vnd.msgpack` and `application/x-msgpack` are read, too.
///
/// ```
/// use stomp_axum::{message::MessagePackMessageConverter, server::Messaging};
///
/// // For messages that say so; JSON for all others.
/// let builder = Messaging::builder().message_converter(MessagePackMessageConverter::new());
///
/// // For every message that says nothing else.
/// let builder = Messaging::builder()
///     .message_converter(MessagePackMessageConverter::new().with_strict(false));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MessagePackMessageConverter {
    strict: bool,
}

impl MessagePackMessageConverter {
    /// A converter for messages whose `content-type` is MessagePack.
    pub fn new() -> Self {
        Self { strict: true }
    }

    /// Whether a message must say that it is MessagePack. Default: `true`, so that JSON stays what is written and read
    /// without a `content-type`.
    #[must_use]
    pub fn with_strict(self, strict: bool) -> Self {
        Self { strict }
    }
}

impl Default for MessagePackMessageConverter {
    fn default() -> Self {
        Self::new()
    }
}

impl MessageConverter for MessagePackMessageConverter {
    fn name(&self) -> &'static str {
        "MessagePack"
    }

    fn media_types(&self) -> &[&'static str] {
        &[
            "application/msgpack",
            "application/vnd.msgpack",
            "application/x-msgpack",
        ]
    }

    fn strict(&self) -> bool {
        self.strict
    }

    fn write(&self, value: &PayloadValue<'_>) -> Result<Vec<u8>, BoxError> {
        let mut payload = Vec::new();
        value.serialize(&mut Serializer::new(&mut payload).with_struct_map())?;
        Ok(payload)
    }

    fn read(&self, payload: &[u8], target: &mut PayloadTarget<'_>) -> Result<(), BoxError> {
        let mut rest = payload;
        let mut deserializer = Deserializer::new(&mut rest);
        deserializer.set_max_depth(MAX_DEPTH);
        target.deserialize(&mut deserializer)?;
        if rest.is_empty() {
            Ok(())
        } else {
            Err(format!("{} bytes follow the value", rest.len()).into())
        }
    }
}
