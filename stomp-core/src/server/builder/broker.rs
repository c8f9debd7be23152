//! The part of the builder that is about the embedded broker.

use super::MessagingBuilder;
use crate::{
    broker::{History, HistoryRules, SimpleBrokerOptions},
    handler::WiringError,
    pattern::{DestinationPattern, Separator, covers, is_pattern},
};

/// What is said about the embedded broker.
#[derive(Debug, Default)]
pub(super) struct SimpleBrokerSettings {
    pub(super) prefixes: Vec<String>,
    queue_prefixes: Vec<String>,
    histories: Vec<(String, History)>,
    dead_letters: Option<String>,
}

/// # The embedded broker
///
/// By default it does what Spring's simple broker does with `/topic` and `/queue`: every subscriber gets every message,
/// and nothing is kept. Beyond that:
impl MessagingBuilder {
    /// Makes destinations that start with one of these queues: each message goes to *one* of those who are subscribed,
    /// in turns, and waits as long as nobody is. Without this call there are none.
    ///
    /// The prefixes are plain text, as those of [`simple_broker`](Self::simple_broker): `/queue/jobs` also covers
    /// `/queue/jobs2`. A pattern is an error of `build()`.
    ///
    /// What a client does not acknowledge goes to others when it is returned (NACK), or when the client is lost. What
    /// waits is in memory, within [`Limits::queue_bytes`](crate::session::Limits::queue_bytes), and is gone when the
    /// server stops. A subscription names one queue, and no pattern.
    ///
    /// ```
    /// use stomp_axum::server::Messaging;
    ///
    /// let messaging = Messaging::builder()
    ///     .simple_broker(["/topic", "/queue"])
    ///     .queue_semantics(["/queue"])
    ///     .dead_letters("/queue/dead-letters")
    ///     .build()?;
    /// # Ok::<(), stomp_axum::server::BuildError>(())
    /// ```
    pub fn queue_semantics<S: Into<String>>(
        mut self,
        prefixes: impl IntoIterator<Item = S>,
    ) -> Self {
        let prefixes = prefixes.into_iter().map(Into::into);
        self.simple_broker.queue_prefixes.extend(prefixes);
        self
    }

    /// Where a message goes that is not delivered again: because a client has sent NACK with `requeue:false`, or because
    /// it was delivered as often as [`Limits::deliveries`](crate::session::Limits::deliveries) allows. Without this call
    /// it is dropped, with a warning in the log.
    ///
    /// `destination` may be a queue, where dead letters wait, or a topic, which keeps nothing. One that finds its queue full
    /// is lost, with an error in the log; one that is itself returned too often is dropped.
    ///
    /// Whoever may subscribe to `destination` sees messages that were meant for others. It gets them with the further
    /// headers `original-destination`, `dead-letter-reason` (`rejected` or `max-deliveries`) and
    /// `dead-letter-deliveries`.
    pub fn dead_letters(mut self, destination: impl Into<String>) -> Self {
        self.simple_broker.dead_letters = Some(destination.into());
        self
    }

    /// Keeps the latest messages to destinations that match `pattern` for those who subscribe later. Where several
    /// patterns match, the first that was given counts. By default, nothing is kept.
    ///
    /// A SUBSCRIBE with the header `history:N` gets the last N of them first. MESSAGE frames have the headers `epoch` and
    /// `offset`; who comes back with those of the last message that it has seen, as `recover-epoch` and
    /// `recover-offset`, gets what it missed, and then what comes, without a hole and without a repetition. The RECEIPT
    /// of such a SUBSCRIBE says with `recovered:true` that this was all of it, or with `recovered:false` that some of it
    /// is not kept any more: then it gets all that is left.
    ///
    /// Authorization rules hold for what is kept as for what comes: both belong to the subscription.
    ///
    /// ```
    /// use std::time::Duration;
    /// use stomp_axum::{broker::History, server::Messaging};
    ///
    /// let messaging = Messaging::builder()
    ///     .simple_broker(["/topic"])
    ///     .history("/topic/chat/**", History::last(50).max_age(Duration::from_secs(3600)))
    ///     .build()?;
    /// # Ok::<(), stomp_axum::server::BuildError>(())
    /// ```
    pub fn history(mut self, pattern: impl Into<String>, history: History) -> Self {
        self.simple_broker.histories.push((pattern.into(), history));
        self
    }

