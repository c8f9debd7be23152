//! The frames of SockJS over a WebSocket (`SJ-WS-` rules).

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use stomp_core::{
    endpoint::{SockJsSettings, TransportError},
    statistics::TransportKind,
};
use tokio::time::{Instant, Sleep, sleep};
use tungstenite::Utf8Bytes;

use super::codec::{self, DecodeError};
use crate::message_socket::{MessageKind, MessageSocket, Received};

/// What a session is closed with that can't be relied on: for that one, SockJS has no frame (SJ-SES-16).
const SESSION_NOT_RELIABLE: u16 = 4500;

/// A session that is outside of the table: it lives as long as its WebSocket, whatever its id (SJ-SES-05).
#[derive(Debug)]
pub(super) struct Framed<M> {
    socket: M,
    /// Of one WebSocket message; the next is read when they are taken.
    received: VecDeque<Utf8Bytes>,
    limits: FramedLimits,
    /// What was sent by this, and not by its owner, must be flushed by this.
    must_flush: bool,
    heart_beat: Option<HeartBeat>,
    /// The client has broken the protocol, and is told so by the close code alone (SJ-WS-04).
    is_broken: bool,
    has_said_goodbye: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct FramedLimits {
    heartbeat_time: Duration,
    /// How many messages one WebSocket message may hold.
    messages: usize,
    message_bytes: usize,
}

/// Due after a silence (SJ-HB-03). Its timer is not moved by what is sent, but looks at it when it is due.
#[derive(Debug)]
struct HeartBeat {
    every: Duration,
    last_sent: Instant,
    timer: Pin<Box<Sleep>>,
}

impl FramedLimits {
    pub(super) fn new(settings: &SockJsSettings, message_bytes: usize) -> Self {
        Self {
            heartbeat_time: settings.heartbeat_time,
            messages: settings.body_messages,
            message_bytes,
        }
    }
}

impl<M: MessageSocket> Framed<M> {
    pub(super) fn new(mut socket: M, limits: FramedLimits) -> Self {
        // The first thing that a client gets, at once (SJ-WS-01).
        socket.send(MessageKind::Text, &Bytes::from_static(codec::OPEN));
        Self {
            socket,
            received: VecDeque::new(),
            limits,
            must_flush: true,
            heart_beat: Some(HeartBeat::new(limits.heartbeat_time)),
            is_broken: false,
            has_said_goodbye: false,
        }
    }

    fn poll_heart_beat(&mut self, cx: &mut Context<'_>) {
        while let Some(heart_beat) = &mut self.heart_beat
            && heart_beat.poll(cx).is_ready()
        {
            // Otherwise what waits is a sign of life, if it ever gets there.
            if matches!(self.socket.poll_ready(cx), Poll::Ready(Ok(()))) {
                // Not a ping: scripts and proxies see it, too (SJ-HB-04).
                let beat = Bytes::from_static(codec::HEART_BEAT);
                self.socket.send(MessageKind::Text, &beat);
                self.must_flush = true;
            }
        }
    }

    /// Writes what is not its owner's to write.
    fn write_own(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        self.poll_heart_beat(cx);
        if self.must_flush
            && let Poll::Ready(flushed) = self.socket.poll_flush(cx)
        {
            self.must_flush = false;
            flushed?;
        }
        Ok(())
    }

    /// The messages in a text, of which the owner gets one after the other.
    fn take(&mut self, text: &Utf8Bytes) -> Result<(), TransportError> {
        let messages = codec::decode_message(text.as_bytes(), self.limits.messages);
        let messages = messages.map_err(|error| match error {
            DecodeError::TooMany => TransportError::MessageTooBig,
            DecodeError::PayloadExpected | DecodeError::BrokenJson => TransportError::InvalidText,
        })?;
        let is_too_big = |message: &Utf8Bytes| message.len() > self.limits.message_bytes;
        if messages.iter().any(is_too_big) {
            return Err(TransportError::MessageTooBig);
        }
        self.received = messages.into();
        Ok(())
    }

