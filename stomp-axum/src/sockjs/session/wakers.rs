use std::task::{Context, Waker};

/// Who is to be woken, when the lock is free again.
#[derive(Default)]
pub(super) struct Wakers([Option<Waker>; 3]);

impl Wakers {
    pub(super) fn add(&mut self, waker: &mut Option<Waker>) {
        if let Some(waker) = waker.take()
            && let Some(free) = self.0.iter_mut().find(|slot| slot.is_none())
        {
            *free = Some(waker);
        }
    }

    pub(super) fn wake(self) {
        for waker in self.0.into_iter().flatten() {
            waker.wake();
        }
    }
}

/// Puts whoever is polled into the slot.
pub(super) fn wait(slot: &mut Option<Waker>, cx: &Context<'_>) {
    match slot {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *slot = Some(cx.waker().clone()),
    }
}
