//! What a client does that has sent CONNECT.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use futures_util::FutureExt;

use super::{
    super::{
        inbound::Subscribed,
        late_subscription::LateSubscription,
        layers::{InboundMessage, InboundService},
        refusal::Refusal,
    },
    EndpointServices, Handled,
};
use crate::{
    broker::{Place, Subscription},
    channel::{Completion, SendOutcome, completed, pending},
    codec::{Command, Frame, Headers, Version},
    handler::Dispatched,
    message::{Message, MessageType},
    session::{CloseReason, Session, SubscriptionKey, Turns},
};

/// A session. Dropping it ends it: its subscriptions are gone, and nobody finds it in a registry any more.
pub(in crate::endpoint) struct Connected {
    services: Arc<EndpointServices>,
    session: Session,
    /// The way through the layers; `None` if there are none.
    layers: Option<InboundService>,
    /// By what UNSUBSCRIBE names them by.
    subscriptions: HashMap<SubscriptionKey, Subscribed>,
    /// Whether the interceptors have seen its DISCONNECT: they see one in the life of a session.
    has_disconnected: bool,
}

impl Connected {
    pub(super) fn new(
        services: Arc<EndpointServices>,
        session: Session,
        layers: Option<InboundService>,
    ) -> Self {
        Self {
            layers,
            services,
            session,
            subscriptions: HashMap::new(),
            has_disconnected: false,
        }
    }

    /// Ends the session for everybody else, now. Frames that wait behind a slow handler are no reason to keep its
    /// subscriptions and its user online (SUB-033).
    pub(in crate::endpoint) fn leave(&mut self) {
        if self.session.has_ended() {
            return;
        }
        // There is nobody to tell about an interceptor that refuses it.
        let _refused = self.disconnect(None, CloseReason::ConnectionLost);
        // Its task may be dropped before anybody closes it.
        self.end(CloseReason::ConnectionLost);
    }

    /// Ends the session when DISCONNECT has passed the interceptors. They see one in the life of a session, and can't
    /// keep it from ending (SB-16).
    ///
    /// `headers` are those of the client's DISCONNECT. The rules are not asked about one that no client has sent, and the
    /// interceptors see it whatever the rules say: the session ends. `reason` is why, if nobody has closed it yet.
    fn disconnect(&mut self, headers: Option<Headers>, reason: CloseReason) -> Result<(), Refusal> {
        let services = self.services.clone();
        if std::mem::replace(&mut self.has_disconnected, true) || services.phases.is_empty() {
            return Ok(());
        }
        let attributes = self.session.attributes().clone();
        let phases = &services.phases;
        let is_from_client = headers.is_some();
        let disconnect = self.message(MessageType::Disconnect, headers.unwrap_or_default());
        let authorized = if is_from_client {
            phases.authorize(&disconnect)
        } else {
            Ok(())
        };
        let (seen, refused) = match phases.intercept(disconnect, &attributes) {
            Ok(seen) => (seen, authorized),
            Err(refusal) => (None, authorized.and(Err(refusal))),
        };
        self.end(match &refused {
            Ok(()) => reason,
            Err(refusal) => refusal.reason(),
        });
        phases.completed(seen, &attributes, SendOutcome::Sent);
        refused
    }

    /// A message of this session, without destination.
    fn message(&self, message_type: MessageType, headers: Headers) -> Message {
        Message::of_type(message_type)
            .with_headers(headers)
            .with_session_id(self.session.id().clone())
            .with_principal(self.session.principal().cloned())
    }

    fn end(&mut self, reason: CloseReason) {
        if !self.session.end() {
            return;
        }
        let services = &self.services;
        for subscribed in self.subscriptions.values_mut() {
            // An UNSUBSCRIBE that waits still finds its subscription.
            std::mem::replace(subscribed, Subscribed::ByNobody).end(services.inbound.broker());
        }
        services.users.remove(&self.session);
        services.sessions.remove(self.session.id());
        tracing::debug!(session = %self.session.id(), "session ended");
        if let Some(listening) = services.events.disconnected(&self.session, reason) {
            services.connections.spawn(listening);
        }
    }

