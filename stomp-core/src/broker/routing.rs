use std::sync::Arc;

use super::Broker;
use crate::{
    channel::{Completion, MessageHandler, MessagingError, completed},
    message::Message,
    session::SessionRegistry,
    user::UserDestinations,
};

/// What is behind the broker channel: user destinations are resolved, everything else goes to the broker.
pub(crate) struct BrokerRouting {
    pub(crate) users: UserDestinations,
    pub(crate) sessions: SessionRegistry,
    pub(crate) broker: Arc<dyn Broker>,
}

impl BrokerRouting {
    /// Whether the broker serves the destination. Its prefixes are plain text, as in Spring: `/topic` covers
    /// `/topicfoo`, too (PX-6).
    pub(crate) fn broker_covers(&self, destination: &str) -> bool {
        let prefixes = self.broker.prefixes();
        prefixes.is_empty()
            || prefixes
                .iter()
                .any(|prefix| destination.starts_with(prefix))
    }
}

impl MessageHandler for BrokerRouting {
    fn handle(&self, message: Message) -> Completion<Result<(), MessagingError>> {
        let Some(destination) = message.destination() else {
            return completed(Err(MessagingError::NoDestination));
        };
        if self.users.covers(destination) {
            return match self.users.resolve(&message, &self.sessions) {
                Ok(resolved) => self.broker.send_to_sessions(
                    &resolved.sessions,
                    message.with_destination(resolved.destination),
                ),
                Err(error) => completed(Err(error)),
            };
        }
        if self.broker_covers(destination) {
            return self.broker.publish(message);
        }
        completed(Err(MessagingError::NoBroker {
            destination: destination.to_owned(),
            prefixes: self.broker.prefixes().to_vec(),
        }))
    }
}
