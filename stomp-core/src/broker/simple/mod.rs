//! The embedded broker.

mod fan_out;
mod histories;
mod place;
mod private;
mod published;
mod queues;
mod topics;

pub(crate) use self::{place::Place, queues::MessageQueue};

use std::{fmt, sync::Arc};

use self::{
    fan_out::FanOut,
    histories::{Histories, HistoryBounds},
    private::PrivateSubscriptions,
    published::Published,
    queues::{DeadLetter, DeadLetterReason, QueueBounds, Queues},
    topics::Topics,
};
use super::{
    Broker, BrokerStatistics, DeliveryName, HistoryRules, Publication, Recipients, SubscribeError,
    Subscription, Verdict,
};
use crate::{
    channel::{Completion, MessagingError, OutboundChannel, completed},
    message::{Message, MessageId, MessageIds},
    pattern::{DestinationPattern, PatternError, Separator, is_pattern},
    session::{Limits, Session},
};

/// The broker in the process: Spring's simple broker, with its semantics for `/topic` and `/queue` (every subscriber
/// of either gets every message, nothing is kept while nobody is subscribed; SB-17), and beyond it acknowledgements,
/// queues with competing consumers, and histories.
///
/// Publishing to a topic takes a read lock of the one destination, encodes the frame once for all subscribers that can
/// share it, and puts it into their queues. Nothing waits for a slow consumer.
pub(crate) struct SimpleBroker {
    prefixes: Vec<String>,
    separator: Separator,
    message_ids: Arc<MessageIds>,
    outbound: OutboundChannel,
    topics: Topics,
    private: PrivateSubscriptions,
    queues: Queues,
    histories: Histories,
    dead_letters: Option<String>,
    /// Those of the queues of subscriptions to topics.
    bounds: QueueBounds,
}

/// What an application says about its embedded broker.
#[derive(Debug, Default)]
pub(crate) struct SimpleBrokerOptions {
    /// What the broker serves; nothing means everything.
    pub(crate) prefixes: Vec<String>,
    /// What of that are queues.
    pub(crate) queue_prefixes: Vec<String>,
    pub(crate) histories: HistoryRules,
    /// Where messages go that are not delivered again.
    pub(crate) dead_letters: Option<String>,
}

impl SimpleBroker {
    pub(crate) fn new(
        options: SimpleBrokerOptions,
        separator: Separator,
        limits: &Limits,
        message_ids: Arc<MessageIds>,
        outbound: OutboundChannel,
    ) -> Self {
        let of_queues = QueueBounds {
            bytes: limits.queue_bytes,
            total_bytes: limits.queues_bytes,
            unacknowledged: limits.unacknowledged,
            deliveries: limits.deliveries,
        };
        let of_histories = HistoryBounds {
            bytes: limits.history_bytes,
            destinations: limits.history_destinations,
        };
        Self {
            queues: Queues::new(
                options.queue_prefixes,
                limits.queues,
                of_queues,
                outbound.clone(),
            ),
            prefixes: options.prefixes,
            separator,
            message_ids,
            outbound,
            topics: Topics::new(separator),
            private: PrivateSubscriptions::default(),
            histories: Histories::new(options.histories, of_histories),
            dead_letters: options.dead_letters,
            bounds: QueueBounds {
                bytes: limits.outbound_bytes,
                ..of_queues
            },
        }
    }

    /// The pattern that a client subscribes to, if it is one (SR-3).
    fn pattern(&self, destination: &str) -> Result<Option<DestinationPattern>, PatternError> {
        if !is_pattern(destination) {
            return Ok(None);
        }
        DestinationPattern::parse_from_client(destination, self.separator).map(Some)
    }

    fn subscribe_to_topic(&self, subscription: &Subscription) -> Result<(), SubscribeError> {
        let pattern = self.pattern(&subscription.destination)?;
        let request = subscription.history();
        if pattern.is_none() {
            let subscribe = |earlier: Vec<Arc<Published>>| {
                self.queue_up(subscription, earlier);
                self.topics.subscribe(None, subscription.clone());
                start(subscription);
            };
            if let Some(recovery) =
                (self.histories).subscribe(&subscription.destination, request, subscribe)
            {
                subscription.set_recovery(recovery);
                return Ok(());
            }
        }
        if request.is_some() {
            return Err(no_history(subscription));
        }
        self.queue_up(subscription, Vec::new());
        self.topics
            .subscribe(pattern.as_ref(), subscription.clone());
        start(subscription);
        Ok(())
    }

