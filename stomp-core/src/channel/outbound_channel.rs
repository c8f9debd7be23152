use std::sync::Arc;

use super::{Channel, Interceptors, SendOutcome};
use crate::{
    codec::{DeliveryHeaders, EncodedFrame, SharedMessage, Version},
    message::{HistoryPosition, Message, MessageId, MessageType},
    session::{Overflow, Session, SlowConsumers},
    statistics::Counters,
};

/// From the server to one subscriber: Spring's `clientOutboundChannel`, for MESSAGE frames. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutboundChannel {
    interceptors: Interceptors,
    slow_consumers: Arc<SlowConsumers>,
    counters: Arc<Counters>,
}

/// A message on its way to one subscriber.
#[derive(Clone, Copy)]
pub(crate) struct Delivery<'a> {
    pub(crate) session: &'a Session,
    /// What of the frame is for this subscriber alone.
    pub(crate) headers: DeliveryHeaders<'a>,
    /// The destination as this client sees it.
    pub(crate) destination: &'a str,
    pub(crate) message: &'a Message,
    pub(crate) id: &'a MessageId,
    /// Where the message stands in the history of its destination, if that is kept.
    pub(crate) position: Option<&'a HistoryPosition>,
}

/// What became of a message for one subscriber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivered {
    /// It is in the subscriber's queue.
    Queued,
    /// An interceptor has stopped it.
    Stopped,
}

impl OutboundChannel {
    pub(crate) fn new(
        interceptors: Interceptors,
        slow_consumers: SlowConsumers,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            interceptors,
            slow_consumers: Arc::new(slow_consumers),
            counters,
        }
    }

    /// Where brokers count.
    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What happens to a message whose subscribers have no room for it. To be asked once for all of them.
    pub(crate) fn overflow(&self, message: &Message) -> Overflow {
        let destination = message.destination().unwrap_or_default();
        self.slow_consumers.overflow(destination, message.headers())
    }

    /// Puts a message into the subscriber's queue. `frame` makes what is sent if no interceptor changes the message;
    /// `enqueue` puts it in. Only that is under whatever lock it takes: interceptors are the application's, and may ask
    /// the session.
    ///
    /// # Errors
    ///
    /// That of `enqueue`.
    pub(crate) fn send<E>(
        &self,
        delivery: Delivery<'_>,
        frame: impl FnOnce() -> EncodedFrame,
        enqueue: impl FnOnce(EncodedFrame) -> Result<(), E>,
    ) -> Result<Delivered, E> {
        if self.interceptors.is_empty() {
            return enqueue(frame()).map(|()| Delivered::Queued);
        }
        let session = delivery.session;
        let message = match self
            .interceptors
            .pre_send(delivery.message(), Channel::Outbound)
        {
            Ok(Some(message)) => message,
            Ok(None) => return Ok(Delivered::Stopped),
            Err(rejected) => {
                tracing::warn!(
                    session = %session.id(),
                    destination = delivery.destination,
                    code = rejected.code(),
                    %rejected,
                    "an interceptor of the outbound channel has rejected a message"
                );
                return Ok(Delivered::Stopped);
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
        sent.map(|()| Delivered::Queued)
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
        match self.headers.subscription {
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
        shared_message(
            self.session.version(),
            self.id,
            self.position,
            destination,
            message,
        )
        .for_delivery(self.headers)
    }
}

/// What all receivers of a message that speak one version share.
pub(crate) fn shared_message(
    version: Version,
    id: &MessageId,
    position: Option<&HistoryPosition>,
    destination: &str,
    message: &Message,
) -> SharedMessage {
    let mut digits = itoa::Buffer::new();
    let position = position.map(|position| {
        [
            ("epoch", &*position.epoch),
            ("offset", digits.format(position.offset)),
        ]
    });
    SharedMessage::new(
        version,
        id.as_str(),
        destination,
        message.content_type(),
        position.as_ref().map_or(&[], |headers| &headers[..]),
        message.headers(),
        message.payload(),
    )
}
