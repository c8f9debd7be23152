use thiserror::Error;

/// Bytes that are no valid STOMP, or more of them than allowed. The connection cannot go on: send ERROR, close.
///
/// The text is safe in the `message` header of an ERROR frame in any version: it holds no colon, backslash, CR
/// or LF and nothing that the client sent (ERR-008).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct DecodeError {
    kind: DecodeErrorKind,
    receipt: Option<Box<str>>,
}

impl DecodeError {
    pub(super) fn new(kind: DecodeErrorKind, receipt: Option<&str>) -> Self {
        Self {
            kind,
            receipt: receipt.map(Into::into),
        }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// A stable name for the failure, in kebab-case, for the `code` header of an ERROR frame and for metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// Whether a limit was exceeded, as opposed to a frame that breaks the rules of STOMP.
    #[must_use]
    pub const fn is_limit(&self) -> bool {
        self.kind.is_limit()
    }

    /// The `receipt` header of the failing frame if it was already read, for the `receipt-id` of the ERROR
    /// (ERR-003).
    #[must_use]
    pub fn receipt(&self) -> Option<&str> {
        self.receipt.as_deref()
    }
}

/// What is wrong with a frame; see [`DecodeError::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// A CR that is no part of a line end (COD-007, COD-009).
    #[error("a CR must be followed by LF")]
    StrayCarriageReturn,
    /// A NUL in the command or in a header, for example because the blank line behind them is missing.
    #[error("NUL before the blank line that ends the headers")]
    NulInHead,
    /// A header line without a colon (COD-018).
    #[error("a header line has no colon")]
    HeaderWithoutColon,
    /// A header line that begins with the colon (COD-017).
    #[error("a header has an empty name")]
    EmptyHeaderName,
    /// No NUL where the body ends according to `content-length` (COD-042).
    #[error("the body is longer than its content-length, or NUL is missing behind it")]
    MissingNul,
    /// An escape that the version does not have (COD-022 to COD-024).
    #[error("a header has an escape that this STOMP version does not define")]
    InvalidEscape,
    /// A `content-length` that is no number (COD-045, COD-046, COD-048).
    #[error("content-length is not a number of bytes")]
    InvalidContentLength,
    /// A body on a frame that may not have one (COD-050).
    #[error("only SEND, MESSAGE and ERROR may have a body")]
    BodyNotAllowed,
    /// A command or header that is not UTF-8 (COD-036).
    #[error("the command or a header is not UTF-8")]
    InvalidUtf8,
    /// Over [`DecoderLimits::command_bytes`](super::DecoderLimits::command_bytes) (LIM-006).
    #[error("the command is longer than {limit} bytes (limit command_bytes)")]
    CommandTooLong {
        /// The limit in force.
        limit: usize,
    },
    /// Over [`DecoderLimits::headers`](super::DecoderLimits::headers) (LIM-001, LIM-002).
    #[error("the frame has more than {limit} headers (limit headers)")]
    TooManyHeaders {
        /// The limit in force.
        limit: usize,
    },
    /// Over [`DecoderLimits::header_line_bytes`](super::DecoderLimits::header_line_bytes) (LIM-003).
    #[error("a header line is longer than {limit} bytes (limit header_line_bytes)")]
    HeaderTooLong {
        /// The limit in force.
        limit: usize,
    },
    /// Over [`DecoderLimits::headers_bytes`](super::DecoderLimits::headers_bytes).
    #[error("the headers are larger than {limit} bytes (limit headers_bytes)")]
    HeadersTooLarge {
        /// The limit in force.
        limit: usize,
    },
    /// Over [`DecoderLimits::frame_bytes`](super::DecoderLimits::frame_bytes) (LIM-004, LIM-005).
    #[error("the frame is larger than {limit} bytes (limit message_bytes)")]
    FrameTooLarge {
        /// The limit in force.
        limit: usize,
    },
}

impl DecodeErrorKind {
    /// See [`DecodeError::code`].
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::StrayCarriageReturn
            | Self::NulInHead
            | Self::HeaderWithoutColon
            | Self::EmptyHeaderName
            | Self::MissingNul => "malformed-frame",
            Self::InvalidEscape => "invalid-escape",
            Self::InvalidContentLength => "invalid-content-length",
            Self::BodyNotAllowed => "body-not-allowed",
            Self::InvalidUtf8 => "invalid-utf8",
            Self::CommandTooLong { .. } => "command-too-long",
            Self::TooManyHeaders { .. } => "too-many-headers",
            Self::HeaderTooLong { .. } => "header-too-long",
            Self::HeadersTooLarge { .. } => "headers-too-large",
            Self::FrameTooLarge { .. } => "frame-too-large",
        }
    }

    /// See [`DecodeError::is_limit`].
    #[must_use]
    pub const fn is_limit(self) -> bool {
        self.setting().is_some()
    }

    /// What the limit is called that was exceeded.
    pub(crate) const fn setting(self) -> Option<&'static str> {
        match self {
            Self::CommandTooLong { .. } => Some("command_bytes"),
            Self::TooManyHeaders { .. } => Some("headers"),
            Self::HeaderTooLong { .. } => Some("header_line_bytes"),
            Self::HeadersTooLarge { .. } => Some("headers_bytes"),
            Self::FrameTooLarge { .. } => Some("message_bytes"),
            Self::StrayCarriageReturn
            | Self::NulInHead
            | Self::HeaderWithoutColon
            | Self::EmptyHeaderName
            | Self::MissingNul
            | Self::InvalidEscape
            | Self::InvalidContentLength
            | Self::BodyNotAllowed
            | Self::InvalidUtf8 => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DecodeErrorKind::{
        self, BodyNotAllowed, CommandTooLong, EmptyHeaderName, FrameTooLarge, HeaderTooLong,
        HeaderWithoutColon, HeadersTooLarge, InvalidContentLength, InvalidEscape, InvalidUtf8,
        MissingNul, NulInHead, StrayCarriageReturn, TooManyHeaders,
    };

    const ALL: [DecodeErrorKind; 14] = [
        StrayCarriageReturn,
        NulInHead,
        HeaderWithoutColon,
        EmptyHeaderName,
        MissingNul,
        InvalidEscape,
        InvalidContentLength,
        BodyNotAllowed,
        InvalidUtf8,
        CommandTooLong { limit: 32 },
        TooManyHeaders { limit: 64 },
        HeaderTooLong { limit: 8192 },
        HeadersTooLarge { limit: 32768 },
        FrameTooLarge { limit: 65536 },
    ];

    #[test]
    fn err_008_texts_need_no_escape_in_any_version() {
        for kind in ALL {
            let text = kind.to_string();
            assert!(!text.contains([':', '\\', '\r', '\n', '\0']), "{text}");
            assert_eq!(text, text.trim());
        }
    }

    #[test]
    fn limits_name_the_limit_the_value_and_the_setting() {
        for kind in ALL {
            let setting = kind.setting().map(|setting| format!("(limit {setting})"));
            assert_eq!(
                setting.is_some(),
                kind.to_string().contains("(limit "),
                "{kind}"
            );
            assert!(kind.to_string().ends_with(&setting.unwrap_or_default()));
        }
        assert_eq!(
            FrameTooLarge { limit: 65536 }.to_string(),
            "the frame is larger than 65536 bytes (limit message_bytes)"
        );
    }

    #[test]
    fn codes_are_kebab_case() {
        for kind in ALL {
            assert!(
                kind.code()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'8'),
                "{kind:?}"
            );
        }
    }
}
