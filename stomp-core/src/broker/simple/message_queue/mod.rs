//! Messages that may have to wait for those who take them.
//!
//! A queue with a name has any number of consumers, and gives each message to one of them. The same code serves a
//! subscription to a topic whose messages can't be delivered at once, be it because they are to be acknowledged, or
//! because it gets older messages first: it has a queue of its own, with itself as the only consumer.
//!
//! What waits, waits because no consumer can take it now. So a new message is offered alone, and what waits is looked
//! at only when a consumer can take more: after an acknowledgement, when there is room in its outbound queue again, or
//! when it comes.

mod consumer;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;

use self::consumer::Consumer;
use super::{
    dead_letters::{DeadLetter, DeadLetterReason},
    published::Published,
    unsettled::Unacknowledged,
};
use crate::{
    broker::{AckMode, DeliveryName, Subscription, Verdict},
    channel::{Delivered, Delivery, OutboundChannel},
    codec::{DeliveryHeaders, EncodedFrame, Version},
    session::{Overflow, Unsent},
};

/// Messages on their way to those who take them, one by one.
pub(crate) struct MessageQueue {
    /// Where the bytes of all queues with a name are counted; `None` for that of one subscription.
    total: Option<Arc<AtomicUsize>>,
    bounds: QueueBounds,
    outbound: OutboundChannel,
    state: Mutex<State>,
}

/// How much a queue may hold, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueueBounds {
    /// Bytes that wait or are not acknowledged.
    pub(super) bytes: usize,
    /// Bytes in all queues with a name.
    pub(super) total_bytes: usize,
    /// Messages that are delivered to one consumer and not acknowledged.
    pub(super) unacknowledged: usize,
    /// How often a message is delivered at most.
    pub(super) deliveries: u32,
}

#[derive(Default)]
struct State {
    /// In the order of their sequence: what comes back stands before what came later (ORD-007).
    waiting: VecDeque<Waiting>,
    /// What waits, what is not acknowledged, and what is reserved.
    bytes: usize,
    /// What a transaction is going to put in.
    reserved: usize,
    next_sequence: u64,
    /// Something has come back, and was not offered to anybody yet.
    has_returned: bool,
    consumers: Vec<Consumer>,
    /// Whose turn it is (SUB-029).
    next_consumer: usize,
    /// It was taken off its broker; nothing may be put in any more.
    is_gone: bool,
}

struct Waiting {
    sequence: u64,
    earlier_deliveries: u32,
    published: Arc<Published>,
    charged: usize,
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// There is no room for it.
    Full {
        /// In bytes.
        limit: usize,
        setting: &'static str,
    },
    /// The queue is no more; there may be another one of its name.
    Gone,
}

