//! What is due when: heart-beats in both directions, and the ends of everybody's patience.

use std::task::Context;

use tokio::time::Instant;

use super::{
    super::{Transport, heart_beat::Negotiated, refusal::Refusal},
    Connection, State, Writing,
    timers::HeartBeats,
};
use crate::{codec::EncodedFrame, session::CloseReason};

impl<T: Transport> Connection<T> {
    pub(super) fn start_heart_beats(&mut self, negotiated: Negotiated) {
        let now = Instant::now();
        self.heart_beats = HeartBeats {
            // Early enough for the byte to arrive in time (HB-008).
            send_after: negotiated.send_every.map(|interval| interval * 4 / 5),
            dead_after: negotiated
                .expect_every
                .map(|interval| interval * self.services.limits.heart_beat_tolerance),
            last_write: now,
            last_read: now,
        };
    }

    /// Does what is due. Whether anything has changed.
    pub(super) fn poll_timers(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(deadline) = self.deadline() else {
            return false;
        };
        if self.timer.poll(deadline, cx).is_pending() {
            return false;
        }
        let now = Instant::now();
        let is_due = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now);
        if is_due(self.write_deadline) {
            tracing::info!("the client reads too slowly: nothing could be written for too long");
            if self.outbound.close(CloseReason::SlowConsumer) {
                self.services.counters.slow_consumer("write_timeout");
            }
            self.lost();
        }
        if matches!(self.writing, Writing::Closed { until } if until <= now) {
            self.lost();
        }
        if matches!(self.state, State::Ended) {
            return true;
        }
        if is_due(self.connect_deadline) {
            self.connect_deadline = None;
            self.services.counters.connect_failed();
            let refusal = Refusal::new("connect-timeout", "CONNECT did not arrive in time");
            self.refuse(&refusal.of_limit("connect_timeout"));
        }
        if is_due(self.heart_beats.write_deadline()) {
            self.heart_beats.last_write = now;
            if matches!(self.writing, Writing::Idle) && self.outbound.closed().is_none() {
                self.batch.push_back(EncodedFrame::heart_beat());
                self.counter.writing_heart_beat();
                self.writing = Writing::Batch;
            }
        }
        if is_due(self.read_deadline()) {
            self.heart_beats.dead_after = None;
            self.refuse(&Refusal::new(
                "heart-beat-lost",
                "nothing was received from the client for too long",
            ));
        }
        true
    }

    /// The next moment at which something is due.
    fn deadline(&self) -> Option<Instant> {
        let closed = match self.writing {
            Writing::Closed { until } => Some(until),
            _ => None,
        };
        let is_ended = matches!(self.state, State::Ended);
        let while_alive = [
            self.connect_deadline,
            self.heart_beats.write_deadline(),
            self.read_deadline(),
        ];
        let while_alive = while_alive.into_iter().flatten().filter(|_| !is_ended);
        [self.write_deadline, closed]
            .into_iter()
            .flatten()
            .chain(while_alive)
            .min()
    }

    /// When the client is taken for dead; never while it is the server that does not read, be it for want of room or
    /// because its turn is over.
    fn read_deadline(&self) -> Option<Instant> {
        self.heart_beats
            .read_deadline()
            .filter(|_| self.reading && self.has_room() && !self.turn.is_over())
    }
}
