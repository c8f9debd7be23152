//! Who delivers messages to subscribers.

mod acknowledgement;
mod history;
mod routing;
mod simple;
mod subscription;

pub use self::history::History;
pub(crate) use self::{
    acknowledgement::{AckId, AckMode, DeliveryName, Verdict},
    history::{HistoryRules, Recovery},
    routing::BrokerRouting,
    simple::{SimpleBroker, SimpleBrokerOptions},
    subscription::{FrameKey, HistoryRequest, SubscribeOptions, Subscription},
};
pub use crate::statistics::BrokerStatistics;

use crate::{
    channel::{Completion, MessagingError},
    message::Message,
    session::Session,
};

/// A broker could not take a subscription.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubscribeError {
    /// The destination is a pattern that clients may not use.
    #[error("{0}")]
    Pattern(#[from] crate::pattern::PatternError),
    /// A queue has a name, and no pattern stands for several of them.
    #[error("{0} is a pattern; a queue is subscribed to by its name")]
    QueuePattern(String),
    /// No history is kept of the destination that it was asked of.
    #[error("{0} has no history: leave out history, recover-epoch and recover-offset")]
    NoHistory(String),
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

    /// Removes a subscription of either kind. When it returns, no message is on its way to the subscriber any more
    /// (SUB-011).
    fn unsubscribe(&self, subscription: &Subscription);

    /// Removes the subscriptions of a session that ends. What they have not acknowledged goes to others in its order,
    /// whichever of them had it (ACK-026).
    fn unsubscribe_all(&self, subscriptions: &[Subscription]) {
        for subscription in subscriptions {
            self.unsubscribe(subscription);
        }
    }

    /// Delivers a message. It completes when the message is in the queue of each subscriber, or is kept for one to come.
    fn publish(&self, publication: Publication) -> Completion<Result<(), MessagingError>>;

    /// Delivers several messages, all of them or none (TX-020).
    fn publish_all(&self, publications: Vec<Publication>)
    -> Completion<Result<(), MessagingError>>;

    /// The number of a delivery to a subscription that is not settled yet; `None` if there is no such delivery
    /// (ACK-016 to ACK-019).
    fn unsettled(&self, subscription: &Subscription, name: DeliveryName<'_>) -> Option<u64>;

    /// Settles a delivery, and those before it if the subscription's mode says so. What is settled already stays so.
    fn settle(&self, subscription: &Subscription, delivery: u64, verdict: Verdict);

    /// What the broker keeps at this moment.
    fn statistics(&self) -> BrokerStatistics;
}

/// A message for subscribers.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) message: Message,
    pub(crate) to: Recipients,
}

/// Whom a message is for.
#[derive(Clone, Debug)]
pub(crate) enum Recipients {
    /// The subscribers of its destination.
    Subscribers,
    /// Those private subscriptions of these sessions that match its destination, which is the one that the clients
    /// subscribed to, such as `/user/queue/a` (UD-11).
    Sessions(Vec<Session>),
}
