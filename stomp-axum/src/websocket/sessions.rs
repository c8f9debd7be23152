//! The sessions that are open, by their endpoints, and how all of them are closed.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use stomp_core::message::SessionId;
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

use super::{CloseStatus, WebSocketMessage, WebSocketSession};

/// What all endpoints of one server share.
#[derive(Clone, Debug, Default)]
pub(super) struct Life {
    is_closing: Arc<AtomicBool>,
    tasks: TaskTracker,
}

impl Life {
    pub(super) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }

    /// No new sessions any more; those that are open are closed by [`Sessions::close_all`], after this.
    pub(super) fn close(&self) {
        self.is_closing.store(true, Ordering::Release);
        self.tasks.close();
    }

    /// Waits until nothing runs any more.
    pub(super) async fn ended(&self) {
        self.tasks.wait().await;
    }
}

/// The open sessions of one endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Sessions {
    open: Arc<Mutex<HashMap<SessionId, WebSocketSession>>>,
    life: Life,
}

/// An open session, until it is dropped; then it is none of the open ones any more.
#[derive(Debug)]
pub(super) struct OpenSession {
    session: WebSocketSession,
    sessions: Sessions,
}

impl Sessions {
    pub(super) fn new(life: Life) -> Self {
        Self {
            open: Arc::default(),
            life,
        }
    }

    pub(super) fn life(&self) -> &Life {
        &self.life
    }

    /// What shutting down waits for, for as long as it exists.
    pub(super) fn task(&self) -> TaskTrackerToken {
        self.life.tasks.token()
    }

    /// Adds a session. When the server is shutting down, it is closed right away.
    pub(super) fn add(&self, session: WebSocketSession) -> OpenSession {
        let mut open = self.open.lock();
        // Under the lock, which those who close all take after they have said so.
        if self.life.is_closing() {
            session.close_with(shutdown());
        }
        open.insert(session.session_id().clone(), session.clone());
        OpenSession {
            session,
            sessions: self.clone(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.open.lock().len()
    }

    pub(super) fn open(&self) -> Vec<WebSocketSession> {
        let open = self.open.lock();
        let is_open = |session: &&WebSocketSession| session.is_open();
        open.values().filter(is_open).cloned().collect()
    }

    pub(super) fn broadcast(&self, message: &WebSocketMessage) -> usize {
        let open = self.open.lock();
        // Sending only queues, and calls nothing that could want this lock.
        let sent = open
            .values()
            .filter(|session| session.try_send(message.clone()).is_ok());
        sent.count()
    }

    pub(super) fn close_all(&self) {
        for session in self.open.lock().values() {
            session.close_with(shutdown());
        }
    }
}

fn shutdown() -> CloseStatus {
    CloseStatus::GOING_AWAY.with_reason("the server stops")
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        let id = self.session.session_id();
        self.sessions.open.lock().remove(id);
    }
}
