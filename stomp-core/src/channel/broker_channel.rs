use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use super::{Completion, MessagingError, completed};
use crate::message::Message;

/// Takes messages from a channel: Spring's `MessageHandler`.
pub(crate) trait MessageHandler: Send + Sync + 'static {
    /// Handles one message.
    fn handle(&self, message: Message) -> Completion<Result<(), MessagingError>>;
}

/// Where handlers, the template and clients publish: Spring's `brokerChannel`. Behind it are the user destinations
/// and the broker.
///
/// Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct BrokerChannel(Arc<OnceLock<Arc<dyn MessageHandler>>>);

impl BrokerChannel {
    /// Says who takes the messages. The channel comes first and its handler later, because the handlers that the
    /// broker's side is wired from can already publish.
    pub(crate) fn connect(&self, handler: Arc<dyn MessageHandler>) {
        let connected = self.0.set(handler);
        debug_assert!(connected.is_ok(), "a channel is connected once");
    }

    /// Hands a message over. It completes when the message is in the queue of every local subscriber.
    pub(crate) fn send(&self, message: Message) -> Completion<Result<(), MessagingError>> {
        match self.0.get() {
            Some(handler) => handler.handle(message),
            None => completed(Err(MessagingError::NotStarted)),
        }
    }
}

impl fmt::Debug for BrokerChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrokerChannel")
            .field("connected", &self.0.get().is_some())
            .finish()
    }
}
