use std::hash::{BuildHasher, RandomState};

use super::Overflow;
use crate::codec::Headers;

/// What happens to messages for a client that does not read as fast as they come, when there is no room left in its
/// outbound queue ([`Limits::outbound_bytes`](super::Limits::outbound_bytes)). Set it for a destination prefix with
/// [`MessagingBuilder::slow_consumers`](crate::server::MessagingBuilder::slow_consumers) (LIM-010, LIM-011).
///
/// As long as there is room, all policies are the same: every message is sent. Whatever is dropped, messages stay in their
/// order, and other clients get all of them.
///
/// A frame that must not be missed (RECEIPT, ERROR, a message of a destination without policy) makes room for itself by
/// dropping messages that may be dropped, before its client is cut off. Those of [`DropNewest`](Self::DropNewest) go last.
///
/// Messages of a [queue](crate::server::MessagingBuilder::queue_semantics) wait in the queue when there is no room for them
/// here: no policy drops what waits there.
///
/// A client that does not read at all is cut off in any case, after
/// [`Limits::write_timeout`](super::Limits::write_timeout).
///
/// ```
/// use stomp_axum::{server::Messaging, session::SlowConsumer};
///
/// let messaging = Messaging::builder()
///     .simple_broker(["/topic", "/queue"])
///     // A quote is worth nothing once there is a newer one of the same share.
///     .slow_consumers("/topic/quotes", SlowConsumer::Conflate("symbol".into()))
///     // The last moves of the mouse are those that count.
///     .slow_consumers("/topic/cursors", SlowConsumer::DropOldest)
///     .build()?;
/// # Ok::<(), stomp_axum::server::BuildError>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SlowConsumer {
    /// The client is cut off, with an ERROR of the code `slow-consumer` and close code 4500: it misses nothing without
    /// knowing.
    #[default]
    Disconnect,
    /// The oldest messages that wait are dropped, of all destinations with this policy or
    /// [`Conflate`](Self::Conflate), until the new one fits in. If it does not fit in then, it is dropped itself.
    DropOldest,
    /// The new message is dropped. What waits stays.
    DropNewest,
    /// Of the messages that wait with the same destination, the same subscription and the same value of this header, only
    /// the newest stays, where it stands. If that is not enough, it is as with [`DropOldest`](Self::DropOldest).
    ///
    /// A message without the header replaces nothing.
    Conflate(String),
}

/// The policies of a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct SlowConsumers {
    /// The longest prefixes first.
    policies: Vec<(String, SlowConsumer)>,
    /// A sender must not be able to choose values that replace those of others.
    hasher: RandomState,
}

impl SlowConsumers {
    /// Sets the policy of the destinations that start with a prefix.
    pub(crate) fn add(&mut self, prefix: String, policy: SlowConsumer) {
        let longer = |(other, _): &(String, SlowConsumer)| other.len() >= prefix.len();
        let place = self.policies.partition_point(longer);
        self.policies.insert(place, (prefix, policy));
    }

    /// Prefixes and policies, in the order in which they are looked at.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &SlowConsumer)> {
        self.policies
            .iter()
            .map(|(prefix, policy)| (prefix.as_str(), policy))
    }

    /// What happens to a message that finds no room. Without any policy that costs nothing; otherwise it is to be worked
    /// out once for each message, and not for each subscriber.
    pub(crate) fn overflow(&self, destination: &str, headers: &Headers) -> Overflow {
        let policy = self
            .iter()
            .find(|(prefix, _)| destination.starts_with(prefix));
        match policy.map(|(_, policy)| policy) {
            None | Some(SlowConsumer::Disconnect) => Overflow::DISCONNECT,
            Some(SlowConsumer::DropNewest) => Overflow::DROP_NEWEST,
            Some(SlowConsumer::DropOldest) => Overflow::DROP_OLDEST,
            Some(SlowConsumer::Conflate(header)) => {
                headers.get(header).map_or(Overflow::DROP_OLDEST, |value| {
                    Overflow::conflate(self.hasher.hash_one((destination, value)))
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policies(policies: &[(&str, SlowConsumer)]) -> SlowConsumers {
        let mut slow_consumers = SlowConsumers::default();
        for (prefix, policy) in policies {
            slow_consumers.add((*prefix).to_owned(), policy.clone());
        }
        slow_consumers
    }

    fn symbol(symbol: &str) -> Headers {
        [("symbol", symbol)].into_iter().collect()
    }

    #[test]
    fn lim_011_the_longest_prefix_counts_whatever_the_order() {
        let mut list = vec![
            ("/topic", SlowConsumer::DropNewest),
            ("/topic/quotes", SlowConsumer::DropOldest),
            ("/topic/quotes/orders", SlowConsumer::Disconnect),
        ];
        for _ in 0..list.len() {
            list.rotate_left(1);
            let policies = policies(&list);
            let overflow = |destination| policies.overflow(destination, &Headers::new());
            assert_eq!(overflow("/topic/a"), Overflow::DROP_NEWEST);
            assert_eq!(overflow("/topic/quotes"), Overflow::DROP_OLDEST);
            assert_eq!(overflow("/topic/quotes/a"), Overflow::DROP_OLDEST);
            assert_eq!(overflow("/topic/quotes/orders"), Overflow::DISCONNECT);
            assert_eq!(overflow("/queue/a"), Overflow::DISCONNECT);
        }
    }

    #[test]
    fn lim_011_messages_replace_each_other_by_destination_value_and_subscription() {
        let policies = policies(&[("/topic", SlowConsumer::Conflate("symbol".into()))]);
        let overflow = |destination, value| policies.overflow(destination, &symbol(value));
        assert_eq!(overflow("/topic/a", "VMW"), overflow("/topic/a", "VMW"));
        assert_ne!(overflow("/topic/a", "VMW"), overflow("/topic/a", "DELL"));
        assert_ne!(overflow("/topic/a", "VMW"), overflow("/topic/b", "VMW"));
        let of = |id| overflow("/topic/a", "VMW").of_subscription(id);
        assert_eq!(of(Some("sub-0")), of(Some("sub-0")));
        assert_ne!(of(Some("sub-0")), of(Some("sub-1")));
        assert_eq!(of(None), overflow("/topic/a", "VMW"));
        // Without the header there is nothing to compare.
        let without = policies.overflow("/topic/a", &Headers::new());
        assert_eq!(without, Overflow::DROP_OLDEST);
        assert_eq!(without.of_subscription(Some("sub-0")), without);
    }
}
