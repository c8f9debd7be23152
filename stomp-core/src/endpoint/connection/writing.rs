//! Everything that waits is taken at once, handed to the transport frame by frame, and flushed once.

use std::task::{Context, Poll, ready};

use tokio::time::Instant;

use super::{
    super::{Transport, TransportError},
    CLOSE_GRACE, Connection, State, Writing,
};
use crate::session::{CloseReason, Drained};

impl<T: Transport> Connection<T> {
    /// Writes what can be written now. Whether anything has changed.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> bool {
        let mut changed = false;
        loop {
            match self.poll_write_step(cx) {
                Poll::Ready(Ok(())) => changed = true,
                Poll::Ready(Err(error)) => {
                    tracing::debug!(%error, "writing failed");
                    self.services.counters.transport_failed();
                    self.lost();
                    return true;
                }
                Poll::Pending => {
                    self.watch_write(changed);
                    return changed;
                }
            }
        }
    }

    fn poll_write_step(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match self.writing {
            Writing::Idle => match ready!(self.receiver.poll_drain(cx, &mut self.batch)) {
                Drained::Frames { bytes } => {
                    self.counter.writing(self.batch.len(), bytes);
                    self.writing = Writing::Batch;
                }
                Drained::Closed(reason) => self.writing = Writing::Closing(reason),
            },
            Writing::Batch => match self.poll_writable(cx) {
                Poll::Ready(ready) => {
                    ready?;
                    match self.batch.pop_front() {
                        Some(frame) => self.transport.send(frame)?,
                        None => self.writing = Writing::Flushing,
                    }
                }
                Poll::Pending => ready!(self.poll_cut_off(cx)),
            },
            Writing::Flushing => match self.transport.poll_flush(cx) {
                Poll::Ready(flushed) => {
                    flushed?;
                    self.counter.written();
                    self.heart_beats.last_write = Instant::now();
                    self.writing = Writing::Idle;
                }
                Poll::Pending => ready!(self.poll_cut_off(cx)),
            },
            Writing::Closing(reason) => {
                ready!(self.transport.poll_close(cx, reason))?;
                self.leave_work_behind();
                self.writing = Writing::Closed {
                    until: Instant::now() + CLOSE_GRACE,
                };
            }
            Writing::Closed { .. } | Writing::Gone => return Poll::Pending,
        }
        Poll::Ready(Ok(()))
    }

    /// Ready to send a frame, or, with nothing left to send, to flush.
    fn poll_writable(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        if self.batch.is_empty() {
            Poll::Ready(Ok(()))
        } else {
            self.transport.poll_ready(cx)
        }
    }

    /// Ready when a client that does not read was cut off by somebody who sent to it.
    fn poll_cut_off(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.receiver.poll_cut_off(cx));
        self.batch.clear();
        self.counter.lost();
        self.writing = Writing::Closing(CloseReason::SlowConsumer);
        Poll::Ready(())
    }

    /// Sets the time at which a write that makes no progress is given up.
    fn watch_write(&mut self, progress: bool) {
        let patience = match self.writing {
            Writing::Batch | Writing::Flushing => self.services.limits.write_timeout,
            Writing::Closing(_) => CLOSE_GRACE,
            Writing::Idle | Writing::Closed { .. } | Writing::Gone => {
                self.write_deadline = None;
                return;
            }
        };
        if progress || self.write_deadline.is_none() {
            self.write_deadline = Some(Instant::now() + patience);
        }
    }

    /// The connection is gone: nobody can be told anything any more.
    pub(super) fn lost(&mut self) {
        self.reading = false;
        self.batch.clear();
        self.counter.lost();
        self.outbound.close(CloseReason::ConnectionLost);
        self.writing = Writing::Gone;
        self.write_deadline = None;
        match &mut self.state {
            State::Connected(session) | State::Busy { session, .. } => session.leave(),
            State::Announcing(accepted, _) => accepted.session.leave(),
            State::Connecting(_) | State::Authenticating(..) | State::Ended => {}
        }
    }
}
