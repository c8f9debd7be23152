//! How each transport wraps the frames (SJ-FRM-05).

mod callback;
#[cfg(test)]
mod tests;

pub(crate) use self::callback::Callback;

use bytes::Bytes;
use stomp_core::statistics::TransportKind;

use super::codec;

/// How many letters `h` are in front of a stream: Internet Explorer shows nothing before (SJ-XS-01).
const STREAM_PRELUDE_LETTERS: usize = 2048;
static STREAM_PRELUDE: [u8; STREAM_PRELUDE_LETTERS + 1] = stream_prelude();
/// Browsers show a page only when there is that much of it (SJ-HF-03).
const HTML_FILE_HEAD_BYTES: usize = 1024;
/// What an `htmlfile` response starts with, before and behind the callback: the text that the protocol demands.
const HTML_FILE_HEAD: [&str; 2] = [
    r#"<!doctype html>
<html><head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge" />
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
</head><body><h2>Don't panic!</h2>
  <script>
    document.domain = document.domain;
    var c = parent."#,
    r";
    c.start();
    function p(d) {c.message(d);};
    window.onload = function() {c.stop();};
  </script>
",
];

const fn stream_prelude() -> [u8; STREAM_PRELUDE_LETTERS + 1] {
    let mut prelude = [b'h'; STREAM_PRELUDE_LETTERS + 1];
    prelude[STREAM_PRELUDE_LETTERS] = b'\n';
    prelude
}

/// How the frames of a receiving request are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Xhr,
    XhrStreaming,
    EventSource,
    HtmlFile(Callback),
    Jsonp(Callback),
}

impl Format {
    /// What a session that is opened with it is, for statistics.
    pub(crate) fn kind(&self) -> TransportKind {
        if self.ends_after_frame() {
            TransportKind::HttpPolling
        } else {
            TransportKind::HttpStreaming
        }
    }

    /// Whether a response has one frame, and not more.
    pub(crate) fn ends_after_frame(&self) -> bool {
        match self {
            Self::Xhr | Self::Jsonp(_) => true,
            Self::XhrStreaming | Self::EventSource | Self::HtmlFile(_) => false,
        }
    }

    /// What each response starts with, whatever follows (SJ-XS-02).
    pub(crate) fn prelude(&self) -> Option<Bytes> {
        match self {
            Self::Xhr | Self::Jsonp(_) => None,
            Self::XhrStreaming => Some(Bytes::from_static(&STREAM_PRELUDE)),
            Self::EventSource => Some(Bytes::from_static(b"\r\n")),
            Self::HtmlFile(callback) => {
                let [before, behind] = HTML_FILE_HEAD;
                let mut head = format!("{before}{callback}{behind}");
                let padding = HTML_FILE_HEAD_BYTES.saturating_sub(head.len());
                head.extend(std::iter::repeat_n(' ', padding));
                head.push_str("\r\n\r\n");
                Some(head.into())
            }
        }
    }

    pub(crate) fn open(&self) -> Bytes {
        match self {
            Self::Xhr | Self::XhrStreaming => Bytes::from_static(b"o\n"),
            Self::EventSource => Bytes::from_static(b"data: o\r\n\r\n"),
            Self::HtmlFile(_) | Self::Jsonp(_) => self.wrap(codec::OPEN),
        }
    }

    pub(crate) fn heart_beat(&self) -> Bytes {
        match self {
            Self::Xhr | Self::XhrStreaming => Bytes::from_static(b"h\n"),
            Self::EventSource => Bytes::from_static(b"data: h\r\n\r\n"),
            Self::HtmlFile(_) | Self::Jsonp(_) => self.wrap(codec::HEART_BEAT),
        }
    }

    /// All messages in one frame (SJ-SES-10); it is known that they are UTF-8.
    pub(crate) fn messages<M: AsRef<[u8]>>(&self, messages: &[M]) -> Bytes {
        match self {
            Self::Xhr | Self::XhrStreaming => {
                let mut wrapped = codec::messages_frame(messages);
                wrapped.push(b'\n');
                wrapped.into()
            }
            Self::EventSource | Self::HtmlFile(_) | Self::Jsonp(_) => {
                self.wrap(&codec::messages_frame(messages))
            }
        }
    }

    pub(crate) fn wrap(&self, frame: &[u8]) -> Bytes {
        // Room for what is around it, and for some escapes.
        let mut wrapped = Vec::with_capacity(frame.len() + frame.len() / 8 + 64);
        match self {
            Self::Xhr | Self::XhrStreaming => {
                wrapped.extend_from_slice(frame);
                wrapped.push(b'\n');
            }
            Self::EventSource => {
                wrapped.extend_from_slice(b"data: ");
                push_replaced(&mut wrapped, frame, |byte| match byte {
                    // The client decodes percent escapes (SJ-ES-03); a frame has neither line ends nor NUL.
                    b'%' => Some("%25"),
                    _ => None,
                });
                wrapped.extend_from_slice(b"\r\n\r\n");
            }
            Self::HtmlFile(_) => {
                wrapped.extend_from_slice(b"<script>\np(");
                push_literal(&mut wrapped, frame);
                wrapped.extend_from_slice(b");\n</script>\r\n");
            }
            Self::Jsonp(callback) => {
                // A comment, so that nobody takes it for Flash (SJ-JP-02).
                wrapped.extend_from_slice(b"/**/");
                wrapped.extend_from_slice(callback.as_str().as_bytes());
                wrapped.push(b'(');
                push_literal(&mut wrapped, frame);
                wrapped.extend_from_slice(b");\r\n");
            }
        }
        wrapped.into()
    }
}

/// Appends a frame as a literal of JavaScript, which ends no script element (SJ-HF-05). A frame has no control characters,
/// and no line separators of Unicode.
fn push_literal(out: &mut Vec<u8>, frame: &[u8]) {
    out.push(b'"');
    push_replaced(out, frame, |byte| match byte {
        b'"' => Some("\\\""),
        b'\\' => Some("\\\\"),
        b'<' => Some("\\u003c"),
        b'>' => Some("\\u003e"),
        _ => None,
    });
    out.push(b'"');
}

fn push_replaced(out: &mut Vec<u8>, text: &[u8], replacement: fn(u8) -> Option<&'static str>) {
    let mut copied = 0;
    for (index, byte) in text.iter().enumerate() {
        if let Some(replacement) = replacement(*byte) {
            out.extend_from_slice(&text[copied..index]);
            out.extend_from_slice(replacement.as_bytes());
            copied = index + 1;
        }
    }
    out.extend_from_slice(&text[copied..]);
}
