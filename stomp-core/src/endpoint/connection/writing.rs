//! Everything that waits is taken at once, handed to the transport frame by frame, and flushed once.

use std::task::{Context, Poll, ready};

use tokio::time::Instant;

use super::{
    super::{Transport, TransportError, refusal::Refusal},
    CLOSE_GRACE, Connection, State, Writing,
};
use crate::{
    codec::EncodedFrame,
    session::{CloseReason, Drained},
};

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
                Drained::Frames { frames, bytes } => {
                    self.counter.writing(frames, bytes);
                    self.writing = Writing::Batch;
                }
                Drained::Closed(CloseReason::SlowConsumer) => self.cut_off_by_bytes(),
                Drained::Closed(reason) => self.say_good_bye(reason),
            },
            Writing::HeartBeat => match self.transport.poll_ready(cx) {
                Poll::Ready(ready) => {
                    ready?;
                    self.transport.send(EncodedFrame::heart_beat())?;
                    self.writing = Writing::Flushing;
                }
                Poll::Pending => ready!(self.poll_cut_off(cx)),
            },
            Writing::Batch => match self.poll_writable(cx) {
                Poll::Ready(ready) => {
                    ready?;
                    if !self.send_next()? {
                        self.writing = Writing::Flushing;
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
            Writing::CutOff if !self.batch.is_empty() => {
                ready!(self.transport.poll_ready(cx))?;
                self.send_next()?;
            }
            Writing::CutOff => {
                ready!(self.transport.poll_flush(cx))?;
                self.counter.written();
                self.writing = Writing::Closing(CloseReason::SlowConsumer);
            }
            Writing::Closing(reason) => {
                while !self.batch.is_empty() {
                    ready!(self.transport.poll_ready(cx))?;
                    self.send_next()?;
                }
                ready!(self.transport.poll_close(cx, reason))?;
                self.counter.written();
                self.leave_work_behind();
                if self.is_half_closed {
                    self.lost();
                } else {
                    self.writing = Writing::Closed {
                        until: Instant::now() + CLOSE_GRACE,
                    };
                }
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
        self.cut_off_by_bytes();
        Poll::Ready(())
    }

    /// Hands the next frame of the batch to the transport; false if there is none.
    fn send_next(&mut self) -> Result<bool, TransportError> {
        let Some(queued) = self.batch.pop_front() else {
            return Ok(false);
        };
        match queued.into_frame() {
            Some(frame) => self.transport.send(frame).map(|()| true),
            None => Ok(true),
        }
    }

    fn cut_off_by_bytes(&mut self) {
        let refusal = Refusal::too_much_waits(&self.services.limits);
        self.cut_off(&refusal);
    }

    /// Ends the session of a client that reads too slowly (LIM-010, IN-15). It is told why behind what the transport has
    /// begun to write, if it takes so much in time (ERR-013); everything else that waits is thrown away.
    pub(super) fn cut_off(&mut self, refusal: &Refusal) {
        tracing::info!(message = refusal.message(), "a client is cut off");
        self.batch.clear();
        self.counter.lost();
        self.write_error(refusal);
        self.writing = Writing::CutOff;
        self.write_deadline = Some(Instant::now() + CLOSE_GRACE);
        self.leave_work_behind();
    }

    /// Closes the transport. If that can't tell the client why, an ERROR does; but not before CONNECT, from what may be no
    /// client of STOMP, nor behind another ERROR, or DISCONNECT (NEG-030).
    fn say_good_bye(&mut self, reason: CloseReason) {
        let is_session = !matches!(self.state, State::Connecting(_) | State::Ended);
        if is_session
            && self.transport.is_stream()
            && let Some(refusal) = Refusal::of_close(reason)
        {
            self.write_error(&refusal);
        }
        self.writing = Writing::Closing(reason);
    }

    /// Makes an ERROR the batch: the last one, past the queue, which is closed.
    fn write_error(&mut self, refusal: &Refusal) {
        let error = refusal.to_frame(self.decoder.version());
        self.counter.writing_error(error.len());
        self.services.counters.error(refusal.code());
        self.batch.push_back(error.into());
    }

    /// Sets the time at which a write that makes no progress is given up.
    fn watch_write(&mut self, mut progress: bool) {
        let patience = match self.writing {
            Writing::HeartBeat | Writing::Batch | Writing::Flushing => {
                let written_bytes = self.transport.written_bytes();
                // Whoever takes the last frame byte by byte must not keep the connection for as long as it likes.
                let counts = !matches!(self.state, State::Ended);
                progress |= counts && written_bytes != self.written_bytes;
                self.written_bytes = written_bytes;
                self.services.limits.write_timeout
            }
            Writing::CutOff | Writing::Closing(_) => CLOSE_GRACE,
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
