//! What a message of a client passes before it is routed, in an order that no call of the builder can change: limits,
//! authentication, authorization, interceptors.

use super::{Authorization, EndpointServices, refusal::Refusal};
use crate::{
    channel::{Channel, Completion, Interceptors, SendOutcome, completed, pending},
    codec::Headers,
    handler::Dispatched,
    message::{Message, MessageType, Principal, SessionId},
    session::{Session, SessionAttributes},
};

/// The phases between the limits and the routing.
#[derive(Debug, Default)]
pub(crate) struct Phases {
    pub(crate) authorization: Option<Authorization>,
    pub(crate) interceptors: Interceptors,
}

impl Phases {
    /// Whether nothing is installed, so that no message needs to be made for a frame that is not routed.
    pub(super) fn is_empty(&self) -> bool {
        self.authorization.is_none() && self.interceptors.is_empty()
    }

    /// Lets a message pass, or refuses it; `None` if it was swallowed. `attributes` are those of its session.
    pub(super) fn accept(
        &self,
        message: Message,
        attributes: &SessionAttributes,
    ) -> Result<Option<Message>, Refusal> {
        self.authorize(&message)?;
        self.intercept(message, attributes)
    }

    /// Whether the rules allow a message.
    pub(super) fn authorize(&self, message: &Message) -> Result<(), Refusal> {
        match &self.authorization {
            Some(authorization) => authorization.check(message),
            None => Ok(()),
        }
    }

    /// As [`accept`](Self::accept), for a message that the rules have been asked about.
    pub(super) fn intercept(
        &self,
        message: Message,
        attributes: &SessionAttributes,
    ) -> Result<Option<Message>, Refusal> {
        if self.interceptors.is_empty() {
            return Ok(Some(message));
        }
        self.interceptors
            .pre_send(message, Channel::Inbound(attributes))
            .map_err(Refusal::from)
    }

    /// Lets a CONNECT pass, or refuses it; `None` if nothing is installed.
    pub(super) fn connect(
        &self,
        session_id: &SessionId,
        headers: Headers,
        principal: Option<&Principal>,
        attributes: &SessionAttributes,
    ) -> Result<Option<Message>, Refusal> {
        if self.is_empty() {
            return Ok(None);
        }
        let connect = Message::of_type(MessageType::Connect)
            .with_headers(headers)
            .with_session_id(session_id.clone())
            .with_principal(principal.cloned());
        match self.accept(connect, attributes)? {
            Some(connect) => Ok(Some(connect)),
            // Spring says nothing at all, and the client waits for ever (SPH-12).
            None => Err(Refusal::new(
                "connect-refused",
                "the server does not accept the connection",
            )),
        }
    }

    /// Tells the interceptors what became of a message that they let pass.
    pub(super) fn completed(
        &self,
        message: Option<Message>,
        attributes: &SessionAttributes,
        outcome: SendOutcome,
    ) {
        if let Some(message) = message {
            let channel = Channel::Inbound(attributes);
            self.interceptors.completed(&message, channel, outcome);
        }
    }
}

impl EndpointServices {
    /// Gives a SEND or SUBSCRIBE that passes the phases to `route`, and tells the interceptors when it was handled.
    pub(super) fn pass(
        &self,
        session: &Session,
        message: Message,
        route: impl FnOnce(Message) -> Completion<Result<Dispatched, Refusal>>,
    ) -> Completion<Result<Dispatched, Refusal>> {
        if self.phases.is_empty() {
            return route(message);
        }
        let attributes = session.attributes();
        let has_interceptors = !self.phases.interceptors.is_empty();
        let original = has_interceptors.then(|| Original::of(&message));
        let message = match self.phases.accept(message, attributes) {
            Ok(Some(message)) => message,
            Ok(None) => return completed(Ok(Dispatched::Swallowed)),
            Err(refusal) => return completed(Err(refusal)),
        };
        let Some(original) = original else {
            return route(message);
        };
        let message = original.restore(message, session);
        let seen = message.clone();
        let routed = match self.check_changed_destination(&message) {
            Ok(()) => route(message),
            Err(refusal) => completed(Err(refusal)),
        };
        match routed {
            Completion::Left(ready) => {
                let result = ready.into_inner();
                let outcome = SendOutcome::of(&result);
                self.phases.completed(Some(seen), attributes, outcome);
                completed(result)
            }
            Completion::Right(future) => {
                let (interceptors, session) = (self.phases.interceptors.clone(), session.clone());
                pending(async move {
                    let result = future.await;
                    let channel = Channel::Inbound(session.attributes());
                    interceptors.completed(&seen, channel, SendOutcome::of(&result));
                    result
                })
            }
        }
    }

    /// The limits hold for what an interceptor or a layer makes of a destination, too.
    pub(super) fn check_changed_destination(&self, message: &Message) -> Result<(), Refusal> {
        match message.destination().filter(|text| !text.is_empty()) {
            Some(destination) => self.inbound.check_destination(destination, &self.limits),
            None => Err(Refusal::new(
                "invalid-destination",
                "the message has lost its destination on its way through the server",
            )),
        }
    }
}

/// What only CONNECT may change: whose message it is, and what kind of message.
pub(super) struct Original {
    message_type: MessageType,
    subscription_id: Option<String>,
}

impl Original {
    pub(super) fn new(message_type: MessageType, subscription_id: Option<&str>) -> Self {
        Self {
            message_type,
            subscription_id: subscription_id.map(str::to_owned),
        }
    }

    fn of(message: &Message) -> Self {
        Self::new(message.message_type(), message.subscription_id())
    }

    pub(super) fn restore(self, message: Message, session: &Session) -> Message {
        let message = message
            .with_message_type(self.message_type)
            .with_session_id(session.id().clone())
            .with_principal(session.principal().cloned());
        match self.subscription_id {
            Some(id) => message.with_subscription_id(id),
            None => message,
        }
    }
}

impl SendOutcome {
    fn of(result: &Result<Dispatched, Refusal>) -> Self {
        match result {
            Ok(Dispatched::Handled | Dispatched::Failed) => Self::Sent,
            Ok(Dispatched::Swallowed) => Self::Swallowed,
            Err(_) => Self::Failed,
        }
    }
}
