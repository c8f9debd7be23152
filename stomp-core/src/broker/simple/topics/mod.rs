//! Who subscribes to which topic.

mod directory;
mod exact_topics;
mod glob_matcher;
mod globs;
mod literals;
mod pattern_topics;
mod pattern_trie;
mod topic;
mod wildcard_trie;

use std::sync::atomic::{AtomicUsize, Ordering};

use self::{directory::Directory, exact_topics::ExactTopics, pattern_topics::PatternTopics};
use crate::{
    broker::{BrokerStatistics, Subscription},
    pattern::{DestinationPattern, Separator, Shape, is_pattern},
};

/// Who subscribes to what.
///
/// A publisher holds the lock of a shard, or that of the patterns, only to find its topics, and then the read lock of one
/// topic after the other: so publishers don't wait for subscribers of other destinations. Iterating under the lock, and
/// not over a snapshot, is what makes UNSUBSCRIBE final (SUB-011): it waits until those who publish just now are through.
///
/// Nothing is kept about the destinations of messages, whose names clients choose (T-33). What Spring caches (SR-6) is
/// found as fast here.
pub(super) struct Topics {
    exact: ExactTopics,
    patterns: PatternTopics,
    separator: Separator,
    subscriptions: AtomicUsize,
}

impl Topics {
    pub(super) fn new(separator: Separator) -> Self {
        Self {
            exact: ExactTopics::default(),
            patterns: PatternTopics::new(separator),
            separator,
            subscriptions: AtomicUsize::new(0),
        }
    }

    pub(super) fn subscribe(
        &self,
        pattern: Option<&DestinationPattern>,
        subscription: Subscription,
    ) {
        // Before it is there, so that it is never subtracted before it is added.
        self.subscriptions.fetch_add(1, Ordering::Relaxed);
        match pattern.and_then(Shape::of) {
            Some(shape) => self.patterns.subscribe(&shape, subscription),
            None => {
                let destination = subscription.destination.clone();
                self.exact
                    .subscribe(self.exact.key(&destination), subscription);
            }
        }
    }

    pub(super) fn unsubscribe(&self, subscription: &Subscription) {
        let was_there = match self.shape(&subscription.destination) {
            Some(shape) => self.patterns.unsubscribe(&shape, subscription),
            None => self
                .exact
                .unsubscribe(self.exact.key(&subscription.destination), subscription),
        };
        if was_there {
            self.subscriptions.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Calls `deliver` for each subscription that matches the destination, once for each of its ids (SR-4).
    pub(super) fn for_each_subscriber(
        &self,
        destination: &str,
        mut deliver: impl FnMut(&Subscription),
    ) {
        if let Some(topic) = self.exact.find(self.exact.key(destination)) {
            topic.for_each(&mut deliver);
        }
        for topic in self.patterns.matching(destination) {
            topic.for_each(&mut deliver);
        }
    }

    pub(super) fn statistics(&self) -> BrokerStatistics {
        BrokerStatistics {
            subscriptions: self.subscriptions.load(Ordering::Relaxed),
            destinations: self.exact.len() + self.patterns.len(),
            ..BrokerStatistics::default()
        }
    }

    /// The shape of what was subscribed to, if it is a pattern. Parsing it again costs less than keeping it.
    fn shape(&self, destination: &str) -> Option<Shape> {
        if !is_pattern(destination) {
            return None;
        }
        let pattern = DestinationPattern::parse_from_client(destination, self.separator).ok()?;
        Shape::of(&pattern)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::{
        codec::Version,
        message::SessionId,
        session::{Outbound, Session, SessionAttributes},
    };

    fn session() -> Session {
        let (outbound, _) = Outbound::new(0);
        Session::new(
            SessionId::random(),
            Version::V1_2,
            None,
            SessionAttributes::default(),
            Default::default(),
            outbound,
        )
    }

    fn subscription(session: &Session, id: usize, destination: &str) -> Subscription {
        let name = Some(id.to_string().into());
        Subscription::new(
            session.clone(),
            name,
            destination.into(),
            0,
            false,
            Default::default(),
        )
    }

    fn subscribe(topics: &Topics, subscription: &Subscription) {
        let pattern = is_pattern(&subscription.destination).then(|| {
            DestinationPattern::parse_from_client(&subscription.destination, topics.separator)
                .unwrap()
        });
        topics.subscribe(pattern.as_ref(), subscription.clone());
    }

    fn id(subscription: &Subscription) -> usize {
        subscription.id.as_ref().unwrap().parse().unwrap()
    }

    fn subscribers(topics: &Topics, destination: &str) -> Vec<usize> {
        let mut ids = Vec::new();
        topics.for_each_subscriber(destination, |subscription| ids.push(id(subscription)));
        ids.sort_unstable();
        ids
    }

    #[test]
    fn sr_4_each_subscription_that_matches_once() {
        let topics = Topics::new(Separator::Slash);
        let session = session();
        let subscriptions: Vec<_> = [
            "/topic/a/b",
            "/topic/a/b",
            "/topic/**/b",
            "/topic/**/**/a/**",
            "/topic/{x}/b",
            "/topic/*/b",
            "/topic/a?/b",
            "/topic/a/c",
        ]
        .iter()
        .enumerate()
        .map(|(id, destination)| subscription(&session, id, destination))
        .collect();
        for subscription in &subscriptions {
            subscribe(&topics, subscription);
        }
        assert_eq!(subscribers(&topics, "/topic/a/b"), [0, 1, 2, 3, 4, 5]);
        let statistics = topics.statistics();
        assert_eq!(statistics.subscriptions, 8);
        for (removed, subscription) in subscriptions.iter().enumerate() {
            topics.unsubscribe(subscription);
            // Twice is once.
            topics.unsubscribe(subscription);
            let left: Vec<_> = (removed + 1..6).collect();
            assert_eq!(subscribers(&topics, "/topic/a/b"), left);
        }
        assert_eq!(topics.statistics(), BrokerStatistics::default());
    }

    /// Threads that come to the same topics and leave them, so that these end and begin all the time: who has subscribed
    /// gets what is published from then on (RCP-003), who has unsubscribed gets nothing (SUB-011), and in the end nothing
    /// is left (SUB-033).
    #[test]
    fn sub_011_rcp_003_while_topics_end_and_begin() {
        const THREADS: usize = 4;
        const ROUNDS: usize = 2000;
        const DESTINATIONS: [&str; 4] = ["/topic/a", "/topic/*", "/**/a", "/topic/a*"];

        let topics = Topics::new(Separator::Slash);
        let gone: Vec<_> = (0..THREADS * ROUNDS)
            .map(|_| AtomicBool::new(false))
            .collect();
        let publish = |expected: Option<usize>| {
            let mut is_there = false;
            topics.for_each_subscriber("/topic/a", |subscription| {
                let id = id(subscription);
                is_there |= Some(id) == expected;
                // Time for others to leave, and to find that they must wait.
                std::thread::yield_now();
                assert!(
                    !gone[id].load(Ordering::SeqCst),
                    "delivered to who has left"
                );
            });
            assert_eq!(is_there, expected.is_some(), "not delivered");
        };
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (topics, gone) = (&topics, &gone);
                scope.spawn(move || {
                    let session = session();
                    for round in 0..ROUNDS {
                        let id = thread * ROUNDS + round;
                        let destination = DESTINATIONS[(round / 8) % DESTINATIONS.len()];
                        let subscription = subscription(&session, id, destination);
                        subscribe(topics, &subscription);
                        publish(Some(id));
                        topics.unsubscribe(&subscription);
                        gone[id].store(true, Ordering::SeqCst);
                        publish(None);
                    }
                });
            }
        });
        assert_eq!(topics.statistics(), BrokerStatistics::default());
    }

