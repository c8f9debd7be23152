use std::{collections::HashMap, fmt, sync::Arc};

use parking_lot::RwLock;

use crate::session::Session;

/// The users that are connected, and their sessions: Spring's `SimpUserRegistry` (UR-1, UR-3).
///
/// Anonymous sessions don't appear in it. Cheap to clone; an extractor in message handlers.
///
/// ```
/// use stomp_axum::user::UserRegistry;
///
/// fn is_online(users: &UserRegistry, name: &str) -> bool {
///     users.user(name).is_some()
/// }
/// ```
#[derive(Clone, Default)]
pub struct UserRegistry(Arc<RwLock<HashMap<Arc<str>, Vec<Session>>>>);

/// A connected user, as of the moment at which the registry was asked.
#[derive(Clone, Debug)]
pub struct User {
    name: Arc<str>,
    sessions: Vec<Session>,
}

impl UserRegistry {
    /// Whether there was room for another session of its user.
    pub(crate) fn add(&self, session: &Session, sessions_per_user: Option<usize>) -> bool {
        let Some(principal) = session.principal() else {
            return true;
        };
        let mut users = self.0.write();
        let sessions = users.entry(principal.name().into()).or_default();
        let has_room = sessions_per_user.is_none_or(|limit| sessions.len() < limit);
        if has_room {
            sessions.push(session.clone());
        }
        has_room
    }

    pub(crate) fn remove(&self, session: &Session) {
        let Some(principal) = session.principal() else {
            return;
        };
        let mut users = self.0.write();
        if let Some(sessions) = users.get_mut(principal.name()) {
            sessions.retain(|other| other != session);
            if sessions.is_empty() {
                users.remove(principal.name());
            }
        }
    }

    /// The user of that name, if any session of theirs is connected.
    pub fn user(&self, name: &str) -> Option<User> {
        let users = self.0.read();
        users.get_key_value(name).map(|(name, sessions)| User {
            name: name.clone(),
            sessions: sessions.clone(),
        })
    }

    /// All connected users, in no particular order.
    pub fn users(&self) -> Vec<User> {
        let users = self.0.read();
        users
            .iter()
            .map(|(name, sessions)| User {
                name: name.clone(),
                sessions: sessions.clone(),
            })
            .collect()
    }

    /// How many users are connected.
    pub fn user_count(&self) -> usize {
        self.0.read().len()
    }
}

impl User {
    /// The name of the user's principal.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The user's sessions, in the order in which they connected; never empty.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }
}

impl fmt::Debug for UserRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserRegistry")
            .field("user_count", &self.user_count())
            .finish_non_exhaustive()
    }
}
