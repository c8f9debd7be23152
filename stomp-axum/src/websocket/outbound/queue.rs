use std::{
    collections::VecDeque,
    task::{Context, Poll, Waker},
};

use super::{
    super::{CloseStatus, SendError, TextMessage, WebSocketMessage, message::Part},
    Next, OverflowStrategy, SendLimits,
    waiters::Waiters,
};

/// The longest payload of a control frame.
const MAX_CONTROL_BYTES: usize = 125;
/// An empty queue with more room than for so many messages gives it back.
const KEPT_MESSAGES: usize = 16;
/// What a message takes beside its payload, at least: many empty ones would fill the memory without a byte.
const ENTRY_BYTES: usize = size_of::<Entry>();

#[derive(Debug)]
pub(super) struct Queue {
    has_frames: bool,
    /// What the connection takes next.
    waiting: VecDeque<Entry>,
    /// Whole messages that wait until the message that is sent in parts is complete (JSR-20).
    held: VecDeque<Entry>,
    /// The kind of the message that is sent in parts.
    partial: Option<Kind>,
    /// The text so far, where there are no parts.
    joined: String,
    /// Bytes of all that.
    bytes: usize,
    /// Whether something was taken that is not written yet.
    is_writing: bool,
    /// Who waits for that.
    in_flight: Vec<u64>,
    pub(super) waiters: Waiters,
    pub(super) closing: Option<Closing>,
    is_cut_off: bool,
    /// The connection, if it waits for something to do.
    writer: Option<Waker>,
    has_news: bool,
    /// Those whose messages have been settled.
    to_wake: Vec<Waker>,
}

#[derive(Debug)]
struct Entry {
    message: WebSocketMessage,
    /// 0 if nobody waits for it.
    waiter: u64,
}

#[derive(Debug)]
pub(super) struct Closing {
    pub(super) status: CloseStatus,
    pub(super) by_us: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Binary,
}

/// What kind of data this is, and how much of its message; `None` for control frames.
fn data(message: &WebSocketMessage) -> Option<(Kind, Part)> {
    match message {
        WebSocketMessage::Text(text) => Some((Kind::Text, text.part())),
        WebSocketMessage::Binary(binary) => Some((Kind::Binary, binary.part())),
        WebSocketMessage::Ping(_) | WebSocketMessage::Pong(_) => None,
    }
}

impl Entry {
    /// What is left of a message without one of its parts would be another message.
    fn may_be_dropped(&self) -> bool {
        data(&self.message).is_some_and(|(_, part)| part == Part::Whole)
    }
}

