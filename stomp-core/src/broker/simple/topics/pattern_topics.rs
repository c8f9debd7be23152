use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use parking_lot::RwLock;
use smallvec::SmallVec;

use super::{
    directory::{Directory, is_same},
    pattern_trie::PatternTrie,
    topic::Topic,
};
use crate::pattern::{Separator, Shape};

/// The topics of patterns. Patterns of the same shape share one.
///
/// One lock for all of them: to be found, a message has to be compared with all that begin with a wildcard, whatever the
/// rest. It is held for a walk through the trie, never while something is delivered.
pub(super) struct PatternTopics {
    topics: RwLock<PatternTrie<Arc<Topic>>>,
    /// How many there are: most applications have none, and don't pay for a lock then.
    count: AtomicUsize,
}

/// Few patterns match one destination.
pub(super) type Matching = SmallVec<[Arc<Topic>; 8]>;

impl PatternTopics {
    pub(super) fn new(separator: Separator) -> Self {
        Self {
            topics: RwLock::new(PatternTrie::new(separator)),
            count: AtomicUsize::new(0),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    /// Those that match, each once.
    pub(super) fn matching(&self, destination: &str) -> Matching {
        let mut matching = Matching::new();
        if self.len() > 0 {
            self.topics
                .read()
                .for_each_match(destination, |topic| matching.push(topic.clone()));
        }
        matching
    }
}

impl Directory for PatternTopics {
    type Key<'k> = &'k Shape;

    fn find(&self, shape: &Shape) -> Option<Arc<Topic>> {
        self.topics.read().get(shape).cloned()
    }

    fn replace(&self, shape: &Shape, seen: Option<&Arc<Topic>>, fresh: &Arc<Topic>) -> bool {
        let mut topics = self.topics.write();
        let is_seen = is_same(topics.get(shape), seen);
        if is_seen {
            topics.insert(shape, fresh.clone());
            self.count.store(topics.len(), Ordering::Release);
        }
        is_seen
    }

    fn forget(&self, shape: &Shape, ended: &Arc<Topic>) {
        let mut topics = self.topics.write();
        if is_same(topics.get(shape), Some(ended)) {
            topics.remove(shape);
            self.count.store(topics.len(), Ordering::Release);
        }
    }
}
