use std::sync::Arc;

use super::{super::published::Published, unsettled::Unacknowledged};
use crate::message::Message;

/// A message that is not delivered again.
pub(in crate::broker::simple) struct DeadLetter {
    pub(in crate::broker::simple) published: Arc<Published>,
    pub(in crate::broker::simple) deliveries: u32,
    pub(in crate::broker::simple) reason: DeadLetterReason,
}

/// Why a message is not delivered again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::broker::simple) enum DeadLetterReason {
    /// A client has said so: NACK with `requeue:false` (ACK-023).
    Rejected,
    /// It was delivered as often as the limit allows (ACK-025).
    Deliveries,
}

impl DeadLetterReason {
    pub(in crate::broker::simple) fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Deliveries => "max-deliveries",
        }
    }
}

impl DeadLetter {
    pub(super) fn new(message: Unacknowledged, reason: DeadLetterReason) -> Self {
        Self {
            published: message.published,
            deliveries: message.deliveries,
            reason,
        }
    }

    /// The message, for the destination of dead letters: it says where it was meant to go, and why it is here.
    pub(in crate::broker::simple) fn message(&self, destination: &str) -> Message {
        let mut message = self.published.message.clone().with_destination(destination);
        let headers = message.headers_mut();
        headers.set("original-destination", self.published.destination());
        headers.set("dead-letter-reason", self.reason.as_str());
        headers.set("dead-letter-deliveries", &self.deliveries.to_string());
        message
    }
}
