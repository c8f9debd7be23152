//! From a queue to its consumers.

use std::sync::Arc;

use super::{
    super::{
        dead_letters::{DeadLetter, DeadLetterReason},
        unsettled::Unacknowledged,
    },
    MessageQueue, NO_FRAME,
    state::{State, Waiting},
};
use crate::{
    broker::Subscription,
    channel::{Delivered, Delivery},
    codec::{DeliveryHeaders, EncodedFrame, Version},
    session::{Overflow, Unsent},
};

/// What a queue that is empty keeps for the next messages.
const MAX_KEPT_CAPACITY: usize = 16;

impl MessageQueue {
    /// Lets a message wait again, where it stood (ACK-026), unless it was delivered too often (ACK-025).
    pub(super) fn put_back(
        &self,
        state: &mut State,
        message: Unacknowledged,
    ) -> Option<DeadLetter> {
        if message.deliveries >= self.bounds.deliveries {
            self.discharge(state, message.charged);
            return Some(DeadLetter::new(message, DeadLetterReason::Deliveries));
        }
        let before = |waiting: &Waiting| waiting.sequence < message.sequence;
        let index = state.waiting.partition_point(before);
        state.returned += 1;
        state.has_returned = true;
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
    pub(super) fn serve_all(self: &Arc<Self>, state: &mut State) {
        state.has_returned = false;
        if state.able == 0 {
            return;
        }
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
    pub(super) fn serve_one(self: &Arc<Self>, state: &mut State, index: usize) {
        self.serve_some(state, index, usize::MAX);
    }

    /// Gives one consumer what waits for it, at most so many messages. How many it got.
    fn serve_some(self: &Arc<Self>, state: &mut State, index: usize, at_most: usize) -> usize {
        let mut served = 0;
        let passed = state.consumers[index].passed(state.returned);
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
        let returned = state.returned;
        state.consumers[index].pass(passed.unwrap_or(next_sequence), returned);
        if state.waiting.is_empty() {
            // A backlog is an exception; its memory is not kept.
            state.waiting.shrink_to(MAX_KEPT_CAPACITY);
        }
        served
    }

    /// Delivers a message to a consumer that has capacity for it; it is given back if that can't take it after all.
    pub(super) fn deliver(
        self: &Arc<Self>,
        state: &mut State,
        index: usize,
        waiting: Waiting,
        frame: Option<impl FnOnce(&Subscription) -> EncodedFrame>,
    ) -> Result<(), Waiting> {
        let delivered = self.try_deliver(state, index, waiting, frame);
        state.note_capacity(index, true);
        delivered
    }

    fn try_deliver(
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
}
