//! The queue between everything that sends to a session and the one place that writes to its connection.
//!
//! A channel of our own, for three reasons: it is bounded in *bytes*, and drops by policy; the writer takes everything
//! that waits with one lock and one swap, where a tokio channel costs a semaphore and a block list per frame; and a
//! sender wakes the writer only if it sleeps.
//!
//! It depends on no runtime, so that `tests/model` can compile it for loom.

mod overflow;
mod receiver;
mod room;
mod sync;
#[cfg(all(test, not(loom)))]
mod tests;
mod waiting;

pub(crate) use self::room::RoomWaiter;
pub(crate) use self::{
    overflow::Overflow,
    receiver::{Drained, OutboundReceiver},
    waiting::Queued,
};

use std::{fmt, sync::Arc, task::Waker};

use self::{
    room::{Room, Told},
    sync::{Mutex, MutexGuard},
    waiting::Waiting,
};
use super::CloseReason;
use crate::{codec::EncodedFrame, statistics::Counters};

/// The sending side of a session's outbound queue. Cheap to clone; sending never waits.
#[derive(Clone)]
pub(crate) struct Outbound(Arc<Mutex<Queue>>);

struct Queue {
    waiting: Waiting,
    /// Bytes that the writer took and has not written yet.
    taken: usize,
    /// Bytes that senders which wait for room are about to send.
    reserved: usize,
    max_bytes: usize,
    /// Frames that found no room, or were dropped to make some.
    dropped: u64,
    closed: Option<CloseReason>,
    /// The writer sleeps until there is a frame, or the end.
    writer: Option<Waker>,
    /// The writer is busy writing, and wants to know only if that has become pointless.
    busy_writer: Option<Waker>,
    room: Option<Box<Room>>,
    counters: Arc<Counters>,
}

/// The session is closed, or has just been closed because its queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session is closed: {}", .0.as_str())]
pub(crate) struct SessionClosed(pub(crate) CloseReason);

/// Why [`Outbound::send_if_room`] did not send a frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// There is no room for it: here it is.
    NoRoom(EncodedFrame),
    /// The session is closed.
    Closed(SessionClosed),
}

impl Outbound {
    /// A queue of which nobody counts anything.
    #[cfg(test)]
    pub(crate) fn new(max_bytes: usize) -> (Self, OutboundReceiver) {
        Self::counted(max_bytes, Arc::default())
    }

    /// A queue that holds at most `max_bytes`, and the end that the writer drains. What is dropped or lost is counted.
    pub(crate) fn counted(max_bytes: usize, counters: Arc<Counters>) -> (Self, OutboundReceiver) {
        let outbound = Self(Arc::new(Mutex::new(Queue {
            waiting: Waiting::default(),
            taken: 0,
            reserved: 0,
            max_bytes,
            dropped: 0,
            closed: None,
            writer: None,
            busy_writer: None,
            room: None,
            counters,
        })));
        (outbound.clone(), OutboundReceiver::new(outbound))
    }

    /// Queues a frame that must not be dropped: [`send_or`](Self::send_or) with [`Overflow::DISCONNECT`].
    pub(crate) fn send(&self, frame: EncodedFrame) -> Result<(), SessionClosed> {
        self.send_or(frame, Overflow::DISCONNECT)
    }

    /// Queues a frame. `overflow` is asked only if there is no room for it.
    ///
    /// A single frame is always taken by an empty queue, however large it is.
    ///
    /// # Errors
    ///
    /// [`SessionClosed`] if the session is closed. A queue in which there is no room left for a frame that must not be
    /// dropped, not even when all is dropped that may be, closes its session with [`CloseReason::SlowConsumer`], and
    /// drops what waits: nobody else may wait, or pay, for a client that does not read (IN-15, T-23).
    pub(crate) fn send_or(
        &self,
        frame: EncodedFrame,
        overflow: Overflow,
    ) -> Result<(), SessionClosed> {
        let mut queue = self.0.lock();
        if let Some(reason) = queue.closed {
            return Err(SessionClosed(reason));
        }
        if queue.lacks_room_for(frame.len()) && !queue.make_room(frame.len(), overflow) {
            return Self::overflow(queue, overflow);
        }
        Self::push(queue, frame, overflow);
        Ok(())
    }

    /// Queues a frame if there is [room](Self::room_for) for it: for senders that can wait. It never drops anything, and
    /// never closes the session.
    ///
    /// # Errors
    ///
    /// [`Unsent`] if there is no room, or the session is closed.
    pub(crate) fn send_if_room(
        &self,
        frame: EncodedFrame,
        overflow: Overflow,
    ) -> Result<(), Unsent> {
        let queue = self.0.lock();
        if let Some(reason) = queue.closed {
            return Err(Unsent::Closed(SessionClosed(reason)));
        }
        if !queue.has_room_for(frame.len()) {
            return Err(Unsent::NoRoom(frame));
        }
        Self::push(queue, frame, overflow);
        Ok(())
    }

