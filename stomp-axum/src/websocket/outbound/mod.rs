//! What waits to be sent to one client: Spring's `ConcurrentWebSocketSessionDecorator`, which each session has here.
//!
//! Anybody may send; the connection takes one message after another, so that what it has not taken counts, and can be
//! dropped.

mod queue;
mod waiters;

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

use parking_lot::{Mutex, MutexGuard};

use self::queue::Queue;
use super::{CloseStatus, SendError, WebSocketMessage, WebSocketSession};

/// What happens when more waits for a client than may (WS-45, WS-46).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverflowStrategy {
    /// The session is closed, with the code 4500.
    #[default]
    Terminate,
    /// The oldest messages that wait are thrown away, until the others fit. Pings, pongs, and parts of messages stay; if
    /// there is nothing else, the session is closed after all.
    Drop,
}

/// How much may wait for one client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SendLimits {
    pub(crate) buffer_bytes: usize,
    pub(crate) overflow: OverflowStrategy,
}

/// The queue of one session, to be used from both ends.
#[derive(Debug)]
pub(super) struct Outbound {
    limits: SendLimits,
    queue: Mutex<Queue>,
}

/// What the connection is to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Send(WebSocketMessage),
    /// Everything that waited has been taken.
    Close(CloseStatus),
    /// The client does not read: what waited is gone.
    CutOff(CloseStatus),
}

impl Outbound {
    /// `has_frames` says whether the session is carried by what has binary messages, parts, pings and pongs.
    pub(super) fn new(limits: SendLimits, has_frames: bool) -> Self {
        Self {
            limits,
            queue: Mutex::new(Queue::new(has_frames)),
        }
    }

    /// Queues a message. `session` is the id, for the error.
    pub(super) fn push(&self, message: WebSocketMessage, session: &str) -> Result<(), SendError> {
        self.push_waiting(message, 0, session)
    }

    fn push_waiting(
        &self,
        message: WebSocketMessage,
        waiter: u64,
        session: &str,
    ) -> Result<(), SendError> {
        let mut queue = self.queue.lock();
        let pushed = queue
            .push(message, waiter)
            .and_then(|()| queue.keep_to(&self.limits, session));
        wake_unlocked(queue);
        pushed
    }

    /// Queues a message; the future tells when it has been written.
    pub(super) fn push_awaited(
        session: &WebSocketSession,
        message: WebSocketMessage,
    ) -> Result<Written, SendError> {
        let outbound = session.outbound();
        let waiter = outbound.queue.lock().waiters.add();
        let written = Written {
            session: session.clone(),
            waiter,
        };
        outbound.push_waiting(message, waiter, session.id())?;
        Ok(written)
    }

    /// Closes, after everything that waits has been written; only the first close counts (WS-47).
    pub(super) fn close(&self, status: CloseStatus) {
        let mut queue = self.queue.lock();
        queue.close(status);
        wake_unlocked(queue);
    }

    /// Has the connection look again at what it is to do.
    pub(super) fn wake(&self) {
        let mut queue = self.queue.lock();
        queue.wake();
        wake_unlocked(queue);
    }

    /// Closes the session of a client that does not read, and frees what waits.
    pub(super) fn cut_off(&self) {
        let mut queue = self.queue.lock();
        queue.cut_off();
        wake_unlocked(queue);
    }

    /// The other side has closed, or is gone: nothing is sent any more.
    pub(super) fn end(&self, status: CloseStatus) {
        let mut queue = self.queue.lock();
        queue.end(status);
        wake_unlocked(queue);
    }

    /// What is to be done next.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Next> {
        self.queue.lock().poll_next(cx)
    }

    /// Ready when the client was cut off, for a connection that is blocked.
    pub(super) fn poll_cut_off(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.queue.lock().poll_cut_off(cx)
    }

    /// Everything that was taken has been written. Returns whether the task of `cx` itself has waited for it: it is not
    /// woken, but has to look.
    pub(super) fn written(&self, cx: &mut Context<'_>) -> bool {
        let mut queue = self.queue.lock();
        let mut is_own = false;
        queue.written(|waker| {
            let own = waker.will_wake(cx.waker());
            is_own |= own;
            !own
        });
        wake_unlocked(queue);
        is_own
    }

    pub(super) fn is_open(&self) -> bool {
        self.queue.lock().closing.is_none()
    }

    /// Whether it was this side that closed: then no message is handled any more.
    pub(super) fn is_closed_by_us(&self) -> bool {
        let queue = self.queue.lock();
        queue.closing.as_ref().is_some_and(|closing| closing.by_us)
    }

    /// Why it was closed.
    pub(super) fn close_status(&self) -> Option<CloseStatus> {
        let queue = self.queue.lock();
        queue.closing.as_ref().map(|closing| closing.status.clone())
    }

    /// Bytes that wait.
    pub(super) fn buffered_bytes(&self) -> usize {
        self.queue.lock().bytes()
    }
}

/// Wakes when the lock has been released: whoever is woken may want it.
fn wake_unlocked(mut queue: MutexGuard<'_, Queue>) {
    let writer = queue.take_writer();
    let wakers = queue.take_wakers();
    drop(queue);
    writer.into_iter().chain(wakers).for_each(Waker::wake);
}

/// Completes when a message has been written, or can't be. The message is sent even if nobody waits for that.
#[must_use = "the message is sent anyway; only errors are lost"]
#[derive(Debug)]
pub(crate) struct Written {
    session: WebSocketSession,
    waiter: u64,
}

impl Future for Written {
    type Output = Result<(), SendError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outbound = self.session.outbound();
        outbound.queue.lock().waiters.poll(self.waiter, cx)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let outbound = self.session.outbound();
        outbound.queue.lock().waiters.remove(self.waiter);
    }
}
