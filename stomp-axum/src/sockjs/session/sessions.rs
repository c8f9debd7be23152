//! Which sessions there are.

use std::{
    borrow::Borrow,
    collections::{HashMap, HashSet},
    fmt,
    hash::{Hash, Hasher},
    net::{IpAddr, Ipv6Addr},
    ptr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::{sync::Semaphore, time::Instant};

use super::{Binding, Session, SessionSocket, Settings, state::State};
use stomp_core::statistics::TransportKind;

/// Longer ids are refused. Clients use some ten characters, or the 36 of a UUID.
const MAX_ID_BYTES: usize = 128;

/// The sessions of one service (SJ-SES-06), by the raw text in the path (SJ-URL-05). Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sessions(pub(super) Arc<Table>);

/// Why no session is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OpenError {
    /// There is one by now; the request belongs to it.
    #[error("the session is there already")]
    Exists,
    #[error("the session id is longer than {MAX_ID_BYTES} bytes")]
    LongId,
    #[error("there are too many sessions")]
    TooMany,
    #[error("too many sessions of one client address wait for their next request")]
    TooManyOfAddress,
}

impl Sessions {
    pub(crate) fn new(settings: Settings) -> Self {
        Self(Arc::new(Table {
            settings: settings.on_clock(),
            entries: Mutex::default(),
        }))
    }

    /// The session of that id, unless it is over.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Session>> {
        let session = self.0.entries.lock().by_id.get(id).cloned()?.0;
        // Its owner may be too busy to look at its timer.
        (!session.is_over(Instant::now())).then_some(session)
    }

    /// Opens a session; it waits for the first receiving request as it would for any other. The socket is the
    /// application's end.
    ///
    /// # Errors
    ///
    /// If there are too many, or one has this id.
    pub(crate) fn open(
        &self,
        id: &str,
        binding: Binding,
        kind: TransportKind,
    ) -> Result<(Arc<Session>, SessionSocket), OpenError> {
        if id.len() > MAX_ID_BYTES {
            return Err(OpenError::LongId);
        }
        let settings = &self.0.settings;
        let deadline = Instant::now() + settings.disconnect_delay;
        let mut entries = self.0.entries.lock();
        let ended = match entries.by_id.get(id) {
            Some(ById(session)) if !session.is_dead() => return Err(OpenError::Exists),
            // Whoever has ended it is about to remove it.
            Some(_) => entries.by_id.take(id),
            None => None,
        };
        if entries.by_id.len() >= settings.sessions {
            return Err(OpenError::TooMany);
        }
        let unattached = match binding.address {
            Some(address) => Some(entries.count(network(address), settings)?),
            None => None,
        };
        let session = Arc::new(Session {
            id: id.into(),
            binding,
            table: self.0.clone(),
            unattached,
            state: Mutex::new(State::new(deadline)),
            turns: Semaphore::new(1),
            deliveries: AtomicUsize::new(0),
        });
        entries.by_id.insert(ById(session.clone()));
        drop(entries);
        drop(ended);
        let socket = SessionSocket::new(session.clone(), kind);
        Ok((session, socket))
    }

    /// How many there are, those included that say only that they are closed.
    pub(crate) fn len(&self) -> usize {
        self.0.entries.lock().by_id.len()
    }
}

/// Without ids.
impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// Sessions hold it, and it holds them until they are over, which each of them is in time.
pub(super) struct Table {
    settings: Settings,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_id: HashSet<ById>,
    addresses: HashMap<IpAddr, Address>,
}

#[derive(Default)]
struct Address {
    sessions: usize,
    unattached: Arc<AtomicUsize>,
}

impl Entries {
    /// Counts a new session, which nobody receives from yet.
    fn count(&mut self, address: IpAddr, settings: &Settings) -> Result<Unattached, OpenError> {
        let unattached = self
            .addresses
            .get(&address)
            .map(|address| &address.unattached);
        if unattached.map_or(0, |count| count.load(Ordering::Relaxed))
            >= settings.unattached_per_address
        {
            return Err(OpenError::TooManyOfAddress);
        }
        let address = self.addresses.entry(address).or_default();
        address.sessions += 1;
        address.unattached.fetch_add(1, Ordering::Relaxed);
        Ok(Unattached(address.unattached.clone()))
    }
}

impl Table {
    /// How many client addresses it knows.
    #[cfg(test)]
    pub(super) fn addresses(&self) -> usize {
        self.entries.lock().addresses.len()
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Forgets a session, once, when it has died. Another one may have its id by now.
    pub(super) fn remove(&self, session: &Session) {
        let mut entries = self.entries.lock();
        let is_there = entries.by_id.get(&*session.id);
        let removed = match is_there.is_some_and(|ById(there)| ptr::eq(&**there, session)) {
            true => entries.by_id.take(&*session.id),
            false => None,
        };
        if let Some(address) = session.binding.address.map(network)
            && let Some(entry) = entries.addresses.get_mut(&address)
        {
            entry.sessions -= 1;
            if entry.sessions == 0 {
                entries.addresses.remove(&address);
            }
        }
        drop(entries);
        drop(removed);
    }
}

/// How many sessions of one client address wait for a request. It is updated with every poll, so it is not under the lock
/// of the table.
#[derive(Clone)]
pub(super) struct Unattached(Arc<AtomicUsize>);

impl Unattached {
    /// Counts a session that did wait, or not, and now does, or not.
    pub(super) fn update(&self, was: bool, is: bool) {
        match (was, is) {
            (false, true) => {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
            (true, false) => {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
            (false, false) | (true, true) => {}
        }
    }
}

/// What counts as one client address: who has one of IPv6 has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            Ipv6Addr::from_bits(bits & (u128::MAX << 64)).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// A session, found by its id.
#[derive(Clone)]
struct ById(Arc<Session>);

impl Borrow<str> for ById {
    fn borrow(&self) -> &str {
        &self.0.id
    }
}

impl Hash for ById {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

impl PartialEq for ById {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for ById {}
