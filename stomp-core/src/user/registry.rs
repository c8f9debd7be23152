use std::{collections::HashMap, fmt, sync::Arc};

use parking_lot::RwLock;

use crate::{
    message::{Principal, SessionId},
    session::{Session, SessionSubscription},
};

/// The users that are connected, and their sessions: Spring's `SimpUserRegistry` (UR-1, UR-3).
///
/// Anonymous sessions don't appear in it. What it returns is a snapshot. Cheap to clone; an argument of message handlers
/// and of axum handlers.
///
/// A user is known by the [name in destinations](Principal::destination_user_name).
///
/// ```
/// use stomp_axum::user::UserRegistry;
///
/// fn is_online(users: &UserRegistry, name: &str) -> bool {
///     users.user(name).is_some()
/// }
///
/// fn who_reads(users: &UserRegistry, room: &str) -> Vec<String> {
///     let destination = format!("/topic/chat.{room}");
///     let subscriptions = users.find_subscriptions(|found| found.destination() == destination);
///     let names = subscriptions.iter().filter_map(|found| found.session().principal());
///     names.map(|principal| principal.name().to_owned()).collect()
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
        let sessions = users
            .entry(principal.destination_user_name().into())
            .or_default();
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
        let name = principal.destination_user_name();
        let mut users = self.0.write();
        if let Some(sessions) = users.get_mut(name) {
            sessions.retain(|other| other != session);
            if sessions.is_empty() {
                users.remove(name);
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

    /// The subscriptions of all users for which `predicate` holds (UR-3). Those of anonymous sessions are not among
    /// them.
    ///
    /// It looks at every subscription that there is.
    pub fn find_subscriptions(
        &self,
        mut predicate: impl FnMut(&SessionSubscription) -> bool,
    ) -> Vec<SessionSubscription> {
        // A copy, so that the predicate may ask the registry.
        let users = self.users();
        let sessions = users.iter().flat_map(User::sessions);
        let subscriptions = sessions.flat_map(Session::subscriptions);
        subscriptions
            .filter(|subscription| predicate(subscription))
            .collect()
    }

    /// How many users are connected.
    pub fn user_count(&self) -> usize {
        self.0.read().len()
    }
}

impl User {
    /// What the user is called in destinations: the name of the principal, unless it says
    /// [another](Principal::with_destination_user_name).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who the user is, as the session says that connected first: those of one user may have different details. Users of
    /// this server always have one.
    pub fn principal(&self) -> Option<&Principal> {
        self.sessions.first()?.principal()
    }

    /// The session of that id, if it is one of the user's.
    pub fn session(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id() == id)
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
