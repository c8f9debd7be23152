use std::sync::{Arc, OnceLock};

use crate::{
    broker::Subscription,
    channel::shared_message,
    codec::{SharedMessage, Version},
    message::{HistoryPosition, Message, MessageId},
};

/// A message that was published: what all its deliveries have in common, whenever they happen.
pub(super) struct Published {
    pub(super) message: Message,
    pub(super) id: MessageId,
    pub(super) position: Option<HistoryPosition>,
    /// Encoded when the first receiver of that version gets it.
    tails: [OnceLock<SharedMessage>; 3],
}

impl Published {
    pub(super) fn new(
        message: Message,
        id: MessageId,
        position: Option<HistoryPosition>,
    ) -> Arc<Self> {
        Arc::new(Self {
            message,
            id,
            position,
            tails: [const { OnceLock::new() }; 3],
        })
    }

    pub(super) fn destination(&self) -> &str {
        self.message.destination().unwrap_or_default()
    }

    /// Whether a subscription wants it. `is_redelivered` says whether it was delivered before.
    pub(super) fn is_wanted_by(&self, subscription: &Subscription, is_redelivered: bool) -> bool {
        match subscription.selector() {
            None => true,
            Some(selector) => selector.matches(|name| self.header(name, is_redelivered)),
        }
    }

    /// A header as receivers see it.
    fn header(&self, name: &str, is_redelivered: bool) -> Option<&str> {
        match name {
            "destination" => self.message.destination(),
            "message-id" => Some(self.id.as_str()),
            "content-type" => self.message.content_type(),
            "redelivered" => is_redelivered.then_some("true"),
            // What the sender wrote there does not reach the receivers. Other headers of the server can't be asked for.
            "epoch" | "offset" if self.position.is_some() => None,
            _ => self.message.headers().get(name),
        }
    }

    /// What it costs to keep it, about, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.message.kept_bytes()
    }

    /// What all receivers that speak this version share.
    pub(super) fn tail(&self, version: Version) -> &SharedMessage {
        self.tails[version as usize].get_or_init(|| {
            shared_message(
                version,
                &self.id,
                self.position.as_ref(),
                self.destination(),
                &self.message,
            )
        })
    }
}
