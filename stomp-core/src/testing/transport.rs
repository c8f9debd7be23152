use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::PollSender;

use super::Sent;
use crate::{
    codec::EncodedFrame,
    endpoint::{Incoming, Transport, TransportError},
    session::CloseReason,
};

/// The server's end of a connection in memory.
pub(super) struct InMemoryTransport {
    receive: mpsc::UnboundedReceiver<Bytes>,
    send: PollSender<Sent>,
    goodbye: bool,
}

impl InMemoryTransport {
    pub(super) fn new(receive: mpsc::UnboundedReceiver<Bytes>, send: mpsc::Sender<Sent>) -> Self {
        Self {
            receive,
            send: PollSender::new(send),
            goodbye: false,
        }
    }

    fn send(&mut self, sent: Sent) -> Result<(), TransportError> {
        self.send
            .send_item(sent)
            .map_err(|error| TransportError::Broken(error.into()))
    }
}

impl Transport for InMemoryTransport {
    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Incoming, TransportError>>> {
        self.receive
            .poll_recv(cx)
            .map(|data| data.map(|data| Ok(Incoming::Data(data))))
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.send
            .poll_reserve(cx)
            .map_err(|error| TransportError::Broken(error.into()))
    }

    fn send(&mut self, frame: EncodedFrame) -> Result<(), TransportError> {
        let data = frame.bytes().clone();
        let sent = match frame.is_text().then(|| String::from_utf8(data.to_vec())) {
            Some(Ok(text)) => Sent::Text(text),
            _ => Sent::Binary(data),
        };
        Self::send(self, sent)
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        reason: CloseReason,
    ) -> Poll<Result<(), TransportError>> {
        if !self.goodbye {
            ready!(self.poll_ready(cx))?;
            Self::send(self, Sent::Closed(reason))?;
            self.goodbye = true;
        }
        Poll::Ready(Ok(()))
    }
}
