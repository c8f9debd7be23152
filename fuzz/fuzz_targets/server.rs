//! A whole server without a network: STOMP and an echo, each with and without SockJS.

// Each target uses a part of it.
#![allow(dead_code)]

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use stomp_axum::{
    endpoint::SockJsOptions,
    message::BoxError,
    prelude::*,
    websocket::{
        BinaryMessage, TextMessage, WebSocketEndpoint, WebSocketHandler, WebSocketSession,
        WebSockets,
    },
};
use tokio::runtime::{Builder, Handle};
use tower_service::Service;

/// What messages and bodies may have, so small that it is reached. A body may be twice as long as a message, since it is JSON.
pub(crate) const MAX_MESSAGE_BYTES: usize = 1000;
pub(crate) const MAX_BODY_BYTES: usize = 2 * MAX_MESSAGE_BYTES;
pub(crate) const MAX_MESSAGES: usize = 16;
/// How many sessions there may be over HTTP at each endpoint.
pub(crate) const MAX_SESSIONS: usize = 4;

pub(crate) struct Server {
    messaging: Messaging,
    websockets: WebSockets,
    router: Router,
}

struct Echo;

impl WebSocketHandler for Echo {
    async fn handle_text_message(
        &self,
        session: &WebSocketSession,
        message: TextMessage,
    ) -> Result<(), BoxError> {
        session.send(message).await?;
        Ok(())
    }

    async fn handle_binary_message(
        &self,
        session: &WebSocketSession,
        message: BinaryMessage,
    ) -> Result<(), BoxError> {
        session.send(message).await?;
        Ok(())
    }
}

/// Runs it with the clock of the runtime, which passes when nothing else happens.
pub(crate) fn block_on(future: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without IO needs nothing");
    runtime.block_on(future);
}

impl Server {
    /// Everything but the origins, `*` or the same one, is the same for all.
    pub(crate) fn start(for_all_origins: bool) -> Self {
        let mut limits = Limits::default();
        limits.message_bytes = MAX_MESSAGE_BYTES;
        let origins = || for_all_origins.then_some("*");
        let messaging = Messaging::builder()
            .simple_broker(["/topic"])
            .endpoint(StompEndpoint::new("/stomp").allowed_origins(origins()))
            .endpoint(
                StompEndpoint::new("/stomp-sockjs")
                    .allowed_origins(origins())
                    .sockjs(sockjs()),
            )
            .limits(limits)
            .build()
            .expect("nothing is wrong with the server");
        let websockets = WebSockets::builder()
            .endpoint(echo("/echo").allowed_origins(origins()))
            .endpoint(
                echo("/echo-sockjs")
                    .allowed_origins(origins())
                    .sockjs(sockjs()),
            )
            .build()
            .expect("nothing is wrong with the server");
        let router = Router::new()
            .merge(messaging.router())
            .merge(websockets.router());
        Self {
            messaging,
            websockets,
            router,
        }
    }

    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    pub(crate) fn session_count(&self) -> usize {
        self.messaging.connection_count() + self.websockets.connection_count()
    }

    pub(crate) async fn request(
        &self,
        method: Method,
        uri: http::Uri,
        headers: HeaderMap,
        body: impl Into<Body>,
        client: u8,
    ) -> (http::response::Parts, Body) {
        let mut request = Request::new(body.into());
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let address = Ipv4Addr::new(192, 0, 2, client % 4);
        let address = SocketAddr::from((address, 4711));
        request.extensions_mut().insert(ConnectInfo(address));
        let response = self.router().call(request).await;
        response.unwrap_or_else(|never| match never {}).into_parts()
    }

    /// Nothing is left when all clients have gone.
    pub(crate) async fn end(self) {
        // Nobody receives any more, so the delay until sessions end passes.
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(self.session_count(), 0);
        assert!(self.messaging.sessions().is_empty());
        drop(self);
        // What the server runs beside its sessions ends with it.
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    }
}

fn echo(path: &str) -> WebSocketEndpoint<Echo> {
    WebSocketEndpoint::new(path, Echo)
        .max_text_message_bytes(MAX_MESSAGE_BYTES)
        .max_binary_message_bytes(MAX_MESSAGE_BYTES)
        .send_buffer_bytes(4 * MAX_BODY_BYTES)
}

fn sockjs() -> SockJsOptions {
    SockJsOptions::default()
        .body_bytes(MAX_BODY_BYTES)
        .body_messages(MAX_MESSAGES)
        .stream_bytes_limit(2 * MAX_BODY_BYTES)
        .http_message_cache_size(MAX_MESSAGES)
        .sessions(MAX_SESSIONS)
        .unattached_sessions_per_address(2)
        .jsession_id_cookie()
}

/// What comes of a body within a time; whether it has ended.
pub(crate) async fn read(body: &mut Body, time: Duration) -> (Vec<u8>, bool) {
    let mut received = Vec::new();
    let deadline = tokio::time::Instant::now() + time;
    loop {
        match tokio::time::timeout_at(deadline, body.frame()).await {
            Err(_) => return (received, false),
            Ok(None) => return (received, true),
            Ok(Some(frame)) => {
                let frame = frame.expect("what the server writes does not break");
                received.extend_from_slice(frame.data_ref().expect("there are no trailers"));
            }
        }
    }
}

/// Server errors are those of the rules: what is wrong with the body, or with the callback, is a 500 for the protocol's
/// tests (SJ-SEND-03, SJ-HF-02, SJ-JP-01); 503 says that there are too many sessions.
pub(crate) fn check_status(status: StatusCode, body: &[u8]) {
    match status.as_u16() {
        500 => assert!(
            matches!(
                body,
                b"Payload expected."
                    | b"Broken JSON encoding."
                    | b"\"callback\" parameter required"
                    | b"invalid \"callback\" parameter"
            ),
            "{}",
            String::from_utf8_lossy(body)
        ),
        503 => {}
        status => assert!((100..500).contains(&status), "{status}"),
    }
}

/// A header that is not there twice.
pub(crate) fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    assert!(values.next().is_none(), "{name} is there twice");
    value
}
