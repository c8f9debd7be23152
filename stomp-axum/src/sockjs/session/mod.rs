//! Sessions over HTTP: they live between the requests that receive and send for them.
//!
//! A session has two ends. The application has a [`SessionSocket`], which is a
//! [`MessageSocket`](crate::message_socket::MessageSocket) as that of a WebSocket, and whose owner's task runs its timers.
//! Requests have the [`Session`] itself: one at a time receives, by a [`ReceivingBody`](receiving::ReceivingBody), and any
//! may [deliver](Session::deliver). Between them is a [`State`] under a lock that is held for a few instructions; wakers are
//! called outside of it.

mod deadline;
mod delivery;
mod receiving;
mod sessions;
mod settings;
mod socket;
mod state;
#[cfg(test)]
mod tests;
mod wakers;

pub(crate) use self::{
    delivery::DeliveryError,
    sessions::{OpenError, Sessions},
    settings::Settings,
    socket::SessionSocket,
};

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, atomic::AtomicUsize},
};

use parking_lot::Mutex;
use stomp_core::message::Principal;
use tokio::{sync::Semaphore, time::Instant};

use self::{
    sessions::{Table, Unattached},
    state::State,
    wakers::Wakers,
};

/// What the requests of one client have to do with each other.
pub(crate) struct Session {
    /// Chosen by the client, and a secret: whoever knows it is the client (SJ-SES-15).
    id: Box<str>,
    binding: Binding,
    table: Arc<Table>,
    /// `None` if nobody knows the address of the client.
    unattached: Option<Unattached>,
    state: Mutex<State>,
    /// Requests that deliver take turns.
    turns: Semaphore,
    /// How many there are of them.
    deliveries: AtomicUsize,
}

/// Whose session it is: that of the request that opened it (SJ-SES-15).
#[derive(Clone, Debug, Default)]
pub(crate) struct Binding {
    pub(crate) principal: Option<Principal>,
    pub(crate) address: Option<IpAddr>,
}

impl Session {
    pub(crate) fn binding(&self) -> &Binding {
        &self.binding
    }

    fn settings(&self) -> &Settings {
        self.table.settings()
    }

    /// Changes the state; whoever is to know is woken when the lock is free again, as a waker may run anything.
    fn change<R>(&self, change: impl FnOnce(&mut State, &mut Wakers) -> R) -> R {
        let mut wakers = Wakers::default();
        let mut state = self.state.lock();
        let was_dead = state.is_dead();
        let was_unattached = state.is_unattached();
        let result = change(&mut state, &mut wakers);
        let is_dead = state.is_dead();
        if let Some(unattached) = &self.unattached {
            unattached.update(was_unattached, state.is_unattached());
        }
        drop(state);
        if is_dead && !was_dead {
            self.table.remove(self);
        }
        wakers.wake();
        result
    }

    /// The table asks for it, whose lock is taken before that of the state, and never behind it.
    fn is_dead(&self) -> bool {
        self.state.lock().is_dead()
    }

    /// Ends it at once, and forgets it.
    fn kill(&self) {
        self.change(State::die);
    }

    /// Whether it is over, if need be from now on: because nobody has received for too long.
    fn is_over(&self, now: Instant) -> bool {
        self.change(|state, wakers| {
            if state.is_expired(now) {
                state.die(wakers);
            }
            state.is_dead()
        })
    }
}

/// Without its id.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
