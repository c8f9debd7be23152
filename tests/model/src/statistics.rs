//! What the queue counts in. The order of counting means nothing, so that loom need not know of it.

use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug, Default)]
pub(crate) struct Counters {
    dropped_messages: AtomicU64,
    lost_frames: AtomicU64,
    slow_consumers: AtomicU64,
}

impl Counters {
    pub(crate) fn dropped_messages(&self, count: u64) {
        self.dropped_messages.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn lost_frames(&self, count: u64) {
        self.lost_frames.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn slow_consumer(&self, _limit: &'static str) {
        self.slow_consumers.fetch_add(1, Ordering::Relaxed);
    }

    /// Messages dropped by a policy, frames lost, and clients cut off.
    pub(crate) fn read(&self) -> [u64; 3] {
        [
            &self.dropped_messages,
            &self.lost_frames,
            &self.slow_consumers,
        ]
        .map(|count| count.load(Ordering::Relaxed))
    }
}