    fn subscribe_privately(&self, subscription: &Subscription) -> Result<(), SubscribeError> {
        if subscription.history().is_some() {
            return Err(no_history(subscription));
        }
        let pattern = self.pattern(&subscription.destination)?;
        self.queue_up(subscription, Vec::new());
        self.private.subscribe(pattern, subscription.clone());
        start(subscription);
        Ok(())
    }

    /// Gives a subscription a queue of its own, if its messages may have to wait.
    fn queue_up(&self, subscription: &Subscription, earlier: Vec<Arc<Published>>) {
        if subscription.is_acknowledged() || !earlier.is_empty() {
            let outbound = self.outbound.clone();
            let queue = MessageQueue::private(self.bounds, outbound, subscription, earlier);
            let set = subscription.queue.set(queue);
            debug_assert!(set.is_ok(), "a subscription is made once");
        }
    }

    fn publish_to_subscribers(&self, message: Message) -> Result<(), MessagingError> {
        let id = self.message_ids.next();
        if self.is_queue(&message) {
            let published = Published::new(message, id, None);
            return self.queues.publish(&published);
        }
        self.publish_to_topic(message, id);
        Ok(())
    }

    fn is_queue(&self, message: &Message) -> bool {
        self.queues
            .covers(message.destination().unwrap_or_default())
    }

    fn publish_to_topic(&self, message: Message, id: MessageId) {
        let deliver = |published: &Arc<Published>| {
            let mut fan_out = FanOut::new(published, &self.outbound);
            (self.topics).for_each_subscriber(published.destination(), |subscription| {
                fan_out.deliver(subscription);
            });
        };
        match (self.histories).rule(message.destination().unwrap_or_default()) {
            Some(keep) => self.histories.publish(keep, message, id, deliver),
            None => deliver(&Published::new(message, id, None)),
        }
    }

    fn send_to_sessions(&self, sessions: &[Session], message: Message) {
        let published = Published::new(message, self.message_ids.next(), None);
        let mut fan_out = FanOut::new(&published, &self.outbound);
        for session in sessions {
            (self.private).for_each_subscription(
                session,
                published.destination(),
                |subscription| fan_out.deliver(subscription),
            );
        }
    }

    /// Does what is left to do for messages that are not delivered again.
    fn bury(&self, dead: Vec<DeadLetter>) {
        let counters = self.outbound.counters();
        for letter in dead {
            counters.dead_letter();
            if letter.reason == DeadLetterReason::Deliveries {
                counters.limit_reached("deliveries");
            }
            let destination = self
                .dead_letters
                .as_deref()
                .filter(|destination| *destination != letter.published.destination());
            let buried = destination
                .map(|destination| self.publish_to_subscribers(letter.message(destination)));
            let (of, message_id) = (letter.published.destination(), letter.published.id.as_str());
            let (reason, deliveries) = (letter.reason.as_str(), letter.deliveries);
            match buried {
                Some(Ok(())) => tracing::info!(
                    destination = of,
                    message_id,
                    reason,
                    deliveries,
                    dead_letters = destination,
                    "a message is a dead letter"
                ),
                Some(Err(error)) => tracing::error!(
                    destination = of,
                    message_id,
                    reason,
                    deliveries,
                    dead_letters = destination,
                    %error,
                    "a dead letter is lost"
                ),
                None => tracing::warn!(
                    destination = of,
                    message_id,
                    reason,
                    deliveries,
                    "a message is dropped: it is not delivered again, and is no dead letter"
                ),
            }
        }
    }
}

impl Broker for SimpleBroker {
    fn prefixes(&self) -> &[String] {
        &self.prefixes
    }

