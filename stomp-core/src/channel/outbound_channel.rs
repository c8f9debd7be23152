use std::sync::Arc;

use super::{Channel, Interceptors, SendOutcome};
use crate::{
    codec::{EncodedFrame, SharedMessage},
    message::{Message, MessageId, MessageType},
    session::{Session, SessionClosed},
    statistics::Counters,
};

/// From the server to one subscriber: Spring's `clientOutboundChannel`, for MESSAGE frames. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutboundChannel {
    interceptors: Interceptors,
    counters: Arc<Counters>,
}

/// A message on its way to one subscriber.
#[derive(Clone, Copy)]
pub(crate) struct Delivery<'a> {
    pub(crate) session: &'a Session,
    pub(crate) subscription: Option<&'a str>,
    /// The destination as this client sees it.
    pub(crate) destination: &'a str,
    pub(crate) message: &'a Message,
    pub(crate) id: &'a MessageId,
}

impl OutboundChannel {
    pub(crate) fn new(interceptors: Interceptors, counters: Arc<Counters>) -> Self {
        Self {
            interceptors,
            counters,
        }
    }

    /// Where brokers count.
    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Puts a message into the subscriber's queue, unless an interceptor keeps it from there; whether it is in it.
    /// `frame` makes what is sent if no interceptor changes the message.
    ///
    /// # Errors
    ///
    /// If the session is closed.
    pub(crate) fn send(
        &self,
        delivery: Delivery<'_>,
        frame: impl FnOnce() -> EncodedFrame,
    ) -> Result<bool, SessionClosed> {
        self.send_by(delivery, frame, |frame| {
            delivery.session.outbound().send(frame)
        })
    }

    /// As [`send`](Self::send), with another way into the queue. Only that is under whatever lock it takes: interceptors
    /// are the application's, and may ask the session.
    pub(crate) fn send_by(
        &self,
        delivery: Delivery<'_>,
        frame: impl FnOnce() -> EncodedFrame,
        enqueue: impl FnOnce(EncodedFrame) -> Result<(), SessionClosed>,
    ) -> Result<bool, SessionClosed> {
        if self.interceptors.is_empty() {
            return enqueue(frame()).map(|()| true);
        }
        let session = delivery.session;
        let message = match self
            .interceptors
            .pre_send(delivery.message(), Channel::Outbound)
        {
            Ok(Some(message)) => message,
            Ok(None) => return Ok(false),
            Err(rejected) => {
                tracing::warn!(
                    session = %session.id(),
                    destination = delivery.destination,
                    code = rejected.code(),
                    %rejected,
                    "an interceptor of the outbound channel has rejected a message"
                );
                return Ok(false);
            }
        };
        let frame = if delivery.is_changed(&message) {
            delivery.frame_of(
                message.destination().unwrap_or(delivery.destination),
                &message,
            )
        } else {
            frame()
        };
        let sent = enqueue(frame);
        let outcome = match sent {
            Ok(()) => SendOutcome::Sent,
            Err(_) => SendOutcome::Failed,
        };
        self.interceptors
            .completed(&message, Channel::Outbound, outcome);
        sent.map(|()| true)
    }
}

impl Delivery<'_> {
    /// What interceptors see: nothing of the sender but headers and payload (CH-18).
    fn message(&self) -> Message {
        let message = Message::of_type(MessageType::Message)
            .with_destination(self.destination)
            .with_headers(self.message.headers().clone())
            .with_payload(self.message.payload().clone())
            .with_session_id(self.session.id().clone())
            .with_principal(self.session.principal().cloned());
        match self.subscription {
            Some(subscription) => message.with_subscription_id(subscription),
            None => message,
        }
    }

    fn is_changed(&self, message: &Message) -> bool {
        message.destination() != Some(self.destination)
            || message.payload() != self.message.payload()
            || message.headers() != self.message.headers()
    }

    /// A frame for this subscriber alone.
    pub(crate) fn frame(&self) -> EncodedFrame {
        self.frame_of(self.destination, self.message)
    }

    /// Whom it goes to, and the ids of subscription and message, stay as they are.
    fn frame_of(&self, destination: &str, message: &Message) -> EncodedFrame {
        SharedMessage::new(
            self.session.version(),
            self.id.as_str(),
            destination,
            message.content_type(),
            message.headers(),
            message.payload(),
        )
        .for_subscription(self.subscription, None)
    }
}
