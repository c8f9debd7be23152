use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    thread::available_parallelism,
};

use hashbrown::{HashTable, hash_table::Entry};
use parking_lot::RwLock;

use super::{
    directory::{Directory, is_same},
    topic::Topic,
};

/// The topics of single destinations.
///
/// What a look-up costs does not depend on how many there are, and neither on who chose their names: the hash has a
/// random key (T-33).
pub(super) struct ExactTopics {
    shards: Box<[Shard]>,
    hasher: RandomState,
}

/// A part of the topics. It has cache lines of its own: locks are written to even by those who only read, and x86
/// fetches lines in pairs.
#[derive(Default)]
#[repr(align(128))]
struct Shard(RwLock<HashTable<Arc<Topic>>>);

/// A destination, hashed once for its shard and its place there.
#[derive(Clone, Copy)]
pub(super) struct Destination<'a> {
    hash: u64,
    text: &'a str,
}

/// With four for each core, hardly any two meet at the lock of a shard: it is held for about as long as it takes to hash
/// a destination.
const SHARDS_FOR_EACH_CORE: usize = 4;

/// The table of a shard that grows moves everything, and who publishes to one of its destinations waits. Of a million, a
/// shard has 16,000 at most, which takes a few milliseconds, however few the cores.
const MIN_SHARDS: usize = 64;

impl Default for ExactTopics {
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        let shards = (cores * SHARDS_FOR_EACH_CORE).max(MIN_SHARDS);
        Self {
            shards: (0..shards.next_power_of_two())
                .map(|_| Shard::default())
                .collect(),
            hasher: RandomState::new(),
        }
    }
}

impl ExactTopics {
    pub(super) fn key<'a>(&self, destination: &'a str) -> Destination<'a> {
        Destination {
            hash: self.hash(destination),
            text: destination,
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.0.read().len()).sum()
    }

    /// For how many there is room.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        let shards = self.shards.iter();
        shards.map(|shard| shard.0.read().capacity()).sum()
    }

    fn shard(&self, destination: Destination<'_>) -> &RwLock<HashTable<Arc<Topic>>> {
        // Neither of the ends of the hash, where a table finds its places.
        &self.shards[(destination.hash >> 32) as usize & (self.shards.len() - 1)].0
    }

    fn hash(&self, destination: &str) -> u64 {
        self.hasher.hash_one(destination)
    }

    fn hash_of(&self, topic: &Topic) -> u64 {
        self.hash(topic.destination())
    }
}

impl Destination<'_> {
    fn is_of(&self, topic: &Topic) -> bool {
        *topic.destination() == *self.text
    }
}

impl Directory for ExactTopics {
    type Key<'k> = Destination<'k>;

    fn find(&self, key: Destination<'_>) -> Option<Arc<Topic>> {
        let topics = self.shard(key).read();
        topics.find(key.hash, |topic| key.is_of(topic)).cloned()
    }

    fn replace(&self, key: Destination<'_>, seen: Option<&Arc<Topic>>, fresh: &Arc<Topic>) -> bool {
        let mut topics = self.shard(key).write();
        match topics.entry(
            key.hash,
            |topic| key.is_of(topic),
            |topic| self.hash_of(topic),
        ) {
            Entry::Occupied(mut entry) => {
                let is_seen = is_same(Some(entry.get()), seen);
                if is_seen {
                    *entry.get_mut() = fresh.clone();
                }
                is_seen
            }
            Entry::Vacant(entry) => {
                if seen.is_none() {
                    entry.insert(fresh.clone());
                }
                seen.is_none()
            }
        }
    }

    fn forget(&self, key: Destination<'_>, ended: &Arc<Topic>) {
        let mut topics = self.shard(key).write();
        if let Ok(entry) = topics.find_entry(key.hash, |topic| Arc::ptr_eq(topic, ended)) {
            entry.remove();
        }
        if topics.len() < topics.capacity() / 8 {
            let twice = topics.len() * 2;
            topics.shrink_to(twice, |topic| self.hash_of(topic));
        }
    }
}
