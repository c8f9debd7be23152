//! What a client does that has sent CONNECT.

mod acknowledging;
mod sending;
mod subscribing;
mod transactions;

pub(in crate::endpoint) use self::transactions::Transaction;

use std::{collections::HashMap, sync::Arc};

use self::{
    subscribing::{SubscriptionEntry, UnsubscribedKeys},
    transactions::Transactions,
};
use super::{
    super::{layers::InboundService, refusal::Refusal},
    EndpointServices, Handled, Receipt,
};
use crate::{
    channel::SendOutcome,
    codec::{Command, Frame, Headers, Version},
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
    subscriptions: HashMap<SubscriptionKey, SubscriptionEntry>,
    /// How many there were.
    subscription_count: u64,
    unsubscribed: UnsubscribedKeys,
    transactions: Transactions,
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
            subscription_count: 0,
            unsubscribed: UnsubscribedKeys::default(),
            transactions: Transactions::default(),
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
        // An UNSUBSCRIBE that waits still finds its subscription.
        let entries = self.subscriptions.values_mut();
        let ended: Vec<_> = entries.filter_map(SubscriptionEntry::end).collect();
        services.inbound.broker().unsubscribe_all(&ended);
        services.users.remove(&self.session);
        services.sessions.remove(self.session.id());
        tracing::debug!(session = %self.session.id(), "session ended");
        if let Some(listening) = services.events.disconnected(&self.session, reason) {
            services.connections.spawn(listening);
        }
    }

    /// Takes a frame of a client that has sent CONNECT.
    ///
    /// Its `receipt` is left to the caller, for the RECEIPT or the ERROR; what belongs into it is added.
    pub(in crate::endpoint) fn handle(
        &mut self,
        frame: Frame,
        receipt: Option<&mut Receipt>,
    ) -> Result<Handled, Refusal> {
        match &frame.command {
            Command::Send => self.send(frame),
            Command::Subscribe => self.subscribe(&frame, receipt),
            Command::Unsubscribe => self.unsubscribe(&frame),
            Command::Ack | Command::Nack => self.acknowledge(&frame),
            Command::Begin => self.begin(&frame),
            Command::Commit => self.commit(&frame),
            Command::Abort => self.abort(&frame),
            Command::Disconnect => {
                self.disconnect(Some(frame.headers), CloseReason::Disconnected)?;
                Ok(Handled::Disconnected)
            }
            Command::Connect | Command::Stomp => Err(Refusal::new(
                "already-connected",
                "the session is connected already; CONNECT must be sent once",
            )),
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
