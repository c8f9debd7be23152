use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::RwLock;

use super::super::{BrokerStatistics, Subscription};
use crate::pattern::DestinationPattern;

/// Who subscribes to what.
///
/// A publisher holds the lock of a shard only to find its topic, and then the read lock of that topic: so publishers
/// don't wait for subscribers of other destinations. Iterating under the lock, and not over a snapshot, is what makes
/// UNSUBSCRIBE final (SUB-011): it waits until those who publish just now are through.
#[derive(Default)]
pub(super) struct Topics {
    shards: [RwLock<HashMap<Arc<str>, Arc<Topic>>>; SHARDS],
    hasher: RandomState,
    patterns: RwLock<Vec<(DestinationPattern, Arc<Topic>)>>,
    /// The length of `patterns`: most applications have none, and don't pay for a lock then.
    pattern_count: AtomicUsize,
}

/// The subscriptions of one destination or pattern.
type Topic = RwLock<Vec<Subscription>>;

const SHARDS: usize = 16;

impl Topics {
    pub(super) fn subscribe(
        &self,
        pattern: Option<DestinationPattern>,
        subscription: Subscription,
    ) {
        let Some(pattern) = pattern else {
            let destination = subscription.destination.clone();
            self.shard(&destination)
                .write()
                .entry(destination)
                .or_default()
                .write()
                .push(subscription);
            return;
        };
        let mut patterns = self.patterns.write();
        match patterns
            .iter()
            .find(|(other, _)| other.as_str() == pattern.as_str())
        {
            Some((_, topic)) => topic.write().push(subscription),
            None => patterns.push((pattern, Arc::new(RwLock::new(vec![subscription])))),
        }
        self.pattern_count.store(patterns.len(), Ordering::Release);
    }

    pub(super) fn unsubscribe(&self, subscription: &Subscription) {
        /// Whether nobody is left.
        fn remove(topic: &Topic, subscription: &Subscription) -> bool {
            let mut subscriptions = topic.write();
            if let Some(position) = subscriptions.iter().position(|other| other == subscription) {
                subscriptions.swap_remove(position);
            }
            subscriptions.is_empty()
        }
        let destination = &*subscription.destination;
        let mut shard = self.shard(destination).write();
        if let Some(topic) = shard.get(destination) {
            if remove(topic, subscription) {
                shard.remove(destination);
            }
            return;
        }
        drop(shard);
        let mut patterns = self.patterns.write();
        if let Some(index) = patterns
            .iter()
            .position(|(pattern, _)| pattern.as_str() == destination)
            && remove(&patterns[index].1, subscription)
        {
            patterns.swap_remove(index);
        }
        self.pattern_count.store(patterns.len(), Ordering::Release);
    }

    /// Calls `deliver` for each subscription that matches the destination, once for each of its ids (SR-4).
    pub(super) fn for_each_subscriber(
        &self,
        destination: &str,
        mut deliver: impl FnMut(&Subscription),
    ) {
        let topic = self.shard(destination).read().get(destination).cloned();
        if let Some(topic) = topic {
            topic.read().iter().for_each(&mut deliver);
        }
        if self.pattern_count.load(Ordering::Acquire) == 0 {
            return;
        }
        for (pattern, topic) in self.patterns.read().iter() {
            if pattern.matches(destination) {
                topic.read().iter().for_each(&mut deliver);
            }
        }
    }

    pub(super) fn statistics(&self) -> BrokerStatistics {
        let mut statistics = BrokerStatistics::default();
        let mut count = |topic: &Topic| {
            statistics.destinations += 1;
            statistics.subscriptions += topic.read().len();
        };
        for shard in &self.shards {
            shard.read().values().for_each(|topic| count(topic));
        }
        let patterns = self.patterns.read();
        patterns.iter().for_each(|(_, topic)| count(topic));
        statistics
    }

    fn shard(&self, destination: &str) -> &RwLock<HashMap<Arc<str>, Arc<Topic>>> {
        &self.shards[self.hasher.hash_one(destination) as usize % SHARDS]
    }
}
