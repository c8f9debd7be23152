//! The frames of SockJS over a WebSocket that is none.

use std::{
    collections::VecDeque,
    future::poll_fn,
    io,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt as _;
use parking_lot::Mutex;
use stomp_core::{
    endpoint::{SockJsOptions, TransportError},
    statistics::TransportKind,
};

use crate::{
    message_socket::{MessageKind, MessageSocket, Received},
    sockjs::framed::{Framed, FramedLimits},
};

/// What the client sends, and what it got.
#[derive(Clone, Default)]
struct Wire(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    incoming: VecDeque<Received>,
    sent: Vec<String>,
    flushed: usize,
    closed: Option<u16>,
}

impl Wire {
    fn receives(&self, text: &str) {
        let text = Received::Text(text.to_owned().into());
        self.0.lock().incoming.push_back(text);
    }

    /// What was written since it was last asked for.
    fn written(&self) -> Vec<String> {
        let mut script = self.0.lock();
        let flushed = std::mem::take(&mut script.flushed);
        script.sent.drain(..flushed).collect()
    }

    fn closed(&self) -> Option<u16> {
        self.0.lock().closed
    }
}

impl MessageSocket for Wire {
    fn kind(&self) -> TransportKind {
        TransportKind::WebSocket
    }

    fn poll_receive(
        &mut self,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Received, TransportError>>> {
        match self.0.lock().incoming.pop_front() {
            Some(received) => Poll::Ready(Some(Ok(received))),
            None => Poll::Pending,
        }
    }

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, kind: MessageKind, payload: &Bytes) {
        assert_eq!(kind, MessageKind::Text);
        let text = String::from_utf8(payload.to_vec()).unwrap();
        self.0.lock().sent.push(text);
    }

    fn poll_flush(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut script = self.0.lock();
        script.flushed = script.sent.len();
        Poll::Ready(Ok(()))
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        code: u16,
        _reason: &str,
    ) -> Poll<io::Result<()>> {
        self.0.lock().closed.get_or_insert(code);
        self.poll_flush(cx)
    }
}

fn framed() -> (Framed<Wire>, Wire) {
    let options = SockJsOptions::default().body_messages(3);
    let wire = Wire::default();
    let limits = FramedLimits::new(options.settings(), 10);
    (Framed::new(wire.clone(), limits), wire)
}

/// What comes now; `None` if nothing does.
fn received(socket: &mut Framed<Wire>) -> Option<Received> {
    let received = poll_fn(|cx| socket.poll_receive(cx)).now_or_never()?;
    Some(received.unwrap().unwrap())
}

async fn sends(socket: &mut Framed<Wire>, kind: MessageKind, payload: &'static [u8]) {
    socket.send(kind, &Bytes::from_static(payload));
    poll_fn(|cx| socket.poll_flush(cx)).await.unwrap();
}

fn text(text: &str) -> Option<Received> {
    Some(Received::Text(text.to_owned().into()))
}

#[tokio::test]
async fn sj_ws_01_it_opens_at_once() {
    let (mut socket, wire) = framed();
    // Without a word of the application.
    assert_eq!(received(&mut socket), None);
    assert_eq!(wire.written(), ["o"]);
}

#[tokio::test]
async fn sj_ws_02_messages_come_in_arrays_or_by_themselves() {
    let (mut socket, wire) = framed();
    wire.receives("[\"a\",\"b\"]");
    wire.receives("\"c\"");
    for expected in ["a", "b", "c"] {
        assert_eq!(received(&mut socket), text(expected));
    }
    assert_eq!(received(&mut socket), None);
}

#[tokio::test]
async fn t_15_of_a_batch_nothing_is_left() {
    let wire = Wire::default();
    let limits = FramedLimits::new(SockJsOptions::default().settings(), 10);
    let mut socket = Framed::new(wire.clone(), limits);
    wire.receives(&format!("[{}\"\"]", "\"\",".repeat(5_000)));
    while received(&mut socket).is_some() {}
    assert_eq!(socket.received_capacity(), 0);
}

#[tokio::test]
async fn sj_ws_03_empty_messages_are_ignored() {
    let (mut socket, wire) = framed();
    wire.receives("");
    wire.receives("[]");
    assert_eq!(received(&mut socket), None);
    wire.receives("[\"\"]");
    assert_eq!(received(&mut socket), text(""));
}

#[tokio::test]
async fn sj_ws_04_what_is_no_message_ends_it_without_a_frame() {
    for (wrong, code) in [
        ("[\"a", 1007),
        ("{}", 1007),
        ("[1]", 1007),
        ("x", 1007),
        // T-15
        ("[\"\",\"\",\"\",\"\"]", 1009),
        ("[\"01234567890\"]", 1009),
    ] {
        let (mut socket, wire) = framed();
        wire.receives(wrong);
        let error = poll_fn(|cx| socket.poll_receive(cx))
            .await
            .unwrap()
            .unwrap_err();
        let reason = error.close_reason().unwrap();
        assert_eq!(reason.code(), code, "{wrong}");
        // What it has sent meanwhile is read, and the good-bye comes behind it.
        wire.receives("[\"more\"]");
        wire.0.lock().incoming.push_back(Received::Close(None));
        let closed = poll_fn(|cx| socket.poll_close(cx, code, reason.as_str()));
        closed.now_or_never().unwrap().unwrap();
        assert_eq!(wire.written(), ["o"], "{wrong}");
        assert_eq!(wire.closed(), Some(code));
        assert!(wire.0.lock().incoming.is_empty());
    }
}

#[tokio::test]
async fn sj_ws_13_binary_messages_are_refused() {
    let (mut socket, wire) = framed();
    let binary = Received::Binary(Bytes::from_static(b"[\"a\"]"));
    wire.0
        .lock()
        .incoming
        .extend([binary, Received::Close(None)]);
    let error = poll_fn(|cx| socket.poll_receive(cx))
        .await
        .unwrap()
        .unwrap_err();
    let reason = error.close_reason().unwrap();
    poll_fn(|cx| socket.poll_close(cx, reason.code(), ""))
        .await
        .unwrap();
    assert_eq!(
        (wire.written(), wire.closed()),
        (vec!["o".to_owned()], Some(1003))
    );
}

#[tokio::test]
async fn sj_ws_05_the_frame_of_sockjs_comes_before_that_of_the_websocket() {
    for (code, reason, frame, close_code) in [
        (3000, "Go away!", "c[3000,\"Go away!\"]", 3000),
        (1000, "", "c[1000,\"\"]", 1000),
        (1001, "a \"b\"", "c[1001,\"a \\\"b\\\"\"]", 1001),
        // What is no code of a WebSocket's.
        (2010, "x", "c[2010,\"x\"]", 1000),
        (1006, "x", "c[1006,\"x\"]", 1000),
    ] {
        let (mut socket, wire) = framed();
        poll_fn(|cx| socket.poll_close(cx, code, reason))
            .await
            .unwrap();
        assert_eq!(wire.written(), ["o", frame]);
        assert_eq!(wire.closed(), Some(close_code));
    }
}

#[tokio::test]
async fn sj_ses_16_a_session_that_can_not_be_relied_on_gets_no_frame() {
    let (mut socket, wire) = framed();
    poll_fn(|cx| socket.poll_close(cx, 4500, "too slow"))
        .await
        .unwrap();
    assert_eq!(
        (wire.written(), wire.closed()),
        (vec!["o".to_owned()], Some(4500))
    );
}

#[tokio::test]
async fn sj_ws_02_a_message_is_an_array_of_one() {
    let (mut socket, wire) = framed();
    sends(
        &mut socket,
        MessageKind::Text,
        "\u{e4}\n\u{1f600}".as_bytes(),
    )
    .await;
    assert_eq!(wire.written(), ["o", "a[\"\u{e4}\\n\\ud83d\\ude00\"]"]);
}

/// Drives the socket as its owner does, for some time.
async fn wait(socket: &mut Framed<Wire>, seconds: u64) {
    let received = poll_fn(|cx| socket.poll_receive(cx));
    let waited = tokio::time::timeout(Duration::from_secs(seconds), received).await;
    assert!(waited.is_err(), "nothing comes");
}

#[tokio::test(start_paused = true)]
async fn sj_hb_03_a_silence_is_broken_by_a_heart_beat() {
    let (mut socket, wire) = framed();
    wait(&mut socket, 24).await;
    assert_eq!(wire.written(), ["o"]);
    wait(&mut socket, 2).await;
    // SJ-HB-04: one that scripts see.
    assert_eq!(wire.written(), ["h"]);
    wait(&mut socket, 10).await;
    sends(&mut socket, MessageKind::Text, b"x").await;
    wait(&mut socket, 24).await;
    assert_eq!(wire.written(), ["a[\"x\"]"]);
    wait(&mut socket, 2).await;
    assert_eq!(wire.written(), ["h"]);
    wait(&mut socket, 50).await;
    assert_eq!(wire.written(), ["h", "h"]);
}

#[tokio::test(start_paused = true)]
async fn sj_hb_01_heart_beats_go_on_while_nothing_is_received() {
    let (mut socket, wire) = framed();
    let busy = poll_fn(|cx| -> Poll<()> {
        socket.poll_unread(cx);
        Poll::Pending
    });
    let _busy = tokio::time::timeout(Duration::from_secs(51), busy).await;
    assert_eq!(wire.written(), ["o", "h", "h"]);
}

#[tokio::test(start_paused = true)]
async fn sj_hb_07_heart_beats_of_stomp_replace_those_of_sockjs_if_they_are_not_slower() {
    for (every, beats) in [
        (None, true),
        (Some(60), true),
        (Some(25), false),
        (Some(10), false),
    ] {
        let (mut socket, wire) = framed();
        socket.heart_beats_negotiated(every.map(Duration::from_secs));
        wait(&mut socket, 30).await;
        let expected: &[&str] = if beats { &["o", "h"] } else { &["o"] };
        assert_eq!(wire.written(), expected, "{every:?}");
    }
}
