use std::task::{Context, Poll};

use stomp_core::endpoint::TransportError;
use tokio::time::Instant;

use super::{
    super::{
        BinaryMessage, CloseStatus, PongMessage, TextMessage, WebSocketMessage, message::Part,
    },
    connection::{CLOSE_GRACE, Connection, Writing},
};
use crate::message_socket::{MessageSocket, Received};

/// How many messages that no handler gets are read until others have their turn.
const MESSAGES_PER_TURN: usize = 64;

impl<M: MessageSocket> Connection<M> {
    /// Reads what can be read now, if there is room for it.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) {
        for _ in 0..MESSAGES_PER_TURN {
            let wants_input = self.wants_input();
            let Some(socket) = &mut self.socket else {
                return;
            };
            if !wants_input {
                if self.reading {
                    socket.poll_unread(cx);
                }
                return;
            }
            match socket.poll_receive(cx) {
                Poll::Pending => return,
                Poll::Ready(Some(Ok(received))) => {
                    // The two differ only where the handler takes parts.
                    let is_last = socket.is_last();
                    self.last_activity = Instant::now();
                    self.receive(received, is_last);
                }
                Poll::Ready(Some(Err(error))) => self.receive_error(error),
                Poll::Ready(None) => {
                    self.reading = false;
                    self.gone();
                }
            }
        }
        cx.waker().wake_by_ref();
    }

    /// After the end, what comes is drained, so that the client gets to read the close frame.
    fn wants_input(&self) -> bool {
        self.reading && (self.message.is_none() || !matches!(self.writing, Writing::Open))
    }

    fn receive(&mut self, received: Received, is_last: bool) {
        match received {
            Received::Text(text) => {
                if text.len() > self.limits.max_text_message_bytes {
                    return self.receive_error(TransportError::MessageTooBig);
                }
                let part = self.part(is_last);
                self.keep(TextMessage::from_utf8(text, part).into());
            }
            Received::Binary(bytes) => {
                if bytes.len() > self.limits.max_binary_message_bytes {
                    return self.receive_error(TransportError::MessageTooBig);
                }
                let part = self.part(is_last);
                self.keep(BinaryMessage::of_part(bytes, part).into());
            }
            Received::Pong(bytes) => self.keep(PongMessage::new(bytes).into()),
            // It was answered.
            Received::Ping(_) => {}
            Received::Close(close) => {
                self.reading = false;
                let status = close.map_or(CloseStatus::NO_STATUS_CODE, |(code, reason)| {
                    CloseStatus::received(code, &reason)
                });
                self.closed_by_client(status);
            }
        }
    }

    /// A message of which the first part is the last is whole.
    fn part(&mut self, is_last: bool) -> Part {
        let is_first = !std::mem::replace(&mut self.is_reading_parts, !is_last);
        match (is_first, is_last) {
            (true, true) => Part::Whole,
            (false, true) => Part::Last,
            (_, false) => Part::More,
        }
    }

    fn keep(&mut self, message: WebSocketMessage) {
        if matches!(self.writing, Writing::Open) {
            self.message = Some(message);
        }
    }

    fn closed_by_client(&mut self, status: CloseStatus) {
        self.session.outbound().end(status);
        match self.writing {
            // Its close frame was answered; the answer may have to be written.
            Writing::Open | Writing::Closing(_) => {
                self.is_unflushed = true;
                self.write_deadline = None;
                self.writing = Writing::Closed {
                    until: Instant::now() + CLOSE_GRACE,
                };
            }
            Writing::Closed { .. } | Writing::Gone => self.gone(),
        }
    }

    /// The client broke the rules, or the connection broke. The handler is told when it has handled what came before.
    fn receive_error(&mut self, error: TransportError) {
        self.reading = false;
        let is_open = matches!(self.writing, Writing::Open);
        if error.close_reason().is_none() || !is_open {
            self.gone();
        }
        if is_open {
            self.error = Some(error);
        }
    }
}
