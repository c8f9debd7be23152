use std::fmt;

use bytes::Bytes;
use tungstenite::Utf8Bytes;

/// A message of a WebSocket, of one of the four kinds (WS-01).
///
/// Everything that a session [sends](super::WebSocketSession::send) becomes one: texts are text messages, bytes are binary
/// messages.
///
/// ```
/// use stomp_axum::websocket::{PingMessage, WebSocketMessage};
///
/// assert!(matches!("hello".into(), WebSocketMessage::Text(_)));
/// assert!(matches!(vec![1, 2, 3].into(), WebSocketMessage::Binary(_)));
/// assert!(matches!(PingMessage::default().into(), WebSocketMessage::Ping(_)));
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebSocketMessage {
    /// A text.
    Text(TextMessage),
    /// Bytes.
    Binary(BinaryMessage),
    /// Asks the other side for a pong. One that comes is answered without the handler.
    Ping(PingMessage),
    /// The answer to a ping, or none to any.
    Pong(PongMessage),
}

impl WebSocketMessage {
    /// Bytes of the payload (WS-02).
    pub fn payload_len(&self) -> usize {
        match self {
            Self::Text(text) => text.as_str().len(),
            Self::Binary(binary) => binary.as_bytes().len(),
            Self::Ping(ping) => ping.as_bytes().len(),
            Self::Pong(pong) => pong.as_bytes().len(),
        }
    }

    /// Whether this is all of a message, or the last part of one. Pings and pongs have no parts.
    pub fn is_last(&self) -> bool {
        match self {
            Self::Text(text) => text.is_last(),
            Self::Binary(binary) => binary.is_last(),
            Self::Ping(_) | Self::Pong(_) => true,
        }
    }
}

/// How much of its message a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// A part behind which others come.
    More,
    /// The last of several parts.
    Last,
}

impl Part {
    fn of(is_last: bool) -> Self {
        if is_last { Self::Last } else { Self::More }
    }
}

/// A text message, or a part of one. Cheap to clone: clones share the text.
///
/// Equal to another of the same text (WS-02). `Debug` shows its first 10 characters, so that no log has what users write
/// (WS-03).
///
/// ```
/// use stomp_axum::websocket::TextMessage;
///
/// let message = TextMessage::new("The quick brown fox");
/// assert_eq!(message.as_str().len(), 19);
/// assert!(message.is_last());
/// assert_eq!(format!("{message:?}"), r#"TextMessage("The quick ".., 19 bytes)"#);
/// ```
#[derive(Clone)]
pub struct TextMessage {
    text: Utf8Bytes,
    part: Part,
}

impl TextMessage {
    /// A whole message.
    pub fn new(text: impl Into<String>) -> Self {
        Self::from_utf8(text.into().into(), Part::Whole)
    }

    /// A part of a message: those behind it, up to the last one, belong to the same message. See
    /// [`WebSocketSession::send`](super::WebSocketSession::send).
    pub fn partial(text: impl Into<String>, is_last: bool) -> Self {
        Self::from_utf8(text.into().into(), Part::of(is_last))
    }

    pub(crate) fn from_utf8(text: Utf8Bytes, part: Part) -> Self {
        Self { text, part }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }

    /// Whether this is a whole message, or the last part of one. Always true in handlers, unless they
    /// [take parts](super::WebSocketHandler::supports_partial_messages).
    pub fn is_last(&self) -> bool {
        self.part != Part::More
    }

    pub(crate) fn part(&self) -> Part {
        self.part
    }

    /// The text as bytes, which are not copied.
    pub fn into_bytes(self) -> Bytes {
        self.text.into()
    }
}

/// Takes text that is in UTF-8 already, without a copy (WS-02).
impl TryFrom<Bytes> for TextMessage {
    type Error = std::str::Utf8Error;

    fn try_from(bytes: Bytes) -> Result<Self, Self::Error> {
        let text = Utf8Bytes::try_from(bytes)?;
        Ok(Self::from_utf8(text, Part::Whole))
    }
}

impl AsRef<str> for TextMessage {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for TextMessage {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for TextMessage {}

impl fmt::Debug for TextMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Characters.
        const SHOWN: usize = 10;

        let text = self.as_str();
        match text.char_indices().nth(SHOWN) {
            Some((end, _)) => write!(f, "TextMessage({:?}.., {} bytes)", &text[..end], text.len()),
            None => write!(f, "TextMessage({text:?})"),
        }
    }
}

/// A binary message, or a part of one. Cheap to clone: clones share the bytes.
///
/// Equal to another of the same bytes (WS-02). `Debug` shows only how many they are.
///
/// ```
/// use stomp_axum::websocket::BinaryMessage;
///
/// let message = BinaryMessage::new(vec![1, 2, 3]);
/// assert_eq!(message.as_bytes(), [1, 2, 3]);
/// assert_eq!(format!("{message:?}"), "BinaryMessage(3 bytes)");
/// ```
#[derive(Clone)]
pub struct BinaryMessage {
    bytes: Bytes,
    part: Part,
}

