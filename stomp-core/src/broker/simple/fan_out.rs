use std::sync::Arc;

use super::super::Subscription;
use crate::{
    channel::{Delivery, OutboundChannel},
    codec::{EncodedFrame, SharedMessage, Version},
    message::{Message, MessageId},
};

/// Delivers one message to its subscribers, and encodes as little as possible for it.
///
/// With ack `auto`, a whole MESSAGE frame depends on the message, the subscription id and the version only. Clients
/// number their subscriptions (`sub-0`), so most subscribers of a destination share very few frames: the last one is
/// looked at first, then a short list. Whatever is not in the list gets a head of its own before the shared tail.
pub(super) struct FanOut<'a> {
    message: &'a Message,
    id: &'a MessageId,
    channel: &'a OutboundChannel,
    tails: [Option<SharedMessage>; 3],
    frames: Vec<SharedFrame>,
    last: usize,
    deliveries: u64,
}

struct SharedFrame {
    version: Version,
    subscription: Option<Arc<str>>,
    frame: EncodedFrame,
}

/// Comparing with more frames than these costs more than writing a head.
const MAX_SHARED_FRAMES: usize = 8;

impl<'a> FanOut<'a> {
    pub(super) fn new(
        message: &'a Message,
        id: &'a MessageId,
        channel: &'a OutboundChannel,
    ) -> Self {
        Self {
            message,
            id,
            channel,
            tails: [const { None }; 3],
            frames: Vec::new(),
            last: 0,
            deliveries: 0,
        }
    }

    /// Puts the message into the subscriber's queue. A subscriber that is just being closed does not get it.
    pub(super) fn deliver(&mut self, subscription: &Subscription) {
        let session = &subscription.session;
        let delivery = Delivery {
            session,
            subscription: subscription.id.as_deref(),
            destination: self.message.destination().unwrap_or_default(),
            message: self.message,
            id: self.id,
        };
        let channel = self.channel;
        let frame = || self.frame(session.version(), subscription.id.as_ref());
        match channel.send(delivery, frame) {
            Ok(is_queued) => self.deliveries += u64::from(is_queued),
            Err(closed) => {
                tracing::trace!(session = %session.id(), %closed, "not delivered");
            }
        }
    }

    fn frame(&mut self, version: Version, subscription: Option<&Arc<str>>) -> EncodedFrame {
        let fits = |shared: &SharedFrame| {
            shared.version == version && shared.subscription.as_ref() == subscription
        };
        if let Some(shared) = self.frames.get(self.last).filter(|shared| fits(shared)) {
            return shared.frame.clone();
        }
        if let Some(index) = self.frames.iter().position(fits) {
            self.last = index;
            return self.frames[index].frame.clone();
        }
        let frame = self
            .tail(version)
            .for_subscription(subscription.map(AsRef::as_ref), None);
        if self.frames.len() < MAX_SHARED_FRAMES {
            self.last = self.frames.len();
            self.frames.push(SharedFrame {
                version,
                subscription: subscription.cloned(),
                frame: frame.clone(),
            });
        }
        frame
    }

    fn tail(&mut self, version: Version) -> &SharedMessage {
        self.tails[version as usize].get_or_insert_with(|| {
            SharedMessage::new(
                version,
                self.id.as_str(),
                self.message.destination().unwrap_or_default(),
                self.message.content_type(),
                self.message.headers(),
                self.message.payload(),
            )
        })
    }
}

/// When all subscribers have it.
impl Drop for FanOut<'_> {
    fn drop(&mut self) {
        self.channel.counters().published(self.deliveries);
    }
}
