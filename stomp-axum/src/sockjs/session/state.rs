//! What happens to a session, step by step. Nothing here waits, or knows a clock.

use std::{
    collections::VecDeque,
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;
use tungstenite::Utf8Bytes;

use super::{
    Settings,
    wakers::{Wakers, wait},
};
use crate::sockjs::codec;

/// With this code the client is told nothing (SJ-SES-16).
const SILENT_CLOSE_CODE: u16 = 4500;
/// What is told to those that ask later, as in Spring (SJ-80).
const SILENT_CLOSE_FRAME: &[u8] = br#"c[3000,"Go away!"]"#;

pub(super) struct State {
    life: Life,
    /// Whether the client knows that there is a session.
    is_opened: bool,
    /// Whether a request receives.
    is_attached: bool,
    /// Whether the receiving request gets heart-beats.
    beats: bool,
    /// When it is over unless somebody receives before; of no meaning while somebody does.
    deadline: Instant,
    /// The owner's timer fires at the deadline, or before.
    has_timer: bool,
    /// Whether the application waits until it may send again.
    wants_room: bool,
    /// Messages of the application.
    outgoing: Vec<Bytes>,
    outgoing_bytes: usize,
    /// Messages of the client.
    inbound: VecDeque<Utf8Bytes>,
    inbound_bytes: usize,
    receiver: Option<Waker>,
    application: Option<Waker>,
    delivery: Option<Waker>,
}

enum Life {
    Open,
    /// The application has closed it. Receiving requests get this frame, unless the one that was there at that moment is
    /// to get nothing.
    Closed {
        frame: Bytes,
        is_silent: bool,
    },
    /// Nobody will ever hear of it again.
    Dead,
}

/// What a new receiving request gets.
pub(super) enum Attached {
    /// It receives.
    Receiver,
    /// Another one does.
    Conflict,
    /// Another one does, and will get the good-bye; this one gets it now (SJ-SES-13).
    Closed(Bytes),
    Dead,
}

/// What a receiving request gets next.
pub(super) enum Outgoing {
    Open,
    Messages(Vec<Bytes>),
    Close(Bytes),
    /// The end, without a word.
    Nothing,
}

/// What the application gets next.
pub(super) enum Inbound {
    Message(Utf8Bytes),
    End,
    /// Nothing yet; the session is over at this time if nobody has received before.
    Pending(Option<Instant>),
}

impl State {
    pub(super) fn new(deadline: Instant) -> Self {
        Self {
            life: Life::Open,
            is_opened: false,
            is_attached: false,
            beats: true,
            deadline,
            has_timer: false,
            wants_room: false,
            outgoing: Vec::new(),
            outgoing_bytes: 0,
            inbound: VecDeque::new(),
            inbound_bytes: 0,
            receiver: None,
            application: None,
            delivery: None,
        }
    }

    pub(super) fn is_dead(&self) -> bool {
        matches!(self.life, Life::Dead)
    }

    pub(super) fn is_closed(&self) -> bool {
        matches!(self.life, Life::Closed { .. })
    }

    /// Whether it is there, and nobody receives.
    pub(super) fn is_unattached(&self) -> bool {
        !self.is_attached && !self.is_dead()
    }

    pub(super) fn is_expired(&self, now: Instant) -> bool {
        self.is_unattached() && now >= self.deadline
    }

    pub(super) fn die(&mut self, wakers: &mut Wakers) {
        self.life = Life::Dead;
        self.outgoing = Vec::new();
        self.outgoing_bytes = 0;
        wakers.add(&mut self.receiver);
        wakers.add(&mut self.application);
        wakers.add(&mut self.delivery);
    }
}

/// For the receiving request.
impl State {
    pub(super) fn attach(&mut self) -> Attached {
        match &self.life {
            Life::Dead => Attached::Dead,
            Life::Closed { frame, .. } if self.is_attached => Attached::Closed(frame.clone()),
            Life::Open if self.is_attached => Attached::Conflict,
            Life::Open | Life::Closed { .. } => {
                self.is_attached = true;
                Attached::Receiver
            }
        }
    }

    /// The receiving request has been answered: the next one may come until `deadline`.
    pub(super) fn detach(&mut self, deadline: Instant, wakers: &mut Wakers) {
        self.is_attached = false;
        self.receiver = None;
        self.deadline = deadline;
        if let Life::Closed { is_silent, .. } = &mut self.life {
            *is_silent = false;
            // It waits until the client was told.
            wakers.add(&mut self.application);
        } else if !self.has_timer {
            wakers.add(&mut self.application);
        }
    }

    /// The client has cut the receiving request off (SJ-SES-08).
    pub(super) fn abort(&mut self, deadline: Instant, wakers: &mut Wakers) {
        self.detach(deadline, wakers);
        // What is closed already says so until its time has come.
        if matches!(self.life, Life::Open) {
            self.die(wakers);
        }
    }

    /// The next frame: first the opening, then all messages, then the good-bye.
    pub(super) fn poll_outgoing(
        &mut self,
        cx: &mut Context<'_>,
        wakers: &mut Wakers,
    ) -> Poll<Outgoing> {
        if self.is_dead() {
            return Poll::Ready(Outgoing::Nothing);
        }
        if !self.is_opened {
            self.is_opened = true;
            return Poll::Ready(Outgoing::Open);
        }
        if !self.outgoing.is_empty() {
            self.outgoing_bytes = 0;
            if std::mem::take(&mut self.wants_room) {
                wakers.add(&mut self.application);
            }
            return Poll::Ready(Outgoing::Messages(std::mem::take(&mut self.outgoing)));
        }
        match &self.life {
            Life::Closed {
                is_silent: true, ..
            } => Poll::Ready(Outgoing::Nothing),
            Life::Closed { frame, .. } => Poll::Ready(Outgoing::Close(frame.clone())),
            Life::Open | Life::Dead => {
                wait(&mut self.receiver, cx);
                Poll::Pending
            }
        }
    }

    pub(super) fn beats(&self) -> bool {
        self.beats
    }
}

/// For the requests that send.
impl State {
    /// Hands messages to the application; ready when it has taken enough of those before. What comes for a closed session
    /// is swallowed (SJ-SES-14). An error says that there is none.
    pub(super) fn poll_deliver(
        &mut self,
        cx: &mut Context<'_>,
        messages: &mut Vec<Utf8Bytes>,
        settings: &Settings,
        wakers: &mut Wakers,
    ) -> Poll<Result<(), ()>> {
        match self.life {
            Life::Dead => return Poll::Ready(Err(())),
            Life::Closed { .. } => return Poll::Ready(Ok(())),
            Life::Open => {}
        }
        if self.inbound.len() >= settings.inbound_messages
            || self.inbound_bytes >= settings.inbound_bytes
        {
            wait(&mut self.delivery, cx);
            return Poll::Pending;
        }
        if !messages.is_empty() {
            self.inbound_bytes += messages.iter().map(|message| message.len()).sum::<usize>();
            self.inbound.extend(messages.drain(..));
            wakers.add(&mut self.application);
        }
        Poll::Ready(Ok(()))
    }
}

/// For the application.
impl State {
    /// `has_timer` says whether the owner has set one.
    pub(super) fn inbound(
        &mut self,
        cx: &mut Context<'_>,
        has_timer: bool,
        wakers: &mut Wakers,
    ) -> Inbound {
        if let Some(message) = self.inbound.pop_front() {
            self.inbound_bytes -= message.len();
            if self.inbound.is_empty() {
                // An idle session owns no buffer.
                self.inbound = VecDeque::new();
            }
            wakers.add(&mut self.delivery);
            return Inbound::Message(message);
        }
        match self.life {
            Life::Dead => return Inbound::End,
            // Nothing more comes, but the client is to be told.
            Life::Closed { .. } if !self.is_attached => return Inbound::End,
            Life::Open | Life::Closed { .. } => {}
        }
        Inbound::Pending(self.wait_for_end(cx, has_timer))
    }

    /// Registers the owner; returns when the session is over if nobody has received before.
    pub(super) fn wait_for_end(
        &mut self,
        cx: &mut Context<'_>,
        has_timer: bool,
    ) -> Option<Instant> {
        wait(&mut self.application, cx);
        let deadline = (!self.is_attached).then_some(self.deadline);
        self.has_timer = has_timer || deadline.is_some();
        deadline
    }

    /// How many messages, and bytes, the application may send. `None` if nobody will ever get them.
    pub(super) fn room(&self, settings: &Settings) -> Option<Room> {
        if self.is_dead() {
            return None;
        }
        let free = |max: usize, waiting: usize| max.saturating_sub(waiting);
        Some(Room {
            messages: free(settings.http_message_cache_size, self.outgoing.len()),
            bytes: free(settings.http_cache_bytes, self.outgoing_bytes),
        })
    }

    /// The owner is woken when there is room again.
    pub(super) fn wait_for_room(&mut self, cx: &mut Context<'_>) {
        self.wants_room = true;
        wait(&mut self.application, cx);
    }

    /// Takes all of the messages.
    pub(super) fn send(&mut self, messages: &mut Vec<Bytes>, wakers: &mut Wakers) {
        match self.life {
            Life::Open => {}
            Life::Closed { .. } | Life::Dead => return messages.clear(),
        }
        self.outgoing_bytes += messages.iter().map(Bytes::len).sum::<usize>();
        if self.outgoing.is_empty() {
            std::mem::swap(&mut self.outgoing, messages);
        } else {
            self.outgoing.append(messages);
        }
        wakers.add(&mut self.receiver);
    }

    /// The application says good-bye.
    pub(super) fn close(&mut self, code: u16, reason: &str, wakers: &mut Wakers) {
        if !matches!(self.life, Life::Open) {
            return;
        }
        let is_silent = code == SILENT_CLOSE_CODE;
        let frame = if is_silent {
            Bytes::from_static(SILENT_CLOSE_FRAME)
        } else {
            codec::close_frame(code, reason).into()
        };
        self.life = Life::Closed {
            frame,
            is_silent: is_silent && self.is_attached,
        };
        self.inbound = VecDeque::new();
        self.inbound_bytes = 0;
        wakers.add(&mut self.receiver);
        wakers.add(&mut self.delivery);
    }

    /// Ready when the client was told, or will be when it asks.
    pub(super) fn poll_told(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_closed() && self.is_attached {
            wait(&mut self.application, cx);
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// STOMP on top of it sends heart-beats after such a silence, which do for those of SockJS if they come often enough
    /// (SJ-HB-07).
    pub(super) fn set_application_beats(&mut self, every: Option<Duration>, own: Duration) {
        self.beats = every.is_none_or(|every| every.is_zero() || every > own);
    }
}

/// What tests look at.
#[cfg(test)]
impl State {
    pub(super) fn capacities(&self) -> (usize, usize) {
        (self.outgoing.capacity(), self.inbound.capacity())
    }
}

/// What the application may send before it has to ask again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Room {
    pub(super) messages: usize,
    pub(super) bytes: usize,
}

impl Room {
    pub(super) fn is_full(self) -> bool {
        self.messages == 0 || self.bytes == 0
    }

    pub(super) fn take(&mut self, bytes: usize) {
        self.messages = self.messages.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}
