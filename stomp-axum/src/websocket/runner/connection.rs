use std::{
    future::poll_fn,
    panic::AssertUnwindSafe,
    pin::pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::FutureExt;
use stomp_core::{endpoint::TransportError, message::BoxError};
use tokio::time::Instant;

use super::{
    super::{CloseStatus, WebSocketMessage, WebSocketSession},
    SessionLimits, panicked,
};
use crate::{message_socket::MessageSocket, timer::Timer};

/// How long a client may take to close its side after the server has closed.
pub(super) const CLOSE_GRACE: Duration = Duration::from_secs(1);
/// How often one poll looks whether what the callback sent, and waited for, lets it go on; and how many messages that
/// nobody wants any more it reads.
const ROUNDS_PER_TURN: usize = 32;

/// The socket, and what goes through it.
#[derive(Debug)]
pub(super) struct Connection<M> {
    /// `None` when the connection is gone.
    pub(super) socket: Option<M>,
    pub(super) session: WebSocketSession,
    pub(super) limits: SessionLimits,
    /// What was read, and the handler has not got yet.
    pub(super) message: Option<WebSocketMessage>,
    /// What went wrong behind it.
    pub(super) error: Option<TransportError>,
    /// Whether there may be more to read.
    pub(super) reading: bool,
    /// Whether the last that was read is a part of a message, and not the last one.
    pub(super) is_reading_parts: bool,
    pub(super) writing: Writing,
    /// Whether the last that was sent is a part of a message, and not the last one.
    pub(super) is_in_parts: bool,
    /// Whether something was sent that may not have been written.
    pub(super) is_unflushed: bool,
    /// When a write that makes no progress is given up.
    pub(super) write_deadline: Option<Instant>,
    /// When something was read or written last.
    pub(super) last_activity: Instant,
    pub(super) timer: Timer,
    /// Whether the callback that runs has waited for what was written now.
    pub(super) is_awaited: bool,
}

/// What the handler is told next.
#[derive(Debug)]
pub(super) enum Event {
    Message(WebSocketMessage),
    Error(TransportError),
}

#[derive(Debug)]
pub(super) enum Writing {
    Open,
    /// Says good-bye.
    Closing(CloseStatus),
    /// Has said good-bye, or answers that of the client; the rest is to be read, or to be written.
    Closed {
        until: Instant,
    },
    /// The connection is gone.
    Gone,
}

impl<M: MessageSocket> Connection<M> {
    pub(super) fn new(socket: M, session: WebSocketSession, limits: SessionLimits) -> Self {
        Self {
            socket: Some(socket),
            session,
            limits,
            message: None,
            error: None,
            reading: true,
            is_reading_parts: false,
            writing: Writing::Open,
            is_in_parts: false,
            is_unflushed: false,
            write_deadline: None,
            last_activity: Instant::now(),
            timer: Timer::default(),
            is_awaited: false,
        }
    }

    /// The next that the handler is told; `None` when the session is closed.
    pub(super) async fn next(&mut self) -> Option<Event> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        for _ in 0..ROUNDS_PER_TURN {
            self.poll(cx, true);
            let Some(message) = self.message.take() else {
                return self.poll_end();
            };
            // Whoever has closed wants no message any more. What came before the connection was lost counts.
            if !self.session.outbound().is_closed_by_us() {
                return Poll::Ready(Some(Event::Message(message)));
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// What comes behind the messages.
    fn poll_end(&mut self) -> Poll<Option<Event>> {
        if let Some(error) = self.error.take() {
            return Poll::Ready(Some(Event::Error(error)));
        }
        match self.writing {
            Writing::Open | Writing::Closing(_) => Poll::Pending,
            Writing::Closed { .. } | Writing::Gone => Poll::Ready(None),
        }
    }

    /// Runs a callback, and everything else beside it. A panic is an error.
    pub(super) async fn during(
        &mut self,
        callback: impl Future<Output = Result<(), BoxError>>,
    ) -> Result<(), BoxError> {
        let mut callback = pin!(AssertUnwindSafe(callback).catch_unwind());
        let outcome = poll_fn(|cx| {
            for _ in 0..ROUNDS_PER_TURN {
                if let Poll::Ready(outcome) = callback.as_mut().poll(cx) {
                    return Poll::Ready(outcome);
                }
                self.is_awaited = false;
                self.poll(cx, false);
                if !self.is_awaited {
                    return Poll::Pending;
                }
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        outcome.unwrap_or_else(|panic| Err(panicked(&*panic)))
    }

    /// Completes when the connection is gone.
    pub(super) async fn ended(&mut self) {
        poll_fn(|cx| {
            self.poll(cx, false);
            match self.writing {
                Writing::Gone => Poll::Ready(()),
                _ => Poll::Pending,
            }
        })
        .await;
    }

    /// Does all that can be done now. `is_idle` says that no callback runs.
    fn poll(&mut self, cx: &mut Context<'_>, is_idle: bool) {
        loop {
            self.poll_read(cx);
            let written = self.poll_write(cx);
            let was_due = self.poll_timer(cx, is_idle);
            // What was written is no reason to read again, unless it was the good-bye.
            let is_ending = !matches!(self.writing, Writing::Open);
            if !(was_due || (is_ending && written)) {
                return;
            }
        }
    }

    /// Does what is due. Whether anything was.
    fn poll_timer(&mut self, cx: &mut Context<'_>, is_idle: bool) -> bool {
        let idle_deadline = self.idle_deadline(is_idle);
        let until = match self.writing {
            Writing::Closed { until } => Some(until),
            _ => None,
        };
        let deadlines = [self.write_deadline, idle_deadline, until];
        let Some(deadline) = deadlines.into_iter().flatten().min() else {
            return false;
        };
        if self.timer.poll(deadline, cx).is_pending() {
            return false;
        }
        let now = Instant::now();
        let is_due = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now);
        if is_due(self.write_deadline) {
            self.give_up_writing(now);
        } else if is_due(until) {
            self.gone();
        } else if is_due(idle_deadline) {
            let status = CloseStatus::GOING_AWAY.with_reason("idle for too long");
            self.session.close_with(status);
            self.last_activity = now;
        }
        true
    }

    /// When the session is closed because nothing happens; not while it is the server that does not read.
    fn idle_deadline(&self, is_idle: bool) -> Option<Instant> {
        let timeout = self.session.idle_timeout()?;
        if !is_idle || !matches!(self.writing, Writing::Open) {
            return None;
        }
        // Later than the clock can tell is never.
        self.last_activity.checked_add(timeout)
    }

    /// The connection is gone.
    pub(super) fn gone(&mut self) {
        self.session.outbound().end(CloseStatus::NO_CLOSE_FRAME);
        self.reading = false;
        self.socket = None;
        self.writing = Writing::Gone;
        self.write_deadline = None;
    }
}
