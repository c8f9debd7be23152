//! Messages that may have to wait for those who take them.
//!
//! A queue with a name has any number of consumers, and gives each message to one of them. The same code serves a
//! subscription to a topic whose messages can't be delivered at once, be it because they are to be acknowledged, or
//! because it gets older messages first: it has a queue of its own, with itself as the only consumer.
//!
//! What waits, waits because no consumer can take it now. So a new message is offered alone, and what waits is looked
//! at only when a consumer can take more: after an acknowledgement, when there is room in its outbound queue again, or
//! when it comes.

mod bounds;
mod consumer;
mod delivering;
mod state;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::AtomicUsize},
};

use parking_lot::Mutex;

pub(in crate::broker::simple) use self::bounds::{NotTaken, QueueBounds};
use self::{
    consumer::Consumer,
    state::{State, Waiting},
};
use super::dead_letters::{DeadLetter, DeadLetterReason};
use crate::{
    broker::{AckMode, DeliveryName, Subscription, Verdict, simple::published::Published},
    channel::OutboundChannel,
    codec::EncodedFrame,
    session::Overflow,
};

/// Messages on their way to those who take them, one by one.
pub(crate) struct MessageQueue {
    /// Where the bytes of all queues with a name are counted; `None` for that of one subscription.
    total: Option<Arc<AtomicUsize>>,
    bounds: QueueBounds,
    outbound: OutboundChannel,
    state: Mutex<State>,
}

impl MessageQueue {
    /// A queue with a name. `total` counts the bytes of all of them.
    pub(in crate::broker::simple) fn shared(
        bounds: QueueBounds,
        outbound: OutboundChannel,
        total: Arc<AtomicUsize>,
    ) -> Arc<Self> {
        Arc::new(Self {
            total: Some(total),
            bounds,
            outbound,
            state: Mutex::default(),
        })
    }

    /// The queue of one subscription to a topic. `earlier` are delivered first; they belong to the history, and cost
    /// nothing here. Nothing is delivered until [`start`](Self::start) is called.
    pub(in crate::broker::simple) fn private(
        bounds: QueueBounds,
        outbound: OutboundChannel,
        subscription: &Subscription,
        earlier: impl IntoIterator<Item = Arc<Published>>,
    ) -> Arc<Self> {
        let mut state = State::default();
        for published in earlier {
            let sequence = state.sequence();
            state.waiting.push_back(Waiting {
                sequence,
                earlier_deliveries: 0,
                published,
                charged: 0,
            });
        }
        state.consumers.push(Consumer::new(subscription, &bounds));
        Arc::new(Self {
            total: None,
            bounds,
            outbound,
            state: Mutex::new(state),
        })
    }

    /// Puts a message into a queue with a name: a consumer gets it now, or it waits.
    pub(in crate::broker::simple) fn push(
        self: &Arc<Self>,
        published: &Arc<Published>,
    ) -> Result<(), NotTaken> {
        let mut state = self.state.lock();
        self.charge(&mut state, published.bytes())?;
        self.take_in(&mut state, published, NO_FRAME);
        self.outbound.counters().published(0);
        Ok(())
    }

    /// Puts a message into the queue of one subscription. `frame` makes its frame, if it need not be acknowledged.
    ///
    /// If there is no room, what happens is up to `overflow`; but whoever acknowledges messages is not to miss any, and is
    /// cut off as a slow consumer.
    pub(in crate::broker::simple) fn push_or(
        self: &Arc<Self>,
        published: &Arc<Published>,
        frame: impl FnOnce(&Subscription) -> EncodedFrame,
        overflow: Overflow,
    ) {
        let mut state = self.state.lock();
        let has_room = match self.charge(&mut state, published.bytes()) {
            Ok(()) => true,
            Err(NotTaken::Gone) => false,
            Err(NotTaken::Full { .. }) => self.make_room(&mut state, published, overflow),
        };
        if has_room {
            self.take_in(&mut state, published, Some(frame));
        }
    }