    #[test]
    fn t_33_what_is_published_leaves_nothing_behind() {
        let topics = Topics::new(Separator::Slash);
        let subscription = subscription(&session(), 0, "/topic/*/x*");
        subscribe(&topics, &subscription);
        for number in 0..10_000 {
            assert!(subscribers(&topics, &format!("/topic/{number}/y")).is_empty());
        }
        let statistics = topics.statistics();
        assert_eq!((statistics.subscriptions, statistics.destinations), (1, 1));
    }

    /// What the registry itself takes for each subscription, of which one has the destination `/topic/{number}`.
    #[cfg(target_os = "linux")]
    #[test]
    #[ignore = "takes a while, and memory: cargo test --lib memory_of_a_million -- --ignored --nocapture --test-threads 1"]
    fn memory_of_a_million_subscriptions() {
        fn resident() -> usize {
            let status = std::fs::read_to_string("/proc/self/statm").unwrap();
            let pages = status.split(' ').nth(1).unwrap();
            pages.parse::<usize>().unwrap() * 4096
        }
        const COUNT: usize = 1_000_000;
        let mut kept = Vec::new();
        for (kind, limit) in [
            ("/topic/{}", 200),
            ("/topic/all", 100),
            ("/topic/{}/*", 700),
        ] {
            let topics = Topics::new(Separator::Slash);
            let session = session();
            // A broker's own copy of a subscription is counted, the text of its destination and its place are not.
            let mut subscriptions = Vec::with_capacity(COUNT);
            for number in 0..COUNT {
                let destination = kind.replace("{}", &number.to_string());
                subscriptions.push(subscription(&session, number, &destination));
            }
            let before = resident();
            for subscription in &subscriptions {
                subscribe(&topics, subscription);
            }
            let bytes = (resident() - before) / COUNT;
            println!("{kind}: {bytes} bytes for each subscription");
            assert!(bytes <= limit, "{kind}: {bytes}");
            // What is freed now, the next would use.
            kept.push((topics, subscriptions));
        }
        for (topics, subscriptions) in kept {
            for subscription in &subscriptions {
                topics.unsubscribe(subscription);
            }
            assert_eq!(topics.statistics(), BrokerStatistics::default());
            // A few places in each shard are kept.
            assert!(topics.exact.capacity() < COUNT / 100);
        }
    }
}
