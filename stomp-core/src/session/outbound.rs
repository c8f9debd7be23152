//! The queue between everything that sends to a session and the one place that writes to its connection.
//!
//! A channel of our own, for three reasons: it is bounded in *bytes*; the writer takes everything that waits with one
//! lock and one swap, where a tokio channel costs a semaphore and a block list per frame; and a sender wakes the
//! writer only if it sleeps.

use std::{
    collections::VecDeque,
    fmt,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

use super::CloseReason;
use crate::{codec::EncodedFrame, statistics::Counters};

/// The sending side of a session's outbound queue. Cheap to clone; sending never waits.
#[derive(Clone)]
pub(crate) struct Outbound(Arc<Shared>);

/// The writing side of a session's outbound queue; there is one.
#[derive(Debug)]
pub(crate) struct OutboundReceiver(Outbound);

struct Shared {
    queue: Mutex<Queue>,
    /// Tells those that wait for room that there is some.
    room: Notify,
    counters: Arc<Counters>,
}

struct Queue {
    frames: VecDeque<EncodedFrame>,
    /// Bytes that wait in `frames`, and those that the writer took and has not written yet.
    bytes: usize,
    /// Those of `bytes` that the writer took.
    taken: usize,
    max_bytes: usize,
    closed: Option<CloseReason>,
    /// The writer sleeps until there is a frame, or the end.
    writer: Option<Waker>,
    /// The writer is busy writing, and wants to know only if that has become pointless.
    busy_writer: Option<Waker>,
    /// Somebody waits for room.
    room_is_wanted: bool,
}

/// The session is closed, or has just been closed because its queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session is closed: {}", .0.as_str())]
pub(crate) struct SessionClosed(pub(crate) CloseReason);

/// What [`OutboundReceiver::poll_drain`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drained {
    /// Frames, in the order in which they were sent.
    Frames {
        /// Of all of them.
        bytes: usize,
    },
    /// Nothing will come any more: close the connection, and tell the client why.
    Closed(CloseReason),
}

impl Outbound {
    /// A queue of which nobody counts anything.
    #[cfg(test)]
    pub(crate) fn new(max_bytes: usize) -> (Self, OutboundReceiver) {
        Self::counted(max_bytes, Arc::default())
    }

    /// A queue that holds at most `max_bytes`, and the end that the writer drains. What is lost is counted.
    pub(crate) fn counted(max_bytes: usize, counters: Arc<Counters>) -> (Self, OutboundReceiver) {
        let outbound = Self(Arc::new(Shared {
            queue: Mutex::new(Queue {
                frames: VecDeque::new(),
                bytes: 0,
                taken: 0,
                max_bytes,
                closed: None,
                writer: None,
                busy_writer: None,
                room_is_wanted: false,
            }),
            room: Notify::new(),
            counters,
        }));
        (outbound.clone(), OutboundReceiver(outbound))
    }

    /// Queues a frame.
    ///
    /// A single frame is always taken by an empty queue, however large it is.
    ///
    /// # Errors
    ///
    /// [`SessionClosed`] if the session is closed. A queue that has no room left closes its session with
    /// [`CloseReason::SlowConsumer`] and drops what waits: nobody else may wait, or pay, for a client that does not
    /// read (IN-15, T-23).
    pub(crate) fn send(&self, frame: EncodedFrame) -> Result<(), SessionClosed> {
        let mut queue = self.0.queue.lock();
        if let Some(reason) = queue.closed {
            return Err(SessionClosed(reason));
        }
        if queue.bytes != 0 && queue.bytes + frame.len() > queue.max_bytes {
            let counters = &self.0.counters;
            counters.slow_consumer("outbound_bytes");
            counters.dropped_frames(queue.frames.len() as u64 + 1);
            queue.frames = VecDeque::new();
            queue.bytes = queue.taken;
            queue.close(CloseReason::SlowConsumer);
            self.0.tell_of_room(queue);
            return Err(SessionClosed(CloseReason::SlowConsumer));
        }
        queue.bytes += frame.len();
        queue.frames.push_back(frame);
        let writer = queue.writer.take();
        drop(queue);
        if let Some(writer) = writer {
            writer.wake();
        }
        Ok(())
    }

    /// Closes the session after the frames that wait already have been written. Only the first reason counts; whether
    /// this one does.
    pub(crate) fn close(&self, reason: CloseReason) -> bool {
        let mut queue = self.0.queue.lock();
        let is_first = queue.close(reason);
        self.0.tell_of_room(queue);
        is_first
    }

