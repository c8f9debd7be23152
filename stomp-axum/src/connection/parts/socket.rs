use std::{
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use stomp_core::{endpoint::TransportError, statistics::TransportKind};
use tokio::io::{AsyncRead, AsyncWrite};
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::{
    super::{
        incoming::with_scratch,
        outgoing::{Outgoing, push_frame},
        socket::{BYTES_PER_TURN, MAX_WAITING_BYTES},
        web_socket::close_text,
    },
    reader::{Part, PartsReader},
};
use crate::message_socket::{FrameKind, MessageKind, MessageSocket, Received};

/// A WebSocket after its handshake, whose messages come in parts.
#[derive(Debug)]
pub(crate) struct PartsWebSocket<S> {
    /// Boxed, because futures that hand it on keep room for it in each of them, for as long as it is served.
    socket: Box<Socket<S>>,
}

#[derive(Debug)]
pub(super) struct Socket<S> {
    stream: S,
    reader: PartsReader,
    /// What was read, and is not looked at yet.
    received: Bytes,
    is_last: bool,
    outgoing: Outgoing,
    /// The answer to the last ping, for which there was no room (T-11).
    pong: Option<Bytes>,
    /// Whether answers are in what waits to be written.
    has_answers: bool,
    said_goodbye: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> PartsWebSocket<S> {
    /// `stream` is the connection after the handshake.
    pub(crate) fn new(stream: S, max_text_bytes: usize, max_binary_bytes: usize) -> Self {
        Self {
            socket: Box::new(Socket {
                stream,
                reader: PartsReader::new(max_text_bytes, max_binary_bytes),
                received: Bytes::new(),
                is_last: true,
                outgoing: Outgoing::default(),
                pong: None,
                has_answers: false,
                said_goodbye: false,
            }),
        }
    }

    #[cfg(test)]
    pub(in super::super) fn stream_mut(&mut self) -> &mut S {
        &mut self.socket.stream
    }

    #[cfg(test)]
    pub(in super::super) fn waiting(&self) -> usize {
        self.socket.outgoing.len()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Received, TransportError>>> {
        self.answer();
        let received = self.poll_part(cx);
        let is_close = matches!(&received, Poll::Ready(Some(Ok(Received::Close(_)))));
        if self.has_answers && (is_close || self.received.is_empty()) {
            // More answers may be wanted by what is at hand already; they are written together.
            if let Poll::Ready(Err(error)) = self.poll_flush(cx)
                && received.is_pending()
            {
                return Poll::Ready(Some(Err(broken(error))));
            }
        }
        received
    }

    fn poll_part(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Received, TransportError>>> {
        let mut budget = BYTES_PER_TURN;
        loop {
            let part = if self.received.is_empty() {
                if budget == 0 {
                    // Whoever sends empty fragments without end must not keep the thread for himself.
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                ready!(self.poll_read(cx, &mut budget))
            } else {
                self.read_received()
            };
            match part {
                Ok(Some(part)) => return Poll::Ready(Some(Ok(self.accept(part)))),
                Ok(None) => {}
                // The client has closed, and knew that the server has.
                Err(TransportError::Broken(_)) if self.said_goodbye => return Poll::Ready(None),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }

    /// Looks at what was read before.
    fn read_received(&mut self) -> Result<Option<Part>, TransportError> {
        let mut rest = &self.received[..];
        let part = self.reader.read(&mut rest);
        let rest = rest.len();
        // Without its memory, if nothing is left.
        self.received = if rest == 0 {
            Bytes::new()
        } else {
            self.received.slice(self.received.len() - rest..)
        };
        part
    }

    /// Reads from the connection, into the memory that all share.
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        budget: &mut usize,
    ) -> Poll<Result<Option<Part>, TransportError>> {
        let Self {
            stream,
            reader,
            received,
            ..
        } = self;
        with_scratch(|buffer| {
            ready!(Pin::new(stream).poll_read(cx, buffer)).map_err(broken)?;
            let mut input = buffer.filled();
            if input.is_empty() {
                return Poll::Ready(Err(broken(ErrorKind::UnexpectedEof.into())));
            }
            *budget = budget.saturating_sub(input.len());
            let part = reader.read(&mut input);
            *received = Bytes::copy_from_slice(input);
            Poll::Ready(part)
        })
    }

    fn accept(&mut self, part: Part) -> Received {
        self.is_last = part.is_last;
        match &part.received {
            Received::Ping(payload) if !self.said_goodbye => {
                self.pong = Some(payload.clone());
                self.answer();
            }
            Received::Close(close) if !self.said_goodbye => {
                let payload = close
                    .as_ref()
                    .map(|(code, reason)| close_payload(*code, reason));
                self.say_goodbye(&payload.unwrap_or_default());
            }
            _ => {}
        }
        part.received
    }

    /// Puts the answer to a ping in front of all that is sent from now on, if there is room.
    fn answer(&mut self) {
        if self.outgoing.len() < MAX_WAITING_BYTES
            && let Some(payload) = self.pong.take()
        {
            push_frame(&mut self.outgoing, FrameKind::Pong, &payload);
            self.has_answers = true;
        }
    }

    /// Nothing is sent behind it.
    fn say_goodbye(&mut self, payload: &Bytes) {
        let opcode = OpCode::Control(Control::Close);
        self.outgoing.push_frame(opcode, true, payload);
        self.pong = None;
        self.has_answers = true;
        self.said_goodbye = true;
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.outgoing.len() >= MAX_WAITING_BYTES
            && let Poll::Ready(Err(error)) = self.outgoing.poll_write(cx, &mut self.stream)
        {
            return Poll::Ready(Err(error));
        }
        if self.outgoing.len() >= MAX_WAITING_BYTES {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.answer();
        ready!(self.outgoing.poll_write(cx, &mut self.stream))?;
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.has_answers = false;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> MessageSocket for PartsWebSocket<S> {
    fn kind(&self) -> TransportKind {
        TransportKind::WebSocket
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Received, TransportError>>> {
        self.socket.poll_receive(cx)
    }

    fn is_last(&self) -> bool {
        self.socket.is_last
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_ready(cx)
    }

    fn send(&mut self, kind: MessageKind, payload: &Bytes) {
        let kind = match kind {
            MessageKind::Text => Data::Text,
            MessageKind::Binary => Data::Binary,
        };
        self.socket.outgoing.push_message(kind, payload);
    }

    fn has_frames(&self) -> bool {
        true
    }

    fn send_frame(&mut self, frame: FrameKind, payload: &Bytes) {
        push_frame(&mut self.socket.outgoing, frame, payload);
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
        if !self.socket.said_goodbye {
            ready!(self.socket.poll_ready(cx))?;
            self.socket
                .say_goodbye(&close_payload(code, close_text(reason)));
        }
        self.socket.poll_flush(cx)
    }
}

fn close_payload(code: u16, reason: &str) -> Bytes {
    [&code.to_be_bytes(), reason.as_bytes()].concat().into()
}

fn broken(error: io::Error) -> TransportError {
    TransportError::Broken(error.into())
}
