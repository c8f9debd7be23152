//! Why a text is not a pattern.

use super::syntax::{SyntaxError, SyntaxErrorKind};

/// Why a text is not a destination pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// The text breaks a rule of the syntax: its braces, a variable's name or a variable's regex (AP-8, AP-10, AP-11).
    #[error("invalid destination pattern `{pattern}`, at byte {offset}: {reason}")]
    Syntax {
        /// The text.
        pattern: String,
        /// Where the mistake begins, in bytes from the start of the text.
        offset: usize,
        /// What is wrong and what to write instead.
        reason: String,
    },
    /// A client sent a pattern with a regex. Only the server's own patterns may have one (T-21).
    #[error("invalid destination pattern `{pattern}`, at byte {offset}: {reason}")]
    RegexFromClient {
        /// The text.
        pattern: String,
        /// Where the regex begins, in bytes from the start of the text.
        offset: usize,
        /// What is wrong and what to write instead.
        reason: String,
    },
    /// The regexes of one segment need more memory than they may use.
    #[error(
        "invalid destination pattern `{pattern}`: the regexes of one segment need more than {limit} bytes when \
         compiled; repeat less, and prefer small classes, such as `[0-9]` instead of `\\d`"
    )]
    RegexTooLarge {
        /// The text.
        pattern: String,
        /// The limit, in bytes.
        limit: usize,
    },
}

impl PatternError {
    pub(super) fn from_syntax(pattern: &str, error: &SyntaxError) -> Self {
        let pattern = pattern.to_owned();
        let offset = error.span.start;
        let reason = error.kind.to_string();
        match error.kind {
            SyntaxErrorKind::RegexRefused { .. } => Self::RegexFromClient {
                pattern,
                offset,
                reason,
            },
            _ => Self::Syntax {
                pattern,
                offset,
                reason,
            },
        }
    }

    /// The regexes of one segment are valid each, but do not compile together.
    pub(super) fn from_regex(pattern: &str, error: &regex::Error) -> Self {
        let pattern = pattern.to_owned();
        match error {
            regex::Error::CompiledTooBig(limit) => Self::RegexTooLarge {
                pattern,
                limit: *limit,
            },
            _ => Self::Syntax {
                pattern,
                offset: 0,
                reason: error.to_string(),
            },
        }
    }
}
