use std::{any::type_name, fmt};

use super::BoxError;

/// A payload could not be read or written.
///
/// The texts may be sent to clients: they name no Rust types, which are in the fields.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// The message has no body, and the handler's argument is not an `Option` (AR-40). Code: `missing-payload`.
    #[error("the message has no body")]
    Missing {
        /// The Rust type that was asked for.
        type_name: &'static str,
    },
    /// The body is not what its converter reads, or not of the shape that the type needs (MC-7). Code:
    /// `invalid-payload`.
    #[error("could not read the body as {converter}: {reason}")]
    Read {
        /// The name of the converter, such as `JSON`.
        converter: &'static str,
        /// The Rust type that was asked for.
        type_name: &'static str,
        /// What is wrong: for JSON a `serde_json::Error`, with line and column.
        reason: BoxError,
    },
    /// A string was asked for, and the body is not UTF-8. `Bytes` takes any body. Code: `invalid-payload`.
    #[error("the body is not UTF-8 text")]
    NotUtf8,
    /// The `content-type` says that the body is something that no converter reads (MC-5, MC-6). Code:
    /// `unsupported-content-type`.
    #[error("{}", NoConverter { verb: "reads", advice: "send", content_type, accepted })]
    UnsupportedContentType {
        /// The value of the `content-type` header, if there is one.
        content_type: Option<String>,
        /// The media types that would be read.
        accepted: Vec<&'static str>,
        /// The Rust type that was asked for.
        type_name: &'static str,
    },
    /// No converter writes a value as what the `content-type` of its message says (MC-5). Code:
    /// `unwritable-content-type`.
    #[error("{}", NoConverter { verb: "writes", advice: "choose", content_type, accepted })]
    UnwritableContentType {
        /// The value of the `content-type` header, if there is one.
        content_type: Option<String>,
        /// The media types that could be written.
        accepted: Vec<&'static str>,
        /// The Rust type that was given.
        type_name: &'static str,
    },
    /// A value has no form in the format of its converter. Code: `unwritable-payload`.
    #[error("could not write the payload as {converter}")]
    Write {
        /// The name of the converter, such as `JSON`.
        converter: &'static str,
        /// The Rust type that was given.
        type_name: &'static str,
        /// What is wrong.
        source: BoxError,
    },
    /// `None` or `()` was given to the template, which has nothing to send then (ST-4). Code: `nothing-to-send`.
    #[error("`None` and `()` are no payload; there is nothing to send")]
    Nothing,
}

impl PayloadError {
    /// A word for programs, as the documentation of each variant names it. It does not change between versions.
    ///
    /// ```
    /// use stomp_axum::message::from_payload;
    ///
    /// let error = from_payload::<u32>(&"one".into(), None).unwrap_err();
    /// assert_eq!(error.code(), "invalid-payload");
    /// ```
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing-payload",
            Self::Read { .. } | Self::NotUtf8 => "invalid-payload",
            Self::UnsupportedContentType { .. } => "unsupported-content-type",
            Self::UnwritableContentType { .. } => "unwritable-content-type",
            Self::Write { .. } => "unwritable-payload",
            Self::Nothing => "nothing-to-send",
        }
    }

    /// The body is not the JSON of a `T`.
    pub(crate) fn json<T>(reason: serde_json::Error) -> Self {
        Self::Read {
            converter: "JSON",
            type_name: type_name::<T>(),
            reason: reason.into(),
        }
    }
}

/// The text for a content type that no converter takes.
struct NoConverter<'a> {
    verb: &'static str,
    advice: &'static str,
    content_type: &'a Option<String>,
    accepted: &'a [&'static str],
}

impl fmt::Display for NoConverter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verb, advice, .. } = self;
        match self.content_type {
            Some(content_type) => write!(f, "no converter {verb} `{content_type}` here")?,
            None => write!(
                f,
                "no converter {verb} a message without `content-type` here"
            )?,
        }
        let mut separator = "; ";
        for (index, media_type) in self.accepted.iter().enumerate() {
            let advice = if index == 0 { *advice } else { "or" };
            write!(f, "{separator}{advice} {media_type}")?;
            separator = " ";
        }
        Ok(())
    }
}
