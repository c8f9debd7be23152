//! The inbound channel: where a message of a client goes.

use std::sync::Arc;

use super::{late_subscription::LateSubscription, protocol::Work, refusal::Refusal};
use crate::{
    broker::{Broker, BrokerRouting, SubscribeError, SubscribeOptions, Subscription},
    channel::{BrokerChannel, Completion, MessagingError, completed, pending},
    handler::{Dispatched, Dispatcher, Parallel},
    message::Message,
    pattern::Separator,
    session::{Limits, Session},
};

/// What happens when a client sends or subscribes to a destination that nothing serves: no handler is mapped to it,
/// and neither the broker nor the user destinations cover it.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownDestinations {
    /// The client gets an ERROR that names the destination, and the connection is closed. The default: a typo is found
    /// when it is made.
    #[default]
    Refuse,
    /// Nothing, as in Spring (MM-15): the message is logged at debug level and dropped.
    Ignore,
}

/// Sends the messages of clients to handlers, user destinations and broker.
pub(crate) struct InboundChannel {
    pub(crate) dispatcher: Dispatcher,
    /// Each ends with `/`, whatever the separator is (PX-1). None means all destinations (PX-2).
    pub(crate) application_prefixes: Vec<String>,
    pub(crate) separator: Separator,
    pub(crate) routing: Arc<BrokerRouting>,
    pub(crate) broker_channel: BrokerChannel,
    /// Whether clients may SEND to what no handler takes.
    pub(crate) sends_to_broker: bool,
    pub(crate) unknown_destinations: UnknownDestinations,
    /// Whether clients may subscribe with selectors.
    pub(crate) selectors: bool,
}

/// A subscription of a session, and who keeps it.
#[derive(Clone, Debug)]
pub(super) enum Subscribed {
    /// The broker delivers to it.
    ByBroker(Subscription),
    /// A layer may still hold it back.
    Late(LateSubscription),
    /// Nobody keeps it: a handler has answered, and that was all (SM-7), or the client has left.
    ByNobody,
}

/// How a client and the server name a subscription.
#[derive(Clone, Debug)]
pub(super) struct SubscriptionName {
    /// The `id` of SUBSCRIBE.
    pub(super) id: Option<Arc<str>>,
    /// Its number among those of its session.
    pub(super) number: u64,
}

impl Subscribed {
    /// The subscription, if a broker keeps it.
    pub(super) fn subscription(&self) -> Option<Subscription> {
        match self {
            Self::ByBroker(subscription) => Some(subscription.clone()),
            Self::Late(late) => late.subscription(),
            Self::ByNobody => None,
        }
    }

    /// Ends it, and leaves it to the caller to remove the subscription from the broker, if that keeps it.
    pub(super) fn end(self) -> Option<Subscription> {
        match self {
            Self::ByBroker(subscription) => Some(subscription),
            Self::Late(late) => late.end(),
            Self::ByNobody => None,
        }
    }
}

impl InboundChannel {
    /// The handler of a SEND, if it takes several messages of one session at the same time.
    pub(super) fn parallel(&self, destination: &str) -> Option<Parallel> {
        if !self.dispatcher.has_parallel_handlers() {
            return None;
        }
        self.dispatcher
            .parallel(&self.lookup_destination(destination)?)
    }

    /// Where a SEND goes: the handler that is mapped to it, and the broker, if its prefixes cover it, too (PX-7).
    ///
    /// It completes when the handler has run and when the message is in the queue of every local subscriber.
    pub(super) fn send(
        &self,
        session: &Session,
        message: Message,
    ) -> Completion<Result<Dispatched, Refusal>> {
        let destination = message.destination().unwrap_or_default();
        let is_for_broker = self.is_for_broker(destination);
        let is_denied = is_for_broker && !self.sends_to_broker;
        let is_for_broker = is_for_broker && !is_denied;
        let dispatched = match self.lookup_destination(destination) {
            Some(lookup) if is_for_broker => self
                .dispatcher
                .dispatch::<Refusal>(session, message.clone(), lookup)
                .ok(),
            None if is_for_broker => None,
            lookup => {
                let no_handler = match lookup {
                    Some(lookup) => match self.dispatcher.dispatch(session, message, lookup) {
                        Ok(dispatched) => return dispatched,
                        Err(no_handler) => *no_handler.0,
                    },
                    None => message,
                };
                let refused = if is_denied {
                    Err(denied(&no_handler))
                } else {
                    self.unknown(&no_handler)
                };
                return completed(refused.map(|()| Dispatched::Handled));
            }
        };
        // The sender's session must not narrow a message for users down to that session (UD-7).
        let published = self.broker_channel.send(message.without_session_id());
        match dispatched {
            None => map(published, as_dispatched),
            Some(dispatched) => pending(async move {
                let dispatched = dispatched.await?;
                as_dispatched(published.await)?;
                Ok(dispatched)
            }),
        }
    }

