use std::{fmt, sync::Arc};

/// The name of a function in the client's page; of nothing but letters, digits, `-`, `_` and `.` (SJ-HF-02, T-17).
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Callback(Arc<str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid \"callback\" parameter")]
pub(crate) struct InvalidCallback;

impl Callback {
    /// How many characters it has at most (SJ-JP-01).
    const MAX_CHARACTERS: usize = 32;

    /// From what the client sent, with its percent escapes decoded.
    ///
    /// # Errors
    ///
    /// If there is another character in it, or if it is empty or too long.
    pub(crate) fn parse(name: &str) -> Result<Self, InvalidCallback> {
        let is_allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if name.is_empty() || name.len() > Self::MAX_CHARACTERS || !name.bytes().all(is_allowed) {
            return Err(InvalidCallback);
        }
        Ok(Self(name.into()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
