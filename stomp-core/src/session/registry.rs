use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;

use super::Session;
use crate::message::SessionId;

/// All connected sessions of this server, by their ids. Cheap to clone; an argument of message handlers and of axum
/// handlers.
///
/// ```
/// use stomp_axum::session::{Session, SessionRegistry};
///
/// /// When an account is locked, or its user logs out.
/// fn log_out(sessions: &SessionRegistry, user: &str) -> usize {
///     sessions.close_user(user, "logged out")
/// }
///
/// /// Those who listen to nothing.
/// fn close_idle(sessions: &SessionRegistry) -> usize {
///     let is_idle = |session: &Session| session.subscriptions().is_empty();
///     sessions.close_where(is_idle, "nothing to listen to")
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct SessionRegistry(Arc<RwLock<HashMap<SessionId, Session>>>);

impl SessionRegistry {
    pub(crate) fn add(&self, session: Session) {
        self.0.write().insert(session.id().clone(), session);
    }

    pub(crate) fn remove(&self, id: &SessionId) {
        self.0.write().remove(id);
    }

    /// The session of that id.
    pub fn get(&self, id: &SessionId) -> Option<Session> {
        self.0.read().get(id).cloned()
    }

    /// How many sessions are connected.
    pub fn len(&self) -> usize {
        self.0.read().len()
    }

    /// Whether no session is connected.
    pub fn is_empty(&self) -> bool {
        self.0.read().is_empty()
    }

    /// All connected sessions at this moment, in no particular order.
    pub fn sessions(&self) -> Vec<Session> {
        self.0.read().values().cloned().collect()
    }

    /// Ends the session of that id, after what waits for its client has been written. `reason` is what the client is
    /// told, see [`Session::close_with`].
    ///
    /// Returns whether such a session was open.
    pub fn close(&self, id: &SessionId, reason: &'static str) -> bool {
        self.get(id)
            .is_some_and(|session| session.close_with(reason))
    }

    /// Ends all sessions of a user, and returns how many were open. `name` is what the user is called in destinations,
    /// see [`Principal::destination_user_name`](crate::message::Principal::destination_user_name).
    pub fn close_user(&self, name: &str, reason: &'static str) -> usize {
        let is_of_user = |session: &&Session| {
            session
                .principal()
                .is_some_and(|principal| principal.destination_user_name() == name)
        };
        // Unlike those of the application, this predicate may run under the lock: only the user's sessions are copied.
        let mut sessions: Vec<_> = {
            let all = self.0.read();
            all.values().filter(is_of_user).cloned().collect()
        };
        sessions.retain(|session| session.close_with(reason));
        sessions.len()
    }

    /// Ends all sessions for which `predicate` holds, and returns how many were open.
    pub fn close_where(
        &self,
        mut predicate: impl FnMut(&Session) -> bool,
        reason: &'static str,
    ) -> usize {
        // A copy, so that the predicate may ask the registry.
        let mut sessions = self.sessions();
        sessions.retain(|session| predicate(session) && session.close_with(reason));
        sessions.len()
    }
}
