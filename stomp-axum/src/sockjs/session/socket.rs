use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use stomp_core::{endpoint::TransportError, statistics::TransportKind};
use tokio::runtime::Handle;

use super::{
    Session,
    deadline::Deadline,
    state::{Inbound, Room},
};
use crate::message_socket::{MessageKind, MessageSocket, Received};

/// What a client is told whose application is gone without a word, as in Spring (SJ-74).
const SERVER_ERROR: u16 = 1011;

/// The application's end of a session. Dropping it ends the session.
#[derive(Debug)]
pub(crate) struct SessionSocket {
    session: Arc<Session>,
    kind: TransportKind,
    deadline: Deadline,
    /// What was sent and not flushed: requests are told of several messages at once, and see them in one frame.
    unflushed: Vec<Bytes>,
    /// How much may be sent without looking.
    room: Room,
    has_closed: bool,
}

impl SessionSocket {
    pub(super) fn new(session: Arc<Session>, kind: TransportKind) -> Self {
        Self {
            session,
            kind,
            deadline: Deadline::default(),
            unflushed: Vec::new(),
            room: Room::default(),
            has_closed: false,
        }
    }

    /// An error says that nobody will ever get it.
    fn flush(&mut self) -> io::Result<()> {
        let Self {
            session, unflushed, ..
        } = self;
        let room = session.change(|state, wakers| {
            if !unflushed.is_empty() {
                state.send(unflushed, wakers);
            }
            state.room(session.settings())
        });
        // An idle session owns no buffer.
        self.unflushed = Vec::new();
        self.room = room.ok_or_else(gone)?;
        Ok(())
    }

    fn close(&mut self, code: u16, reason: &str) {
        self.has_closed = true;
        let unflushed = &mut self.unflushed;
        self.session.change(|state, wakers| {
            if !unflushed.is_empty() {
                state.send(unflushed, wakers);
            }
            state.close(code, reason, wakers);
        });
    }
}

impl MessageSocket for SessionSocket {
    fn kind(&self) -> TransportKind {
        self.kind
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Received, TransportError>>> {
        let has_timer = self.deadline.has_timer();
        let inbound = self
            .session
            .change(|state, wakers| state.inbound(cx, has_timer, wakers));
        match inbound {
            Inbound::Message(message) => Poll::Ready(Some(Ok(Received::Text(message)))),
            Inbound::End => Poll::Ready(None),
            Inbound::Pending(until) => {
                ready!(self.deadline.poll(&self.session, until, cx));
                Poll::Ready(None)
            }
        }
    }

    /// The time of a session that nobody receives from goes on (SJ-SES-09).
    fn poll_unread(&mut self, cx: &mut Context<'_>) {
        // Whoever writes, or reads on, finds out that it is over.
        let _over = self.deadline.poll_alone(&self.session, cx);
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.room.is_full() {
            return Poll::Ready(Ok(()));
        }
        self.flush()?;
        if !self.room.is_full() {
            return Poll::Ready(Ok(()));
        }
        let room = self.session.change(|state, _| {
            let room = state.room(self.session.settings());
            if room.is_some_and(Room::is_full) {
                state.wait_for_room(cx);
            }
            room
        });
        self.room = room.ok_or_else(gone)?;
        if self.room.is_full() {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, kind: MessageKind, payload: &Bytes) {
        debug_assert_eq!(kind, MessageKind::Text, "it has no frames");
        self.room.take(payload.len());
        self.unflushed.push(payload.clone());
    }

    /// Ready at once: what waits for the client's next request is as good as written, as is what waits in the buffer of
    /// a TCP connection.
    fn poll_flush(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.flush())
    }

    /// Ready when the receiving request that is there has taken it; the next ones are told as long as they come in time
    /// (SJ-SES-12).
    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        code: u16,
        reason: &str,
    ) -> Poll<io::Result<()>> {
        if !self.has_closed {
            self.close(code, reason);
        }
        self.session.change(|state, _| state.poll_told(cx)).map(Ok)
    }

    fn heart_beats_negotiated(&mut self, send_every: Option<Duration>) {
        let own = self.session.settings().heartbeat_time;
        self.session
            .change(|state, _| state.set_application_beats(send_every, own));
    }
}

/// The session outlives it only to say that it is closed.
impl Drop for SessionSocket {
    fn drop(&mut self) {
        if !self.has_closed {
            self.close(SERVER_ERROR, "");
        }
        if self.session.change(|state, _| state.is_dead()) {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            return self.session.kill();
        };
        let session = self.session.clone();
        let mut deadline = std::mem::take(&mut self.deadline);
        runtime.spawn(poll_fn(move |cx| deadline.poll_alone(&session, cx)));
    }
}

/// What tests look at.
#[cfg(test)]
impl SessionSocket {
    pub(super) fn unflushed_capacity(&self) -> usize {
        self.unflushed.capacity()
    }
}

fn gone() -> io::Error {
    ErrorKind::BrokenPipe.into()
}
