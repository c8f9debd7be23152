use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;

use super::Session;
use crate::message::SessionId;

/// All connected sessions of this server, by their ids. Cheap to clone.
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
}
