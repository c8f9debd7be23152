use std::sync::Arc;

use parking_lot::RwLock;
use smallvec::SmallVec;

use crate::broker::Subscription;

/// The subscriptions of one destination or pattern.
///
/// It is made with its first subscription, and ends with its last: an empty one stays empty, so that nobody subscribes
/// to what is just being removed. Those who publish may still hold it.
pub(super) struct Topic {
    destination: Arc<str>,
    subscriptions: RwLock<Subscriptions>,
}

/// Most destinations of a server with many have one subscriber. It costs no allocation of its own.
type Subscriptions = SmallVec<[Subscription; 1]>;

/// What [`Topic::remove`] has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removed {
    /// The subscription was not there.
    Nothing,
    /// Others are left.
    One,
    /// The topic has ended, and is to be forgotten by whoever removed its last subscription.
    Last,
}

impl Topic {
    pub(super) fn new(subscription: Subscription) -> Self {
        subscription.place.set(0);
        Self {
            destination: subscription.destination.clone(),
            subscriptions: RwLock::new(SmallVec::from_buf([subscription])),
        }
    }

    /// What its first subscriber has subscribed to.
    pub(super) fn destination(&self) -> &str {
        &self.destination
    }

    /// Adds a subscription.
    ///
    /// # Errors
    ///
    /// The topic has ended; the subscription comes back.
    pub(super) fn add(&self, subscription: Subscription) -> Result<(), Subscription> {
        let mut subscriptions = self.subscriptions.write();
        if subscriptions.is_empty() {
            return Err(subscription);
        }
        subscription.place.set(subscriptions.len());
        subscriptions.push(subscription);
        Ok(())
    }

    pub(super) fn remove(&self, subscription: &Subscription) -> Removed {
        let mut subscriptions = self.subscriptions.write();
        let index = subscription.place.get();
        if !subscriptions
            .get(index)
            .is_some_and(|found| found == subscription)
        {
            return Removed::Nothing;
        }
        subscriptions.swap_remove(index);
        if let Some(moved) = subscriptions.get(index) {
            moved.place.set(index);
        }
        if subscriptions.capacity() > SHRINK_ABOVE
            && subscriptions.len() < subscriptions.capacity() / 4
        {
            subscriptions.shrink_to_fit();
        }
        if subscriptions.is_empty() {
            Removed::Last
        } else {
            Removed::One
        }
    }

    /// Under the read lock: a removal waits until this is through.
    pub(super) fn for_each(&self, deliver: &mut impl FnMut(&Subscription)) {
        self.subscriptions.read().iter().for_each(deliver);
    }
}

/// What is smaller is not worth shrinking.
const SHRINK_ABOVE: usize = 16;

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
        Subscription::new(
            session,
            name,
            "/topic/a".into(),
            0,
            false,
            Default::default(),
        )
    }

    fn topic_of(count: usize) -> (Topic, Vec<Subscription>) {
        let subscriptions: Vec<_> = (0..count).map(subscription).collect();
        let topic = Topic::new(subscriptions[0].clone());
        for subscription in &subscriptions[1..] {
            topic.add(subscription.clone()).unwrap();
        }
        (topic, subscriptions)
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
            let (topic, subscriptions) = topic_of(4);
            let mut left = vec![0, 1, 2, 3];
            for id in order {
                left.retain(|other| *other != id);
                let removed = if left.is_empty() {
                    Removed::Last
                } else {
                    Removed::One
                };
                assert_eq!(topic.remove(&subscriptions[id]), removed);
                assert_eq!(ids(&topic), left, "{order:?}");
            }
        }
    }

    #[test]
    fn what_is_not_there_is_not_removed() {
        let (topic, subscriptions) = topic_of(2);
        let stranger = subscription(2);
        assert_eq!(topic.remove(&stranger), Removed::Nothing);
        assert_eq!(topic.remove(&subscriptions[0]), Removed::One);
        assert_eq!(topic.remove(&subscriptions[0]), Removed::Nothing);
        assert_eq!(ids(&topic), [1]);
    }

    #[test]
    fn sub_033_a_topic_that_has_ended_takes_nobody() {
        let (topic, subscriptions) = topic_of(1);
        assert_eq!(topic.remove(&subscriptions[0]), Removed::Last);
        let refused = topic.add(subscription(1)).unwrap_err();
        assert_eq!(refused.id.as_deref(), Some("1"));
        assert_eq!(topic.remove(&refused), Removed::Nothing);
        assert!(ids(&topic).is_empty());
    }

    #[test]
    fn sub_033_what_many_have_left_gives_its_memory_back() {
        let (topic, subscriptions) = topic_of(1000);
        for subscription in &subscriptions[..990] {
            topic.remove(subscription);
        }
        assert!(topic.subscriptions.read().capacity() <= 4 * 16);
        assert_eq!(ids(&topic), (990..1000).collect::<Vec<_>>());
    }
}
