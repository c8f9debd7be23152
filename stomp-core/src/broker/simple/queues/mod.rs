//! Queues with a name, and what all that waits has in common.

mod dead_letters;
mod message_queue;
mod unsettled;

pub(crate) use self::message_queue::MessageQueue;
pub(super) use self::{
    dead_letters::{DeadLetter, DeadLetterReason},
    message_queue::QueueBounds,
};

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::RwLock;

use self::message_queue::NotTaken;
use super::published::Published;
use crate::{
    broker::{BrokerStatistics, Subscription},
    channel::{MessagingError, OutboundChannel},
    message::Message,
};

/// The queues with a name: each message goes to one of those who are subscribed, and waits as long as nobody is
/// (SUB-010, SUB-028, SUB-029).
///
/// A queue exists while somebody is subscribed to it or a message waits in it.
pub(super) struct Queues {
    prefixes: Vec<String>,
    shards: [RwLock<HashMap<Arc<str>, Arc<MessageQueue>>>; SHARDS],
    hasher: RandomState,
    count: AtomicUsize,
    max_count: usize,
    total_bytes: Arc<AtomicUsize>,
    bounds: QueueBounds,
    outbound: OutboundChannel,
}

const SHARDS: usize = 16;

/// Room for one message in its queue.
pub(super) struct Reservation {
    queue: Arc<MessageQueue>,
    bytes: usize,
}

impl Queues {
    pub(super) fn new(
        prefixes: Vec<String>,
        max_count: usize,
        bounds: QueueBounds,
        outbound: OutboundChannel,
    ) -> Self {
        Self {
            prefixes,
            shards: Default::default(),
            hasher: RandomState::new(),
            count: AtomicUsize::new(0),
            max_count,
            total_bytes: Arc::default(),
            bounds,
            outbound,
        }
    }

    /// Whether a destination is a queue. The prefixes are plain text, as those of the broker (PX-6).
    pub(super) fn covers(&self, destination: &str) -> bool {
        self.prefixes
            .iter()
            .any(|prefix| destination.starts_with(prefix))
    }

    /// Adds a consumer, which gets what waits.
    pub(super) fn subscribe(&self, subscription: &Subscription) {
        loop {
            let queue = self.get_or_create(&subscription.destination);
            if queue.add(subscription) {
                let set = subscription.queue.set(queue.clone());
                debug_assert!(set.is_ok(), "a subscription is made once");
                queue.start(subscription);
                return;
            }
        }
    }

    /// Removes consumers. What they had not acknowledged goes to others (ACK-002, ACK-036, SUB-030), or to the dead
    /// letters, when all of them are removed: so it goes in its order, whichever of them had it (ACK-026).
    pub(super) fn unsubscribe(&self, subscriptions: &[Subscription]) -> Vec<DeadLetter> {
        let mut dead = Vec::new();
        let queues = || {
            let all = subscriptions.iter();
            all.filter(|subscription| self.covers(&subscription.destination))
                .filter_map(|subscription| Some((subscription, subscription.queue.get()?)))
        };
        for (subscription, queue) in queues() {
            dead.extend(queue.remove(subscription));
        }
        for (subscription, queue) in queues() {
            queue.serve();
            self.remove_if_idle(&subscription.destination);
        }
        dead
    }

    /// Gives a message to a consumer, or lets it wait for one.
    pub(super) fn publish(&self, published: &Arc<Published>) -> Result<(), MessagingError> {
        let destination = published.destination();
        loop {
            let queue = self.get_or_create_bounded(destination)?;
            match queue.push(published) {
                Ok(()) => return Ok(()),
                Err(NotTaken::Gone) => {}
                Err(NotTaken::Full { limit, setting }) => {
                    return Err(self.full(destination, limit, setting));
                }
            }
        }
    }

    /// Keeps room for a message.
    pub(super) fn reserve(&self, message: &Message) -> Result<Reservation, MessagingError> {
        let destination = message.destination().unwrap_or_default();
        let bytes = message.kept_bytes();
        loop {
            let queue = self.get_or_create_bounded(destination)?;
            match queue.reserve(bytes) {
                Ok(()) => return Ok(Reservation { queue, bytes }),
                Err(NotTaken::Gone) => {}
                Err(NotTaken::Full { limit, setting }) => {
                    return Err(self.full(destination, limit, setting));
                }
            }
        }
    }

    /// Gives room back that was kept for a message to this destination.
    pub(super) fn release(&self, reservation: Reservation, destination: &str) {
        let Reservation { queue, bytes } = reservation;
        queue.release_reserved(bytes);
        self.remove_if_idle(destination);
    }

    pub(super) fn statistics(&self) -> BrokerStatistics {
        let mut statistics = BrokerStatistics::default();
        for shard in &self.shards {
            for queue in shard.read().values() {
                statistics.destinations += 1;
                statistics.subscriptions += queue.consumers();
                statistics.waiting_messages += queue.waiting();
            }
        }
        statistics
    }

    /// A message finds no room in its queue, which may be one that was made for it.
    #[cold]
    fn full(&self, destination: &str, limit: usize, setting: &'static str) -> MessagingError {
        self.remove_if_idle(destination);
        self.outbound.counters().limit_reached(setting);
        MessagingError::QueueFull {
            destination: destination.to_owned(),
            limit,
            setting,
        }
    }

    /// The queue of that name; a new one only if there are not too many.
    fn get_or_create_bounded(
        &self,
        destination: &str,
    ) -> Result<Arc<MessageQueue>, MessagingError> {
        if let Some(queue) = self.shard(destination).read().get(destination) {
            return Ok(queue.clone());
        }
        if self.count.load(Ordering::Relaxed) >= self.max_count {
            self.outbound.counters().limit_reached("queues");
            return Err(MessagingError::TooManyQueues {
                destination: destination.to_owned(),
                limit: self.max_count,
            });
        }
        Ok(self.get_or_create(destination))
    }

    fn get_or_create(&self, destination: &str) -> Arc<MessageQueue> {
        let mut shard = self.shard(destination).write();
        if let Some(queue) = shard.get(destination) {
            return queue.clone();
        }
        let total = self.total_bytes.clone();
        let queue = MessageQueue::shared(self.bounds, self.outbound.clone(), total);
        shard.insert(destination.into(), queue.clone());
        self.count.fetch_add(1, Ordering::Relaxed);
        queue
    }

    /// Under the lock of the shard: nobody gets the queue from there while it is being removed. Who has got it before
    /// finds out that it is gone.
    fn remove_if_idle(&self, destination: &str) {
        let mut shard = self.shard(destination).write();
        if shard
            .get(destination)
            .is_some_and(|queue| queue.remove_if_idle())
        {
            shard.remove(destination);
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn shard(&self, destination: &str) -> &RwLock<HashMap<Arc<str>, Arc<MessageQueue>>> {
        &self.shards[self.hasher.hash_one(destination) as usize % SHARDS]
    }
}

impl Reservation {
    /// Puts the message in that the room was kept for.
    pub(super) fn publish(self, published: &Arc<Published>) {
        self.queue.push_reserved(published);
    }
}