    #[inline(always)]
    fn push(mut queue: MutexGuard<'_, Queue>, frame: EncodedFrame, overflow: Overflow) {
        if overflow != Overflow::DISCONNECT {
            let replaced = queue.waiting.announce(frame.len(), overflow);
            queue.count_dropped(replaced);
        }
        queue.waiting.push(frame, overflow);
        let writer = queue.writer.take();
        drop(queue);
        if let Some(writer) = writer {
            writer.wake();
        }
    }

    /// There is no room, and none can be made.
    #[cold]
    fn overflow(mut queue: MutexGuard<'_, Queue>, overflow: Overflow) -> Result<(), SessionClosed> {
        if overflow != Overflow::DISCONNECT {
            queue.count_dropped(1);
            return Ok(());
        }
        queue.counters.lost_frames(1);
        Self::cut_off_locked(queue, "outbound_bytes");
        Err(SessionClosed(CloseReason::SlowConsumer))
    }

    /// Closes the session after the frames that wait already have been written, or, if it is because the client does not
    /// read, without them. Only the first reason counts; whether this one does.
    pub(crate) fn close(&self, reason: CloseReason) -> bool {
        Self::close_locked(self.0.lock(), reason)
    }

    /// [Closes](Self::close) the session of a client that reads too slowly, because of this limit.
    pub(crate) fn cut_off(&self, limit: &'static str) -> bool {
        Self::cut_off_locked(self.0.lock(), limit)
    }

    fn cut_off_locked(queue: MutexGuard<'_, Queue>, limit: &'static str) -> bool {
        if queue.closed.is_none() {
            queue.counters.slow_consumer(limit);
        }
        Self::close_locked(queue, CloseReason::SlowConsumer)
    }

    fn close_locked(mut queue: MutexGuard<'_, Queue>, reason: CloseReason) -> bool {
        let is_first = queue.close(reason);
        let lost = if is_first && reason == CloseReason::SlowConsumer {
            queue.count_lost();
            std::mem::take(&mut queue.waiting)
        } else {
            Waiting::default()
        };
        let told = if queue.is_room_awaited() {
            queue.tell_tasks_of_room()
        } else {
            Told::default()
        };
        drop(queue);
        told.tell();
        // Frees what may be many frames, when nobody waits for the lock.
        drop(lost);
        is_first
    }

    /// How many bytes wait to be written, those included that the writer is just writing.
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.0.lock().bytes()
    }

    /// Whether there is [room](Self::room_for) for a frame, however large it is; or the session is closed.
    pub(crate) fn has_room(&self) -> bool {
        self.0.lock().has_room_for(0)
    }

    /// Counts messages that were dropped because there was no room here, wherever they waited for it.
    pub(crate) fn count_dropped(&self, count: u64) {
        self.0.lock().count_dropped(count);
    }

    /// How many frames found no room and were dropped, or were dropped to make room for others.
    pub(crate) fn dropped(&self) -> u64 {
        self.0.lock().dropped
    }

    /// Why the session is closed; `None` while it is open.
    pub(crate) fn closed(&self) -> Option<CloseReason> {
        self.0.lock().closed
    }
}

impl Queue {
    /// Bytes that wait, and those that the writer took and has not written yet.
    fn bytes(&self) -> usize {
        self.waiting.bytes() + self.taken
    }

    fn lacks_room_for(&self, bytes: usize) -> bool {
        let held = self.bytes();
        held != 0 && held + bytes > self.max_bytes
    }

    /// Makes room by dropping what may be dropped; whether there is some now.
    #[cold]
    fn make_room(&mut self, bytes: usize, overflow: Overflow) -> bool {
        let held = self.bytes();
        let lacking = if bytes > self.max_bytes {
            // It fits into an empty queue only.
            held
        } else {
            held + bytes - self.max_bytes
        };
        let (dropped, has_room) = self.waiting.make_room(lacking, overflow);
        self.count_dropped(dropped);
        has_room
    }

    /// Counts frames that a policy has dropped.
    fn count_dropped(&mut self, count: u64) {
        self.dropped += count;
        self.counters.dropped_messages(count);
    }

    /// Counts what waits, which nobody is going to write.
    fn count_lost(&self) {
        self.counters.lost_frames(self.waiting.len() as u64);
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

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = self.0.lock();
        f.debug_struct("Outbound")
            .field("frames", &queue.waiting.len())
            .field("bytes", &queue.bytes())
            .field("max_bytes", &queue.max_bytes)
            .field("closed", &queue.closed)
            .finish_non_exhaustive()
    }
}