    fn subscribe(&self, subscription: Subscription) -> Completion<Result<(), SubscribeError>> {
        let destination = &*subscription.destination;
        let subscribed = if subscription.is_private {
            self.subscribe_privately(&subscription)
        } else if !self.queues.covers(destination) {
            self.subscribe_to_topic(&subscription)
        } else if is_pattern(destination) {
            Err(SubscribeError::QueuePattern(destination.to_owned()))
        } else if subscription.history().is_some() {
            Err(no_history(&subscription))
        } else {
            self.queues.subscribe(&subscription);
            Ok(())
        };
        completed(subscribed)
    }

    fn unsubscribe(&self, subscription: &Subscription) {
        self.unsubscribe_all(std::slice::from_ref(subscription));
    }

    fn unsubscribe_all(&self, subscriptions: &[Subscription]) {
        for subscription in subscriptions {
            if subscription.is_private {
                self.private.unsubscribe(subscription);
            } else if self.queues.covers(&subscription.destination) {
                continue;
            } else {
                self.topics.unsubscribe(subscription);
            }
            // Nobody puts anything in any more.
            if let Some(queue) = subscription.queue.get() {
                queue.remove(subscription);
            }
        }
        let dead = self.queues.unsubscribe(subscriptions);
        self.bury(dead);
    }

    fn publish(&self, publication: Publication) -> Completion<Result<(), MessagingError>> {
        let Publication { message, to } = publication;
        completed(match to {
            Recipients::Subscribers => self.publish_to_subscribers(message),
            Recipients::Sessions(sessions) => {
                self.send_to_sessions(&sessions, message);
                Ok(())
            }
        })
    }

    fn publish_all(
        &self,
        publications: Vec<Publication>,
    ) -> Completion<Result<(), MessagingError>> {
        // Room in queues is all that can be missing.
        let mut reserved = Vec::with_capacity(publications.len());
        for publication in publications {
            let is_for_queue = matches!(publication.to, Recipients::Subscribers)
                && self.is_queue(&publication.message);
            let reservation = is_for_queue.then(|| self.queues.reserve(&publication.message));
            match reservation.transpose() {
                Ok(reservation) => reserved.push((publication, reservation)),
                Err(error) => {
                    for (publication, reservation) in reserved {
                        if let Some(reservation) = reservation {
                            let destination = publication.message.destination().unwrap_or_default();
                            self.queues.release(reservation, destination);
                        }
                    }
                    return completed(Err(error));
                }
            }
        }
        for (Publication { message, to }, reservation) in reserved {
            match (to, reservation) {
                (Recipients::Sessions(sessions), _) => self.send_to_sessions(&sessions, message),
                (Recipients::Subscribers, None) => {
                    self.publish_to_topic(message, self.message_ids.next());
                }
                (Recipients::Subscribers, Some(reservation)) => {
                    let id = self.message_ids.next();
                    reservation.publish(&Published::new(message, id, None));
                }
            }
        }
        completed(Ok(()))
    }

    fn unsettled(&self, subscription: &Subscription, name: DeliveryName<'_>) -> Option<u64> {
        subscription.queue.get()?.unsettled(subscription, name)
    }

    fn settle(&self, subscription: &Subscription, delivery: u64, verdict: Verdict) {
        if let Some(queue) = subscription.queue.get() {
            let dead = queue.settle(subscription, delivery, verdict);
            self.bury(dead);
        }
    }

    fn statistics(&self) -> BrokerStatistics {
        let parts = [
            self.topics.statistics(),
            self.private.statistics(),
            self.queues.statistics(),
        ];
        let mut statistics = BrokerStatistics::default();
        for part in parts {
            statistics.subscriptions += part.subscriptions;
            statistics.destinations += part.destinations;
            statistics.waiting_messages += part.waiting_messages;
        }
        statistics
    }
}

/// Delivers what waits in the queue of a subscription, if it has one.
fn start(subscription: &Subscription) {
    if let Some(queue) = subscription.queue.get() {
        queue.start(subscription);
    }
}

fn no_history(subscription: &Subscription) -> SubscribeError {
    SubscribeError::NoHistory((*subscription.destination).to_owned())
}

impl fmt::Debug for SimpleBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimpleBroker")
            .field("prefixes", &self.prefixes)
            .finish_non_exhaustive()
    }
}
