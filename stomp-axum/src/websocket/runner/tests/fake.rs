use std::{
    collections::VecDeque,
    io,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use parking_lot::Mutex;
use stomp_core::{endpoint::TransportError, statistics::TransportKind};

use crate::message_socket::{FrameKind, MessageKind, MessageSocket, Received};

/// A socket in memory, whose other end is a [`Client`].
#[derive(Debug)]
pub(super) struct FakeSocket(Arc<Mutex<Wire>>);

/// The other end.
#[derive(Clone, Debug)]
pub(super) struct Client(Arc<Mutex<Wire>>);

#[derive(Debug, Default)]
struct Wire {
    input: VecDeque<Input>,
    reader: Option<Waker>,
    /// Whether the client takes nothing.
    is_blocked: bool,
    is_broken: bool,
    writer: Option<Waker>,
    /// What was sent, and has not been written.
    sent: Vec<Sent>,
    written: Vec<Sent>,
    test: Option<Waker>,
    is_dropped: bool,
    is_sockjs: bool,
    unread_polls: usize,
}

#[derive(Debug)]
enum Input {
    Received(Received),
    Error(TransportError),
    End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Message(MessageKind, Bytes),
    Frame(FrameKind, Bytes),
    Close(u16, String),
}

pub(super) fn text(text: &'static str) -> Sent {
    Sent::Message(MessageKind::Text, Bytes::from_static(text.as_bytes()))
}

pub(super) fn close(code: u16, reason: &str) -> Sent {
    Sent::Close(code, reason.to_owned())
}

pub(super) fn pair() -> (FakeSocket, Client) {
    let wire = Arc::new(Mutex::new(Wire::default()));
    (FakeSocket(Arc::clone(&wire)), Client(wire))
}

impl Client {
    pub(super) fn over_sockjs(self) -> Self {
        self.0.lock().is_sockjs = true;
        self
    }

    pub(super) fn send(&self, text: &'static str) {
        self.give(Input::Received(Received::Text(text.into())));
    }

    pub(super) fn send_received(&self, received: Received) {
        self.give(Input::Received(received));
    }

    pub(super) fn close(&self, close: Option<(u16, &'static str)>) {
        let close = close.map(|(code, reason)| (code, reason.into()));
        self.give(Input::Received(Received::Close(close)));
    }

    pub(super) fn fail(&self, error: TransportError) {
        self.give(Input::Error(error));
    }

    /// The connection ends.
    pub(super) fn end(&self) {
        self.give(Input::End);
    }

    fn give(&self, input: Input) {
        let mut wire = self.0.lock();
        wire.input.push_back(input);
        wire.reader.take().into_iter().for_each(Waker::wake);
    }

    /// From now on it takes nothing, or takes everything again.
    pub(super) fn block(&self, is_blocked: bool) {
        let mut wire = self.0.lock();
        wire.is_blocked = is_blocked;
        wire.writer.take().into_iter().for_each(Waker::wake);
    }

    /// From now on every write fails.
    pub(super) fn break_writes(&self) {
        self.0.lock().is_broken = true;
    }

    /// What was written so far.
    pub(super) fn written(&self) -> Vec<Sent> {
        self.0.lock().written.clone()
    }

    /// What the server has not read.
    pub(super) fn unread(&self) -> usize {
        self.0.lock().input.len()
    }

    /// How often it was polled by a server that did not read.
    pub(super) fn unread_polls(&self) -> usize {
        self.0.lock().unread_polls
    }

    pub(super) fn is_dropped(&self) -> bool {
        self.0.lock().is_dropped
    }

    /// Waits until so much was written.
    pub(super) async fn receive(&self, count: usize) -> Vec<Sent> {
        std::future::poll_fn(|cx| {
            let mut wire = self.0.lock();
            if wire.written.len() >= count {
                return Poll::Ready(wire.written.clone());
            }
            wire.test = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl MessageSocket for FakeSocket {
    fn kind(&self) -> TransportKind {
        TransportKind::WebSocket
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Received, TransportError>>> {
        let mut wire = self.0.lock();
        Poll::Ready(match wire.input.pop_front() {
            Some(Input::Received(received)) => Some(Ok(received)),
            Some(Input::Error(error)) => Some(Err(error)),
            Some(Input::End) => None,
            None => {
                wire.reader = Some(cx.waker().clone());
                return Poll::Pending;
            }
        })
    }

    fn poll_unread(&mut self, _: &mut Context<'_>) {
        self.0.lock().unread_polls += 1;
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut wire = self.0.lock();
        if wire.is_blocked && !wire.sent.is_empty() {
            wire.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, kind: MessageKind, payload: &Bytes) {
        let sent = Sent::Message(kind, payload.clone());
        self.0.lock().sent.push(sent);
    }

    fn has_frames(&self) -> bool {
        !self.0.lock().is_sockjs
    }

    fn send_frame(&mut self, frame: FrameKind, payload: &Bytes) {
        let sent = Sent::Frame(frame, payload.clone());
        self.0.lock().sent.push(sent);
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut wire = self.0.lock();
        if wire.is_broken {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if wire.is_blocked {
            wire.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let sent = std::mem::take(&mut wire.sent);
        wire.written.extend(sent);
        wire.test.take().into_iter().for_each(Waker::wake);
        Poll::Ready(Ok(()))
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        code: u16,
        reason: &str,
    ) -> Poll<io::Result<()>> {
        let mut wire = self.0.lock();
        let close = close(code, reason);
        if wire.sent.last() != Some(&close) {
            wire.sent.push(close);
        }
        drop(wire);
        self.poll_flush(cx)
    }
}

impl Drop for FakeSocket {
    fn drop(&mut self) {
        self.0.lock().is_dropped = true;
    }
}
