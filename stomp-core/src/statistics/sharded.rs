//! One set of counters for each core, more or less.

use std::{
    fmt,
    num::NonZeroUsize,
    sync::atomic::{AtomicUsize, Ordering},
};

/// The counters of all threads: each thread has its own, or shares them with few others.
pub(super) struct Sharded<T>(Box<[Padded<T>]>);

/// What no other core writes to: two cache lines, since processors fetch them in pairs.
#[repr(align(128))]
#[derive(Default)]
struct Padded<T>(T);

/// More cores than that share, so that an idle server stays small.
const MAX_SHARDS: usize = 64;

thread_local! {
    /// The number of this thread.
    static THREAD: usize = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed)
    };
}

impl<T> Sharded<T> {
    /// Those that this thread counts in.
    pub(super) fn local(&self) -> &T {
        // There is a power of two of them, so that no division is needed.
        let mask = self.0.len() - 1;
        &self.0[THREAD.with(|thread| *thread) & mask].0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|padded| &padded.0)
    }
}

impl<T: Default> Default for Sharded<T> {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let shards = cores.next_power_of_two().min(MAX_SHARDS);
        Self((0..shards).map(|_| Padded::default()).collect())
    }
}

impl<T> fmt::Debug for Sharded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sharded")
            .field("shards", &self.0.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_however_many_threads_count() {
        let sharded = Sharded::<AtomicUsize>::default();
        std::thread::scope(|scope| {
            for _ in 0..2 * MAX_SHARDS {
                scope.spawn(|| {
                    for _ in 0..100 {
                        sharded.local().fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        let total: usize = sharded
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum();
        assert_eq!(total, 200 * MAX_SHARDS);
    }
}
