use std::{
    fmt,
    sync::{Arc, LazyLock},
};

use bytes::Bytes;

use super::escape::{Escapes, Part};
use super::{Command, Frame, Version};

/// One whole frame (or heart-beat) as it goes on the wire. Cheap to clone.
///
/// It has LF line ends, one NUL and nothing behind it (ENC-010), and must be written as one WebSocket message:
/// old clients depend on that.
///
/// It is one pointer: thousands of queues of sessions hold a frame each, and their memory is what a broadcast waits for.
///
/// `Debug` shows the length only, since the headers may hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodedFrame(Arc<Encoded>);

#[derive(PartialEq, Eq)]
struct Encoded {
    bytes: Bytes,
    is_text: bool,
}

impl EncodedFrame {
    /// A heart-beat: exactly one LF (HB-015).
    #[must_use]
    pub fn heart_beat() -> Self {
        static HEART_BEAT: LazyLock<EncodedFrame> =
            LazyLock::new(|| EncodedFrame::new(b"\n".to_vec(), true));
        HEART_BEAT.clone()
    }

    /// `is_text` must be true only if `bytes` is UTF-8.
    pub(super) fn new(bytes: Vec<u8>, is_text: bool) -> Self {
        let bytes = Bytes::from(bytes);
        Self(Arc::new(Encoded { bytes, is_text }))
    }

    /// The octets.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.0.bytes
    }

    /// The octets.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match Arc::try_unwrap(self.0) {
            Ok(encoded) => encoded.bytes,
            Err(shared) => shared.bytes.clone(),
        }
    }

    /// Whether the whole frame is UTF-8, so that it can travel as a WebSocket text message (WS-015, WS-016).
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.0.is_text
    }

    /// The length in octets; never 0.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.bytes.len()
    }

    /// Always false: even a heart-beat is one octet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.bytes.is_empty()
    }
}

impl fmt::Debug for EncodedFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncodedFrame")
            .field("len", &self.len())
            .field("is_text", &self.is_text())
            .finish_non_exhaustive()
    }
}

/// Encodes a frame for a session of this version.
///
/// * Names and values are escaped as the version demands; CONNECT, STOMP and CONNECTED never are (ENC-006).
///   What the version cannot express is replaced by a blank (ENC-004): LF and CR in frames without escapes, a
///   colon in a name there, and NUL anywhere. A header of whose name nothing would be left is omitted.
/// * A body is written only if the command [may have one](Command::may_have_body), and then there is exactly one
///   `content-length`, computed here (ENC-007 to ENC-009): in the place of the frame's own header of that name
///   (or of one that a client would take for it, such as ` content-length`), otherwise at the end. Without a body there is none (ENC-011).
///
/// ```
/// use stomp_axum::codec::{Command, Frame, Version, encode};
///
/// let frame = Frame::new(Command::Error).with_header("message", "no: really").with_body("Sorry.");
/// assert_eq!(
///     encode(&frame, Version::V1_2).bytes(),
///     "ERROR\nmessage:no\\c really\ncontent-length:6\n\nSorry.\0",
/// );
/// ```
#[must_use]
pub fn encode(frame: &Frame, version: Version) -> EncodedFrame {
    let escapes = Escapes::of(&frame.command, version);
    let headers = frame
        .headers
        .iter()
        .filter(|(name, _)| !reads_as(name, CONTENT_LENGTH));
    let size = frame.command.as_str().len()
        + 1
        + headers
            .map(|(name, value)| header_len(escapes, name, value))
            .sum::<usize>()
        + tail_len(allowed_body(&frame.command, &frame.body), false);

    let mut builder = FrameBuilder::with_capacity(frame.command.clone(), version, size);
    for (name, value) in &frame.headers {
        if reads_as(name, CONTENT_LENGTH) {
            builder.content_length(frame.body.len());
        } else {
            builder.push_header(name, value);
        }
    }
    builder.body(&frame.body)
}

/// Builds an encoded frame header by header, without a [`Frame`] in between.
///
/// The rules are those of [`encode`]. A `content-length` given as a header is ignored: there is exactly one, and
/// it is right.
///
/// ```
/// use stomp_axum::codec::{Command, FrameBuilder, Version};
///
/// let receipt = FrameBuilder::new(Command::Receipt, Version::V1_2).header("receipt-id", "r:1").finish();
/// assert_eq!(receipt.bytes(), "RECEIPT\nreceipt-id:r\\c1\n\n\0");
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `body` or `finish` is called"]
pub struct FrameBuilder {
    command: Command,
    escapes: Escapes,
    has_content_length: bool,
    bytes: Vec<u8>,
}

