use std::sync::atomic::{AtomicUsize, Ordering};

/// Where a subscription stands in its topic, or in its queue.
///
/// So that it is removed without looking for it: when a server loses its clients, it loses them all at once. It is
/// written and read under the lock of the topic or queue only.
#[derive(Debug, Default)]
pub(crate) struct Place(AtomicUsize);

impl Place {
    pub(super) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, index: usize) {
        self.0.store(index, Ordering::Relaxed);
    }
}
