//! Both ends of sessions, in memory, with a clock that stands still unless all wait.

mod chaos;
mod closing;
mod delivering;
mod heart_beats;
mod http;
mod life;
mod many;
mod receiving;
mod threads;
mod waiting;

use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll, time::Duration};

use bytes::Bytes;
use futures_util::FutureExt;
use http_body::Body;
use stomp_core::statistics::TransportKind;
use tungstenite::Utf8Bytes;

use super::{Binding, Session, SessionSocket, Sessions, Settings, receiving::ReceivingBody};
use crate::{
    message_socket::{MessageKind, MessageSocket, Received},
    sockjs::format::{Callback, Format},
};

const DELAY: Duration = Duration::from_secs(5);
const MOMENT: Duration = Duration::from_millis(1);

fn sessions() -> Sessions {
    Sessions::new(Settings::default())
}

fn open(sessions: &Sessions, id: &str) -> (Arc<Session>, SessionSocket) {
    sessions
        .open(id, Binding::default(), TransportKind::HttpStreaming)
        .unwrap()
}

/// A session of its own service.
fn one() -> (Arc<Session>, SessionSocket) {
    open(&sessions(), "one")
}

/// A session whose client knows of it, and that waits for the next poll.
async fn polled() -> (Arc<Session>, SessionSocket) {
    let (session, socket) = one();
    assert_eq!(poll(&session).await, "o\n");
    (session, socket)
}

/// A session with a stream that was told of it.
async fn streamed() -> (Arc<Session>, SessionSocket, ReceivingBody) {
    let (session, socket) = one();
    let stream = stream(&session).await;
    (session, socket, stream)
}

async fn stream(session: &Arc<Session>) -> ReceivingBody {
    let mut stream = session.attach(Format::XhrStreaming);
    assert_eq!(stream.next().await.unwrap().len(), 2049);
    assert_eq!(stream.next().await.as_deref(), Some("o\n"));
    stream
}

/// A whole poll.
async fn poll(session: &Arc<Session>) -> String {
    let mut body = session.attach(Format::Xhr);
    let frame = body.next().await.unwrap();
    assert!(body.is_end_stream());
    assert_eq!(body.next().await, None);
    frame
}

fn formats() -> [Format; 5] {
    let callback = Callback::parse("cb").unwrap();
    [
        Format::Xhr,
        Format::XhrStreaming,
        Format::EventSource,
        Format::HtmlFile(callback.clone()),
        Format::Jsonp(callback),
    ]
}

/// What a client does with a response.
trait Response {
    async fn next(&mut self) -> Option<String>;

    async fn all(&mut self) -> Vec<String>;

    /// Whether nothing comes now.
    fn is_silent(&mut self) -> bool;
}

impl Response for ReceivingBody {
    async fn next(&mut self) -> Option<String> {
        let mut body = pin!(self);
        let frame = poll_fn(|cx| body.as_mut().poll_frame(cx)).await?;
        let data = frame.unwrap().into_data().unwrap();
        Some(String::from_utf8(data.into()).unwrap())
    }

    async fn all(&mut self) -> Vec<String> {
        let mut frames = Vec::new();
        while let Some(frame) = self.next().await {
            frames.push(frame);
        }
        frames
    }

    fn is_silent(&mut self) -> bool {
        match self.next().now_or_never() {
            None => true,
            Some(frame) => panic!("{frame:?}"),
        }
    }
}

/// What an application does with its end.
trait Application {
    async fn receive(&mut self) -> Option<String>;

    async fn say(&mut self, message: &str);

    async fn close(&mut self, code: u16, reason: &str);

    /// Whether there is room for another message.
    fn has_room(&mut self) -> bool;
}

impl Application for SessionSocket {
    async fn receive(&mut self) -> Option<String> {
        match poll_fn(|cx| self.poll_receive(cx)).await {
            Some(Ok(Received::Text(text))) => Some(text.to_string()),
            None => None,
            other => panic!("{other:?}"),
        }
    }

    async fn say(&mut self, message: &str) {
        poll_fn(|cx| self.poll_ready(cx)).await.unwrap();
        let message = Bytes::copy_from_slice(message.as_bytes());
        self.send(MessageKind::Text, &message);
        poll_fn(|cx| self.poll_flush(cx)).await.unwrap();
    }

    async fn close(&mut self, code: u16, reason: &str) {
        poll_fn(|cx| self.poll_close(cx, code, reason))
            .await
            .unwrap();
    }

    fn has_room(&mut self) -> bool {
        let ready = poll_fn(|cx| Poll::Ready(self.poll_ready(cx))).now_or_never();
        ready.unwrap().map(Result::unwrap).is_ready()
    }
}

/// An application that does nothing but wait for the end.
fn idle(mut socket: SessionSocket) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move { while socket.receive().await.is_some() {} })
}

fn messages(texts: &[&str]) -> Vec<Utf8Bytes> {
    texts.iter().map(|text| Utf8Bytes::from(*text)).collect()
}
