//! What carries the messages of one session, and what is on top of it.
//!
//! Below is a WebSocket, with or without the frames of SockJS, or a SockJS session over HTTP; on top is STOMP, or a
//! handler of the application. Each of them knows this file, and none of the others.

use std::{
    io,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, request::Parts};
use stomp_core::{
    endpoint::{HandshakeOptions, TransportError},
    message::Principal,
    session::SessionAttributes,
    statistics::TransportKind,
};
use tungstenite::Utf8Bytes;

/// The server's end of what carries one session. It needs no task and no lock: whoever owns it polls both directions.
pub(crate) trait MessageSocket: Send + 'static {
    /// What it is, for statistics.
    fn kind(&self) -> TransportKind;

    /// What comes next; `None` when the peer has gone. Not to be called again after `None`, [`Received::Close`] or an error.
    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Received, TransportError>>>;

    /// Polled instead of [`poll_receive`](Self::poll_receive) by an owner that has enough to do: for what is to go on all the
    /// same, such as heart-beats and deadlines of SockJS (SJ-HB-01, SJ-SES-09).
    fn poll_unread(&mut self, cx: &mut Context<'_>) {
        let _has_nothing_to_do = cx;
    }

    /// Ready when there is room for another message.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Takes a whole message, which is a [text](MessageKind::Text) unless it [has frames](Self::has_frames); of a text it must be
    /// known that it is UTF-8. Called after `poll_ready` was ready.
    fn send(&mut self, kind: MessageKind, payload: &Bytes);

    /// Whether it carries what only WebSockets have: binary messages, parts of messages, pings and pongs. SockJS does not
    /// (SJ-SPR-02).
    fn has_frames(&self) -> bool {
        false
    }

    /// Takes a frame that is no whole message, if it [has frames](Self::has_frames). Called after `poll_ready` was ready;
    /// between the parts of a message come only pings and pongs.
    fn send_frame(&mut self, frame: FrameKind, payload: &Bytes) {
        debug_assert!(false, "{frame:?} of {} bytes", payload.len());
    }

    /// Whether the text or binary that came last is all of its message, or the last part of it.
    fn is_last(&self) -> bool {
        true
    }

    /// Ready when everything that was sent has been written.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Says good-bye, once; ready when that has been written.
    fn poll_close(&mut self, cx: &mut Context<'_>, code: u16, reason: &str)
    -> Poll<io::Result<()>>;

    /// STOMP on top of it sends heart-beats after such a silence; `None` for none (SJ-HB-07).
    fn heart_beats_negotiated(&mut self, send_every: Option<Duration>) {
        let _has_none_of_its_own = send_every;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageKind {
    Text,
    Binary,
}

/// A frame that is no whole message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameKind {
    Part {
        kind: MessageKind,
        is_first: bool,
        is_last: bool,
    },
    Ping,
    Pong,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Text(Utf8Bytes),
    Binary(Bytes),
    /// It has been answered.
    Ping(Bytes),
    Pong(Bytes),
    /// The peer closes, with this code and reason if it gave any; the last that comes.
    Close(Option<(u16, Utf8Bytes)>),
}

/// What is on top of the sockets of one endpoint. It is cloned for each session, so that should be cheap.
pub(crate) trait Application: Clone + Send + Sync + 'static {
    /// For logs.
    fn path(&self) -> &str;

    fn handshake(&self) -> &HandshakeOptions;

    /// Nobody new is served any more.
    fn is_shutting_down(&self) -> bool;

    /// Which of the sub-protocols that a client offers it speaks, in the client's spelling (HS-10).
    fn choose_sub_protocol(&self, headers: &HeaderMap) -> Option<HeaderValue>;

    /// Bytes of the largest message that it takes.
    fn max_message_bytes(&self) -> usize;

    /// Serves one session until it ends.
    fn serve<M: MessageSocket>(
        &self,
        socket: M,
        opened: Opened,
    ) -> impl Future<Output = ()> + Send + use<Self, M>;
}

/// What the handshake found out about a new session.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The request that opened it.
    pub(crate) request: Parts,
    pub(crate) principal: Option<Principal>,
    pub(crate) attributes: SessionAttributes,
    pub(crate) sub_protocol: Option<HeaderValue>,
}
