//! From what arrives to frames, as long as there is room for them.

use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::time::Instant;

use super::{
    super::{Incoming, Transport, refusal::Refusal},
    Connection, State, Writing,
};
use crate::codec::Frame;

impl<T: Transport> Connection<T> {
    /// Reads what can be read now, if there is room for it. Whether anything has changed.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) -> bool {
        let mut changed = false;
        while self.reading && self.has_room() {
            match self.transport.poll_receive(cx) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(Incoming::End))) => {
                    self.end_of_input();
                    changed = true;
                }
                Poll::Ready(Some(Ok(incoming))) => {
                    self.turn.steps += 1;
                    self.heart_beats.last_read = Instant::now();
                    if let Incoming::Data(data) = incoming {
                        self.services.counters.received_bytes(data.len());
                        self.receive(data);
                    }
                    changed = true;
                    break;
                }
                Poll::Ready(end) => {
                    self.reading = false;
                    let limits = &self.services.limits;
                    let error = end.and_then(Result::err);
                    if error.is_some() {
                        self.services.counters.transport_failed();
                    }
                    match error.and_then(|error| Refusal::of_transport(&error, limits)) {
                        Some(refusal) if matches!(self.state, State::Connecting(_)) => {
                            self.refuse(&refusal);
                        }
                        Some(refusal) => self.waiting.push_back(Err(refusal)),
                        None => self.lost(),
                    }
                    changed = true;
                }
            }
        }
        changed
    }

    /// The client has closed its side, and may read on what it gets for what it has sent (TCP-004).
    ///
    /// Its session ends now all the same, as if it were gone, which looks just like that: frames that wait behind a slow
    /// handler are no reason to keep its user online (SUB-033).
    fn end_of_input(&mut self) {
        self.reading = false;
        self.is_half_closed = true;
        match &mut self.state {
            State::Connecting(_) => self.lost(),
            State::Connected(session) | State::Busy { session, .. } => session.leave(),
            State::Announcing(accepted, _) => accepted.session.leave(),
            // Those of a client that has sent all at once are handled when it is known who it is.
            State::Authenticating(..) => {}
            State::Ended if matches!(self.writing, Writing::Closed { .. }) => self.lost(),
            State::Ended => {}
        }
    }

    /// Whether everything is answered that a client has sent before it closed its side.
    pub(super) fn has_answered_all(&self) -> bool {
        self.is_half_closed
            && matches!(self.state, State::Connected(_))
            && self.waiting.is_empty()
            && self.input.is_empty()
            && self.running.is_empty()
    }

    /// Whether to read on: not while frames wait that the client sent too fast (the client then waits, too, since its
    /// packets are not taken).
    pub(super) fn has_room(&self) -> bool {
        match self.state {
            // What comes after the end is drained, so that the client gets to read the ERROR (ERR-012).
            State::Ended => true,
            _ => self.input.is_empty() && self.may_wait(),
        }
    }

    /// Whether one more frame may wait. Those that run beside others count, too.
    fn may_wait(&self) -> bool {
        self.waiting.len() + self.running.len() < self.services.limits.inbound_frames
    }

    /// Counts the frames that wait, and those that run beside others.
    pub(super) fn count_waiting(&mut self) {
        let waiting = self.waiting.len() + self.running.len();
        let limit = self.services.limits.inbound_frames;
        self.counter.waiting_frames(waiting, limit);
    }

    fn receive(&mut self, data: Bytes) {
        match self.state {
            State::Ended => return,
            State::Connecting(_) | State::Authenticating(..) | State::Announcing(..) => {
                self.bytes_before_connected += data.len();
                let limit = self.services.limits.pre_connect_bytes;
                if self.bytes_before_connected > limit {
                    let what = "too many bytes before CONNECTED";
                    self.refuse(&Refusal::limit(
                        "too-large",
                        what,
                        limit,
                        "pre_connect_bytes",
                    ));
                    return;
                }
            }
            State::Connected(_) | State::Busy { .. } => {}
        }
        self.input = data;
        self.frames_in_input = 0;
    }

    /// The next frame in the order in which they came.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>, Refusal> {
        match self.waiting.pop_front() {
            Some(frame) => {
                self.turn.steps += 1;
                frame.map(Some)
            }
            None => self.decode(),
        }
    }

    pub(super) fn decode(&mut self) -> Result<Option<Frame>, Refusal> {
        let mut rest = &self.input[..];
        let decoded = self.decoder.decode(&mut rest);
        let consumed = self.input.len() - rest.len();
        self.input.advance(consumed);
        self.turn.steps += 1;
        self.turn.bytes += consumed;
        if self.input.is_empty() {
            // What is kept must not keep the buffer that the transport read into.
            self.input = Bytes::new();
        }
        let frame = decoded?;
        if let Some(frame) = &frame {
            self.services.counters.received_frame(&frame.command);
            self.frames_in_input += 1;
            let limit = self.services.limits.frames_per_message;
            // What is read from a stream at once is no message of the client's.
            if self.frames_in_input > limit && !self.transport.is_stream() {
                let what = "too many frames in one message";
                return Err(Refusal::limit(
                    "too-many-frames",
                    what,
                    limit,
                    "frames_per_message",
                ));
            }
        }
        Ok(frame)
    }

    /// Decodes frames that must wait for the one that is being handled. What is wrong with them is answered when it is
    /// their turn. Whether anything has changed.
    pub(super) fn decode_ahead(&mut self) -> bool {
        let mut changed = false;
        while !self.input.is_empty() && self.may_wait() {
            changed = true;
            match self.decode() {
                Ok(Some(frame)) => self.waiting.push_back(Ok(frame)),
                Ok(None) => {}
                Err(refusal) => {
                    self.waiting.push_back(Err(refusal));
                    self.input = Bytes::new();
                }
            }
        }
        changed
    }
}
