use std::sync::{Arc, Weak};

use super::{super::unsettled::Unsettled, MessageQueue, QueueBounds, state::Waiting};
use crate::{broker::Subscription, session::RoomWaiter};

/// One of those who take messages out of a queue.
pub(super) struct Consumer {
    pub(super) subscription: Subscription,
    /// How many messages it may have that are not acknowledged.
    window: usize,
    pub(super) unsettled: Unsettled,
    /// What waits before this sequence is not for it, unless something has come back since so many had.
    passed: u64,
    passed_at: u64,
    /// Its outbound queue has no room, or is closed, or it has not started.
    pub(super) is_stuck: bool,
    /// What is told of room; made when it is needed first.
    waiter: Option<Arc<dyn RoomWaiter>>,
}

/// Waits for room in the outbound queue of one consumer. That of others is no reason to look at it: with many slow
/// consumers, each of them would be asked whenever one of them has read.
struct WaitingConsumer {
    queue: Weak<MessageQueue>,
    subscription: Subscription,
}

impl Consumer {
    pub(super) fn new(subscription: &Subscription, bounds: &QueueBounds) -> Self {
        let window = bounds.unacknowledged;
        let prefetch = subscription.prefetch();
        Self {
            subscription: subscription.clone(),
            window: prefetch.map_or(window, |prefetch| prefetch.min(window)),
            unsettled: Unsettled::default(),
            passed: 0,
            passed_at: 0,
            // Until it starts.
            is_stuck: true,
            waiter: None,
        }
    }

    pub(super) fn has_capacity(&self) -> bool {
        !self.is_stuck && self.unsettled.len() < self.window
    }

    /// What waits before this sequence is not for it. `returned` is how many messages have come back to the queue by now:
    /// what has, may stand anywhere.
    pub(super) fn passed(&self, returned: u64) -> u64 {
        if self.passed_at == returned {
            self.passed
        } else {
            0
        }
    }

    pub(super) fn pass(&mut self, sequence: u64, returned: u64) {
        self.passed = sequence;
        self.passed_at = returned;
    }

    pub(super) fn takes(&self, waiting: &Waiting) -> bool {
        let is_redelivered = waiting.earlier_deliveries > 0;
        (waiting.published).is_wanted_by(&self.subscription, is_redelivered)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.subscription.session.outbound().closed().is_some()
    }

    /// Takes nothing more until its outbound queue has room for so many bytes. Whether it has to wait for that.
    pub(super) fn wait_for_room(&mut self, bytes: usize, queue: &Arc<MessageQueue>) -> bool {
        let waiter = self.waiter.get_or_insert_with(|| {
            Arc::new(WaitingConsumer {
                queue: Arc::downgrade(queue),
                subscription: self.subscription.clone(),
            })
        });
        let outbound = self.subscription.session.outbound();
        self.is_stuck = outbound.when_room(bytes, waiter);
        self.is_stuck
    }

    /// How many know of its waiter: it waits for room at one place, once.
    #[cfg(test)]
    pub(super) fn waits_at(&self) -> usize {
        let count = |waiter| Arc::strong_count(waiter) - 1 + Arc::weak_count(waiter);
        self.waiter.as_ref().map_or(0, count)
    }
}

impl RoomWaiter for WaitingConsumer {
    fn has_room(&self) {
        if let Some(queue) = self.queue.upgrade() {
            queue.start(&self.subscription);
        }
    }
}