    /// Takes a frame of a client that has sent CONNECT.
    ///
    /// Its `receipt` is left to the caller, for the RECEIPT or the ERROR.
    pub(in crate::endpoint) fn handle(&mut self, frame: Frame) -> Result<Handled, Refusal> {
        match &frame.command {
            Command::Send => self.send(frame),
            Command::Subscribe => self.subscribe(&frame),
            Command::Unsubscribe => self.unsubscribe(&frame),
            Command::Disconnect => {
                self.disconnect(Some(frame.headers), CloseReason::Disconnected)?;
                Ok(Handled::Disconnected)
            }
            Command::Connect | Command::Stomp => Err(Refusal::new(
                "already-connected",
                "the session is connected already; CONNECT must be sent once",
            )),
            Command::Ack | Command::Nack | Command::Begin | Command::Commit | Command::Abort => {
                Err(unsupported(&format!(
                    "{} is not supported by this server",
                    frame.command.as_str()
                )))
            }
            Command::Connected | Command::Message | Command::Receipt | Command::Error => {
                Err(Refusal::new(
                    "unexpected-command",
                    format!("{} is a frame of servers", frame.command.as_str()),
                ))
            }
            Command::Unknown(name) => Err(Refusal::new(
                "unknown-command",
                format!("unknown command {name}"),
            )),
        }
    }

    fn send(&self, mut frame: Frame) -> Result<Handled, Refusal> {
        if frame.headers.contains("transaction") {
            return Err(unsupported("transactions are not supported by this server"));
        }
        let destination = self.destination(&frame)?.to_owned();
        let message = self
            .message(MessageType::Message, std::mem::take(&mut frame.headers))
            .with_destination(destination)
            .with_payload(frame.body);
        let services = &self.services;
        let mut parallel = None;
        let completion = services.pass(&self.session, message, |message| {
            let inbound = &services.inbound;
            parallel = inbound.parallel(message.destination().unwrap_or_default());
            match &self.layers {
                None => inbound.send(&self.session, message),
                Some(layers) => {
                    Completion::Right(layers.start(InboundMessage::send(&self.session, message)))
                }
            }
        });
        Ok(match completion.try_into()? {
            Handled::Pending(work, None) => Handled::Pending(work, parallel),
            handled => handled,
        })
    }

    fn subscribe(&mut self, frame: &Frame) -> Result<Handled, Refusal> {
        let destination: Arc<str> = self.destination(frame)?.into();
        match frame.header("ack") {
            None | Some("auto") => {}
            Some("client" | "client-individual") => {
                return Err(unsupported("only ack auto is supported by this server"));
            }
            Some(_) => {
                return Err(Refusal::new(
                    "invalid-ack-mode",
                    "ack must be auto, client or client-individual",
                ));
            }
        }
        if frame.headers.contains("selector") {
            return Err(unsupported("selectors are not supported by this server"));
        }
        let id = self.subscription_id(frame)?;
        let key = match &id {
            Some(id) => SubscriptionKey::Id(id.clone()),
            None => SubscriptionKey::Destination(destination.clone()),
        };
        let limit = self.services.limits.subscriptions;
        if self.subscriptions.len() >= limit {
            let what = "the session has too many subscriptions";
            return Err(Refusal::limit(
                "too-many-subscriptions",
                what,
                limit,
                "subscriptions",
            ));
        }
        let mut message = self
            .message(MessageType::Subscribe, frame.headers.clone())
            .with_destination(&*destination);
        let Entry::Vacant(entry) = self.subscriptions.entry(key.clone()) else {
            return Err(Refusal::new(
                "duplicate-subscription",
                "the session has a subscription of this id already",
            ));
        };
        // The client has left; frames that came before are still handled.
        if self.session.has_ended() {
            entry.insert(Subscribed::ByNobody);
            return Ok(Handled::Done);
        }
        if let Some(id) = &id {
            message = message.with_subscription_id(&**id);
        }
        let mut subscription = Subscription {
            session: self.session.clone(),
            id,
            destination: destination.clone(),
            place: Place::default(),
        };
        // A subscription that was swallowed has an UNSUBSCRIBE, too.
        let mut subscribed = Subscribed::ByNobody;
        let mut has_passed = false;
        let mut event = None;
        let services = &self.services;
        let completion = services.pass(&self.session, message, |message| {
            has_passed = true;
            event = services
                .events
                .wants_subscriptions()
                .then(|| message.clone());
            if let Some(layers) = &self.layers {
                let late = LateSubscription::default();
                subscribed = Subscribed::Late(late.clone());
                let (session, id) = (&self.session, subscription.id);
                let message = InboundMessage::subscribe(session, message, id, late);
                let (layers, session, key) = (layers.start(message), session.clone(), key.clone());
                return pending(async move {
                    let dispatched = layers.await?;
                    if dispatched == Dispatched::Swallowed {
                        session.remove_subscription(&key);
                    }
                    Ok(dispatched)
                });
            }
            subscription.follow(&message);
            match services
                .inbound
                .subscribe(&self.session, message, subscription)
            {
                Ok((by, completion)) => {
                    subscribed = by;
                    completion
                }
                Err(refusal) => completed(Err(refusal)),
            }
        });
        entry.insert(subscribed);
        if has_passed {
            self.session.add_subscription(key, destination);
        }
        match event {
            Some(event) => self.announce(event, completion).try_into(),
            None => completion.try_into(),
        }
    }

