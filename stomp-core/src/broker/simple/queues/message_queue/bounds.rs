use std::sync::atomic::Ordering;

use super::{MessageQueue, state::State};

/// How much a queue may hold, and for how long.
#[derive(Clone, Copy, Debug)]
pub(in crate::broker::simple) struct QueueBounds {
    /// Bytes that wait or are not acknowledged.
    pub(in crate::broker::simple) bytes: usize,
    /// Bytes in all queues with a name.
    pub(in crate::broker::simple) total_bytes: usize,
    /// Messages that are delivered to one consumer and not acknowledged.
    pub(in crate::broker::simple) unacknowledged: usize,
    /// How often a message is delivered at most.
    pub(in crate::broker::simple) deliveries: u32,
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::broker::simple) enum NotTaken {
    /// There is no room for it.
    Full {
        /// In bytes.
        limit: usize,
        setting: &'static str,
    },
    /// The queue is no more; there may be another one of its name.
    Gone,
}

impl MessageQueue {
    /// Counts bytes that are put in, if there is room for them.
    pub(super) fn charge(&self, state: &mut State, bytes: usize) -> Result<(), NotTaken> {
        if state.is_gone {
            return Err(NotTaken::Gone);
        }
        let QueueBounds {
            bytes: limit,
            total_bytes,
            ..
        } = self.bounds;
        if state.bytes != 0 && state.bytes.saturating_add(bytes) > limit {
            let setting = if self.total.is_some() {
                "queue_bytes"
            } else {
                "outbound_bytes"
            };
            return Err(NotTaken::Full { limit, setting });
        }
        if let Some(total) = &self.total {
            let before = total.fetch_add(bytes, Ordering::Relaxed);
            if before.saturating_add(bytes) > total_bytes {
                total.fetch_sub(bytes, Ordering::Relaxed);
                return Err(NotTaken::Full {
                    limit: total_bytes,
                    setting: "queues_bytes",
                });
            }
        }
        state.bytes += bytes;
        Ok(())
    }

    /// Counts bytes no more.
    pub(super) fn discharge(&self, state: &mut State, bytes: usize) {
        state.bytes -= bytes;
        if let Some(total) = &self.total {
            total.fetch_sub(bytes, Ordering::Relaxed);
        }
    }
}
