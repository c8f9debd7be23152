//! STOMP over WebSocket: a [`Transport`] over a [`Socket`].

use std::task::{Context, Poll, ready};

use stomp_core::{
    codec::EncodedFrame,
    endpoint::{Incoming, Transport, TransportError},
    session::{CloseReason, Limits},
    statistics::TransportKind,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tungstenite::{
    Error, Message, Utf8Bytes,
    error::ProtocolError,
    protocol::{CloseFrame, frame::coding::Data},
};

use super::socket::Socket;

/// A WebSocket message may be larger than a STOMP frame by that much: line ends between frames count for the message.
const MESSAGE_SLACK_BYTES: usize = 1024;

/// The server's end of a WebSocket that speaks STOMP.
#[derive(Debug)]
pub(crate) struct WebSocketTransport<S> {
    /// Boxed, because futures that hand a transport on keep room for it in each of them, for as long as it is served.
    socket: Box<Socket<S>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocketTransport<S> {
    /// `stream` is the connection after the handshake.
    pub(crate) fn new(stream: S, limits: &Limits) -> Self {
        let max_message_bytes = limits.message_bytes.saturating_add(MESSAGE_SLACK_BYTES);
        Self {
            socket: Box::new(Socket::new(stream, max_message_bytes)),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Transport for WebSocketTransport<S> {
    fn kind(&self) -> TransportKind {
        TransportKind::WebSocket
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Incoming, TransportError>>> {
        Poll::Ready(match ready!(self.socket.poll_receive(cx)) {
            Some(Ok(Message::Text(text))) => Some(Ok(Incoming::Data(text.into()))),
            Some(Ok(Message::Binary(data))) => Some(Ok(Incoming::Data(data))),
            // Pings have been answered (WS-019), and so has a close frame (WS-020). A frame never comes by itself.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {
                Some(Ok(Incoming::Activity))
            }
            Some(Ok(Message::Close(_))) | None => None,
            Some(Err(error)) => Some(Err(receive_error(error))),
        })
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.socket.poll_ready(cx).map_err(broken)
    }

    /// One frame, one message (WS-013); text if it is text, since old clients garble what is binary (WS-015, WS-016).
    fn send(&mut self, frame: EncodedFrame) -> Result<(), TransportError> {
        let kind = if frame.is_text() {
            Data::Text
        } else {
            Data::Binary
        };
        self.socket.send(kind, frame.bytes());
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.socket.poll_flush(cx).map_err(broken)
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        reason: CloseReason,
    ) -> Poll<Result<(), TransportError>> {
        let frame = || CloseFrame {
            code: reason.code().into(),
            reason: Utf8Bytes::from_static(close_text(reason.as_str())),
        };
        self.socket.poll_close(cx, frame).map_err(broken)
    }
}

/// What fits into a close frame, next to its code.
fn close_text(reason: &'static str) -> &'static str {
    const MAX_BYTES: usize = 123;

    &reason[..reason.floor_char_boundary(MAX_BYTES)]
}

fn broken(error: impl Into<stomp_core::message::BoxError>) -> TransportError {
    TransportError::Broken(error.into())
}

/// What the client did wrong, so that it can be told, or that the connection is lost.
fn receive_error(error: Error) -> TransportError {
    match error {
        Error::Capacity(_) => TransportError::MessageTooBig,
        Error::Utf8(_) => TransportError::InvalidText,
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => broken(error),
        Error::Protocol(_) => TransportError::Protocol(error.into()),
        _ => broken(error),
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