impl Queue {
    pub(super) fn new(has_frames: bool) -> Self {
        Self {
            has_frames,
            waiting: VecDeque::new(),
            held: VecDeque::new(),
            partial: None,
            joined: String::new(),
            bytes: 0,
            is_writing: false,
            in_flight: Vec::new(),
            waiters: Waiters::default(),
            closing: None,
            is_cut_off: false,
            writer: None,
            has_news: false,
            to_wake: Vec::new(),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, message: WebSocketMessage, waiter: u64) -> Result<(), SendError> {
        if self.closing.is_some() {
            return Err(SendError::Closed);
        }
        if !self.has_frames {
            return self.push_text(message, waiter);
        }
        let bytes = message.payload_len();
        match data(&message) {
            None if bytes > MAX_CONTROL_BYTES => return Err(SendError::ControlTooLong(bytes)),
            None => self.enqueue(message, waiter),
            Some((_, Part::Whole)) if self.partial.is_some() => {
                self.held.push_back(Entry { message, waiter });
            }
            Some((_, Part::Whole)) => self.enqueue(message, waiter),
            Some((kind, part)) => {
                if self.partial.is_some_and(|partial| partial != kind) {
                    return Err(SendError::Interleaved);
                }
                self.enqueue(message, waiter);
                if part == Part::More {
                    self.partial = Some(kind);
                } else {
                    self.partial = None;
                    self.waiting.append(&mut self.held);
                }
            }
        }
        self.bytes += bytes;
        Ok(())
    }

    /// Where there is nothing but whole texts, parts are joined to one.
    fn push_text(&mut self, message: WebSocketMessage, waiter: u64) -> Result<(), SendError> {
        let text = match message {
            WebSocketMessage::Text(text) => text,
            WebSocketMessage::Binary(_) => return Err(SendError::Unsupported("binary messages")),
            WebSocketMessage::Ping(_) => return Err(SendError::Unsupported("pings")),
            WebSocketMessage::Pong(_) => return Err(SendError::Unsupported("pongs")),
        };
        self.bytes += text.as_str().len();
        match text.part() {
            Part::Whole => self.enqueue(text.into(), waiter),
            Part::More => {
                self.joined.push_str(text.as_str());
                self.settle(waiter, Ok(()));
            }
            Part::Last => {
                let mut joined = std::mem::take(&mut self.joined);
                joined.push_str(text.as_str());
                self.enqueue(TextMessage::new(joined).into(), waiter);
            }
        }
        Ok(())
    }

    fn enqueue(&mut self, message: WebSocketMessage, waiter: u64) {
        self.waiting.push_back(Entry { message, waiter });
        self.has_news = true;
    }

    /// The bytes that count for the limit.
    fn size(&self) -> usize {
        let entries = self.waiting.len() + self.held.len();
        self.bytes.max(entries * ENTRY_BYTES)
    }

    /// Does what is to be done when too much waits: strictly more than the limit, behind something else (WS-44). One
    /// message alone may be larger, as it does not say that the client is slow.
    pub(super) fn keep_to(&mut self, limits: &SendLimits, session: &str) -> Result<(), SendError> {
        let is_alone = !self.is_writing && self.waiting.len() + self.held.len() <= 1;
        if self.size() <= limits.buffer_bytes || (is_alone && self.joined.is_empty()) {
            return Ok(());
        }
        if limits.overflow == OverflowStrategy::Drop {
            let dropped = self.drop_oldest(limits.buffer_bytes);
            tracing::debug!(session, dropped, "messages for a slow client are dropped");
            if self.size() <= limits.buffer_bytes {
                return Ok(());
            }
        }
        let error = SendError::BufferLimit {
            buffered: self.size(),
            limit: limits.buffer_bytes,
            session: session.to_owned(),
        };
        tracing::info!(session, buffered = self.size(), "a client is cut off");
        self.cut_off();
        Err(error)
    }

    /// Throws the oldest messages away until no more than `limit` bytes wait. Returns how many they were.
    fn drop_oldest(&mut self, limit: usize) -> usize {
        let mut dropped = 0;
        for of_held in [false, true] {
            let mut index = 0;
            while self.size() > limit {
                let list = if of_held {
                    &mut self.held
                } else {
                    &mut self.waiting
                };
                match list.get(index) {
                    None => break,
                    Some(entry) if entry.may_be_dropped() => {
                        if let Some(entry) = list.remove(index) {
                            self.bytes -= entry.message.payload_len();
                            self.settle(entry.waiter, Err(SendError::Dropped));
                            dropped += 1;
                        }
                    }
                    Some(_) => index += 1,
                }
            }
        }
        dropped
    }

    pub(super) fn close(&mut self, status: CloseStatus) {
        if self.closing.is_none() {
            self.closing = Some(Closing {
                status,
                by_us: true,
            });
            self.has_news = true;
            // The message that they wait for will never be complete.
            let held = std::mem::take(&mut self.held);
            self.throw_away(held);
            self.joined = String::new();
        }
    }

    pub(super) fn wake(&mut self) {
        self.has_news = true;
    }

    pub(super) fn cut_off(&mut self) {
        if self.closing.as_ref().is_some_and(|closing| !closing.by_us) {
            return;
        }
        // Whoever has closed before, and whyever, it is now because of that (WS-47).
        self.closing = Some(Closing {
            status: CloseStatus::SESSION_NOT_RELIABLE,
            by_us: true,
        });
        self.is_cut_off = true;
        self.has_news = true;
        self.clear();
    }

    pub(super) fn end(&mut self, status: CloseStatus) {
        self.closing.get_or_insert(Closing {
            status,
            by_us: false,
        });
        self.clear();
    }

    /// Nothing that waits is sent any more.
    fn clear(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.throw_away(waiting);
        let held = std::mem::take(&mut self.held);
        self.throw_away(held);
        for waiter in std::mem::take(&mut self.in_flight) {
            self.settle(waiter, Err(SendError::Closed));
        }
        self.joined = String::new();
        self.bytes = 0;
    }

    fn throw_away(&mut self, entries: VecDeque<Entry>) {
        for entry in entries {
            self.bytes -= entry.message.payload_len();
            self.settle(entry.waiter, Err(SendError::Closed));
        }
    }

    fn settle(&mut self, waiter: u64, outcome: Result<(), SendError>) {
        if waiter != 0 {
            let waker = self.waiters.settle(waiter, outcome);
            self.to_wake.extend(waker);
        }
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        if let Some(entry) = self.waiting.pop_front() {
            self.bytes -= entry.message.payload_len();
            self.is_writing = true;
            if entry.waiter != 0 {
                self.in_flight.push(entry.waiter);
            }
            return Poll::Ready(Next::Send(entry.message));
        }
        match &self.closing {
            Some(Closing { status, .. }) if self.is_cut_off => {
                Poll::Ready(Next::CutOff(status.clone()))
            }
            Some(Closing { status, .. }) => Poll::Ready(Next::Close(status.clone())),
            None => {
                self.keep_writer(cx);
                Poll::Pending
            }
        }
    }

    pub(super) fn poll_cut_off(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_cut_off {
            return Poll::Ready(());
        }
        self.keep_writer(cx);
        Poll::Pending
    }

    fn keep_writer(&mut self, cx: &mut Context<'_>) {
        match &mut self.writer {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
    }

    /// Everything that was taken is written. `wakes` says whether a waiter has to be woken.
    pub(super) fn written(&mut self, mut wakes: impl FnMut(&Waker) -> bool) {
        self.is_writing = false;
        while let Some(waiter) = self.in_flight.pop() {
            let waker = self.waiters.settle(waiter, Ok(()));
            self.to_wake.extend(waker.filter(&mut wakes));
        }
        if self.waiting.is_empty() && self.waiting.capacity() > KEPT_MESSAGES {
            self.waiting = VecDeque::new();
        }
    }

    /// How to wake the connection, if it has something to do.
    pub(super) fn take_writer(&mut self) -> Option<Waker> {
        let has_news = std::mem::take(&mut self.has_news);
        if has_news { self.writer.take() } else { None }
    }

    pub(super) fn take_wakers(&mut self) -> Vec<Waker> {
        std::mem::take(&mut self.to_wake)
    }
}
