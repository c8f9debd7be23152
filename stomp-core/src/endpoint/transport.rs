use std::{
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;

use crate::{
    codec::EncodedFrame, message::BoxError, session::CloseReason, statistics::TransportKind,
};

/// What carries the bytes of one session: a WebSocket, a SockJS session, a TCP connection, or a pair of channels in a
/// test.
///
/// The connection's task polls both directions; a transport needs no task, lock or queue of its own.
pub trait Transport: Send + 'static {
    /// What it is, for statistics. Default: [`TransportKind::Other`].
    fn kind(&self) -> TransportKind {
        TransportKind::Other
    }

    /// The next piece of input; `None` when the peer has closed. After `None`, [`Incoming::End`] or an error it is not
    /// called again.
    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Incoming, TransportError>>>;

    /// Ready when another frame can be sent. Called before each [`send`](Self::send), so that a batch of frames
    /// becomes few writes, and a slow peer is noticed between two of them.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>>;

    /// Takes one whole STOMP frame, or a heart-beat. A transport with message boundaries makes it one message, because
    /// old clients depend on it (WS-013), as text if the [frame is text](EncodedFrame::is_text), else as binary.
    ///
    /// # Errors
    ///
    /// If the connection is broken.
    fn send(&mut self, frame: EncodedFrame) -> Result<(), TransportError>;

    /// Ready when everything that was sent has been written.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>>;

    /// Says good-bye in the transport's way, and is ready when that has been written. The input is read on until the
    /// peer has closed, too, or a second has passed.
    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        reason: CloseReason,
    ) -> Poll<Result<(), TransportError>>;

    /// Whether this is a bare stream of bytes, as TCP is. Then no message bounds how many frames come at once
    /// ([`Limits::frames_per_message`](crate::session::Limits::frames_per_message)), and no good-bye has a reason: an
    /// ERROR frame before it says what a close code would.
    fn is_stream(&self) -> bool {
        false
    }

    /// The client is connected, and gets heart-beats of STOMP after such a silence; `None` for none. A transport with
    /// heart-beats of its own may do without these then (SJ-HB-07).
    fn heart_beats_negotiated(&mut self, send_every: Option<Duration>) {
        let _has_none_of_its_own = send_every;
    }

    /// Polled instead of [`poll_receive`](Self::poll_receive) while enough has been read: for what is to go on all the same,
    /// such as heart-beats of SockJS (SJ-HB-01).
    fn poll_unread(&mut self, cx: &mut Context<'_>) {
        let _has_nothing_to_do = cx;
    }

    /// How many bytes were written so far, for [`Limits::write_timeout`](crate::session::Limits::write_timeout): a client
    /// that takes a large frame slowly makes progress (T-23). With a transport that can't tell, only whole frames and
    /// flushes are progress.
    fn written_bytes(&self) -> u64 {
        0
    }
}

/// A piece of input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// Bytes of STOMP frames: any part of one, or several (WS-009, WS-010).
    Data(Bytes),
    /// A sign of life without data, such as a WebSocket ping (HB-026).
    Activity,
    /// The client sends nothing any more, but may still read: a TCP connection that is half-closed (TCP-004). It gets the
    /// answers to what it has sent, and then the good-bye.
    End,
}

/// The connection is broken, or the client has broken the transport's rules, and is told so by the
/// [close reason](Self::close_reason).
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// A message was larger than the transport takes (LIM-009: close code 1009).
    #[error("a message is larger than the transport takes")]
    MessageTooBig,
    /// A message is of a kind that the transport does not take, such as a binary one over SockJS (close code 1003).
    #[error("messages of this kind are not accepted")]
    NotAcceptable,
    /// A text message was not UTF-8 (WS-017: close code 1007).
    #[error("a text message is not UTF-8")]
    InvalidText,
    /// The client broke the protocol that the transport speaks (close code 1002).
    #[error("the client broke the protocol of the transport")]
    Protocol(#[source] BoxError),
    /// Reading or writing failed.
    #[error("the connection is broken")]
    Broken(#[source] BoxError),
}

impl TransportError {
    /// Why the connection closes; `None` if it is broken, and the client can't be told anything any more.
    ///
    /// Otherwise nothing more is read, and the client gets an ERROR, after what it sent before has been handled.
    pub fn close_reason(&self) -> Option<CloseReason> {
        match self {
            Self::MessageTooBig => Some(CloseReason::MessageTooBig),
            Self::NotAcceptable => Some(CloseReason::NotAcceptable),
            Self::InvalidText => Some(CloseReason::InvalidText),
            Self::Protocol(_) => Some(CloseReason::TransportProtocol),
            Self::Broken(_) => None,
        }
    }
}