impl FrameBuilder {
    /// Begins a frame for a session of this version.
    pub fn new(command: Command, version: Version) -> Self {
        // Most frames of the server without a body fit; a body makes room for itself.
        Self::with_capacity(command, version, 128)
    }

    fn with_capacity(command: Command, version: Version, capacity: usize) -> Self {
        let escapes = Escapes::of(&command, version);
        let mut bytes = Vec::with_capacity(capacity);
        // Nothing but an unknown command can hold what ends the line; see `Part::Name` for why a blank.
        Escapes::None.encode(command.as_str(), Part::Value, &mut bytes);
        bytes.push(b'\n');
        Self {
            command,
            escapes,
            has_content_length: false,
            bytes,
        }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if !reads_as(name, CONTENT_LENGTH) {
            self.push_header(name, value);
        }
        self
    }

    /// Completes the frame with this body, which is left out if the command may not have one.
    #[must_use]
    pub fn body(mut self, body: &[u8]) -> EncodedFrame {
        let body = allowed_body(&self.command, body);
        let is_text = std::str::from_utf8(body).is_ok();
        self.bytes
            .reserve_exact(tail_len(body, self.has_content_length));
        self.content_length(body.len());
        self.bytes.push(b'\n');
        self.bytes.extend_from_slice(body);
        self.bytes.push(0);
        EncodedFrame::new(self.bytes, is_text)
    }

    /// Completes the frame without a body.
    #[must_use]
    pub fn finish(self) -> EncodedFrame {
        self.body(&[])
    }

    fn push_header(&mut self, name: &str, value: &str) {
        write_header(self.escapes, name, value, &mut self.bytes);
    }

    /// Writes `content-length` unless it is there or there is nothing to count.
    fn content_length(&mut self, length: usize) {
        if length > 0 && self.command.may_have_body() && !self.has_content_length {
            self.has_content_length = true;
            write_content_length(length, &mut self.bytes);
        }
    }
}

impl fmt::Debug for FrameBuilder {
    // Not the octets: they may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameBuilder")
            .field("command", &self.command)
            .finish_non_exhaustive()
    }
}

pub(super) const CONTENT_LENGTH: &str = "content-length";

/// Whether some client would take a header of this name for `header`.
///
/// Exact names are not enough to protect the headers that the server writes: STOMP 1.0 receivers trim names and
/// get a blank for what that version cannot express, and `@stomp/stompjs` trims and drops every CR in any version.
pub(super) fn reads_as(name: &str, header: &str) -> bool {
    if name.len() <= header.len() {
        return name == header;
    }
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '\0'));
    name.bytes()
        .filter(|octet| *octet != b'\r')
        .eq(header.bytes())
}

/// The body, or nothing where the command may not have one.
fn allowed_body<'a>(command: &Command, body: &'a [u8]) -> &'a [u8] {
    if command.may_have_body() { body } else { &[] }
}

/// How many octets complete a frame: `content-length` if it is not there yet, the blank line, the body, NUL.
fn tail_len(body: &[u8], has_content_length: bool) -> usize {
    let content_length = if has_content_length {
        0
    } else {
        content_length_len(body.len())
    };
    content_length + 1 + body.len() + 1
}

/// How many octets [`write_header`] appends.
pub(super) fn header_len(escapes: Escapes, name: &str, value: &str) -> usize {
    if !escapes.can_express_name(name) {
        return 0;
    }
    escapes.encoded_len(name, Part::Name) + 1 + escapes.encoded_len(value, Part::Value) + 1
}

/// Appends one header line: no blank behind the colon (ENC-015), LF at the end.
pub(super) fn write_header(escapes: Escapes, name: &str, value: &str, out: &mut Vec<u8>) {
    if !escapes.can_express_name(name) {
        return;
    }
    escapes.encode(name, Part::Name, out);
    out.push(b':');
    escapes.encode(value, Part::Value, out);
    out.push(b'\n');
}

/// How many octets [`write_content_length`] appends.
pub(super) fn content_length_len(length: usize) -> usize {
    if length == 0 {
        0
    } else {
        CONTENT_LENGTH.len() + 1 + itoa::Buffer::new().format(length).len() + 1
    }
}

/// Appends `content-length`, unless there is nothing to count.
pub(super) fn write_content_length(length: usize, out: &mut Vec<u8>) {
    if length > 0 {
        out.extend_from_slice(CONTENT_LENGTH.as_bytes());
        out.push(b':');
        out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
        out.push(b'\n');
    }
}
