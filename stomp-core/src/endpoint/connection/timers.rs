use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// The deadlines of one connection, on one timer.
///
/// A deadline that moves away, as that of a heart-beat does with every frame, costs nothing: the timer fires at the old
/// time, sees that it is too early, and is set again.
#[derive(Default)]
pub(super) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    /// Ready when `deadline` has passed.
    pub(super) fn poll(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if deadline < sleep.deadline() {
            sleep.as_mut().reset(deadline);
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if sleep.deadline() >= deadline {
                // A new timer next time: this one has fired.
                self.sleep = None;
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

/// The heart-beats that were agreed on, and when bytes were seen last.
pub(super) struct HeartBeats {
    /// The server sends a heart-beat when nothing was written for so long.
    pub(super) send_after: Option<Duration>,
    /// The client is taken for dead when nothing was received for so long.
    pub(super) dead_after: Option<Duration>,
    pub(super) last_write: Instant,
    pub(super) last_read: Instant,
}

impl HeartBeats {
    pub(super) fn write_deadline(&self) -> Option<Instant> {
        Some(self.last_write + self.send_after?)
    }

    pub(super) fn read_deadline(&self) -> Option<Instant> {
        Some(self.last_read + self.dead_after?)
    }
}
