use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use super::{Channel, Completion, Interceptors, MessagingError, SendOutcome, completed, pending};
use crate::message::Message;

/// Takes messages from a channel: Spring's `MessageHandler`.
pub(crate) trait MessageHandler: Send + Sync + 'static {
    /// Handles one message.
    fn handle(&self, message: Message) -> Completion<Result<(), MessagingError>>;

    /// Handles several messages in their order, all of them or none.
    fn handle_all(&self, messages: Vec<Message>) -> Completion<Result<(), MessagingError>>;
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

    /// Hands several messages over, all of them or none (TX-020).
    pub(crate) fn send_all(
        &self,
        messages: Vec<Message>,
    ) -> Completion<Result<(), MessagingError>> {
        match self.0.get() {
            Some(handler) => handler.handle_all(messages),
            None => completed(Err(MessagingError::NotStarted)),
        }
    }
}

/// What takes the messages of a channel that has interceptors.
pub(crate) struct Intercepted {
    interceptors: Interceptors,
    handler: Arc<dyn MessageHandler>,
}

impl Intercepted {
    /// The handler itself if there are no interceptors.
    pub(crate) fn wrap(
        interceptors: Interceptors,
        handler: Arc<dyn MessageHandler>,
    ) -> Arc<dyn MessageHandler> {
        if interceptors.is_empty() {
            return handler;
        }
        Arc::new(Self {
            interceptors,
            handler,
        })
    }
}

impl MessageHandler for Intercepted {
    fn handle(&self, message: Message) -> Completion<Result<(), MessagingError>> {
        let destination = message.destination().unwrap_or_default().to_owned();
        let message = match self.interceptors.pre_send(message, Channel::Broker) {
            Ok(Some(message)) => message,
            Ok(None) => return completed(Err(MessagingError::Swallowed { destination })),
            Err(rejected) => return completed(Err(MessagingError::Rejected(rejected))),
        };
        let sent = message.clone();
        let interceptors = self.interceptors.clone();
        tell(self.handler.handle(message), move |outcome| {
            interceptors.completed(&sent, Channel::Broker, outcome);
        })
    }

    /// What one of the interceptors swallows is left out; if one of them rejects a message, none is sent.
    fn handle_all(&self, messages: Vec<Message>) -> Completion<Result<(), MessagingError>> {
        let mut accepted = Vec::with_capacity(messages.len());
        for message in messages {
            match self.interceptors.pre_send(message, Channel::Broker) {
                Ok(message) => accepted.extend(message),
                Err(rejected) => {
                    for message in &accepted {
                        let failed = SendOutcome::Failed;
                        self.interceptors
                            .completed(message, Channel::Broker, failed);
                    }
                    return completed(Err(MessagingError::Rejected(rejected)));
                }
            }
        }
        let sent = accepted.clone();
        let interceptors = self.interceptors.clone();
        tell(self.handler.handle_all(accepted), move |outcome| {
            for message in &sent {
                interceptors.completed(message, Channel::Broker, outcome);
            }
        })
    }
}

/// Tells of the outcome, as soon as it is known.
fn tell(
    sending: Completion<Result<(), MessagingError>>,
    told: impl FnOnce(SendOutcome) + Send + 'static,
) -> Completion<Result<(), MessagingError>> {
    let tell = |result: Result<(), MessagingError>| {
        told(match result {
            Ok(()) => SendOutcome::Sent,
            Err(_) => SendOutcome::Failed,
        });
        result
    };
    match sending {
        Completion::Left(ready) => completed(tell(ready.into_inner())),
        Completion::Right(future) => pending(async move { tell(future.await) }),
    }
}

impl fmt::Debug for BrokerChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrokerChannel")
            .field("connected", &self.0.get().is_some())
            .finish()
    }
}
