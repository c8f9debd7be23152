use std::{sync::Arc, time::Duration};

use axum::{Router, extract::Request, routing::any};
use stomp_core::server::Messaging;

use crate::{
    MessagingLayer, handshake::WebSocketHandshake, shutdown, sockjs::sockjs_router,
    stomp::StompApplication,
};

/// Mounts a [`Messaging`] server into an axum application.
///
/// ```no_run
/// use stomp_axum::prelude::*;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let messaging = Messaging::builder()
///     .simple_broker(["/topic"])
///     .endpoint(StompEndpoint::new("/ws"))
///     .build()?;
///
/// let app = axum::Router::new()
///     .merge(messaging.router())
///     .layer(messaging.layer());
///
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// axum::serve(listener, app)
///     .with_graceful_shutdown(messaging.shutdown_on_ctrl_c())
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// It is a trait because `Messaging` is a type of `stomp-core`, which knows no web framework. It can't be implemented
/// for other types.
pub trait MessagingExt: sealed::Sealed + 'static {
    /// A router with routes for each endpoint, to be [merged](Router::merge) into a router of any state type, or
    /// [nested](Router::nest) below a path.
    ///
    /// Each call makes another router, with SockJS sessions of its own: mount it once.
    ///
    /// A layer that says who the user is (by putting a [`Principal`](stomp_core::message::Principal) into the request's
    /// extensions) must be added to the router after these routes.
    ///
    /// # Panics
    ///
    /// If axum can't tell the paths of two endpoints apart, such as `/{a}` and `/id-{b}`. All else that is wrong with them is
    /// an error of `build()`.
    fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S>;

    /// A layer that makes [`MessagingTemplate`](stomp_core::template::MessagingTemplate),
    /// [`UserRegistry`](stomp_core::user::UserRegistry) and [`SessionRegistry`](stomp_core::session::SessionRegistry)
    /// arguments of axum handlers. Add it behind the routes: axum's layers cover only those before them.
    #[must_use]
    fn layer(&self) -> MessagingLayer;

    /// Waits for Ctrl-C or SIGTERM, then closes all connections (close code 1001) and lets handlers finish, for up to
    /// 10 s: for [`with_graceful_shutdown`](axum::serve::Serve::with_graceful_shutdown).
    ///
    /// axum itself does not wait for WebSockets. In the meantime it still answers other requests, and new WebSockets
    /// get 503.
    fn shutdown_on_ctrl_c(&self) -> impl Future<Output = ()> + Send + use<Self> + 'static;

    /// As [`shutdown_on_ctrl_c`](Self::shutdown_on_ctrl_c), with a signal and a deadline of your own.
    fn shutdown_on<F>(
        &self,
        signal: F,
        deadline: Duration,
    ) -> impl Future<Output = ()> + Send + use<Self, F> + 'static
    where
        F: Future<Output = ()> + Send + 'static;
}

impl MessagingExt for Messaging {
    fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        self.endpoints()
            .iter()
            .fold(Router::new(), |router, endpoint| {
                let application = StompApplication::new(self, endpoint);
                if let Some(options) = endpoint.sockjs_options() {
                    // No plain WebSocket at the path itself (SJ-SPR-01).
                    return router.merge(sockjs_router(application, options.settings()));
                }
                let handshake = Arc::new(WebSocketHandshake::new(application));
                // All methods, since the handshake says itself which it takes (HS-01).
                let answer = any(move |request: Request| {
                    let handshake = Arc::clone(&handshake);
                    async move { handshake.answer(request).await }
                });
                router.route(endpoint.path(), answer)
            })
    }

    fn layer(&self) -> MessagingLayer {
        MessagingLayer::new(self)
    }

    fn shutdown_on_ctrl_c(&self) -> impl Future<Output = ()> + Send + use<> + 'static {
        self.shutdown_on(shutdown::ctrl_c_or_terminate(), shutdown::DEADLINE)
    }

    fn shutdown_on<F>(
        &self,
        signal: F,
        deadline: Duration,
    ) -> impl Future<Output = ()> + Send + use<F> + 'static
    where
        F: Future<Output = ()> + Send + 'static,
    {
        shutdown::shutdown_on(self.clone(), signal, deadline)
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for stomp_core::server::Messaging {}
}