    /// Drops what waits until there is room for a message of this policy, or the client; whether there is room now, and
    /// it is charged.
    #[cold]
    fn make_room(&self, state: &mut State, published: &Published, overflow: Overflow) -> bool {
        let Some(consumer) = state.consumers.first() else {
            return false;
        };
        let subscription = consumer.subscription.clone();
        let outbound = subscription.session.outbound();
        if subscription.is_acknowledged() || overflow == Overflow::DISCONNECT {
            outbound.cut_off("outbound_bytes");
            return false;
        }
        let waiting = state.waiting.len();
        if overflow != Overflow::DROP_NEWEST && overflow != Overflow::DROP_OLDEST {
            // Of one key only the newest stays.
            let mut replaced = 0;
            state.waiting.retain(|waiting| {
                let stays = self.outbound.overflow(&waiting.published.message) != overflow;
                replaced += if stays { 0 } else { waiting.charged };
                stays
            });
            self.discharge(state, replaced);
        }
        let mut charged = self.charge(state, published.bytes()).is_ok();
        while !charged
            && overflow != Overflow::DROP_NEWEST
            && let Some(oldest) = state.waiting.pop_front()
        {
            self.discharge(state, oldest.charged);
            charged = self.charge(state, published.bytes()).is_ok();
        }
        let dropped = waiting - state.waiting.len() + usize::from(!charged);
        outbound.count_dropped(dropped as u64);
        charged
    }

    /// Keeps room for a message that [`push_reserved`](Self::push_reserved) puts in, so that it can't fail (TX-020).
    pub(in crate::broker::simple) fn reserve(&self, bytes: usize) -> Result<(), NotTaken> {
        let mut state = self.state.lock();
        self.charge(&mut state, bytes)?;
        state.reserved += bytes;
        Ok(())
    }

    /// Gives room back that was kept.
    pub(in crate::broker::simple) fn release_reserved(&self, bytes: usize) {
        let mut state = self.state.lock();
        state.reserved -= bytes;
        self.discharge(&mut state, bytes);
    }

    pub(in crate::broker::simple) fn push_reserved(self: &Arc<Self>, published: &Arc<Published>) {
        let mut state = self.state.lock();
        state.reserved -= published.bytes();
        self.take_in(&mut state, published, NO_FRAME);
        self.outbound.counters().published(0);
    }

    /// Takes a message whose bytes are counted.
    fn take_in(
        self: &Arc<Self>,
        state: &mut State,
        published: &Arc<Published>,
        mut frame: Option<impl FnOnce(&Subscription) -> EncodedFrame>,
    ) {
        if state.has_returned {
            self.serve_all(state);
        }
        let mut waiting = Waiting {
            sequence: state.sequence(),
            earlier_deliveries: 0,
            published: published.clone(),
            charged: published.bytes(),
        };
        while let Some(index) = state.choose(&waiting) {
            state.next_consumer = index + 1;
            match self.deliver(state, index, waiting, frame.take()) {
                Ok(()) => return,
                Err(not_delivered) => waiting = not_delivered,
            }
        }
        // A subscription whose session is closed gets nothing any more.
        if self.total.is_none() && state.consumers.iter().all(Consumer::is_closed) {
            self.discharge(state, waiting.charged);
            return;
        }
        state.waiting.push_back(waiting);
    }

    /// Adds a consumer, which gets nothing until [`start`](Self::start) is called. Whether the queue still is one.
    pub(in crate::broker::simple) fn add(&self, subscription: &Subscription) -> bool {
        let mut state = self.state.lock();
        if !state.is_gone {
            subscription.place.set(state.consumers.len());
            state
                .consumers
                .push(Consumer::new(subscription, &self.bounds));
        }
        !state.is_gone
    }

    /// Gives a consumer what waits for it, and from then on what comes.
    pub(in crate::broker::simple) fn start(self: &Arc<Self>, subscription: &Subscription) {
        let state = &mut *self.state.lock();
        if let Some(index) = state.position(subscription) {
            let had_capacity = state.consumers[index].has_capacity();
            state.consumers[index].is_stuck = false;
            state.note_capacity(index, had_capacity);
            self.serve_one(state, index);
        }
    }