    /// Whether a SEND to this destination would go anywhere; who may not send there, or, unless that is to be ignored,
    /// sends where nobody is, is refused.
    pub(super) fn serves(&self, message: &Message) -> Result<bool, Refusal> {
        let destination = message.destination().unwrap_or_default();
        let is_for_broker = self.is_for_broker(destination);
        if is_for_broker && self.sends_to_broker {
            return Ok(true);
        }
        let lookup = self.lookup_destination(destination);
        if lookup.is_some_and(|lookup| self.dispatcher.has_handler(&lookup)) {
            return Ok(true);
        }
        if is_for_broker {
            return Err(denied(message));
        }
        self.unknown(message).map(|()| false)
    }

    /// Where the SENDs of a transaction go at COMMIT. The first part completes when what is for the broker is in the
    /// queues of all local subscribers, or nothing of it is. The second part, if there is one, then runs handlers, one
    /// after another: what they do can't be undone.
    pub(super) fn commit(
        &self,
        session: &Session,
        messages: Vec<Message>,
    ) -> (Completion<Result<(), Refusal>>, Option<Work>) {
        let (mut for_broker, mut for_handlers) = (Vec::new(), Vec::new());
        for message in messages {
            let destination = message.destination().unwrap_or_default();
            let is_for_broker = self.is_for_broker(destination) && self.sends_to_broker;
            let lookup = self.lookup_destination(destination);
            let lookup = lookup.filter(|lookup| self.dispatcher.has_handler(lookup));
            if is_for_broker {
                for_broker.push(message.clone().without_session_id());
            }
            for_handlers.extend(lookup.map(|lookup| (message, lookup)));
        }
        let published = if for_broker.is_empty() {
            completed(Ok(()))
        } else {
            let sent = self.broker_channel.send_all(for_broker);
            map(sent, |sent| sent.map_err(Refusal::from))
        };
        if for_handlers.is_empty() {
            return (published, None);
        }
        let (dispatcher, session) = (self.dispatcher.clone(), session.clone());
        let handling = async move {
            let mut all = Dispatched::Handled;
            for (message, lookup) in for_handlers {
                if let Ok(handling) = dispatcher.dispatch::<Refusal>(&session, message, lookup)
                    && handling.await? != Dispatched::Handled
                {
                    all = Dispatched::Failed;
                }
            }
            Ok(all)
        };
        (published, Some(Box::pin(handling)))
    }

    fn is_for_broker(&self, destination: &str) -> bool {
        self.routing.users.covers(destination) || self.routing.broker_covers(destination)
    }

