use std::fmt;

use crate::handler::WiringError;

/// Everything that is wrong with a server, found by [`MessagingBuilder::build`](super::MessagingBuilder::build) before
/// the first client connects.
#[derive(Debug, thiserror::Error)]
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
