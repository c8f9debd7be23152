use std::sync::Arc;

use futures_util::FutureExt;

use super::Broker;
use crate::{
    channel::{Completion, MessageHandler, MessagingError, completed, pending},
    event::WeakEventPublisher,
    message::Message,
    session::SessionRegistry,
    user::UserDestinations,
};

/// What is behind the broker channel: user destinations are resolved, everything else goes to the broker.
pub(crate) struct BrokerRouting {
    pub(crate) users: UserDestinations,
    pub(crate) sessions: SessionRegistry,
    pub(crate) broker: Arc<dyn Broker>,
    pub(crate) events: WeakEventPublisher,
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

    /// A message for a user who is not connected is dropped (UD-10).
    fn unresolved(
        &self,
        message: &Message,
        destination: &str,
    ) -> Completion<Result<(), MessagingError>> {
        let (user, _) = message
            .destination()
            .and_then(|destination| self.users.split(destination))
            .unwrap_or_default();
        tracing::trace!(%user, destination, "a message for a user who is not connected");
        // What an anonymous session is answered is no message for a user.
        if message.session_id().is_some_and(|id| *id.as_str() == *user) {
            return completed(Ok(()));
        }
        let events = self.events.upgrade();
        match events.and_then(|events| events.unresolved(message, &user, destination)) {
            Some(listening) => pending(listening.map(Ok)),
            None => completed(Ok(())),
        }
    }
}

impl MessageHandler for BrokerRouting {
    fn handle(&self, message: Message) -> Completion<Result<(), MessagingError>> {
        let Some(destination) = message.destination() else {
            return completed(Err(MessagingError::NoDestination));
        };
        if self.users.covers(destination) {
            return match self.users.resolve(&message, &self.sessions) {
                Ok(resolved) if resolved.sessions.is_empty() => {
                    self.unresolved(&message, &resolved.destination)
                }
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
