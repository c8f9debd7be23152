use std::{collections::HashMap, fmt, sync::Arc};

use super::Session;

/// How a client names a subscription: by its id, or, in STOMP 1.0, by its destination (SUB-014).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SubscriptionKey {
    Id(Arc<str>),
    Destination(Arc<str>),
}

/// The subscriptions of one session, to show them: the broker has its own.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    /// By their names, with the order in which they came.
    entries: HashMap<SubscriptionKey, (u64, Arc<str>)>,
    next: u64,
}

impl Subscriptions {
    pub(super) fn add(&mut self, key: SubscriptionKey, destination: Arc<str>) {
        self.entries.insert(key, (self.next, destination));
        self.next += 1;
    }

    pub(super) fn remove(&mut self, key: &SubscriptionKey) -> Option<Arc<str>> {
        let (_, destination) = self.entries.remove(key)?;
        Some(destination)
    }

    pub(super) fn contains(&self, key: &SubscriptionKey) -> bool {
        self.entries.contains_key(key)
    }

    /// In the order in which they came.
    pub(super) fn list(&self, session: &Session) -> Vec<SessionSubscription> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_unstable_by_key(|(_, (number, _))| *number);
        entries
            .into_iter()
            .map(|(key, (_, destination))| SessionSubscription {
                session: session.clone(),
                id: match key {
                    SubscriptionKey::Id(id) => Some(id.clone()),
                    SubscriptionKey::Destination(_) => None,
                },
                destination: destination.clone(),
            })
            .collect()
    }
}

/// A subscription of a session, as of the moment at which the session was asked: Spring's `SimpSubscription` (UR-3).
#[derive(Clone, PartialEq, Eq)]
pub struct SessionSubscription {
    session: Session,
    id: Option<Arc<str>>,
    destination: Arc<str>,
}

impl SessionSubscription {
    /// The session that is subscribed.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The `id` of SUBSCRIBE; STOMP 1.0 may do without (SUB-004).
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The destination or pattern, as the client wrote it: `/user/queue/errors`, and `/app/positions` for a handler
    /// (UR-1).
    pub fn destination(&self) -> &str {
        &self.destination
    }
}

impl fmt::Debug for SessionSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionSubscription")
            .field("session", self.session.id())
            .field("id", &self.id)
            .field("destination", &self.destination)
            .finish()
    }
}
