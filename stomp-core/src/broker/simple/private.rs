use std::collections::HashMap;

use parking_lot::RwLock;

use super::super::{BrokerStatistics, Subscription};
use crate::{message::SessionId, pattern::DestinationPattern, session::Session};

/// Subscriptions to user destinations, by session.
///
/// They are not among the topics: no destination that a client can write leads to those of another session (T-25).
#[derive(Default)]
pub(super) struct PrivateSubscriptions(RwLock<HashMap<SessionId, Vec<PrivateSubscription>>>);

struct PrivateSubscription {
    pattern: Option<DestinationPattern>,
    subscription: Subscription,
}

impl PrivateSubscriptions {
    pub(super) fn subscribe(
        &self,
        pattern: Option<DestinationPattern>,
        subscription: Subscription,
    ) {
        let session = subscription.session.id().clone();
        self.0
            .write()
            .entry(session)
            .or_default()
            .push(PrivateSubscription {
                pattern,
                subscription,
            });
    }

    /// Whether there was such a subscription.
    pub(super) fn unsubscribe(&self, subscription: &Subscription) -> bool {
        let mut sessions = self.0.write();
        let session = subscription.session.id();
        let Some(subscriptions) = sessions.get_mut(session) else {
            return false;
        };
        let before = subscriptions.len();
        subscriptions.retain(|private| private.subscription != *subscription);
        let removed = subscriptions.len() < before;
        if subscriptions.is_empty() {
            sessions.remove(session);
        }
        removed
    }

    pub(super) fn statistics(&self) -> BrokerStatistics {
        let sessions = self.0.read();
        BrokerStatistics {
            subscriptions: sessions.values().map(Vec::len).sum(),
            destinations: sessions.len(),
            ..BrokerStatistics::default()
        }
    }

    pub(super) fn for_each_subscription(
        &self,
        session: &Session,
        destination: &str,
        mut deliver: impl FnMut(&Subscription),
    ) {
        let sessions = self.0.read();
        for private in sessions.get(session.id()).into_iter().flatten() {
            let matches = match &private.pattern {
                Some(pattern) => pattern.matches(destination),
                None => *private.subscription.destination == *destination,
            };
            if matches {
                deliver(&private.subscription);
            }
        }
    }
}
