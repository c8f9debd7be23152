//! The end of the queue at which the connection writes.

use std::{
    collections::VecDeque,
    task::{Context, Poll, Waker},
};

use super::{super::CloseReason, Outbound, Queued, Waiting};

/// The writing side of a session's outbound queue; there is one.
#[derive(Debug)]
pub(crate) struct OutboundReceiver(Outbound);

/// What [`OutboundReceiver::poll_drain`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drained {
    /// Frames, in the order in which they were sent.
    Frames {
        /// How many.
        frames: usize,
        /// Of all of them.
        bytes: usize,
    },
    /// Nothing will come any more: close the connection, and tell the client why.
    Closed(CloseReason),
}

impl OutboundReceiver {
    pub(super) fn new(outbound: Outbound) -> Self {
        Self(outbound)
    }

    /// Says that what was taken is written, and takes everything that waits now.
    ///
    /// `batch` must be empty: it changes places with the queue, so that both keep their memory, as long as it is little.
    pub(crate) fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
        batch: &mut VecDeque<Queued>,
    ) -> Poll<Drained> {
        debug_assert!(batch.is_empty(), "what was taken is written");
        let mut queue = self.0.0.lock();
        queue.taken = 0;
        let drained = if !queue.waiting.is_empty() {
            let (frames, bytes) = (queue.waiting.len(), queue.waiting.bytes());
            queue.taken = bytes;
            queue.waiting.take(batch);
            Poll::Ready(Drained::Frames { frames, bytes })
        } else if let Some(reason) = queue.closed {
            Poll::Ready(Drained::Closed(reason))
        } else {
            queue.waiting.shrink(batch);
            set_waker(&mut queue.writer, cx);
            Poll::Pending
        };
        if queue.is_room_awaited() {
            let told = queue.tell_all_of_room();
            drop(queue);
            told.tell();
        }
        drained
    }

    /// Ready when writing on has become pointless, because the client was cut off as too slow: what was taken is then
    /// to be thrown away.
    pub(crate) fn poll_cut_off(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.0.0.lock();
        if queue.closed == Some(CloseReason::SlowConsumer) {
            queue.taken = 0;
            return Poll::Ready(());
        }
        set_waker(&mut queue.busy_writer, cx);
        Poll::Pending
    }

    /// Gives the memory of a queue back in which nothing waits: that of a session to which nothing was sent for a while.
    pub(crate) fn release_memory(&mut self) {
        let mut queue = self.0.0.lock();
        if queue.waiting.is_empty() {
            queue.waiting.release();
        }
    }
}

fn set_waker(slot: &mut Option<Waker>, cx: &Context<'_>) {
    match slot {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *slot = Some(cx.waker().clone()),
    }
}

/// Whoever still sends learns that nobody writes any more.
impl Drop for OutboundReceiver {
    fn drop(&mut self) {
        let mut queue = self.0.0.lock();
        queue.count_lost();
        let lost = std::mem::take(&mut queue.waiting);
        queue.taken = 0;
        queue.close(CloseReason::ConnectionLost);
        let told = queue.tell_all_of_room();
        drop(queue);
        told.tell();
        drop::<Waiting>(lost);
    }
}
