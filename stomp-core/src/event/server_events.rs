use std::sync::Arc;

use crate::message::{Message, Principal};

/// The broker takes messages from now on, or no longer (EVT-01).
///
/// It is available when the server has started: at `MessagingBuilder::build`, or, if that was called outside of tokio's
/// runtime, when it serves its first connection: mostly before a stream can be made. It is not when `Messaging::shutdown` has closed all connections.
#[derive(Clone, Debug)]
pub struct BrokerAvailabilityEvent {
    pub(super) is_available: bool,
}

impl BrokerAvailabilityEvent {
    /// Whether it takes messages.
    pub fn is_available(&self) -> bool {
        self.is_available
    }
}

/// A message is for a user who is not connected, and is dropped (UD-10): the place to send an e-mail instead.
///
/// Spring has no such event. Messages that a listener of this event sends itself don't cause another one.
#[derive(Clone, Debug)]
pub struct UnresolvedUserMessageEvent {
    pub(super) message: Arc<Message>,
    pub(super) user: Arc<str>,
    pub(super) destination: Arc<str>,
}

impl UnresolvedUserMessageEvent {
    /// The message, with the destination to which it was sent: `/user/joe/queue/orders`.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The name of the user who is not connected: `joe`.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The destination as the user would have subscribed to it: `/user/queue/orders`.
    pub fn destination(&self) -> &str {
        &self.destination
    }

    /// Who sent the message; `None` if the server did, or an anonymous client.
    pub fn principal(&self) -> Option<&Principal> {
        self.message.principal()
    }
}