    /// Where a SUBSCRIBE goes. It completes when the subscription is visible to every publisher (RCP-003), or when the
    /// handler has answered.
    pub(super) fn subscribe(
        &self,
        session: &Session,
        message: Message,
        name: SubscriptionName,
    ) -> Result<(Subscribed, Completion<Result<Dispatched, Refusal>>), Refusal> {
        fn subscribed(result: Result<(), SubscribeError>) -> Result<Dispatched, Refusal> {
            match result {
                Ok(()) => Ok(Dispatched::Handled),
                Err(error) => Err(error.into()),
            }
        }
        let options = SubscribeOptions::read(message.headers(), self.selectors)?;
        let destination = message.destination().unwrap_or_default();
        let SubscriptionName { id, number } = name;
        let is_private = self.routing.users.covers(destination);
        let subscription = Subscription::new(
            session.clone(),
            id,
            destination.into(),
            number,
            is_private,
            options,
        );
        let broker = &self.routing.broker;
        if is_private {
            let completion = broker.subscribe(subscription.clone());
            return Ok((
                Subscribed::ByBroker(subscription),
                map(completion, subscribed),
            ));
        }
        let is_for_broker = self.routing.broker_covers(destination);
        let dispatched = match self.lookup_destination(destination) {
            Some(lookup) => self.dispatcher.dispatch(session, message, lookup),
            None => Err(crate::handler::NoHandler(Box::new(message))),
        };
        match (dispatched, is_for_broker) {
            (Ok(dispatched), false) => Ok((Subscribed::ByNobody, dispatched)),
            (Ok(dispatched), true) => {
                let completion = broker.subscribe(subscription.clone());
                let both = pending(async move {
                    subscribed(completion.await)?;
                    dispatched.await
                });
                Ok((Subscribed::ByBroker(subscription), both))
            }
            (Err(_), true) => {
                let completion = broker.subscribe(subscription.clone());
                Ok((
                    Subscribed::ByBroker(subscription),
                    map(completion, subscribed),
                ))
            }
            (Err(no_handler), false) => {
                self.unknown(&no_handler.0)?;
                Ok((Subscribed::ByNobody, completed(Ok(Dispatched::Handled))))
            }
        }
    }

    pub(super) fn broker(&self) -> &dyn Broker {
        &*self.routing.broker
    }

    /// The destination behind the first application prefix that fits (PX-3, PX-4).
    fn lookup_destination(&self, destination: &str) -> Option<String> {
        if self.application_prefixes.is_empty() {
            return Some(destination.to_owned());
        }
        let prefix = self
            .application_prefixes
            .iter()
            .find(|prefix| destination.starts_with(prefix.as_str()))?;
        let cut = match self.separator {
            // What is left starts with `/`, as mappings do.
            Separator::Slash => prefix.len() - 1,
            Separator::Dot => prefix.len(),
        };
        Some(destination[cut..].to_owned())
    }

    fn unknown(&self, message: &Message) -> Result<(), Refusal> {
        let destination = message.destination().unwrap_or_default();
        match self.unknown_destinations {
            UnknownDestinations::Ignore => {
                tracing::debug!(destination, message_type = ?message.message_type(), "no handler and no broker");
                Ok(())
            }
            UnknownDestinations::Refuse => Err(Refusal::new(
                "unknown-destination",
                format!("nothing serves {destination}, neither a handler nor the broker"),
            )),
        }
    }

    /// Checks a destination that a client sent (limits of T-21 and T-33).
    pub(super) fn check_destination(
        &self,
        destination: &str,
        limits: &Limits,
    ) -> Result<(), Refusal> {
        if destination.len() > limits.destination_bytes {
            return Err(Refusal::limit(
                "destination-too-long",
                "the destination is too long in bytes",
                limits.destination_bytes,
                "destination_bytes",
            ));
        }
        let separator = self.separator.as_char();
        let segments = destination
            .trim_start_matches(separator)
            .split(separator)
            .count();
        if segments > limits.destination_segments {
            return Err(Refusal::limit(
                "destination-too-long",
                "the destination has too many segments",
                limits.destination_segments,
                "destination_segments",
            ));
        }
        Ok(())
    }
}

fn as_dispatched(published: Result<(), MessagingError>) -> Result<Dispatched, Refusal> {
    match published {
        Ok(()) => Ok(Dispatched::Handled),
        Err(MessagingError::Swallowed { .. }) => Ok(Dispatched::Swallowed),
        Err(error) => Err(error.into()),
    }
}

fn denied(message: &Message) -> Refusal {
    let destination = message.destination().unwrap_or_default();
    Refusal::new(
        "send-denied",
        format!("clients may not send to {destination}, only to the application"),
    )
}

/// Maps the result of a step, which stays complete if it is.
fn map<T, U>(completion: Completion<T>, map: fn(T) -> U) -> Completion<U>
where
    T: Send + 'static,
    U: 'static,
{
    match completion {
        Completion::Left(ready) => completed(map(ready.into_inner())),
        Completion::Right(future) => pending(async move { map(future.await) }),
    }
}
