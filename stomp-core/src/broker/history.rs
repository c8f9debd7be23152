use std::{sync::Arc, time::Duration};

use crate::pattern::DestinationPattern;

/// How many of the messages of a destination are kept for those who come later, for
/// [`MessagingBuilder::history`](crate::server::MessagingBuilder::history). Each bound counts by itself.
///
/// ```
/// use std::time::Duration;
/// use stomp_axum::broker::History;
///
/// let history = History::last(50).max_age(Duration::from_secs(3600));
/// assert_eq!(history, History::default().max_messages(50).max_age(Duration::from_secs(3600)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    pub(super) messages: usize,
    pub(super) age: Duration,
    pub(super) bytes: usize,
}

impl Default for History {
    /// 100 messages, of 5 minutes, 1 MiB.
    fn default() -> Self {
        Self {
            messages: 100,
            age: Duration::from_secs(300),
            bytes: 1024 * 1024,
        }
    }
}

impl History {
    /// The last so many messages, as far as the defaults for age and bytes allow.
    pub fn last(messages: usize) -> Self {
        Self::default().max_messages(messages)
    }

    /// How many messages of a destination are kept. Default: 100.
    #[must_use]
    pub fn max_messages(mut self, messages: usize) -> Self {
        self.messages = messages;
        self
    }

    /// How old messages may be. Default: 5 minutes.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }

    /// Bytes of all messages of a destination that are kept; each counts 256 bytes more than its text. Default: 1 MiB.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// Whether it would never keep anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.messages == 0 || self.age.is_zero() || self.bytes == 0
    }
}

/// Which destinations have a history.
#[derive(Debug, Default)]
pub(crate) struct HistoryRules(pub(crate) Vec<(DestinationPattern, History)>);

impl HistoryRules {
    /// The first that was given and fits counts.
    pub(super) fn get(&self, destination: &str) -> Option<History> {
        let mut rules = self.0.iter();
        let (_, history) = rules.find(|(pattern, _)| pattern.matches(destination))?;
        Some(*history)
    }
}

/// What the RECEIPT of a SUBSCRIBE says of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recovery {
    /// That of the history now.
    pub(crate) epoch: Arc<str>,
    /// That of the last message that was published before the subscription.
    pub(crate) offset: u64,
    /// Whether the subscription gets all that it asked to recover; `None` if it did not ask.
    pub(crate) recovered: Option<bool>,
}