    /// Waits until no more than half of the queue is taken and `bytes` fit in, or the session is closed: for senders
    /// that can wait, so that they don't have a client cut off that reads more slowly than they send. The other half is
    /// for all others.
    pub(crate) async fn room_for(&self, bytes: usize) {
        loop {
            let mut told = pin!(self.0.room.notified());
            {
                let mut queue = self.0.queue.lock();
                if queue.has_room_for(bytes) {
                    return;
                }
                queue.room_is_wanted = true;
                told.as_mut().enable();
            }
            told.await;
        }
    }

    /// How many bytes wait to be written, those included that the writer is just writing.
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.0.queue.lock().bytes
    }

    /// Why the session is closed; `None` while it is open.
    pub(crate) fn closed(&self) -> Option<CloseReason> {
        self.0.queue.lock().closed
    }
}

impl Shared {
    /// Tells those that wait for room, if there is some now.
    fn tell_of_room(&self, mut queue: MutexGuard<'_, Queue>) {
        if queue.room_is_wanted && queue.has_room_for(0) {
            queue.room_is_wanted = false;
            drop(queue);
            self.room.notify_waiters();
        }
    }
}

impl Queue {
    fn has_room_for(&self, bytes: usize) -> bool {
        let is_half_empty = self.bytes <= self.max_bytes / 2;
        let fits = self.bytes == 0 || self.bytes.saturating_add(bytes) <= self.max_bytes;
        self.closed.is_some() || (is_half_empty && fits)
    }

    fn close(&mut self, reason: CloseReason) -> bool {
        let is_first = self.closed.is_none();
        if is_first {
            self.closed = Some(reason);
            if let Some(writer) = self.writer.take() {
                writer.wake();
            }
            if reason == CloseReason::SlowConsumer
                && let Some(writer) = self.busy_writer.take()
            {
                writer.wake();
            }
        }
        is_first
    }
}