    /// Refuses SUBSCRIBE frames that have the header `selector`, with an ERROR of the code `unsupported`. By default, a
    /// selector says which messages a subscription gets: a condition of SQL over their headers, as in JMS.
    pub fn without_selectors(mut self) -> Self {
        self.selectors = false;
        self
    }
}

impl SimpleBrokerSettings {
    /// What is wrong with it.
    pub(super) fn check(&self, separator: Separator) -> Vec<WiringError> {
        let mut errors = Vec::new();
        let is_covered = |destination: &str| {
            self.prefixes.is_empty()
                || self
                    .prefixes
                    .iter()
                    .any(|prefix| destination.starts_with(prefix))
        };
        let mut invalid = |setting: &'static str, value: &str, reason: String| {
            errors.push(WiringError::InvalidBrokerSetting {
                setting,
                value: value.to_owned(),
                reason,
            });
        };
        let not_covered = || "the broker does not serve it, see `simple_broker`".to_owned();
        for prefix in &self.queue_prefixes {
            if prefix.is_empty() {
                let reason = "it is empty; `/` makes all destinations queues".to_owned();
                invalid("queue_semantics", prefix, reason);
            } else if is_pattern(prefix) {
                let reason = "a prefix is plain text, not a pattern".to_owned();
                invalid("queue_semantics", prefix, reason);
            } else if !is_covered(prefix) {
                invalid("queue_semantics", prefix, not_covered());
            }
        }
        if let Some(destination) = &self.dead_letters {
            if is_pattern(destination) {
                let reason = "it is a pattern, and not a destination".to_owned();
                invalid("dead_letters", destination, reason);
            } else if !is_covered(destination) {
                invalid("dead_letters", destination, not_covered());
            }
        }
        let mut parsed: Vec<DestinationPattern> = Vec::new();
        for (text, history) in &self.histories {
            let pattern = match DestinationPattern::parse(text, separator) {
                Ok(pattern) => pattern,
                Err(error) => {
                    invalid("history", text, error.to_string());
                    continue;
                }
            };
            let literal = text.split(['*', '?', '{']).next().unwrap_or_default();
            let may_be_covered = is_covered(literal)
                || (self.prefixes.iter()).any(|prefix| prefix.starts_with(literal));
            let is_queue = |prefix: &String| !prefix.is_empty() && text.starts_with(&**prefix);
            if !may_be_covered {
                invalid("history", text, not_covered());
            } else if self.queue_prefixes.iter().any(is_queue) {
                let reason = "queues have no history: they keep what nobody has taken".to_owned();
                invalid("history", text, reason);
            } else if history.is_empty() {
                let reason = "it would keep nothing: none of its bounds may be zero".to_owned();
                invalid("history", text, reason);
            } else if let Some(earlier) = parsed.iter().find(|earlier| covers(earlier, &pattern)) {
                let reason = format!(
                    "{:?} was given before, and counts for all that matches; give this one first",
                    earlier.as_str()
                );
                invalid("history", text, reason);
            }
            parsed.push(pattern);
        }
        errors
    }

    /// As the broker takes it, after [`check`](Self::check).
    pub(super) fn into_options(self, separator: Separator) -> SimpleBrokerOptions {
        let parse = |(pattern, history): (String, History)| {
            let pattern = DestinationPattern::parse(&pattern, separator).ok()?;
            Some((pattern, history))
        };
        SimpleBrokerOptions {
            prefixes: self.prefixes,
            queue_prefixes: self.queue_prefixes,
            histories: HistoryRules(self.histories.into_iter().filter_map(parse).collect()),
            dead_letters: self.dead_letters,
        }
    }
}