    fn refuse(&mut self, error: TransportError) -> Option<Result<Received, TransportError>> {
        self.is_broken = true;
        Some(Err(error))
    }
}

impl<M: MessageSocket> MessageSocket for Framed<M> {
    fn kind(&self) -> TransportKind {
        self.socket.kind()
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Received, TransportError>>> {
        if let Err(error) = self.write_own(cx) {
            return Poll::Ready(Some(Err(TransportError::Broken(error.into()))));
        }
        loop {
            if let Some(message) = self.received.pop_front() {
                if self.received.is_empty() {
                    // An idle session owns no buffer.
                    self.received = VecDeque::new();
                }
                return Poll::Ready(Some(Ok(Received::Text(message))));
            }
            return Poll::Ready(match ready!(self.socket.poll_receive(cx)) {
                Some(Ok(Received::Text(text))) => match self.take(&text) {
                    // Perhaps there was nothing in it (SJ-WS-03).
                    Ok(()) => continue,
                    Err(error) => self.refuse(error),
                },
                // SJ-WS-13
                Some(Ok(Received::Binary(_))) => self.refuse(TransportError::NotAcceptable),
                other => other,
            });
        }
    }

    fn poll_unread(&mut self, cx: &mut Context<'_>) {
        // Whoever writes, or reads on, finds out that it is broken.
        let _broken = self.write_own(cx);
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_ready(cx)
    }

    fn send(&mut self, kind: MessageKind, payload: &Bytes) {
        debug_assert_eq!(kind, MessageKind::Text, "it has no frames");
        self.socket
            .send(MessageKind::Text, &codec::message_frame(payload));
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.socket.poll_flush(cx))?;
        self.must_flush = false;
        if let Some(heart_beat) = &mut self.heart_beat {
            heart_beat.last_sent = Instant::now();
        }
        Poll::Ready(Ok(()))
    }

    /// First the frame of SockJS, from which its clients take code and reason, and then that of the WebSocket (SJ-WS-05).
    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        code: u16,
        reason: &str,
    ) -> Poll<io::Result<()>> {
        if !self.has_said_goodbye {
            if !self.is_broken && code != SESSION_NOT_RELIABLE {
                ready!(self.socket.poll_ready(cx))?;
                let frame = codec::close_frame(code, reason).into();
                self.socket.send(MessageKind::Text, &frame);
            }
            self.has_said_goodbye = true;
            self.heart_beat = None;
        }
        let code = if may_be_sent(code) { code } else { 1000 };
        ready!(self.socket.poll_close(cx, code, reason))?;
        if !self.is_broken {
            return Poll::Ready(Ok(()));
        }
        // Its owner receives nothing any more, and the socket still does: what the client has sent meanwhile would reset the
        // connection if nobody read it, and the close frame might be lost. The owner waits for it as long as for any good-bye.
        loop {
            match ready!(self.socket.poll_receive(cx)) {
                Some(Ok(Received::Close(_)) | Err(_)) | None => return Poll::Ready(Ok(())),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Those of STOMP do for both, if they come as often (SJ-HB-07).
    fn heart_beats_negotiated(&mut self, send_every: Option<Duration>) {
        if send_every.is_some_and(|every| every <= self.limits.heartbeat_time) {
            self.heart_beat = None;
        }
    }
}

/// What tests look at.
#[cfg(test)]
impl<M> Framed<M> {
    pub(super) fn received_capacity(&self) -> usize {
        self.received.capacity()
    }
}

/// Whether a WebSocket's close frame may have the code; a frame of SockJS may have any.
fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

impl HeartBeat {
    fn new(every: Duration) -> Self {
        Self {
            every,
            last_sent: Instant::now(),
            timer: Box::pin(sleep(every)),
        }
    }

    /// Ready when one is due, and to be asked again then, for the next one.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            let now = Instant::now();
            let due = self.last_sent + self.every;
            if due <= now {
                self.last_sent = now;
                self.timer.as_mut().reset(now + self.every);
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(due);
        }
    }
}
