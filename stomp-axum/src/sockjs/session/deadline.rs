use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::time::{Instant, Sleep, sleep_until};

use super::Session;

/// Ends a session that nobody has received from for too long.
///
/// A request that comes and goes does not touch the timer: it fires at the old time, sees that it is too early, and is
/// set again, or, while somebody receives, not at all.
#[derive(Debug, Default)]
pub(super) struct Deadline {
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    pub(super) fn has_timer(&self) -> bool {
        self.sleep.is_some()
    }

    /// Ready when the session is over. `until` is when it is if nobody receives before, and `None` while somebody does;
    /// whoever calls this is woken by the session when that changes.
    pub(super) fn poll(
        &mut self,
        session: &Session,
        mut until: Option<Instant>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        loop {
            let sleep = match (&mut self.sleep, until) {
                (Some(sleep), _) => sleep,
                (None, Some(until)) => self.sleep.insert(Box::pin(sleep_until(until))),
                (None, None) => return Poll::Pending,
            };
            if until.is_some_and(|until| until < sleep.deadline()) {
                sleep.as_mut().reset(until.unwrap_or_else(Instant::now));
            }
            ready!(sleep.as_mut().poll(cx));
            self.sleep = None;
            if session.is_over(Instant::now()) {
                return Poll::Ready(());
            }
            until = session.change(|state, _| state.wait_for_end(cx, false));
        }
    }

    /// Ready when the session is over.
    pub(super) fn poll_alone(&mut self, session: &Session, cx: &mut Context<'_>) -> Poll<()> {
        let has_timer = self.has_timer();
        let until = session.change(|state, _| {
            let until = state.wait_for_end(cx, has_timer);
            (!state.is_dead()).then_some(until)
        });
        match until {
            Some(until) => self.poll(session, until, cx),
            None => Poll::Ready(()),
        }
    }
}
