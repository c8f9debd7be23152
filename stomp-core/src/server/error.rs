use std::fmt;

use crate::handler::WiringError;

/// Everything that is wrong with a server, found by [`MessagingBuilder::build`](super::MessagingBuilder::build) before
/// the first client connects.
#[derive(thiserror::Error)]
pub struct BuildError {
    errors: Vec<WiringError>,
}

impl BuildError {
    /// `None` if there is nothing wrong.
    pub(super) fn new(errors: Vec<WiringError>) -> Option<Self> {
        (!errors.is_empty()).then_some(Self { errors })
    }

    /// The mistakes, in the order of file and line.
    pub fn errors(&self) -> &[WiringError] {
        &self.errors
    }
}

/// The text for people: it is what `main` prints when it returns the error, and what `unwrap` panics with.
impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.errors.len();
        write!(
            f,
            "the messaging server can't start, for {count} {}:",
            if count == 1 { "reason" } else { "reasons" }
        )?;
        self.errors
            .iter()
            .enumerate()
            .try_for_each(|(index, error)| write!(f, "\n{}. {error}", index + 1))
    }
}
