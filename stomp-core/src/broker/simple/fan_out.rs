use std::sync::Arc;

use super::published::Published;
use crate::{
    broker::{FrameKey, Subscription},
    channel::{Delivered, Delivery, OutboundChannel},
    codec::{DeliveryHeaders, EncodedFrame},
    session::Overflow,
};

/// Delivers one message to its subscribers, and encodes as little as possible for it.
///
/// With ack `auto`, a whole MESSAGE frame depends on the message, the subscription id and the version only. Clients
/// number their subscriptions (`sub-0`), so most subscribers of a destination share very few frames: the last one is
/// looked at first, then a short list. Whatever is not in the list gets a head of its own before the shared tail.
pub(super) struct FanOut<'a> {
    published: &'a Arc<Published>,
    channel: &'a OutboundChannel,
    /// What happens to it where there is no room.
    overflow: Overflow,
    frames: SharedFrames<'a>,
    /// Those that don't go by a queue of the subscription, which counts its own.
    deliveries: u64,
}

/// The frames that subscribers share.
struct SharedFrames<'a> {
    published: &'a Published,
    frames: Vec<SharedFrame>,
    last: usize,
}

struct SharedFrame {
    key: FrameKey,
    frame: EncodedFrame,
}

/// Comparing with more frames than these costs more than writing a head.
const MAX_SHARED_FRAMES: usize = 8;

impl<'a> FanOut<'a> {
    pub(super) fn new(published: &'a Arc<Published>, channel: &'a OutboundChannel) -> Self {
        Self {
            published,
            channel,
            overflow: channel.overflow(&published.message),
            frames: SharedFrames {
                published,
                frames: Vec::new(),
                last: 0,
            },
            deliveries: 0,
        }
    }

    /// Puts the message into the subscriber's queue, if its selector takes it. A subscriber that is just being closed
    /// does not get it.
    pub(super) fn deliver(&mut self, subscription: &Subscription) {
        let published = self.published;
        if !published.is_wanted_by(subscription, false) {
            return;
        }
        let session = &subscription.session;
        if let Some(queue) = subscription.queue.get() {
            let frame = |subscription: &Subscription| self.frames.get(subscription);
            queue.push_or(published, frame, self.overflow);
            return;
        }
        let delivery = Delivery {
            session,
            headers: DeliveryHeaders {
                subscription: subscription.id.as_deref(),
                ..DeliveryHeaders::default()
            },
            destination: published.destination(),
            message: &published.message,
            id: &published.id,
            position: published.position.as_ref(),
        };
        let frame = || self.frames.get(subscription);
        let overflow = self.overflow.of_subscription(subscription.id.as_deref());
        let sent = (self.channel).send(delivery, frame, |frame| {
            subscription.outbound.send_or(frame, overflow)
        });
        match sent {
            Ok(Delivered::Queued) => self.deliveries += 1,
            Ok(Delivered::Stopped) => {}
            Err(closed) => {
                tracing::trace!(session = %session.id(), %closed, "not delivered");
            }
        }
    }
}

impl SharedFrames<'_> {
    fn get(&mut self, subscription: &Subscription) -> EncodedFrame {
        let key = subscription.frame_key;
        let fits = |shared: &SharedFrame| shared.key == key;
        if let Some(shared) = self.frames.get(self.last).filter(|shared| fits(shared)) {
            return shared.frame.clone();
        }
        if let Some(index) = self.frames.iter().position(fits) {
            self.last = index;
            return self.frames[index].frame.clone();
        }
        let tail = self.published.tail(subscription.session.version());
        let frame = tail.for_subscription(subscription.id.as_deref(), None);
        if self.frames.len() < MAX_SHARED_FRAMES {
            self.last = self.frames.len();
            let frame = frame.clone();
            self.frames.push(SharedFrame { key, frame });
        }
        frame
    }
}

/// When all subscribers have it.
impl Drop for FanOut<'_> {
    fn drop(&mut self) {
        self.channel.counters().published(self.deliveries);
    }
}
