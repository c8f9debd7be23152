//! The server's end of a WebSocket, message by message.

use std::{
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tungstenite::{
    Error, Message,
    error::CapacityError,
    protocol::{CloseFrame, Role, WebSocketConfig, WebSocketContext, frame::coding::Data},
};

use super::{
    incoming::Blocking,
    outgoing::{Outgoing, push_frame},
};
use crate::message_socket::FrameKind;

/// How many bytes are collected until they are written without a flush. A batch of small frames fits; less
/// would be more system calls for a broadcast of 1 KiB messages under load. More would only hide for longer that a slow
/// client makes progress.
pub(super) const MAX_WAITING_BYTES: usize = 64 * 1024;
/// Each connection owns a buffer of that size for all of its life, from which whole frames are taken; larger ones get room
/// of their own. `tungstenite`'s default of 128 KiB would be most of what an idle connection costs.
const READ_BUFFER_BYTES: usize = 512;
/// A message that was larger than that leaves no buffer behind.
const KEPT_READ_BUFFER_BYTES: usize = 4 * 1024;
/// How many answers to pings, in bytes, `tungstenite` itself keeps for a client that takes nothing; then only the last is
/// kept, which the protocol allows (T-11).
const MAX_ANSWER_BYTES: usize = 256;
/// How much is read in search of the end of one message until others have their turn.
pub(super) const BYTES_PER_TURN: usize = 32 * 1024;

/// A WebSocket after its handshake. It needs no task and no lock: whoever owns it polls both directions.
#[derive(Debug)]
pub(super) struct Socket<S> {
    stream: S,
    protocol: WebSocketContext,
    /// What was read, and has not been taken by the protocol.
    received: Bytes,
    /// The last message, if it was large: its buffer would otherwise be used again, and kept.
    large: Option<Bytes>,
    outgoing: Outgoing,
    /// Whether answers of the protocol, to pings or to a close frame, are in what waits to be written.
    has_answers: bool,
    /// Whether the protocol has answers for which there was no room.
    holds_answers: bool,
    /// How many bytes have come since the last message, at most.
    unfinished: usize,
    max_unfinished: usize,
    /// Whether the close frame was handed over.
    said_goodbye: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    pub(super) fn new(stream: S, max_message_bytes: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_ANSWER_BYTES)
            .max_message_size(Some(max_message_bytes))
            .max_frame_size(Some(max_message_bytes));
        Self {
            outgoing: Outgoing::default(),
            stream,
            protocol: WebSocketContext::new(Role::Server, Some(config)),
            received: Bytes::new(),
            large: None,
            has_answers: false,
            holds_answers: false,
            unfinished: 0,
            // The headers of fragments may take as much room as the largest message: their number has no other bound, as
            // they may be empty (T-11).
            max_unfinished: max_message_bytes.saturating_mul(2),
            said_goodbye: false,
        }
    }

    /// The next message, or ping, pong or close frame; `None` when both sides have closed. Pings and close frames are
    /// answered without further ado. Not to be called again after `None` or an error.
    pub(super) fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, Error>>> {
        let received = self.receive(cx);
        let is_close = matches!(received, Ok(Message::Close(_)));
        let answered = if self.has_answers && (is_close || self.received.is_empty()) {
            self.poll_flush(cx)
        } else {
            // More answers may be wanted by what is at hand already; they are written together.
            Poll::Pending
        };
        Poll::Ready(match received {
            // What came before the connection broke counts; the next call finds that it is broken.
            Ok(message) => Some(Ok(message)),
            Err(Error::ConnectionClosed | Error::AlreadyClosed) => None,
            Err(error) if would_block(&error) => match answered {
                Poll::Ready(Err(error)) => Some(Err(error.into())),
                _ => return Poll::Pending,
            },
            Err(error) => Some(Err(error)),
        })
    }

    /// Reads one message; an I/O error of the kind [`WouldBlock`](ErrorKind::WouldBlock) means that there is none yet.
    fn receive(&mut self, cx: &mut Context<'_>) -> Result<Message, Error> {
        if self.holds_answers {
            // Reading hands over one part of them, and this, before it, the other: what was formatted, and the last.
            self.answer(cx);
        }
        let (received, taken) = self.with_protocol(cx, MAX_WAITING_BYTES, |protocol, stream| {
            protocol.read(stream)
        });
        self.large = None;
        match &received {
            Ok(message) => {
                self.unfinished = 0;
                match message {
                    Message::Ping(_) | Message::Close(_) => self.answer(cx),
                    Message::Text(text) => self.keep_if_large(text),
                    Message::Binary(data) => self.keep_if_large(data),
                    Message::Pong(_) | Message::Frame(_) => {}
                }
            }
            Err(error) if would_block(error) => {
                self.unfinished = self.unfinished.saturating_add(taken);
                if self.unfinished > self.max_unfinished {
                    return Err(Error::Capacity(CapacityError::MessageTooLong {
                        size: self.unfinished,
                        max_size: self.max_unfinished,
                    }));
                }
            }
            Err(_) => {}
        }
        received
    }

    /// Puts the answer in front of all that is sent from now on.
    fn answer(&mut self, cx: &mut Context<'_>) {
        let (answered, _) = self.with_protocol(cx, MAX_WAITING_BYTES, |protocol, stream| {
            protocol.flush(stream)
        });
        // It may have to wait until there is room, or, as that to a close frame, be the last one; and what is broken is
        // found broken by the next call.
        drop(answered);
    }

    fn keep_if_large(&mut self, message: &(impl Clone + Into<Bytes> + AsRef<[u8]>)) {
        if message.as_ref().len() > KEPT_READ_BUFFER_BYTES {
            self.large = Some(message.clone().into());
        }
    }

    /// Ready when there is room for another message.
    pub(super) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
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

    /// Takes a whole message; of a text it must be known that it is UTF-8. A message may be larger than what
    /// [`poll_ready`](Self::poll_ready) leaves room for: what waits is bounded by that and one message.
    pub(super) fn send(&mut self, kind: Data, payload: &Bytes) {
        self.outgoing.push_message(kind, payload);
    }

    /// Takes a frame that is no whole message, as [`send`](Self::send) takes those.
    pub(super) fn send_frame(&mut self, frame: FrameKind, payload: &Bytes) {
        push_frame(&mut self.outgoing, frame, payload);
    }

    /// Ready when everything has been written.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.outgoing.poll_write(cx, &mut self.stream))?;
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.has_answers = false;
        Poll::Ready(Ok(()))
    }

    /// Says good-bye, once; ready when that has been written.
    pub(super) fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        frame: impl FnOnce() -> CloseFrame,
    ) -> Poll<Result<(), Error>> {
        if !self.said_goodbye {
            ready!(self.poll_ready(cx))?;
            let frame = frame();
            let (closed, _) = self.with_protocol(cx, usize::MAX, |protocol, stream| {
                // First the answers that it holds: those that were formatted, and the last.
                protocol.flush(stream)?;
                protocol.flush(stream)?;
                protocol.close(stream, Some(frame))
            });
            self.said_goodbye = true;
            closed?;
        }
        self.poll_flush(cx).map_err(Error::Io)
    }

    /// Lets the protocol read and write. Returns how many bytes of input it took, too.
    fn with_protocol<R>(
        &mut self,
        cx: &mut Context<'_>,
        max_waiting: usize,
        call: impl FnOnce(&mut WebSocketContext, &mut Blocking<'_, '_, S>) -> R,
    ) -> (R, usize) {
        let mut stream = Blocking {
            stream: &mut self.stream,
            cx,
            received: &mut self.received,
            outgoing: &mut self.outgoing,
            budget: BYTES_PER_TURN,
            max_waiting,
            taken: 0,
            has_written: false,
            has_refused: false,
        };
        let result = call(&mut self.protocol, &mut stream);
        self.has_answers |= stream.has_written;
        self.holds_answers = stream.has_refused;
        (result, stream.taken)
    }
}

fn would_block(error: &Error) -> bool {
    matches!(error, Error::Io(error) if error.kind() == ErrorKind::WouldBlock)
}

/// What tests look at.
#[cfg(test)]
impl<S> Socket<S> {
    pub(super) fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// How many bytes wait to be written.
    pub(super) fn waiting(&self) -> usize {
        self.outgoing.len()
    }

    /// How many bytes were read, and not taken by the protocol.
    pub(super) fn unread(&self) -> usize {
        self.received.len()
    }

    pub(super) fn queue_memory(&self) -> usize {
        self.outgoing.memory()
    }
}
