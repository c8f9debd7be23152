//! Who delivers messages to subscribers.

mod routing;
mod simple;

pub(crate) use self::routing::BrokerRouting;
pub(crate) use self::simple::{Place, SimpleBroker};
pub use crate::statistics::BrokerStatistics;

use std::sync::Arc;

use crate::{
    channel::{Completion, MessagingError},
    message::Message,
    session::Session,
};

/// A subscription of a session, as a broker keeps it.
///
/// Clones are the same subscription.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    /// Who subscribed.
    pub(crate) session: Session,
    /// The `id` of SUBSCRIBE; STOMP 1.0 may do without (SUB-004).
    pub(crate) id: Option<Arc<str>>,
    /// The destination or pattern, as the client wrote it.
    pub(crate) destination: Arc<str>,
    /// Where the embedded broker keeps it.
    pub(crate) place: Place,
}

impl Subscription {
    /// Takes the destination of its SUBSCRIBE over, which may have been changed on the way.
    pub(crate) fn follow(&mut self, subscribe: &Message) {
        if let Some(destination) = subscribe.destination()
            && destination != &*self.destination
        {
            self.destination = destination.into();
        }
    }
}

/// A broker could not take a subscription.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubscribeError {
    /// The destination is a pattern that clients may not use.
    #[error("{0}")]
    Pattern(#[from] crate::pattern::PatternError),
    /// The broker can't take subscriptions at the moment. The embedded one always can.
    #[cfg_attr(
        not(any(test, feature = "test-util")),
        expect(dead_code, reason = "so far only the fake broker is ever unavailable")
    )]
    #[error("the broker is not available: {reason}")]
    Unavailable {
        /// Why not.
        reason: String,
    },
}

/// Takes subscriptions and delivers what is published: the embedded [`SimpleBroker`], or a relay to an external one.
pub(crate) trait Broker: Send + Sync + 'static {
    /// The destination prefixes that the broker serves; none means all destinations (PX-6, SB-3).
    fn prefixes(&self) -> &[String];

    /// Adds a subscription. It completes when every message that is published from then on reaches the subscriber
    /// (RCP-003).
    fn subscribe(&self, subscription: Subscription) -> Completion<Result<(), SubscribeError>>;

    /// Adds a subscription to a user destination: only [`send_to_sessions`](Self::send_to_sessions) reaches it.
    fn subscribe_privately(
        &self,
        subscription: Subscription,
    ) -> Completion<Result<(), SubscribeError>>;

    /// Removes a subscription of either kind. When it returns, no message is on its way to the subscriber any more
    /// (SUB-011).
    fn unsubscribe(&self, subscription: &Subscription);

    /// Delivers a message to every subscriber of its destination. It completes when the message is in the queue of
    /// each.
    fn publish(&self, message: Message) -> Completion<Result<(), MessagingError>>;

    /// Delivers a message to those private subscriptions of the given sessions that match its destination, which is
    /// the one that the clients subscribed to, such as `/user/queue/a` (UD-11).
    fn send_to_sessions(
        &self,
        sessions: &[Session],
        message: Message,
    ) -> Completion<Result<(), MessagingError>>;

    /// What the broker keeps at this moment.
    fn statistics(&self) -> BrokerStatistics;
}
