//! What SockJS carries messages for in these tests: no STOMP, and nothing of the public API.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use axum::Router;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use stomp_core::endpoint::{HandshakeOptions, SockJsOptions};

use crate::{
    handshake::choose_sub_protocol,
    message_socket::{Application, MessageKind, MessageSocket, Opened, Received},
    sockjs::sockjs_router,
};

/// What it does with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behavior {
    Echo,
    /// It closes each session at once, with this code.
    Close(u16),
    /// It sends so many messages at once, and then echoes.
    Flood(usize),
}

#[derive(Clone, Debug)]
pub(super) struct TestApplication {
    pub(super) path: &'static str,
    pub(super) behavior: Behavior,
    pub(super) handshake: Arc<HandshakeOptions>,
    pub(super) max_message_bytes: usize,
    pub(super) shutting_down: Arc<AtomicBool>,
    /// How many sessions are served.
    pub(super) serving: Arc<AtomicUsize>,
    /// What came over WebSockets with `pong`, `opened` and the like.
    pub(super) opened: Arc<parking_lot::Mutex<Vec<Option<String>>>>,
}

impl TestApplication {
    /// For pages of any origin.
    pub(super) fn new(behavior: Behavior) -> Self {
        let mut handshake = HandshakeOptions::default();
        handshake.allow_origins(["*"]);
        Self {
            path: "/echo",
            behavior,
            handshake: Arc::new(handshake),
            max_message_bytes: 64 * 1024,
            shutting_down: Arc::default(),
            serving: Arc::default(),
            opened: Arc::default(),
        }
    }

    pub(super) fn handshake(mut self, handshake: HandshakeOptions) -> Self {
        self.handshake = Arc::new(handshake);
        self
    }

    pub(super) fn router(&self, options: &SockJsOptions) -> Router {
        sockjs_router(self.clone(), options.settings())
    }

    pub(super) fn serving(&self) -> usize {
        self.serving.load(Ordering::SeqCst)
    }
}

impl Application for TestApplication {
    fn path(&self) -> &str {
        self.path
    }

    fn handshake(&self) -> &HandshakeOptions {
        &self.handshake
    }

    fn is_shutting_down(&self) -> bool {
        self.shutting_down.load(Ordering::SeqCst)
    }

    fn choose_sub_protocol(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        choose_sub_protocol(headers, ["test"])
    }

    fn max_message_bytes(&self) -> usize {
        self.max_message_bytes
    }

    fn serve<M: MessageSocket>(
        &self,
        socket: M,
        opened: Opened,
    ) -> impl Future<Output = ()> + Send + use<M> {
        let behavior = self.behavior;
        let user = opened.principal.map(|user| user.name().to_owned());
        self.opened.lock().push(user);
        let serving = Serving::begin(&self.serving);
        async move {
            serve(socket, behavior).await;
            drop(serving);
        }
    }
}

struct Serving(Arc<AtomicUsize>);

impl Serving {
    fn begin(serving: &Arc<AtomicUsize>) -> Self {
        serving.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(serving))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn serve<M: MessageSocket>(mut socket: M, behavior: Behavior) {
    match behavior {
        Behavior::Echo => {}
        Behavior::Close(code) => return close(socket, code, "Go away!").await,
        Behavior::Flood(messages) => {
            for number in 0..messages {
                let message = number.to_string().into();
                if send(&mut socket, &message).await.is_err() {
                    return;
                }
            }
        }
    }
    loop {
        match poll_fn(|cx| socket.poll_receive(cx)).await {
            Some(Ok(Received::Text(text))) => {
                let echoed = send(&mut socket, &Bytes::from(text)).await;
                if echoed.is_err() {
                    return;
                }
            }
            Some(Ok(Received::Binary(_))) => return close(socket, 1003, "text only").await,
            Some(Ok(Received::Ping(_) | Received::Pong(_))) => {}
            Some(Ok(Received::Close(_))) | None => return,
            Some(Err(error)) => {
                let code = error.close_reason().map(|reason| reason.code());
                return close(socket, code.unwrap_or(1011), "").await;
            }
        }
    }
}

async fn send<M: MessageSocket>(socket: &mut M, message: &Bytes) -> std::io::Result<()> {
    poll_fn(|cx| socket.poll_ready(cx)).await?;
    socket.send(MessageKind::Text, message);
    poll_fn(|cx| socket.poll_flush(cx)).await
}

/// Reads on until the peer has closed, too.
async fn close<M: MessageSocket>(mut socket: M, code: u16, reason: &str) {
    let closed = poll_fn(|cx| socket.poll_close(cx, code, reason)).await;
    if closed.is_ok() {
        while let Some(Ok(received)) = poll_fn(|cx| socket.poll_receive(cx)).await {
            if let Received::Close(_) = received {
                return;
            }
        }
    }
}
