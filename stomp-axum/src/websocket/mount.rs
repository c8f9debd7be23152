//! How an endpoint becomes a route.

use std::{convert::Infallible, fmt, sync::Arc};

use axum::{Router, extract::Request, response::Response, routing::any};
use futures_util::future::BoxFuture;
use http::{Method, header::UPGRADE};
use tower_service::Service;

use super::{
    application::HandlerApplication, connection_handler::HandlerFactory, endpoint::EndpointOptions,
    sessions::Sessions,
};
use crate::{handshake::WebSocketHandshake, sockjs::sockjs_router};

/// An endpoint that is ready to be served, whatever its handler is.
pub(super) struct Mounted {
    pub(super) path: String,
    pub(super) with_sockjs: bool,
    /// What its messages go to, for the log.
    handler: String,
    pub(super) sessions: Sessions,
    /// Made when it is wanted: axum panics at paths that `build()` refuses.
    router: Box<dyn Fn() -> Router + Send + Sync>,
}

type Answer = dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync;

impl Mounted {
    pub(super) fn new<F: HandlerFactory>(
        options: EndpointOptions,
        factory: F,
        handler: String,
        sessions: Sessions,
    ) -> Self {
        let path = options.path.clone();
        let with_sockjs = options.sockjs.is_some();
        let application = HandlerApplication::new(options, factory, sessions.clone());
        Self {
            path,
            with_sockjs,
            handler,
            sessions,
            router: Box::new(routes(application)),
        }
    }

    /// As STOMP's handlers are logged.
    pub(super) fn log(&self) {
        let Self { path, handler, .. } = self;
        let with_sockjs = if self.with_sockjs {
            ", with SockJS"
        } else {
            ""
        };
        tracing::info!("mapped WebSocket {path} onto {handler}{with_sockjs}");
    }

    pub(super) fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        (self.router)().with_state(())
    }
}

fn routes<F: HandlerFactory>(
    application: HandlerApplication<F>,
) -> impl Fn() -> Router + Send + Sync {
    let answer = answer(application.clone());
    move || {
        if let Some(options) = &application.options().sockjs {
            return sockjs_router(application.clone(), options.settings());
        }
        let path = &application.options().path;
        let answer = Arc::clone(&answer);
        // All methods, since the handshake says itself which it takes (HS-01).
        Router::new().route(path, any(move |request: Request| answer(request)))
    }
}

/// What answers the requests for an endpoint.
fn answer<F: HandlerFactory>(application: HandlerApplication<F>) -> Arc<Answer> {
    let takes_parts = application.takes_parts();
    let limits = application.options().limits;
    let other_requests = application.options().other_requests.clone();
    let handshake = Arc::new(WebSocketHandshake::new(application));
    Arc::new(move |request| {
        if let Some(other_requests) = &other_requests
            && !wants_websocket(&request)
        {
            let mut other_requests = other_requests.clone();
            return Box::pin(async move {
                let response: Result<_, Infallible> = other_requests.call(request).await;
                response.unwrap_or_else(|never| match never {})
            });
        }
        let handshake = Arc::clone(&handshake);
        Box::pin(async move {
            if takes_parts {
                let text_bytes = limits.max_text_message_bytes;
                let binary_bytes = limits.max_binary_message_bytes;
                handshake
                    .answer_in_parts(request, text_bytes, binary_bytes)
                    .await
            } else {
                handshake.answer(request).await
            }
        })
    })
}

/// Whether a request asks for a WebSocket, over HTTP/1.1 or, by `CONNECT`, over HTTP/2 (HS-51).
fn wants_websocket(request: &Request) -> bool {
    match *request.method() {
        Method::CONNECT => true,
        Method::GET => request
            .headers()
            .get(UPGRADE)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket")),
        _ => false,
    }
}

impl fmt::Debug for Mounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mounted")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
