use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use parking_lot::RwLock;

use super::super::Subscription;

/// The subscriptions of one destination or pattern.
#[derive(Default)]
pub(super) struct Topic(RwLock<Vec<Subscription>>);

/// Where a subscription stands in its topic, known to whoever has a clone of it.
///
/// So that it is removed without looking for it: when a server loses its clients, it loses them all at once. It is
/// written and read under the topic's write lock only.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place(Arc<AtomicUsize>);

impl Topic {
    pub(super) fn add(&self, subscription: Subscription) {
        let mut subscriptions = self.0.write();
        subscription.place.set(subscriptions.len());
        subscriptions.push(subscription);
    }

    /// Removes a subscription; whether nobody is left.
    pub(super) fn remove(&self, subscription: &Subscription) -> bool {
        let mut subscriptions = self.0.write();
        let index = subscription.place.get();
        if subscriptions
            .get(index)
            .is_some_and(|found| found.place.is(&subscription.place))
        {
            subscriptions.swap_remove(index);
            if let Some(moved) = subscriptions.get(index) {
                moved.place.set(index);
            }
        }
        subscriptions.is_empty()
    }

    /// Under the read lock: a removal waits until this is through.
    pub(super) fn for_each(&self, deliver: &mut impl FnMut(&Subscription)) {
        self.0.read().iter().for_each(deliver);
    }

    pub(super) fn len(&self) -> usize {
        self.0.read().len()
    }
}

impl Place {
    pub(super) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, index: usize) {
        self.0.store(index, Ordering::Relaxed);
    }

    /// Whether it is that of the same subscription.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        codec::Version,
        message::SessionId,
        session::{Outbound, Session, SessionAttributes},
    };

    fn subscription(id: usize) -> Subscription {
        let (outbound, _) = Outbound::new(0);
        let attributes = SessionAttributes::default();
        let session = Session::new(
            SessionId::random(),
            Version::V1_2,
            None,
            attributes,
            Default::default(),
            outbound,
        );
        let name = Some(id.to_string().into());
        Subscription::new(session, name, "/topic/a".into(), 0, Default::default())
    }

    fn ids(topic: &Topic) -> Vec<usize> {
        let mut ids = Vec::new();
        topic.for_each(&mut |subscription: &Subscription| {
            ids.push(subscription.id.as_ref().unwrap().parse().unwrap());
        });
        ids.sort_unstable();
        ids
    }

    #[test]
    fn sub_033_subscriptions_are_removed_wherever_they_have_moved_to() {
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
            let topic = Topic::default();
            let subscriptions: Vec<_> = (0..4).map(subscription).collect();
            subscriptions
                .iter()
                .for_each(|subscription| topic.add(subscription.clone()));
            let mut left = vec![0, 1, 2, 3];
            for id in order {
                left.retain(|other| *other != id);
                assert_eq!(topic.remove(&subscriptions[id]), left.is_empty());
                assert_eq!(ids(&topic), left, "{order:?}");
            }
        }
    }

    #[test]
    fn what_is_not_there_is_not_removed() {
        let topic = Topic::default();
        let (one, other) = (subscription(0), subscription(1));
        topic.add(one.clone());
        assert!(!topic.remove(&other));
        assert!(topic.remove(&one));
        topic.add(other);
        assert!(!topic.remove(&one));
        assert_eq!(ids(&topic), [1]);
    }
}
