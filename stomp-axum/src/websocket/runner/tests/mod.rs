//! Sessions over sockets in memory, with paused time.

mod callbacks;
mod fake;
mod lifetime;
mod sending;

use std::{sync::Arc, time::Duration};

use http::Request;
use parking_lot::Mutex;
use stomp_core::{endpoint::TransportError, session::SessionAttributes};
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinHandle,
};

use self::fake::{Client, FakeSocket, Sent, close, pair, text};
use super::{
    super::{
        BoxError, CloseStatus, SendError, WebSocketHandler, WebSocketMessage, WebSocketSession,
        connection_handler::Shared,
        outbound::SendLimits,
        sessions::{Life, Sessions},
    },
    SessionLimits, run,
};
use crate::message_socket::{Opened, Received};

/// Notes its callbacks, and does what the messages say.
#[derive(Debug)]
struct Noting {
    notes: Mutex<Vec<String>>,
    noted: Notify,
    /// Which callback fails.
    fails: Option<&'static str>,
    /// Lets `wait` go on.
    permits: Semaphore,
}

impl Default for Noting {
    fn default() -> Self {
        Self {
            notes: Mutex::default(),
            noted: Notify::new(),
            fails: None,
            permits: Semaphore::new(0),
        }
    }
}

impl Noting {
    fn failing(callback: &'static str) -> Self {
        Self {
            fails: Some(callback),
            ..Self::default()
        }
    }

    fn note(&self, callback: &'static str, note: String) -> Result<(), BoxError> {
        self.notes.lock().push(note);
        self.noted.notify_waiters();
        match self.fails {
            Some(fails) if fails == callback => Err("as the test wants it".into()),
            _ => Ok(()),
        }
    }

    fn notes(&self) -> Vec<String> {
        self.notes.lock().clone()
    }

    /// Waits until there are so many notes.
    async fn noted(&self, count: usize) -> Vec<String> {
        loop {
            let noted = self.noted.notified();
            let notes = self.notes();
            if notes.len() >= count {
                return notes;
            }
            noted.await;
        }
    }
}

impl WebSocketHandler for Noting {
    async fn after_connection_established(&self, _: &WebSocketSession) -> Result<(), BoxError> {
        self.note("established", "established".to_owned())
    }

    async fn handle_message(
        &self,
        session: &WebSocketSession,
        message: WebSocketMessage,
    ) -> Result<(), BoxError> {
        let note = match &message {
            WebSocketMessage::Text(text) => text.as_str().to_owned(),
            other => format!("{other:?}"),
        };
        self.note("message", note.clone())?;
        match note.as_str() {
            "echo" => session.send(message).await?,
            "wait" => self.permits.acquire().await?.forget(),
            "panic" => panic!("as the test wants it"),
            "close" => session.close(),
            _ => {}
        }
        Ok(())
    }

    async fn handle_transport_error(
        &self,
        _: &WebSocketSession,
        error: &TransportError,
    ) -> Result<(), BoxError> {
        self.note("error", format!("error: {error}"))
    }

    async fn after_connection_closed(
        &self,
        session: &WebSocketSession,
        status: CloseStatus,
    ) -> Result<(), BoxError> {
        assert_eq!(session.send("too late").await, Err(SendError::Closed));
        self.note("closed", format!("closed: {status}"))
    }
}

/// A session that is served.
struct Served {
    client: Client,
    session: WebSocketSession,
    sessions: Sessions,
    task: JoinHandle<()>,
}

fn limits() -> SessionLimits {
    SessionLimits::default()
}

fn opened() -> Opened {
    let (request, ()) = Request::new(()).into_parts();
    Opened {
        request,
        principal: None,
        attributes: SessionAttributes::default(),
        sub_protocol: None,
    }
}

fn serve<H: WebSocketHandler>(handler: &Arc<H>) -> Served {
    serve_with(handler, limits(), SendLimits::default(), pair())
}

fn serve_with<H: WebSocketHandler>(
    handler: &Arc<H>,
    limits: SessionLimits,
    send_limits: SendLimits,
    (socket, client): (FakeSocket, Client),
) -> Served {
    use crate::message_socket::MessageSocket;

    let sessions = Sessions::new(Life::default());
    let has_frames = socket.has_frames();
    let session = WebSocketSession::new(opened(), send_limits, has_frames, sessions.clone());
    let handler = Shared(Arc::clone(handler));
    let serving = run(socket, session.clone(), handler, limits, &sessions);
    Served {
        client,
        session,
        sessions,
        task: tokio::spawn(serving),
    }
}

impl Served {
    /// Waits until the session has ended.
    async fn ended(self) -> Vec<Sent> {
        self.task.await.unwrap();
        assert_eq!(self.sessions.len(), 0);
        assert!(self.client.is_dropped());
        self.client.written()
    }
}
