use std::{collections::VecDeque, sync::Arc};

use super::consumer::Consumer;
use crate::broker::{Subscription, simple::published::Published};

#[derive(Default)]
pub(super) struct State {
    /// In the order of their sequence: what comes back stands before what came later (ORD-007).
    pub(super) waiting: VecDeque<Waiting>,
    /// What waits, what is not acknowledged, and what is reserved.
    pub(super) bytes: usize,
    /// What a transaction is going to put in.
    pub(super) reserved: usize,
    pub(super) next_sequence: u64,
    /// How many messages have come back.
    pub(super) returned: u64,
    /// Something has come back, and was not offered to anybody yet.
    pub(super) has_returned: bool,
    pub(super) consumers: Vec<Consumer>,
    /// How many of them have capacity. There may be thousands that have not, and nobody looks for one in vain.
    pub(super) able: usize,
    /// Whose turn it is (SUB-029).
    pub(super) next_consumer: usize,
    /// It was taken off its broker; nothing may be put in any more.
    pub(super) is_gone: bool,
}

pub(super) struct Waiting {
    pub(super) sequence: u64,
    pub(super) earlier_deliveries: u32,
    pub(super) published: Arc<Published>,
    pub(super) charged: usize,
}

impl State {
    pub(super) fn sequence(&mut self) -> u64 {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        sequence
    }

    pub(super) fn position(&self, subscription: &Subscription) -> Option<usize> {
        let is_it = |consumer: &Consumer| consumer.subscription == *subscription;
        let index = subscription.place.get();
        if self.consumers.get(index).is_some_and(is_it) {
            return Some(index);
        }
        self.consumers.iter().position(is_it)
    }

    /// Counts a consumer among those that have capacity, or no more, if that has changed.
    pub(super) fn note_capacity(&mut self, index: usize, had_capacity: bool) {
        let has_capacity = self.consumers[index].has_capacity();
        self.able += usize::from(has_capacity);
        self.able -= usize::from(had_capacity);
        debug_assert!(self.able <= self.consumers.len(), "each is counted once");
    }

    /// The next consumer that can take this message.
    pub(super) fn choose(&self, waiting: &Waiting) -> Option<usize> {
        if self.able == 0 {
            return None;
        }
        let count = self.consumers.len();
        (0..count)
            .map(|index| (self.next_consumer + index) % count)
            .find(|index| {
                let consumer = &self.consumers[*index];
                consumer.has_capacity() && consumer.takes(waiting)
            })
    }
}
