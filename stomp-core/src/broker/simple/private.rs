use std::collections::HashMap;

use parking_lot::RwLock;

use super::super::{BrokerStatistics, Subscription};
use crate::{message::SessionId, pattern::DestinationPattern, session::Session};

/// Subscriptions to user destinations, by session.
///
/// They are not among the topics: no destination that a client can write leads to those of another session (T-25).
#[derive(Default)]
pub(super) struct PrivateSubscriptions(RwLock<Sessions>);

#[derive(Default)]
struct Sessions {
    subscriptions: HashMap<SessionId, Vec<PrivateSubscription>>,
    /// How many there are in all sessions.
    count: usize,
}

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
        let mut sessions = self.0.write();
        let subscriptions = sessions.subscriptions.entry(session).or_default();
        subscriptions.push(PrivateSubscription {
            pattern,
            subscription,
        });
        sessions.count += 1;
    }

    pub(super) fn unsubscribe(&self, subscription: &Subscription) {
        let mut sessions = self.0.write();
        let session = subscription.session.id();
        let Some(subscriptions) = sessions.subscriptions.get_mut(session) else {
            return;
        };
        let before = subscriptions.len();
        subscriptions.retain(|private| private.subscription != *subscription);
        let removed = before - subscriptions.len();
        if subscriptions.is_empty() {
            sessions.subscriptions.remove(session);
        }
        sessions.count -= removed;
    }

    pub(super) fn statistics(&self) -> BrokerStatistics {
        let sessions = self.0.read();
        BrokerStatistics {
            subscriptions: sessions.count,
            destinations: sessions.subscriptions.len(),
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
        for private in sessions
            .subscriptions
            .get(session.id())
            .into_iter()
            .flatten()
        {
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