    /// Tells of a subscription when it is active.
    fn announce(
        &self,
        subscribe: Message,
        completion: Completion<Result<Dispatched, Refusal>>,
    ) -> Completion<Result<Dispatched, Refusal>> {
        let (events, session) = (self.services.events.clone(), self.session.clone());
        pending(async move {
            let dispatched = completion.await?;
            if dispatched != Dispatched::Swallowed
                && let Some(listening) = events.subscribed(&session, subscribe)
            {
                listening.await;
            }
            Ok(dispatched)
        })
    }

    fn unsubscribe(&mut self, frame: &Frame) -> Result<Handled, Refusal> {
        let key = match self.subscription_id(frame)? {
            Some(id) => SubscriptionKey::Id(id),
            None => SubscriptionKey::Destination(self.destination(frame)?.into()),
        };
        let Some(subscribed) = self.subscriptions.remove(&key) else {
            return Err(Refusal::new(
                "unknown-subscription",
                "the session has no subscription of this id",
            ));
        };
        let destination = self.session.remove_subscription(&key);
        let message = || {
            let message = self.message(MessageType::Unsubscribe, frame.headers.clone());
            match &key {
                SubscriptionKey::Id(id) => message.with_subscription_id(&**id),
                SubscriptionKey::Destination(_) => message,
            }
        };
        let services = &self.services;
        let attributes = self.session.attributes();
        let accepted = if services.phases.is_empty() {
            Ok(None)
        } else {
            services.phases.accept(message(), attributes)
        };
        // Whatever the interceptors say: a client that wants no more messages gets none.
        subscribed.end(services.inbound.broker());
        services
            .phases
            .completed(accepted?, attributes, SendOutcome::Sent);
        // What was swallowed has never been a subscription.
        let listening = destination.and_then(|destination| {
            let event = || message().with_destination(&*destination);
            services.events.unsubscribed(&self.session, event)
        });
        Ok(match listening {
            Some(listening) => {
                let work = listening.map(|()| Ok(Dispatched::Handled));
                Handled::Pending(Box::pin(work), None)
            }
            None => Handled::Done,
        })
    }

    /// The `destination` header, which must be there (SUB-006, ERR-006).
    fn destination<'a>(&self, frame: &'a Frame) -> Result<&'a str, Refusal> {
        let destination = frame
            .header("destination")
            .filter(|destination| !destination.is_empty());
        let destination = destination.ok_or_else(|| missing_header(frame, "destination"))?;
        self.services
            .inbound
            .check_destination(destination, &self.services.limits)?;
        Ok(destination)
    }

    /// The `id` header, which only STOMP 1.0 may do without (SUB-003, SUB-004, SUB-013).
    fn subscription_id(&self, frame: &Frame) -> Result<Option<Arc<str>>, Refusal> {
        match frame.header("id") {
            None if self.session.version() == Version::V1_0 => Ok(None),
            None => Err(missing_header(frame, "id")),
            Some(id) => Ok(Some(id.into())),
        }
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.leave();
        // Those who are told of the end still find what belongs to the session, and so did the last frames (WS-5).
        let turn = |turns: &mut Turns, _has_ended| turns.any().then(|| turns.next());
        let session = self.session.clone();
        match session.take_turns(turn) {
            Some(turn) => {
                let drop_state = turn.run(async move { session.drop_state() });
                self.services.connections.spawn(drop_state);
            }
            None => session.drop_state(),
        }
    }
}

fn missing_header(frame: &Frame, name: &str) -> Refusal {
    Refusal::new(
        "missing-header",
        format!("{} needs the header {name}", frame.command.as_str()),
    )
}

fn unsupported(what: &str) -> Refusal {
    Refusal::new("unsupported", what.to_owned())
}
