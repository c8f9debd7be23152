use super::MessageRejected;
use crate::message::PayloadError;

/// A message of the application could not be sent.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum MessagingError {
    /// The payload can't be written (ST-8). Code: that of the [`PayloadError`].
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// No destination was given, and the template has no default destination (ST-2). Code: `no-destination`.
    #[error(
        "no destination: give one, or set one with `MessagingTemplate::with_default_destination`"
    )]
    NoDestination,
    /// No broker serves the destination. Code: `no-broker`.
    #[error("no broker serves {destination:?}: its prefixes are {prefixes:?}, see `simple_broker`")]
    NoBroker {
        /// The destination of the message.
        destination: String,
        /// The prefixes that the broker was configured with.
        prefixes: Vec<String>,
    },
    /// A destination below the user prefix does not say what follows the user (UD-3). Code: `invalid-user-destination`.
    #[error(
        "{destination:?} is no user destination: it has the form `{prefix}{{user}}/destination`"
    )]
    InvalidUserDestination {
        /// The destination of the message.
        destination: String,
        /// The configured prefix.
        prefix: String,
    },
    /// A destination for a user starts with the prefix of user destinations, which is added to it anyway. Code:
    /// `user-prefix`.
    #[error("{destination:?} is sent to a user; leave out {prefix:?}, which is added by itself")]
    UserPrefix {
        /// The destination that was given.
        destination: String,
        /// The configured prefix.
        prefix: String,
    },
    /// The broker can't take messages at the moment. Code: `broker-unavailable`.
    #[error("the broker is not available: {reason}")]
    BrokerUnavailable {
        /// Why not.
        reason: String,
    },
    /// A queue has no room for the message: nobody takes what waits in it, or not fast enough (LIM-011). Code:
    /// `queue-full`.
    #[error("the queue {destination:?} is full (at most {limit} bytes, limit {setting})")]
    QueueFull {
        /// The queue.
        destination: String,
        /// The limit, in bytes.
        limit: usize,
        /// Its name in [`Limits`](crate::session::Limits).
        setting: &'static str,
    },
    /// There are too many queues for one more that nobody is subscribed to (LIM-011). Code: `too-many-queues`.
    #[error("there are too many queues for {destination:?} (at most {limit}, limit queues)")]
    TooManyQueues {
        /// The queue that does not exist.
        destination: String,
        /// How many there may be.
        limit: usize,
    },
    /// An interceptor of the broker channel has rejected the message (CH-11). Code: that of the [`MessageRejected`].
    #[error("an interceptor has rejected the message: {0}")]
    Rejected(#[source] MessageRejected),
    /// An interceptor of the broker channel has swallowed the message (ST-9). Code: `message-swallowed`.
    #[error("an interceptor has swallowed the message for {destination:?}")]
    Swallowed {
        /// The destination of the message.
        destination: String,
    },
    /// The server is not built yet. Code: `not-started`.
    #[error(
        "the messaging server is not built yet; `MessagingBuilder::build` connects its template"
    )]
    NotStarted,
}

impl MessagingError {
    /// A word for programs, as the documentation of each variant names it. It does not change between versions.
    ///
    /// ```
    /// use stomp_axum::channel::MessagingError;
    ///
    /// assert_eq!(MessagingError::NoDestination.code(), "no-destination");
    /// ```
    pub fn code(&self) -> &'static str {
        match self {
            Self::Payload(error) => error.code(),
            Self::NoDestination => "no-destination",
            Self::NoBroker { .. } => "no-broker",
            Self::InvalidUserDestination { .. } => "invalid-user-destination",
            Self::UserPrefix { .. } => "user-prefix",
            Self::BrokerUnavailable { .. } => "broker-unavailable",
            Self::QueueFull { .. } => "queue-full",
            Self::TooManyQueues { .. } => "too-many-queues",
            Self::Rejected(rejected) => rejected.code(),
            Self::Swallowed { .. } => "message-swallowed",
            Self::NotStarted => "not-started",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_it_has_the_code() {
        let rejected = MessageRejected::new("market-closed", "come back on Monday");
        assert_eq!(MessagingError::Rejected(rejected).code(), "market-closed");
        let nothing = MessagingError::from(PayloadError::Nothing);
        assert_eq!(nothing.code(), "nothing-to-send");
    }
}
