use std::{
    collections::VecDeque,
    task::{Context, Poll, Waker},
};

use super::super::SendError;

/// More room than for so many is given back when nobody waits.
const KEPT_WAITERS: usize = 16;

/// Those who wait until their messages have been written: mostly few, one for each task that sends to this client, but a task
/// may also send many messages and wait for all of them.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    /// By their ids. They leave more or less in their order.
    waiters: VecDeque<Waiter>,
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
        self.waiters.push_back(Waiter {
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
        if let Some(index) = self.position(id) {
            self.waiters.remove(index);
        }
        if self.waiters.is_empty() && self.waiters.capacity() > KEPT_WAITERS {
            self.waiters = VecDeque::new();
        }
    }

    /// Tells a waiter what has become of its message, and returns how to wake it.
    pub(super) fn settle(&mut self, id: u64, outcome: Result<(), SendError>) -> Option<Waker> {
        let waiter = self.find(id)?;
        waiter.outcome.get_or_insert(outcome);
        waiter.waker.take()
    }

    fn find(&mut self, id: u64) -> Option<&mut Waiter> {
        let index = self.position(id)?;
        self.waiters.get_mut(index)
    }

    fn position(&self, id: u64) -> Option<usize> {
        self.waiters
            .binary_search_by_key(&id, |waiter| waiter.id)
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For each of them all others were looked at, which took minutes.
    #[test]
    fn jsr_19_so_many_may_wait_as_there_is_room_for_messages() {
        let mut waiters = Waiters::default();
        let ids: Vec<_> = (0..200_000).map(|_| waiters.add()).collect();
        let mut cx = Context::from_waker(Waker::noop());
        // As they are written, and in no order at all.
        for id in ids.iter().rev() {
            assert!(waiters.poll(*id, &mut cx).is_pending());
            assert!(waiters.settle(*id, Ok(())).is_some());
        }
        for id in ids.iter().filter(|id| *id % 100 == 0) {
            waiters.remove(*id);
        }
        for id in &ids {
            let is_there = id % 100 != 0;
            let polled = waiters.poll(*id, &mut cx);
            let expected = if is_there {
                Ok(())
            } else {
                Err(SendError::Closed)
            };
            assert_eq!(polled, Poll::Ready(expected));
            waiters.remove(*id);
        }
        assert_eq!(waiters.waiters.capacity(), 0);
    }
}
