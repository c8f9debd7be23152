use std::{
    io,
    task::{Context, Poll, ready},
};

use stomp_core::endpoint::TransportError;
use tokio::time::Instant;

use super::{
    super::{CloseStatus, WebSocketMessage, message::Part, outbound::Next},
    connection::{CLOSE_GRACE, Connection, Writing},
};
use crate::message_socket::{FrameKind, MessageKind, MessageSocket};

impl<M: MessageSocket> Connection<M> {
    /// Writes what can be written now. Whether anything has changed.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> bool {
        let mut changed = false;
        loop {
            match self.poll_write_step(cx) {
                Poll::Ready(Ok(())) => changed = true,
                Poll::Ready(Err(error)) => {
                    self.write_failed(error);
                    return true;
                }
                Poll::Pending => {
                    self.watch_write(changed);
                    return changed;
                }
            }
        }
    }

    fn poll_write_step(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(socket) = &mut self.socket else {
            return Poll::Pending;
        };
        match &self.writing {
            Writing::Open => self.poll_send(cx),
            Writing::Closing(status) => {
                let reason = status.reason().unwrap_or_default();
                ready!(socket.poll_close(cx, status.code_to_send(), reason))?;
                self.is_unflushed = false;
                self.is_awaited |= self.session.outbound().written(cx);
                self.said_good_bye();
                Poll::Ready(Ok(()))
            }
            Writing::Closed { .. } if self.is_unflushed => {
                ready!(socket.poll_flush(cx))?;
                self.is_unflushed = false;
                if !self.reading {
                    // Both sides have closed.
                    self.gone();
                }
                Poll::Ready(Ok(()))
            }
            Writing::Closed { .. } | Writing::Gone => Poll::Pending,
        }
    }

    /// Hands the next message to the socket, or makes it write what it has.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(socket) = &mut self.socket else {
            return Poll::Pending;
        };
        let outbound = self.session.outbound();
        match socket.poll_ready(cx) {
            Poll::Ready(ready) => ready?,
            Poll::Pending => {
                // Even if only answers to pings are in the way.
                self.is_unflushed = true;
                ready!(outbound.poll_cut_off(cx));
                self.cut_off();
                return Poll::Ready(Ok(()));
            }
        }
        match outbound.poll_next(cx) {
            Poll::Ready(Next::Send(message)) => {
                self.is_unflushed = true;
                send(socket, &mut self.is_in_parts, message);
            }
            Poll::Ready(Next::Close(status)) => self.writing = Writing::Closing(status),
            Poll::Ready(Next::CutOff(_)) => self.cut_off(),
            Poll::Pending if self.is_unflushed => {
                ready!(socket.poll_flush(cx))?;
                self.is_unflushed = false;
                self.last_activity = Instant::now();
                self.is_awaited |= outbound.written(cx);
            }
            Poll::Pending => return Poll::Pending,
        }
        Poll::Ready(Ok(()))
    }

    /// Sets the time at which a write that makes no progress is given up (WS-44).
    fn watch_write(&mut self, progress: bool) {
        let is_watched = match self.writing {
            Writing::Open => self.is_unflushed,
            Writing::Closing(_) => true,
            Writing::Closed { .. } | Writing::Gone => false,
        };
        // Whoever is being closed gets no more time by taking what was sent before.
        let is_new = progress && matches!(self.writing, Writing::Open);
        if !is_watched {
            self.write_deadline = None;
        } else if is_new || self.write_deadline.is_none() {
            // Later than the clock can tell is never.
            self.write_deadline = Instant::now().checked_add(self.limits.send_time_limit);
        }
    }

    /// The client does not read: it is told so, if it takes that in time.
    fn cut_off(&mut self) {
        self.writing = Writing::Closing(CloseStatus::SESSION_NOT_RELIABLE);
        self.write_deadline = Some(Instant::now() + CLOSE_GRACE);
    }

    /// Nothing could be written for too long, whether anybody sends anything more or not.
    pub(super) fn give_up_writing(&mut self, now: Instant) {
        match self.writing {
            Writing::Open => {
                tracing::info!(
                    session = self.session.id(),
                    limit = ?self.limits.send_time_limit,
                    "the send time exceeded the allowed limit"
                );
                self.session.outbound().cut_off();
                self.cut_off();
                self.write_deadline = Some(now + CLOSE_GRACE);
            }
            Writing::Closing(_) => {
                // Whatever it was closed for: it is lost because of that (WS-47).
                self.session.outbound().cut_off();
                self.gone();
            }
            Writing::Closed { .. } | Writing::Gone => self.write_deadline = None,
        }
    }

    fn said_good_bye(&mut self) {
        if self.reading {
            self.writing = Writing::Closed {
                until: Instant::now() + CLOSE_GRACE,
            };
        } else {
            self.gone();
        }
    }

    fn write_failed(&mut self, error: io::Error) {
        if matches!(self.writing, Writing::Open) {
            self.error = Some(TransportError::Broken(error.into()));
        }
        self.gone();
    }
}

/// Hands a message to the socket, in the frames that it is to have.
fn send<M: MessageSocket>(socket: &mut M, is_in_parts: &mut bool, message: WebSocketMessage) {
    let (kind, part, payload) = match message {
        WebSocketMessage::Text(text) => (MessageKind::Text, text.part(), text.into_bytes()),
        WebSocketMessage::Binary(binary) => {
            (MessageKind::Binary, binary.part(), binary.into_bytes())
        }
        WebSocketMessage::Ping(ping) => {
            return socket.send_frame(FrameKind::Ping, &ping.into_bytes());
        }
        WebSocketMessage::Pong(pong) => {
            return socket.send_frame(FrameKind::Pong, &pong.into_bytes());
        }
    };
    if part == Part::Whole {
        return socket.send(kind, &payload);
    }
    let is_last = part == Part::Last;
    let is_first = !std::mem::replace(is_in_parts, !is_last);
    let frame = FrameKind::Part {
        kind,
        is_first,
        is_last,
    };
    socket.send_frame(frame, &payload);
}
