//! Frames for transports that carry nothing but text.

use super::EncodedFrame;

const LENGTH_LINE: &str = "\ncontent-length:";

impl EncodedFrame {
    /// The frame for a transport that carries nothing but text, such as SockJS: what is not UTF-8 of its body becomes
    /// U+FFFD, and its `content-length` is that of the new body. A frame that [is text](Self::is_text) stays what it is.
    ///
    /// ```
    /// use stomp_axum::codec::{Command, Frame, Version, encode};
    ///
    /// let frame = Frame::new(Command::Message).with_body(&b"a\xff"[..]);
    /// assert_eq!(encode(&frame, Version::V1_2).to_text().bytes(), "MESSAGE\ncontent-length:4\n\na\u{fffd}\0");
    /// ```
    #[must_use]
    pub fn to_text(&self) -> Self {
        if self.is_text() {
            return self.clone();
        }
        let text = String::from_utf8_lossy(self.bytes());
        // The first empty line ends the headers, and neither their names nor their values have a line end in them.
        let (head, tail) = text.split_once("\n\n").unwrap_or((&text, "\0"));
        let body = tail.strip_suffix('\0').unwrap_or(tail);
        let (before, length_and_behind) = head.split_once(LENGTH_LINE).unwrap_or((head, ""));
        let behind = length_and_behind.find('\n');
        let behind = behind.map_or("", |end| &length_and_behind[end..]);
        let length = body.len();
        let frame = format!("{before}{LENGTH_LINE}{length}{behind}\n\n{body}\0");
        Self::new(frame.into_bytes(), true)
    }
}
