use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::RwLock;

use super::{
    super::{BrokerStatistics, Subscription},
    topic::Topic,
};
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
    patterns: RwLock<Vec<(DestinationPattern, Topic)>>,
    /// The length of `patterns`: most applications have none, and don't pay for a lock then.
    pattern_count: AtomicUsize,
}

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
                .add(subscription);
            return;
        };
        let mut patterns = self.patterns.write();
        match patterns
            .iter()
            .find(|(other, _)| other.as_str() == pattern.as_str())
        {
            Some((_, topic)) => topic.add(subscription),
            None => {
                let topic = Topic::default();
                topic.add(subscription);
                patterns.push((pattern, topic));
            }
        }
        self.pattern_count.store(patterns.len(), Ordering::Release);
    }

    pub(super) fn unsubscribe(&self, subscription: &Subscription) {
        let destination = &*subscription.destination;
        let mut shard = self.shard(destination).write();
        if let Some(topic) = shard.get(destination) {
            if topic.remove(subscription) {
                shard.remove(destination);
            }
            return;
        }
        drop(shard);
        let mut patterns = self.patterns.write();
        if let Some(index) = patterns
            .iter()
            .position(|(pattern, _)| pattern.as_str() == destination)
            && patterns[index].1.remove(subscription)
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
            topic.for_each(&mut deliver);
        }
        if self.pattern_count.load(Ordering::Acquire) == 0 {
            return;
        }
        for (pattern, topic) in self.patterns.read().iter() {
            if pattern.matches(destination) {
                topic.for_each(&mut deliver);
            }
        }
    }

    pub(super) fn statistics(&self) -> BrokerStatistics {
        let mut statistics = BrokerStatistics::default();
        let mut count = |topic: &Topic| {
            statistics.destinations += 1;
            statistics.subscriptions += topic.len();
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
