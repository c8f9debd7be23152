use std::fmt;

use bytes::Bytes;

use super::{Command, Headers};

/// One STOMP frame. It owns its bytes and keeps no read buffer alive.
///
/// `Debug` hides secrets in headers and shows only the beginning of the body.
///
/// ```
/// use stomp_axum::codec::{Command, Frame};
///
/// let frame = Frame::new(Command::Send).with_header("destination", "/queue/a").with_body("hello");
/// assert_eq!(frame.header("destination"), Some("/queue/a"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// The command.
    pub command: Command,
    /// The headers, unescaped. A frame from the decoder keeps its `content-length` here; the encoder writes its
    /// own.
    pub headers: Headers,
    /// The body; empty if there is none.
    pub body: Bytes,
}

impl Frame {
    /// A frame without headers and body.
    #[must_use]
    pub const fn new(command: Command) -> Self {
        Self {
            command,
            headers: Headers::new(),
            body: Bytes::new(),
        }
    }

    /// The same frame with one more header at the end.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(name, value);
        self
    }

    /// The same frame with this body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The value of the first header with this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("command", &self.command)
            .field("headers", &self.headers)
            .field("body", &format_args!("{}", BodyPreview(&self.body)))
            .finish()
    }
}

/// The length of a body and its first octets.
struct BodyPreview<'a>(&'a [u8]);

impl fmt::Display for BodyPreview<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 32;
        let shown = &self.0[..self.0.len().min(SHOWN)];
        let more = if self.0.len() > SHOWN { "..." } else { "" };
        write!(
            f,
            "{} bytes \"{}\"{more}",
            self.0.len(),
            shown.escape_ascii()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, Frame};

    #[test]
    fn debug_shows_the_beginning_of_the_body_and_no_secret() {
        let frame = Frame::new(Command::Send)
            .with_header("passcode", "s3cret")
            .with_body(vec![b'x'; 1000]);
        let text = format!("{frame:?}");
        assert!(text.contains("1000 bytes") && text.len() < 200, "{text}");
        assert!(!text.contains("s3cret"), "{text}");
    }
}
