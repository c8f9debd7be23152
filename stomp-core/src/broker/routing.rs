use std::sync::Arc;

use futures_util::FutureExt;

use super::{Broker, Publication, Recipients};
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

impl BrokerRouting {
    /// Whom a message is for, and its destination as they know it.
    fn resolve(&self, message: Message) -> Result<Resolution, MessagingError> {
        let Some(destination) = message.destination() else {
            return Err(MessagingError::NoDestination);
        };
        if self.users.covers(destination) {
            let resolved = self.users.resolve(&message, &self.sessions)?;
            if resolved.sessions.is_empty() {
                return Ok(Resolution::Nobody(message, resolved.destination));
            }
            return Ok(Resolution::Somebody(Publication {
                message: message.with_destination(resolved.destination),
                to: Recipients::Sessions(resolved.sessions),
            }));
        }
        if self.broker_covers(destination) {
            return Ok(Resolution::Somebody(Publication {
                message,
                to: Recipients::Subscribers,
            }));
        }
        Err(MessagingError::NoBroker {
            destination: destination.to_owned(),
            prefixes: self.broker.prefixes().to_vec(),
        })
    }
}

enum Resolution {
    Somebody(Publication),
    /// A user who is not connected, and the destination below that user.
    Nobody(Message, String),
}

impl MessageHandler for BrokerRouting {
    fn handle(&self, message: Message) -> Completion<Result<(), MessagingError>> {
        match self.resolve(message) {
            Ok(Resolution::Somebody(publication)) => self.broker.publish(publication),
            Ok(Resolution::Nobody(message, destination)) => self.unresolved(&message, &destination),
            Err(error) => completed(Err(error)),
        }
    }

    fn handle_all(&self, messages: Vec<Message>) -> Completion<Result<(), MessagingError>> {
        let mut publications = Vec::with_capacity(messages.len());
        let mut unresolved = Vec::new();
        for message in messages {
            match self.resolve(message) {
                Ok(Resolution::Somebody(publication)) => publications.push(publication),
                Ok(Resolution::Nobody(message, destination)) => {
                    unresolved.push((message, destination));
                }
                Err(error) => return completed(Err(error)),
            }
        }
        let published = self.broker.publish_all(publications);
        if unresolved.is_empty() {
            return published;
        }
        let told: Vec<_> = unresolved
            .iter()
            .map(|(message, destination)| self.unresolved(message, destination))
            .collect();
        pending(async move {
            published.await?;
            for told in told {
                told.await?;
            }
            Ok(())
        })
    }
}
