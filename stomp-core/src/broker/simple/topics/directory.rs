//! How subscriptions come to topics and leave them, while others do the same and publish.

use std::sync::Arc;

use super::topic::{Removed, Topic};
use crate::broker::Subscription;

/// Where topics are found.
///
/// Nobody holds the lock of a directory and that of a topic at the same time: a topic is locked while a message is put
/// into all its queues, and nobody else should wait for that.
pub(super) trait Directory {
    /// What a topic is found by.
    type Key<'k>: Copy;

    fn find(&self, key: Self::Key<'_>) -> Option<Arc<Topic>>;

    /// Puts a topic in place of `seen`, if that is still what is there; whether it was.
    fn replace(&self, key: Self::Key<'_>, seen: Option<&Arc<Topic>>, fresh: &Arc<Topic>) -> bool;

    /// Removes a topic that has ended, unless it has been replaced.
    fn forget(&self, key: Self::Key<'_>, ended: &Arc<Topic>);

    /// Adds a subscription. When it returns, all that is published reaches the subscriber (RCP-003).
    fn subscribe(&self, key: Self::Key<'_>, mut subscription: Subscription) {
        loop {
            let found = self.find(key);
            if let Some(topic) = &found {
                match topic.add(subscription) {
                    Ok(()) => return,
                    // It has ended, but whoever ended it has not come to remove it yet.
                    Err(refused) => subscription = refused,
                }
            }
            // A copy, since a topic that nobody gets to see has to be thrown away. All copies are the same.
            let fresh = Arc::new(Topic::new(subscription.clone()));
            if self.replace(key, found.as_ref(), &fresh) {
                return;
            }
        }
    }

    /// Removes a subscription; whether it was there. When it returns, nothing is on its way to the subscriber
    /// (SUB-011).
    fn unsubscribe(&self, key: Self::Key<'_>, subscription: &Subscription) -> bool {
        let Some(topic) = self.find(key) else {
            return false;
        };
        let removed = topic.remove(subscription);
        if removed == Removed::Last {
            self.forget(key, &topic);
        }
        removed != Removed::Nothing
    }
}

/// Whether both are the same topic, or none.
pub(super) fn is_same(one: Option<&Arc<Topic>>, other: Option<&Arc<Topic>>) -> bool {
    one.map(Arc::as_ptr) == other.map(Arc::as_ptr)
}
