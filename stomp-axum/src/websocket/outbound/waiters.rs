use std::task::{Context, Poll, Waker};

use super::super::SendError;

/// Those who wait until their messages have been written: few, one for each task that sends to this client.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    waiters: Vec<Waiter>,
    /// 0 stands for nobody.
    last_id: u64,
}

#[derive(Debug)]
struct Waiter {
    id: u64,
    waker: Option<Waker>,
    outcome: Option<Result<(), SendError>>,
}

impl Waiters {
    pub(super) fn add(&mut self) -> u64 {
        self.last_id += 1;
        self.waiters.push(Waiter {
            id: self.last_id,
            waker: None,
            outcome: None,
        });
        self.last_id
    }

    pub(super) fn poll(&mut self, id: u64, cx: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        let Some(waiter) = self.find(id) else {
            return Poll::Ready(Err(SendError::Closed));
        };
        if let Some(outcome) = waiter.outcome.clone() {
            return Poll::Ready(outcome);
        }
        match &mut waiter.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    pub(super) fn remove(&mut self, id: u64) {
        if let Some(index) = self.waiters.iter().position(|waiter| waiter.id == id) {
            self.waiters.swap_remove(index);
        }
    }

    /// Tells a waiter what has become of its message, and returns how to wake it.
    pub(super) fn settle(&mut self, id: u64, outcome: Result<(), SendError>) -> Option<Waker> {
        let waiter = self.find(id)?;
        waiter.outcome.get_or_insert(outcome);
        waiter.waker.take()
    }

    fn find(&mut self, id: u64) -> Option<&mut Waiter> {
        self.waiters.iter_mut().find(|waiter| waiter.id == id)
    }
}
