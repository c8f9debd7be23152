//! Who can wait for room in the queue: streams, and queues of a broker.

use std::{
    fmt,
    sync::{Arc, Weak},
    task::{Context, Poll, Waker},
};

use super::{Outbound, Queue};

/// Somebody who is no task, and goes on when there is room in the queue of a session.
pub(crate) trait RoomWaiter: Send + Sync {
    /// There is room, or the session is closed: it is called once for each [`Outbound::when_room`] that returned true.
    ///
    /// It is called by the task of the connection, which holds no lock. So it may take those that are held elsewhere
    /// while something is sent, and send.
    fn has_room(&self);
}

/// Those that wait for room. Nothing is allocated for a session of which nobody ever did.
#[derive(Default)]
pub(super) struct Room {
    /// Numbers are never used again: a task that was told may still know its own.
    next: u64,
    tasks: Vec<(u64, Waker)>,
    /// Each with the bytes that it waits for.
    waiters: Vec<(usize, Weak<dyn RoomWaiter>)>,
}

/// Those that are told of room, when the queue is not locked any more.
#[derive(Default)]
pub(super) struct Told {
    tasks: Vec<(u64, Waker)>,
    writer: Option<Waker>,
    waiters: Vec<Weak<dyn RoomWaiter>>,
}

/// Room that is kept for a frame which its owner is about to send: it counts as taken for all others that wait for room.
/// Drop it when the frame is sent.
#[derive(Debug)]
#[must_use = "room is given back when this is dropped"]
pub(crate) struct ReservedRoom<'a> {
    outbound: &'a Outbound,
    bytes: usize,
}

/// Waits for room, and forgets that when it is dropped.
struct RoomFor<'a> {
    outbound: &'a Outbound,
    bytes: usize,
    /// What it stands under among those that wait.
    number: Option<u64>,
}

impl Outbound {
    /// Waits until no more than half of the queue is taken and `bytes` fit in, or the session is closed, and keeps the
    /// room: for senders that can wait, so that they don't have a client cut off that reads more slowly than they send.
    /// The other half is for all others.
    pub(crate) async fn room_for(&self, bytes: usize) -> ReservedRoom<'_> {
        let mut room = RoomFor {
            outbound: self,
            bytes,
            number: None,
        };
        std::future::poll_fn(|cx| room.poll(cx)).await
    }

    /// Has `waiter` told when there is [room](Self::room_for) for `bytes`, or the session is closed. Returns false if
    /// that is so already: then nobody is told, and what did not fit in should be sent again.
    ///
    /// A waiter stands here once, however often it says so, and is not kept alive. Between
    /// [`send_if_room`](Self::send_if_room) and this, room can't come and go unseen:
    ///
    /// ```text
    /// while let Some(frame) = next() {
    ///     match outbound.send_if_room(frame, overflow) {
    ///         Ok(()) => {}
    ///         Err(Unsent::NoRoom(frame)) => {
    ///             let bytes = frame.len();
    ///             put_back(frame);
    ///             if outbound.when_room(bytes, &waiter) {
    ///                 return;
    ///             }
    ///         }
    ///         Err(Unsent::Closed(_)) => return,
    ///     }
    /// }
    /// ```
    pub(crate) fn when_room(&self, bytes: usize, waiter: &Arc<dyn RoomWaiter>) -> bool {
        let waiter = Arc::downgrade(waiter);
        let mut queue = self.0.lock();
        if queue.has_room_for(bytes) {
            return false;
        }
        let waiters = &mut queue.room.get_or_insert_default().waiters;
        // A client can't pile up waiters of subscriptions that it has left.
        waiters.retain(|(_, other)| other.strong_count() > 0 && !other.ptr_eq(&waiter));
        waiters.push((bytes, waiter));
        true
    }
}

