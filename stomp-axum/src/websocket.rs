//! STOMP over WebSocket: a [`Transport`] over axum's WebSocket.

use std::task::{Context, Poll, ready};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use futures_util::{SinkExt, StreamExt};
use stomp_core::{
    codec::EncodedFrame,
    endpoint::{Incoming, Transport, TransportError},
    session::{CloseReason, Limits},
    statistics::TransportKind,
};

use crate::text;

/// Each connection owns a read buffer of that size for all of its life; larger messages get room of their own. axum's
/// default of 128 KiB would be most of what an idle connection costs.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// How many bytes are collected until they are written without a flush. A batch of small frames fits: with 16 KiB, a
/// broadcast of 1 KiB messages under load costs 40 % more CPU time per delivery, in more system calls. More would only
/// keep more memory in a connection that was busy once, and hide for longer that a slow client makes progress.
const WRITE_BUFFER_BYTES: usize = 64 * 1024;
/// A WebSocket message may be larger than a STOMP frame by that much: line ends between frames count for the message.
const MESSAGE_SLACK_BYTES: usize = 1024;

/// Sets buffers and limits.
///
/// There is no bound on the write buffer: it never holds more than `WRITE_BUFFER_BYTES` and one frame, because
/// `poll_ready` comes before each frame. A bound would only break connections by frames that are larger than it, which
/// the outbound queue takes.
pub(crate) fn configure(upgrade: WebSocketUpgrade, limits: &Limits) -> WebSocketUpgrade {
    let max_message = limits.message_bytes.saturating_add(MESSAGE_SLACK_BYTES);
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(max_message)
        .max_frame_size(max_message)
}

/// The server's end of a WebSocket.
#[derive(Debug)]
pub(crate) struct WebSocketTransport {
    socket: WebSocket,
    /// Whether the close frame was handed over.
    said_goodbye: bool,
}

impl WebSocketTransport {
    pub(crate) fn new(socket: WebSocket) -> Self {
        Self {
            socket,
            said_goodbye: false,
        }
    }

    /// Writes the answer to the client's close frame.
    fn answer_close(&mut self, cx: &mut Context<'_>) {
        // Reading on is what makes tungstenite answer. It ends by itself when the answer is written; otherwise the
        // client does not read, and does not get it.
        while let Poll::Ready(Some(Ok(_))) = self.socket.poll_next_unpin(cx) {}
    }
}

impl Transport for WebSocketTransport {
    fn kind(&self) -> TransportKind {
        TransportKind::WebSocket
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Incoming, TransportError>>> {
        let Some(message) = ready!(self.socket.poll_next_unpin(cx)) else {
            return Poll::Ready(None);
        };
        Poll::Ready(match message {
            Ok(Message::Text(text)) => Some(Ok(Incoming::Data(text.into()))),
            Ok(Message::Binary(data)) => Some(Ok(Incoming::Data(data))),
            // Pings are answered by tungstenite (WS-019).
            Ok(Message::Ping(_) | Message::Pong(_)) => Some(Ok(Incoming::Activity)),
            Ok(Message::Close(_)) => {
                self.answer_close(cx);
                None
            }
            Err(error) => Some(Err(receive_error(error))),
        })
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.socket.poll_ready_unpin(cx).map_err(broken)
    }

    fn send(&mut self, frame: EncodedFrame) -> Result<(), TransportError> {
        self.socket
            .start_send_unpin(to_message(frame))
            .map_err(broken)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.socket.poll_flush_unpin(cx).map_err(broken)
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        reason: CloseReason,
    ) -> Poll<Result<(), TransportError>> {
        if !self.said_goodbye {
            ready!(self.poll_ready(cx))?;
            let close = Message::Close(Some(CloseFrame {
                code: reason.code(),
                reason: Utf8Bytes::from_static(close_text(reason.as_str())),
            }));
            self.socket.start_send_unpin(close).map_err(broken)?;
            self.said_goodbye = true;
        }
        self.poll_flush(cx)
    }
}

/// What fits into a close frame, next to its code.
fn close_text(reason: &'static str) -> &'static str {
    const MAX_BYTES: usize = 123;

    &reason[..reason.floor_char_boundary(MAX_BYTES)]
}

/// One frame, one message (WS-013); text if it is text, since old clients garble what is binary (WS-015, WS-016).
fn to_message(frame: EncodedFrame) -> Message {
    let is_text = frame.is_text();
    let bytes = frame.into_bytes();
    if !is_text {
        return Message::Binary(bytes);
    }
    text::to_text(bytes).map_or_else(Message::Binary, Message::Text)
}

fn broken(error: axum::Error) -> TransportError {
    TransportError::Broken(error.into_inner())
}

/// What the client did wrong, so that it can be told, or that the connection is lost.
fn receive_error(error: axum::Error) -> TransportError {
    use tungstenite::{Error, error::ProtocolError};

    let error = error.into_inner();
    match error.downcast_ref() {
        Some(Error::Capacity(_)) => TransportError::MessageTooBig,
        Some(Error::Utf8(_)) => TransportError::InvalidText,
        Some(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) | None => {
            TransportError::Broken(error)
        }
        Some(Error::Protocol(_)) => TransportError::Protocol(error),
        Some(_) => TransportError::Broken(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        assert_eq!(close_text("logged out"), "logged out");
        let long: &str = Box::leak("\u{fc}".repeat(100).into_boxed_str());
        assert_eq!(close_text(long), &long[..122]);
    }
}
