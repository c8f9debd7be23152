//! The embedded broker.

mod directory;
mod exact_topics;
mod fan_out;
mod glob_matcher;
mod globs;
mod literals;
mod pattern_topics;
mod pattern_trie;
mod private;
mod topic;
mod topics;
mod wildcard_trie;

pub(crate) use self::topic::Place;

use std::{fmt, sync::Arc};

use self::{fan_out::FanOut, private::PrivateSubscriptions, topics::Topics};
use super::{Broker, BrokerStatistics, SubscribeError, Subscription};
use crate::{
    channel::{Completion, MessagingError, OutboundChannel, completed},
    message::{Message, MessageIds},
    pattern::{DestinationPattern, PatternError, Separator, is_pattern},
    session::Session,
};

/// The broker in the process: Spring's simple broker, with its semantics for `/topic` and `/queue` (every subscriber
/// of either gets every message, nothing is kept while nobody is subscribed; SB-17).
///
/// Publishing takes a read lock of the one destination, encodes the frame once for all subscribers that can share it,
/// and puts it into their queues. Nothing waits for a slow consumer.
pub(crate) struct SimpleBroker {
    prefixes: Vec<String>,
    separator: Separator,
    message_ids: Arc<MessageIds>,
    outbound: OutboundChannel,
    topics: Topics,
    private: PrivateSubscriptions,
}

impl SimpleBroker {
    pub(crate) fn new(
        prefixes: Vec<String>,
        separator: Separator,
        message_ids: Arc<MessageIds>,
        outbound: OutboundChannel,
    ) -> Self {
        Self {
            prefixes,
            separator,
            message_ids,
            outbound,
            topics: Topics::new(separator),
            private: PrivateSubscriptions::default(),
        }
    }

    /// The pattern that a client subscribes to, if it is one (SR-3).
    fn pattern(&self, destination: &str) -> Result<Option<DestinationPattern>, PatternError> {
        if !is_pattern(destination) {
            return Ok(None);
        }
        DestinationPattern::parse_from_client(destination, self.separator).map(Some)
    }
}

impl Broker for SimpleBroker {
    fn prefixes(&self) -> &[String] {
        &self.prefixes
    }

    fn subscribe(&self, subscription: Subscription) -> Completion<Result<(), SubscribeError>> {
        completed(match self.pattern(&subscription.destination) {
            Ok(pattern) => {
                self.topics.subscribe(pattern.as_ref(), subscription);
                Ok(())
            }
            Err(error) => Err(error.into()),
        })
    }

    fn subscribe_privately(
        &self,
        subscription: Subscription,
    ) -> Completion<Result<(), SubscribeError>> {
        completed(match self.pattern(&subscription.destination) {
            Ok(pattern) => {
                self.private.subscribe(pattern, subscription);
                Ok(())
            }
            Err(error) => Err(error.into()),
        })
    }

    fn unsubscribe(&self, subscription: &Subscription) {
        if !self.private.unsubscribe(subscription) {
            self.topics.unsubscribe(subscription);
        }
    }

    fn publish(&self, message: Message) -> Completion<Result<(), MessagingError>> {
        let id = self.message_ids.next();
        let mut fan_out = FanOut::new(&message, &id, &self.outbound);
        self.topics.for_each_subscriber(
            message.destination().unwrap_or_default(),
            |subscription| {
                fan_out.deliver(subscription);
            },
        );
        completed(Ok(()))
    }

    fn send_to_sessions(
        &self,
        sessions: &[Session],
        message: Message,
    ) -> Completion<Result<(), MessagingError>> {
        let id = self.message_ids.next();
        let mut fan_out = FanOut::new(&message, &id, &self.outbound);
        let destination = message.destination().unwrap_or_default();
        for session in sessions {
            self.private
                .for_each_subscription(session, destination, |subscription| {
                    fan_out.deliver(subscription);
                });
        }
        completed(Ok(()))
    }

    fn statistics(&self) -> BrokerStatistics {
        let (topics, private) = (self.topics.statistics(), self.private.statistics());
        BrokerStatistics {
            subscriptions: topics.subscriptions + private.subscriptions,
            destinations: topics.destinations + private.destinations,
        }
    }
}

impl fmt::Debug for SimpleBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimpleBroker")
            .field("prefixes", &self.prefixes)
            .finish_non_exhaustive()
    }
}
