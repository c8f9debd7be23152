//! What is due when: heart-beats in both directions, and the ends of everybody's patience.

use std::{collections::VecDeque, task::Context, time::Duration};

use tokio::time::Instant;

use super::{
    super::{Transport, heart_beat::Negotiated, refusal::Refusal},
    Connection, State, Writing,
    timers::HeartBeats,
};

/// After how long a silence the server sends a heart-beat: early enough for the byte to arrive in time (HB-008), and not
/// after the same time for all. A broadcast is the last that was written to all clients, at the same moment; their
/// heart-beats would all be due at the same moment, too, and those after them.
fn heart_beat_after(interval: Duration, phase: f64) -> Duration {
    interval * 4 / 5 - interval.mul_f64(phase / 10.0)
}

impl<T: Transport> Connection<T> {
    pub(super) fn start_heart_beats(&mut self, negotiated: Negotiated) {
        self.transport.heart_beats_negotiated(negotiated.send_every);
        let now = Instant::now();
        self.heart_beats = HeartBeats {
            send_after: negotiated
                .send_every
                .map(|interval| heart_beat_after(interval, self.open.phase())),
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
            self.give_up_writing(cx);
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
                // The session is idle: nothing was written to it since the last heart-beat.
                self.receiver.release_memory();
                self.batch = VecDeque::new();
                self.counter.writing_heart_beat();
                self.writing = Writing::HeartBeat;
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

    fn is_writing(&self) -> bool {
        matches!(
            self.writing,
            Writing::HeartBeat | Writing::Batch | Writing::Flushing
        )
    }

    /// Nothing could be written for too long. Whoever does not take the good-bye either is not waited for again.
    fn give_up_writing(&mut self, cx: &mut Context<'_>) {
        let is_told = self.is_writing()
            && self.outbound.cut_off("write_timeout")
            && self.receiver.poll_cut_off(cx).is_ready();
        if is_told {
            let refusal = Refusal::no_write_progress(&self.services.limits);
            self.cut_off(&refusal);
        } else {
            self.lost();
        }
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