    /// Removes a consumer. What it has not acknowledged waits again, or goes to the dead letters. Nothing is on its way
    /// to it any more when this returns; [`serve`](Self::serve) gives to others what has come back.
    pub(in crate::broker::simple) fn remove(
        self: &Arc<Self>,
        subscription: &Subscription,
    ) -> Vec<DeadLetter> {
        let mut state = self.state.lock();
        let Some(index) = state.position(subscription) else {
            return Vec::new();
        };
        let mut consumer = state.consumers.swap_remove(index);
        state.able -= usize::from(consumer.has_capacity());
        if self.total.is_none() {
            state.waiting = VecDeque::new();
            return Vec::new();
        }
        if let Some(moved) = state.consumers.get(index) {
            moved.subscription.place.set(index);
        }
        let mut dead = Vec::new();
        while let Some(message) = consumer.unsettled.take_first() {
            dead.extend(self.put_back(&mut state, message));
        }
        dead
    }

    /// Gives consumers what waits for them.
    pub(in crate::broker::simple) fn serve(self: &Arc<Self>) {
        self.serve_all(&mut self.state.lock());
    }

    /// Takes it off its broker, if nobody needs it any more. Whether it is gone.
    pub(in crate::broker::simple) fn remove_if_idle(&self) -> bool {
        let mut state = self.state.lock();
        let is_idle = state.consumers.is_empty() && state.waiting.is_empty() && state.reserved == 0;
        state.is_gone |= is_idle;
        state.is_gone
    }

    /// The number of a delivery to this consumer that is not settled.
    pub(in crate::broker::simple) fn unsettled(
        &self,
        subscription: &Subscription,
        name: DeliveryName<'_>,
    ) -> Option<u64> {
        let state = self.state.lock();
        let unsettled = &state.consumers[state.position(subscription)?].unsettled;
        match name {
            DeliveryName::Number(number) => unsettled.contains(number).then_some(number),
            DeliveryName::MessageId(id) => unsettled.find(id),
        }
    }

    /// Settles a delivery, and in mode `client` all before it.
    pub(in crate::broker::simple) fn settle(
        self: &Arc<Self>,
        subscription: &Subscription,
        number: u64,
        verdict: Verdict,
    ) -> Vec<DeadLetter> {
        let state = &mut *self.state.lock();
        let Some(index) = state.position(subscription) else {
            return Vec::new();
        };
        let is_cumulative = subscription.ack() == AckMode::Client;
        let had_capacity = state.consumers[index].has_capacity();
        let mut dead = Vec::new();
        loop {
            let unsettled = &mut state.consumers[index].unsettled;
            let taken = if is_cumulative {
                unsettled.take_first_up_to(number)
            } else {
                unsettled.take(number)
            };
            let Some(message) = taken else { break };
            match verdict {
                Verdict::Accepted => self.discharge(state, message.charged),
                Verdict::Returned => {
                    dead.extend(self.put_back(state, message));
                }
                Verdict::Rejected => {
                    self.discharge(state, message.charged);
                    dead.push(DeadLetter::new(message, DeadLetterReason::Rejected));
                }
            }
            if !is_cumulative {
                break;
            }
        }
        state.note_capacity(index, had_capacity);
        match verdict {
            Verdict::Returned => self.serve_all(state),
            Verdict::Accepted | Verdict::Rejected => self.serve_one(state, index),
        }
        dead
    }

    /// How many messages wait.
    pub(in crate::broker::simple) fn waiting(&self) -> usize {
        self.state.lock().waiting.len()
    }

    pub(in crate::broker::simple) fn consumers(&self) -> usize {
        self.state.lock().consumers.len()
    }
}

/// The frame is encoded for its receiver.
pub(in crate::broker::simple) const NO_FRAME: Option<fn(&Subscription) -> EncodedFrame> = None;

impl std::fmt::Debug for MessageQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.state.lock();
        f.debug_struct("MessageQueue")
            .field("waiting", &state.waiting.len())
            .field("bytes", &state.bytes)
            .field("consumers", &state.consumers.len())
            .finish_non_exhaustive()
    }
}
