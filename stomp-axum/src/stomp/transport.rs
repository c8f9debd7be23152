use std::{
    task::{Context, Poll, ready},
    time::Duration,
};

use stomp_core::{
    codec::EncodedFrame,
    endpoint::{Incoming, Transport, TransportError},
    session::CloseReason,
    statistics::TransportKind,
};

use crate::message_socket::{MessageKind, MessageSocket, Received};

/// STOMP, one frame a message.
#[derive(Debug)]
pub(super) struct StompTransport<M>(pub(super) M);

impl<M: MessageSocket> Transport for StompTransport<M> {
    fn kind(&self) -> TransportKind {
        self.0.kind()
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Incoming, TransportError>>> {
        Poll::Ready(match ready!(self.0.poll_receive(cx)) {
            Some(Ok(Received::Text(text))) => Some(Ok(Incoming::Data(text.into()))),
            Some(Ok(Received::Binary(data))) => Some(Ok(Incoming::Data(data))),
            Some(Ok(Received::Ping(_) | Received::Pong(_))) => Some(Ok(Incoming::Activity)),
            Some(Ok(Received::Close(_))) | None => None,
            Some(Err(error)) => Some(Err(error)),
        })
    }

    fn poll_unread(&mut self, cx: &mut Context<'_>) {
        self.0.poll_unread(cx);
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.0.poll_ready(cx).map_err(broken)
    }

    /// One frame, one message (WS-013); text if it is text, since old clients garble what is binary (WS-015, WS-016).
    fn send(&mut self, frame: EncodedFrame) -> Result<(), TransportError> {
        if frame.is_text() {
            self.0.send(MessageKind::Text, frame.bytes());
        } else if self.0.has_frames() {
            self.0.send(MessageKind::Binary, frame.bytes());
        } else {
            self.0.send(MessageKind::Text, frame.to_text().bytes());
        }
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.0.poll_flush(cx).map_err(broken)
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        reason: CloseReason,
    ) -> Poll<Result<(), TransportError>> {
        self.0
            .poll_close(cx, reason.code(), reason.as_str())
            .map_err(broken)
    }

    fn heart_beats_negotiated(&mut self, send_every: Option<Duration>) {
        self.0.heart_beats_negotiated(send_every);
    }
}

fn broken(error: impl Into<stomp_core::message::BoxError>) -> TransportError {
    TransportError::Broken(error.into())
}
