use std::{
    io,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use stomp_core::{endpoint::TransportError, statistics::TransportKind};
use tokio::io::{AsyncRead, AsyncWrite};
use tungstenite::{
    Error, Message,
    error::ProtocolError,
    protocol::{CloseFrame, frame::coding::Data},
};

use super::socket::Socket;
use crate::message_socket::{FrameKind, MessageKind, MessageSocket, Received};

/// A WebSocket after its handshake, without anything on top of it.
#[derive(Debug)]
pub(crate) struct WebSocket<S> {
    /// Boxed, because futures that hand it on keep room for it in each of them, for as long as it is served.
    socket: Box<Socket<S>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// `stream` is the connection after the handshake.
    pub(crate) fn new(stream: S, max_message_bytes: usize) -> Self {
        Self {
            socket: Box::new(Socket::new(stream, max_message_bytes)),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> MessageSocket for WebSocket<S> {
    fn kind(&self) -> TransportKind {
        TransportKind::WebSocket
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Received, TransportError>>> {
        Poll::Ready(match ready!(self.socket.poll_receive(cx)) {
            Some(Ok(message)) => Some(Ok(match message {
                Message::Text(text) => Received::Text(text),
                Message::Binary(data) => Received::Binary(data),
                // Pings have been answered (WS-019), and so has a close frame (WS-020).
                Message::Ping(data) => Received::Ping(data),
                Message::Pong(data) => Received::Pong(data),
                Message::Close(close) => {
                    Received::Close(close.map(|close| (close.code.into(), close.reason)))
                }
                Message::Frame(_) => unreachable!("a frame never comes by itself"),
            })),
            None => None,
            Some(Err(error)) => Some(Err(receive_error(error))),
        })
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_ready(cx)
    }

    fn send(&mut self, kind: MessageKind, payload: &Bytes) {
        let kind = match kind {
            MessageKind::Text => Data::Text,
            MessageKind::Binary => Data::Binary,
        };
        self.socket.send(kind, payload);
    }

    fn has_frames(&self) -> bool {
        true
    }

    fn send_frame(&mut self, frame: FrameKind, payload: &Bytes) {
        self.socket.send_frame(frame, payload);
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_flush(cx)
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        code: u16,
        reason: &str,
    ) -> Poll<io::Result<()>> {
        let frame = || CloseFrame {
            code: code.into(),
            reason: close_text(reason).into(),
        };
        self.socket
            .poll_close(cx, frame)
            .map_err(|error| match error {
                Error::Io(error) => error,
                error => io::Error::other(error),
            })
    }
}

/// What fits into a close frame, next to its code.
pub(super) fn close_text(reason: &str) -> &str {
    const MAX_BYTES: usize = 123;

    &reason[..reason.floor_char_boundary(MAX_BYTES)]
}

/// What the client did wrong, so that it can be told, or that the connection is lost.
fn receive_error(error: Error) -> TransportError {
    match error {
        Error::Capacity(_) => TransportError::MessageTooBig,
        Error::Utf8(_) => TransportError::InvalidText,
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            TransportError::Broken(error.into())
        }
        Error::Protocol(_) => TransportError::Protocol(error.into()),
        _ => TransportError::Broken(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        assert_eq!(close_text("logged out"), "logged out");
        let long = "\u{fc}".repeat(100);
        assert_eq!(close_text(&long), &long[..122]);
    }
}