impl<'a> RoomFor<'a> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ReservedRoom<'a>> {
        let mut queue = self.outbound.0.lock();
        if !queue.has_room_for(self.bytes) {
            self.number = Some(queue.room.get_or_insert_default().wait(self.number, cx));
            return Poll::Pending;
        }
        queue.forget(self.number.take());
        let bytes = match queue.closed {
            None => self.bytes.min(queue.max_bytes),
            Some(_) => 0,
        };
        queue.reserved += bytes;
        Poll::Ready(ReservedRoom {
            outbound: self.outbound,
            bytes,
        })
    }
}

impl Drop for RoomFor<'_> {
    fn drop(&mut self) {
        if self.number.is_some() {
            self.outbound.0.lock().forget(self.number);
        }
    }
}

impl Drop for ReservedRoom<'_> {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let mut queue = self.outbound.0.lock();
        queue.reserved -= self.bytes;
        if queue.is_room_awaited() {
            let told = queue.tell_tasks_of_room();
            drop(queue);
            told.tell();
        }
    }
}

impl Room {
    /// Notes that a task waits, under the number that it has already, if it has one.
    fn wait(&mut self, number: Option<u64>, cx: &Context<'_>) -> u64 {
        if let Some(number) = number
            && let Some((_, waker)) = self.tasks.iter_mut().find(|(other, _)| *other == number)
        {
            waker.clone_from(cx.waker());
            return number;
        }
        let number = self.next;
        self.next += 1;
        self.tasks.push((number, cx.waker().clone()));
        number
    }

    fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.waiters.is_empty()
    }
}

impl Queue {
    pub(super) fn has_room_for(&self, bytes: usize) -> bool {
        let held = self.bytes() + self.reserved;
        let is_half_empty = held <= self.max_bytes / 2;
        let fits = held == 0 || held.saturating_add(bytes) <= self.max_bytes;
        self.closed.is_some() || (is_half_empty && fits)
    }

    fn forget(&mut self, number: Option<u64>) {
        if let (Some(number), Some(room)) = (number, &mut self.room) {
            room.tasks.retain(|(other, _)| *other != number);
        }
    }

    /// Whether there is room, and somebody waits for some.
    pub(super) fn is_room_awaited(&self) -> bool {
        self.room.as_ref().is_some_and(|room| !room.is_empty()) && self.has_room_for(0)
    }

    /// Tasks that are to be told of room. Those that are no tasks are told by the connection, which is woken for it.
    ///
    /// They are not called by senders: these hold locks that they may want to take, and a sender may be one of them.
    #[cold]
    pub(super) fn tell_tasks_of_room(&mut self) -> Told {
        let mut told = Told::default();
        if let Some(room) = &mut self.room {
            told.tasks = std::mem::take(&mut room.tasks);
            if !room.waiters.is_empty() {
                told.writer = self.writer.take();
            }
        }
        told
    }

    /// All that are to be told of room. For the connection only.
    #[cold]
    pub(super) fn tell_all_of_room(&mut self) -> Told {
        let mut told = Told::default();
        if let Some(mut room) = self.room.take() {
            told.tasks = std::mem::take(&mut room.tasks);
            told.waiters = room
                .waiters
                .extract_if(.., |(bytes, _)| self.has_room_for(*bytes))
                .map(|(_, waiter)| waiter)
                .collect();
            self.room = Some(room);
        }
        told
    }
}

impl Told {
    /// To be called when the queue is not locked.
    pub(super) fn tell(self) {
        let tasks = self.tasks.into_iter().map(|(_, task)| task);
        for task in tasks.chain(self.writer) {
            task.wake();
        }
        for waiter in self.waiters.iter().filter_map(Weak::upgrade) {
            waiter.has_room();
        }
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room")
            .field("tasks", &self.tasks.len())
            .field("waiters", &self.waiters.len())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
impl Room {
    pub(super) fn tasks(&self) -> usize {
        self.tasks.len()
    }

    pub(super) fn waiters(&self) -> usize {
        self.waiters.len()
    }
}