impl BinaryMessage {
    /// A whole message.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self::of_part(bytes.into(), Part::Whole)
    }

    /// A part of a message: those behind it, up to the last one, belong to the same message. See
    /// [`WebSocketSession::send`](super::WebSocketSession::send).
    pub fn partial(bytes: impl Into<Bytes>, is_last: bool) -> Self {
        Self::of_part(bytes.into(), Part::of(is_last))
    }

    pub(crate) fn of_part(bytes: Bytes, part: Part) -> Self {
        Self { bytes, part }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether this is a whole message, or the last part of one. Always true in handlers, unless they
    /// [take parts](super::WebSocketHandler::supports_partial_messages).
    pub fn is_last(&self) -> bool {
        self.part != Part::More
    }

    pub(crate) fn part(&self) -> Part {
        self.part
    }

    /// The bytes, which are not copied.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

impl PartialEq for BinaryMessage {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for BinaryMessage {}

impl fmt::Debug for BinaryMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BinaryMessage({} bytes)", self.bytes.len())
    }
}

/// Asks the other side for a [pong](PongMessage) with the same bytes, 125 at most: to see whether it is still there, or to
/// keep proxies from closing a silent connection.
///
/// ```
/// use stomp_axum::websocket::PingMessage;
///
/// assert!(PingMessage::default().as_bytes().is_empty());
/// assert_eq!(PingMessage::new("17").as_bytes(), b"17");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PingMessage {
    bytes: Bytes,
}

/// The answer to a [ping](PingMessage), or one to none: a sign of life (WS-12).
///
/// ```
/// use stomp_axum::websocket::PongMessage;
///
/// assert!(PongMessage::default().as_bytes().is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PongMessage {
    bytes: Bytes,
}

macro_rules! control_message {
    ($name:ident) => {
        impl $name {
            /// With these bytes; more than 125 can't be sent.
            pub fn new(bytes: impl Into<Bytes>) -> Self {
                let bytes = bytes.into();
                Self { bytes }
            }

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8] {
                &self.bytes
            }

            /// The bytes, which are not copied.
            pub fn into_bytes(self) -> Bytes {
                self.bytes
            }
        }
    };
}

control_message!(PingMessage);
control_message!(PongMessage);

macro_rules! message_from {
    ($($from:ty => |$value:ident| $message:expr;)*) => {
        $(impl From<$from> for WebSocketMessage {
            fn from($value: $from) -> Self {
                $message
            }
        })*
    };
}

message_from! {
    TextMessage => |message| Self::Text(message);
    BinaryMessage => |message| Self::Binary(message);
    PingMessage => |message| Self::Ping(message);
    PongMessage => |message| Self::Pong(message);
    &str => |text| Self::Text(TextMessage::new(text));
    String => |text| Self::Text(TextMessage::new(text));
    &String => |text| Self::Text(TextMessage::new(text));
    Bytes => |bytes| Self::Binary(BinaryMessage::new(bytes));
    Vec<u8> => |bytes| Self::Binary(BinaryMessage::new(bytes));
}

impl From<&str> for TextMessage {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for TextMessage {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<Bytes> for BinaryMessage {
    fn from(bytes: Bytes) -> Self {
        Self::new(bytes)
    }
}

impl From<Vec<u8>> for BinaryMessage {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ws_02_length_is_that_of_utf_8_and_equality_looks_at_the_payload_alone() {
        let message = WebSocketMessage::from("\u{20ac}");
        assert_eq!(message.payload_len(), 3);
        assert_eq!(TextMessage::new("a"), TextMessage::partial("a", false));
        assert_ne!(TextMessage::new("a"), TextMessage::new("b"));
        let bytes = Bytes::from_static("\u{20ac}".as_bytes());
        let text = TextMessage::try_from(bytes.clone()).unwrap();
        assert_eq!(text.as_str(), "\u{20ac}");
        assert_eq!(text.into_bytes().as_ptr(), bytes.as_ptr(), "not copied");
        assert!(TextMessage::try_from(bytes.slice(1..)).is_err());
    }

    #[test]
    fn ws_03_debug_shows_ten_characters_of_a_text_and_none_of_bytes() {
        let text = "\u{e4}".repeat(10);
        let debug = format!("{:?}", TextMessage::new(&text));
        assert_eq!(debug, format!("TextMessage({text:?})"));
        let debug = format!("{:?}", WebSocketMessage::from(format!("{text}secret")));
        assert_eq!(debug, format!("Text(TextMessage({text:?}.., 26 bytes))"));
        let debug = format!("{:?}", BinaryMessage::new("secret"));
        assert_eq!(debug, "BinaryMessage(6 bytes)");
    }

    #[test]
    fn ws_01_a_message_is_the_last_unless_it_says_otherwise() {
        assert!(WebSocketMessage::from("a").is_last());
        assert!(WebSocketMessage::from(PingMessage::default()).is_last());
        assert!(!TextMessage::partial("a", false).is_last());
        assert!(BinaryMessage::partial("a", true).is_last());
    }
}