impl OutboundReceiver {
    /// Says that what was taken is written, and takes everything that waits now.
    ///
    /// `frames` must be empty: it changes places with the queue, so that both keep their memory.
    pub(crate) fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
        frames: &mut VecDeque<EncodedFrame>,
    ) -> Poll<Drained> {
        debug_assert!(frames.is_empty(), "what was taken is written");
        let mut queue = self.0.0.queue.lock();
        queue.bytes -= std::mem::take(&mut queue.taken);
        let drained = if !queue.frames.is_empty() {
            queue.taken = queue.bytes;
            std::mem::swap(&mut queue.frames, frames);
            Poll::Ready(Drained::Frames { bytes: queue.taken })
        } else if let Some(reason) = queue.closed {
            Poll::Ready(Drained::Closed(reason))
        } else {
            set_waker(&mut queue.writer, cx);
            Poll::Pending
        };
        self.0.0.tell_of_room(queue);
        drained
    }

    /// Ready when writing on has become pointless, because the client was cut off as too slow: what was taken is then
    /// to be thrown away.
    pub(crate) fn poll_cut_off(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.0.0.queue.lock();
        if queue.closed == Some(CloseReason::SlowConsumer) {
            queue.bytes -= std::mem::take(&mut queue.taken);
            return Poll::Ready(());
        }
        set_waker(&mut queue.busy_writer, cx);
        Poll::Pending
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
        let mut queue = self.0.0.queue.lock();
        let frames = queue.frames.len() as u64;
        self.0.0.counters.dropped_frames(frames);
        queue.frames = VecDeque::new();
        queue.bytes = 0;
        queue.close(CloseReason::ConnectionLost);
        self.0.0.tell_of_room(queue);
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = self.0.queue.lock();
        f.debug_struct("Outbound")
            .field("frames", &queue.frames.len())
            .field("bytes", &queue.bytes)
            .field("max_bytes", &queue.max_bytes)
            .field("closed", &queue.closed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::task::ready;

    use super::*;

    fn frame(bytes: usize) -> EncodedFrame {
        crate::codec::FrameBuilder::new(crate::codec::Command::Message, crate::codec::Version::V1_2)
            .body(&vec![b'x'; bytes])
    }

    async fn drain(receiver: &mut OutboundReceiver) -> Result<usize, CloseReason> {
        let mut frames = VecDeque::new();
        std::future::poll_fn(|cx| {
            Poll::Ready(match ready!(receiver.poll_drain(cx, &mut frames)) {
                Drained::Frames { .. } => Ok(frames.len()),
                Drained::Closed(reason) => Err(reason),
            })
        })
        .await
    }

    #[tokio::test]
    async fn everything_that_waits_is_taken_at_once_and_then_the_end() {
        let (outbound, mut receiver) = Outbound::new(1000);
        outbound.send(frame(1)).unwrap();
        outbound.send(frame(1)).unwrap();
        outbound.close(CloseReason::Disconnected);
        assert_eq!(
            outbound.send(frame(1)),
            Err(SessionClosed(CloseReason::Disconnected))
        );
        assert_eq!(drain(&mut receiver).await, Ok(2));
        assert_eq!(drain(&mut receiver).await, Err(CloseReason::Disconnected));
    }

    #[tokio::test]
    async fn in_15_a_full_queue_cuts_the_slow_consumer_off_and_frees_its_memory() {
        let (outbound, mut receiver) = Outbound::new(1000);
        outbound.send(frame(900)).unwrap();
        assert_eq!(
            outbound.send(frame(900)),
            Err(SessionClosed(CloseReason::SlowConsumer))
        );
        assert_eq!(drain(&mut receiver).await, Err(CloseReason::SlowConsumer));
    }

    #[tokio::test]
    async fn bytes_count_until_they_are_written() {
        let (outbound, mut receiver) = Outbound::new(1000);
        outbound.send(frame(600)).unwrap();
        assert_eq!(drain(&mut receiver).await, Ok(1));
        let waiting =
            std::future::poll_fn(|cx| Poll::Ready(receiver.poll_cut_off(cx).is_pending()));
        assert!(waiting.await);
        // The writer has taken the first, but it is not written yet.
        assert_eq!(
            outbound.send(frame(600)),
            Err(SessionClosed(CloseReason::SlowConsumer))
        );
        std::future::poll_fn(|cx| receiver.poll_cut_off(cx)).await;
    }

    #[tokio::test]
    async fn one_frame_larger_than_the_queue_is_still_delivered() {
        let (outbound, mut receiver) = Outbound::new(10);
        outbound.send(frame(600)).unwrap();
        assert_eq!(drain(&mut receiver).await, Ok(1));
    }

    #[tokio::test]
    async fn a_sleeping_writer_is_woken_by_a_frame_and_by_the_end() {
        let (outbound, mut receiver) = Outbound::new(1000);
        let (drained, ()) = tokio::join!(drain(&mut receiver), async {
            outbound.send(frame(1)).unwrap();
        });
        assert_eq!(drained, Ok(1));
        let (drained, ()) = tokio::join!(drain(&mut receiver), async {
            outbound.close(CloseReason::Shutdown);
        });
        assert_eq!(drained, Err(CloseReason::Shutdown));
    }

    #[tokio::test]
    async fn senders_that_wait_go_on_when_half_of_the_queue_is_written() {
        let (outbound, mut receiver) = Outbound::new(1000);
        outbound.room_for(0).await;
        outbound.send(frame(600)).unwrap();
        let mut waiting = pin!(outbound.room_for(0));
        assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        // Taken is not written.
        assert_eq!(drain(&mut receiver).await, Ok(1));
        assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        let mut frames = VecDeque::new();
        let drained = std::future::poll_fn(|cx| {
            Poll::Ready(receiver.poll_drain(cx, &mut frames).is_pending())
        });
        assert!(drained.await);
        waiting.await;
    }

    #[tokio::test]
    async fn senders_that_wait_have_room_for_all_that_they_send() {
        let (outbound, mut receiver) = Outbound::new(1000);
        outbound.send(frame(300)).unwrap();
        outbound.room_for(100).await;
        let mut waiting = pin!(outbound.room_for(900));
        assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        let mut larger_than_the_queue = pin!(outbound.room_for(usize::MAX));
        assert!(futures_util::poll!(larger_than_the_queue.as_mut()).is_pending());
        assert_eq!(drain(&mut receiver).await, Ok(1));
        let mut frames = VecDeque::new();
        let drained = std::future::poll_fn(|cx| {
            Poll::Ready(receiver.poll_drain(cx, &mut frames).is_pending())
        });
        assert!(drained.await);
        waiting.await;
        larger_than_the_queue.await;
    }

    #[tokio::test]
    async fn senders_that_wait_learn_of_the_end() {
        let (outbound, receiver) = Outbound::new(1000);
        outbound.send(frame(600)).unwrap();
        let ((), ()) = tokio::join!(outbound.room_for(0), async {
            outbound.close(CloseReason::Shutdown);
        });
        let (outbound_of_lost, receiver_of_lost) = Outbound::new(1000);
        outbound_of_lost.send(frame(600)).unwrap();
        let ((), ()) = tokio::join!(outbound_of_lost.room_for(0), async {
            drop(receiver_of_lost);
        });
        drop(receiver);
    }

    #[test]
    fn senders_learn_that_the_connection_is_gone() {
        let (outbound, receiver) = Outbound::new(1000);
        drop(receiver);
        assert_eq!(
            outbound.send(frame(1)),
            Err(SessionClosed(CloseReason::ConnectionLost))
        );
    }
}