impl MessageQueue {
    /// A queue with a name. `total` counts the bytes of all of them.
    pub(super) fn shared(
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
    pub(super) fn private(
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
    pub(super) fn push(self: &Arc<Self>, published: &Arc<Published>) -> Result<(), NotTaken> {
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
    pub(super) fn push_or(
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
    pub(super) fn reserve(&self, bytes: usize) -> Result<(), NotTaken> {
        let mut state = self.state.lock();
        self.charge(&mut state, bytes)?;
        state.reserved += bytes;
        Ok(())
    }

    /// Gives room back that was kept.
    pub(super) fn release_reserved(&self, bytes: usize) {
        let mut state = self.state.lock();
        state.reserved -= bytes;
        self.discharge(&mut state, bytes);
    }

    pub(super) fn push_reserved(self: &Arc<Self>, published: &Arc<Published>) {
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
    pub(super) fn add(&self, subscription: &Subscription) -> bool {
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
    pub(super) fn start(self: &Arc<Self>, subscription: &Subscription) {
        let state = &mut *self.state.lock();
        if let Some(index) = state.position(subscription) {
            state.consumers[index].is_stuck = false;
            self.serve_one(state, index);
        }
    }

    /// Removes a consumer. What it has not acknowledged waits again, or goes to the dead letters. Nothing is on its way
    /// to it any more when this returns; [`serve`](Self::serve) gives to others what has come back.
    pub(super) fn remove(self: &Arc<Self>, subscription: &Subscription) -> Vec<DeadLetter> {
        let mut state = self.state.lock();
        let Some(index) = state.position(subscription) else {
            return Vec::new();
        };
        let mut consumer = state.consumers.swap_remove(index);
        if self.total.is_none() {
            state.waiting = VecDeque::new();
            return Vec::new();
        }
        if let Some(moved) = state.consumers.get(index) {
            moved.subscription.place.set(index);
        }
        let mut dead = Vec::new();
        let mut returned = Returned::default();
        while let Some(message) = consumer.unsettled.take_first() {
            dead.extend(self.put_back(&mut state, message, &mut returned));
        }
        state.look_back(returned);
        dead
    }

    /// Gives consumers what waits for them.
    pub(super) fn serve(self: &Arc<Self>) {
        self.serve_all(&mut self.state.lock());
    }

    /// Takes it off its broker, if nobody needs it any more. Whether it is gone.
    pub(super) fn remove_if_idle(&self) -> bool {
        let mut state = self.state.lock();
        let is_idle = state.consumers.is_empty() && state.waiting.is_empty() && state.reserved == 0;
        state.is_gone |= is_idle;
        state.is_gone
    }

    /// The number of a delivery to this consumer that is not settled.
    pub(super) fn unsettled(
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
    pub(super) fn settle(
        self: &Arc<Self>,
        subscription: &Subscription,
        number: u64,
        verdict: Verdict,
    ) -> Vec<DeadLetter> {
        let state = &mut *self.state.lock();
        let Some(index) = state.position(subscription) else {
            return Vec::new();
        };
        let is_cumulative = subscription.options.ack == AckMode::Client;
        let mut dead = Vec::new();
        let mut returned = Returned::default();
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
                    dead.extend(self.put_back(state, message, &mut returned));
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
        state.look_back(returned);
        match verdict {
            Verdict::Returned => self.serve_all(state),
            Verdict::Accepted | Verdict::Rejected => self.serve_one(state, index),
        }
        dead
    }

    /// How many messages wait.
    pub(super) fn waiting(&self) -> usize {
        self.state.lock().waiting.len()
    }

    pub(super) fn consumers(&self) -> usize {
        self.state.lock().consumers.len()
    }

    /// Lets a message wait again, where it stood (ACK-026), unless it was delivered too often (ACK-025).
    fn put_back(
        &self,
        state: &mut State,
        message: Unacknowledged,
        returned: &mut Returned,
    ) -> Option<DeadLetter> {
        if message.deliveries >= self.bounds.deliveries {
            self.discharge(state, message.charged);
            return Some(DeadLetter::new(message, DeadLetterReason::Deliveries));
        }
        let before = |waiting: &Waiting| waiting.sequence < message.sequence;
        let index = state.waiting.partition_point(before);
        returned.add(message.sequence);
        let waiting = Waiting {
            sequence: message.sequence,
            earlier_deliveries: message.deliveries,
            published: message.published,
            charged: message.charged,
        };
        state.waiting.insert(index, waiting);
        None
    }

    /// Gives all consumers what waits for them, in turns, as far as they can take it.
    fn serve_all(self: &Arc<Self>, state: &mut State) {
        state.has_returned = false;
        let count = state.consumers.len();
        let first = state.next_consumer;
        let mut able: Vec<_> = (0..count)
            .map(|index| (first + index) % count)
            .filter(|index| state.consumers[*index].has_capacity())
            .collect();
        while !state.waiting.is_empty() && !able.is_empty() {
            able.retain(|index| self.serve_some(state, *index, 1) == 1);
        }
    }

    /// Gives one consumer what waits for it, as far as it can take it.
    fn serve_one(self: &Arc<Self>, state: &mut State, index: usize) {
        self.serve_some(state, index, usize::MAX);
    }

    /// Gives one consumer what waits for it, at most so many messages. How many it got.
    fn serve_some(self: &Arc<Self>, state: &mut State, index: usize, at_most: usize) -> usize {
        let mut served = 0;
        let passed = state.consumers[index].passed;
        let mut next = state
            .waiting
            .partition_point(|waiting| waiting.sequence < passed);
        while served < at_most
            && state.consumers[index].has_capacity()
            && let Some(waiting) = state.waiting.get(next)
        {
            if !state.consumers[index].takes(waiting) {
                next += 1;
                continue;
            }
            let Some(waiting) = state.waiting.remove(next) else {
                break;
            };
            match self.deliver(state, index, waiting, NO_FRAME) {
                Ok(()) => {
                    served += 1;
                    state.next_consumer = index + 1;
                }
                Err(waiting) => state.waiting.insert(next, waiting),
            }
        }
        let next_sequence = state.next_sequence;
        let passed = state.waiting.get(next).map(|waiting| waiting.sequence);
        state.consumers[index].passed = passed.unwrap_or(next_sequence);
        if state.waiting.is_empty() {
            // A backlog is an exception; its memory is not kept.
            state.waiting.shrink_to(MAX_KEPT_CAPACITY);
        }
        served
    }

    /// Delivers a message to a consumer that has capacity for it; it is given back if that can't take it after all.
    fn deliver(
        self: &Arc<Self>,
        state: &mut State,
        index: usize,
        waiting: Waiting,
        frame: Option<impl FnOnce(&Subscription) -> EncodedFrame>,
    ) -> Result<(), Waiting> {
        let consumer = &mut state.consumers[index];
        let session = &consumer.subscription.session;
        // Its subscriptions are just being removed, one by one: none gets what another one of them gives back.
        if session.has_ended() {
            consumer.is_stuck = true;
            return Err(waiting);
        }
        // Before an interceptor sees it, and before it is encoded.
        if !session.outbound().has_room() && consumer.wait_for_room(0, self) {
            return Err(waiting);
        }
        let (subscription, published) = (&consumer.subscription, &waiting.published);
        let session = &subscription.session;
        let ack =
            (subscription.is_acknowledged() && session.version() == Version::V1_2).then(|| {
                subscription
                    .ack_id(consumer.unsettled.next_number())
                    .to_string()
            });
        let headers = DeliveryHeaders {
            subscription: subscription.id.as_deref(),
            ack: ack.as_deref(),
            earlier_deliveries: waiting.earlier_deliveries,
        };
        let overflow = if subscription.is_acknowledged() {
            Overflow::DISCONNECT
        } else {
            let overflow = self.outbound.overflow(&published.message);
            overflow.of_subscription(subscription.id.as_deref())
        };
        let delivery = Delivery {
            session,
            headers,
            destination: published.destination(),
            message: &published.message,
            id: &published.id,
            position: published.position.as_ref(),
        };
        let frame = || match frame {
            Some(frame) if !subscription.is_acknowledged() => frame(subscription),
            _ => published.tail(session.version()).for_delivery(headers),
        };
        let mut bytes = 0;
        let sent = (self.outbound).send(delivery, frame, |frame| {
            bytes = frame.len();
            session.outbound().send_if_room(frame, overflow)
        });
        if let Ok(Delivered::Queued) = sent {
            let counters = self.outbound.counters();
            counters.delivered(waiting.earlier_deliveries > 0);
        }
        match sent {
            Ok(Delivered::Queued) if subscription.is_acknowledged() => {
                consumer.unsettled.push(Unacknowledged {
                    sequence: waiting.sequence,
                    deliveries: waiting.earlier_deliveries.saturating_add(1),
                    published: waiting.published,
                    charged: waiting.charged,
                });
            }
            Ok(Delivered::Queued | Delivered::Stopped) => self.discharge(state, waiting.charged),
            Err(Unsent::NoRoom(_)) => {
                consumer.wait_for_room(bytes, self);
                return Err(waiting);
            }
            Err(Unsent::Closed(_)) => {
                consumer.is_stuck = true;
                return Err(waiting);
            }
        }
        Ok(())
    }

    fn charge(&self, state: &mut State, bytes: usize) -> Result<(), NotTaken> {
        if state.is_gone {
            return Err(NotTaken::Gone);
        }
        let QueueBounds {
            bytes: limit,
            total_bytes,
            ..
        } = self.bounds;
        if state.bytes != 0 && state.bytes.saturating_add(bytes) > limit {
            let setting = if self.total.is_some() {
                "queue_bytes"
            } else {
                "outbound_bytes"
            };
            return Err(NotTaken::Full { limit, setting });
        }
        if let Some(total) = &self.total {
            let before = total.fetch_add(bytes, Ordering::Relaxed);
            if before.saturating_add(bytes) > total_bytes {
                total.fetch_sub(bytes, Ordering::Relaxed);
                return Err(NotTaken::Full {
                    limit: total_bytes,
                    setting: "queues_bytes",
                });
            }
        }
        state.bytes += bytes;
        Ok(())
    }

    fn discharge(&self, state: &mut State, bytes: usize) {
        state.bytes -= bytes;
        if let Some(total) = &self.total {
            total.fetch_sub(bytes, Ordering::Relaxed);
        }
    }
}

/// What a queue that is empty keeps for the next messages.
const MAX_KEPT_CAPACITY: usize = 16;

/// The frame is encoded for its receiver.
pub(super) const NO_FRAME: Option<fn(&Subscription) -> EncodedFrame> = None;

/// The first of those that wait again.
#[derive(Clone, Copy, Default)]
struct Returned(Option<u64>);

impl Returned {
    fn add(&mut self, sequence: u64) {
        let first = self.0.map_or(sequence, |first| first.min(sequence));
        self.0 = Some(first);
    }
}

impl State {
    /// Has all consumers look at what has come back. Once for all of it: there may be many consumers, and they may all
    /// be lost at once.
    fn look_back(&mut self, returned: Returned) {
        if let Some(first) = returned.0 {
            self.has_returned = true;
            for consumer in &mut self.consumers {
                consumer.passed = consumer.passed.min(first);
            }
        }
    }

    fn sequence(&mut self) -> u64 {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        sequence
    }

    fn position(&self, subscription: &Subscription) -> Option<usize> {
        let is_it = |consumer: &Consumer| consumer.subscription == *subscription;
        let index = subscription.place.get();
        if self.consumers.get(index).is_some_and(is_it) {
            return Some(index);
        }
        self.consumers.iter().position(is_it)
    }

    /// The next consumer that can take this message.
    fn choose(&self, waiting: &Waiting) -> Option<usize> {
        let count = self.consumers.len();
        (0..count)
            .map(|index| (self.next_consumer + index) % count)
            .find(|index| {
                let consumer = &self.consumers[*index];
                consumer.has_capacity() && consumer.takes(waiting)
            })
    }
}

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
