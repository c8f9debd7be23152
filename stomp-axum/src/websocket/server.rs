use std::{any::type_name, collections::BTreeMap, fmt, sync::Arc, time::Duration};

use axum::Router;
use stomp_core::endpoint::path_template;

use super::{
    BuildError, WebSocketEndpoint, WebSocketHandler, WebSocketSession,
    connection_handler::{HandlerFactory, Shared},
    endpoint::EndpointOptions,
    error::InvalidEndpoint,
    mount::Mounted,
    path_parameters::ReadPathParameters,
    sessions::{Life, Sessions},
};
use crate::{server_endpoint::ServerEndpoints, shutdown};

/// The WebSockets of an application: endpoints with their handlers. Cheap to clone.
///
/// ```no_run
/// use stomp_axum::websocket::{BoxError, TextMessage, WebSocketEndpoint, WebSocketHandler, WebSocketSession, WebSockets};
///
/// struct Echo;
///
/// impl WebSocketHandler for Echo {
///     async fn handle_text_message(&self, session: &WebSocketSession, message: TextMessage) -> Result<(), BoxError> {
///         session.send(message).await?;
///         Ok(())
///     }
/// }
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let websockets = WebSockets::builder()
///     .endpoint(WebSocketEndpoint::new("/echo", Echo))
///     .build()?;
///
/// let app = axum::Router::new().merge(websockets.router());
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// axum::serve(listener, app)
///     .with_graceful_shutdown(websockets.shutdown_on_ctrl_c())
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct WebSockets(Arc<Inner>);

struct Inner {
    endpoints: Vec<Mounted>,
    life: Life,
}

impl WebSockets {
    /// Starts to configure.
    pub fn builder() -> WebSocketsBuilder {
        WebSocketsBuilder::default()
    }

    /// A router with a route for each endpoint, to be [merged](Router::merge) into a router of any state type, or
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
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let endpoints = self.0.endpoints.iter();
        endpoints.fold(Router::new(), |router, endpoint| {
            router.merge(endpoint.router())
        })
    }

    /// How many sessions are open.
    pub fn connection_count(&self) -> usize {
        let endpoints = self.0.endpoints.iter();
        endpoints.map(|endpoint| endpoint.sessions.len()).sum()
    }

    /// The open sessions of the endpoint at this path, to send to them from outside of a handler; none if there is no such
    /// endpoint.
    pub fn open_sessions(&self, path: &str) -> Vec<WebSocketSession> {
        let mut endpoints = self.0.endpoints.iter();
        let endpoint = endpoints.find(|endpoint| endpoint.path == path);
        endpoint.map_or_else(Vec::new, |endpoint| endpoint.sessions.open())
    }

    /// Whether no new sessions are taken any more.
    pub fn is_shutting_down(&self) -> bool {
        self.0.life.is_closing()
    }

    /// Takes no new sessions, closes those that are open with the code 1001, and waits until all have ended, and their
    /// handlers have finished, for up to `deadline`. Returns whether that was in time.
    pub async fn shutdown(&self, deadline: Duration) -> bool {
        self.0.life.close();
        for endpoint in &self.0.endpoints {
            endpoint.sessions.close_all();
        }
        let in_time = tokio::time::timeout(deadline, self.0.life.ended())
            .await
            .is_ok();
        if !in_time {
            tracing::warn!(
                sessions = self.connection_count(),
                "not all WebSocket sessions have ended before the deadline"
            );
        }
        in_time
    }

    /// Waits for Ctrl-C or SIGTERM, then closes all sessions (close code 1001) and lets handlers finish, for up to
    /// 10 s: for [`with_graceful_shutdown`](axum::serve::Serve::with_graceful_shutdown).
    ///
    /// axum itself does not wait for WebSockets. In the meantime it still answers other requests, and new WebSockets
    /// get 503.
    ///
    /// Beside STOMP endpoints, wait for both, which take the same time:
    ///
    /// ```no_run
    /// use stomp_axum::{prelude::*, websocket::WebSockets};
    ///
    /// # async fn run(
    /// #     messaging: Messaging,
    /// #     websockets: WebSockets,
    /// #     listener: tokio::net::TcpListener,
    /// #     app: axum::Router,
    /// # ) -> std::io::Result<()> {
    /// let shutdown = (messaging.shutdown_on_ctrl_c(), websockets.shutdown_on_ctrl_c());
    /// axum::serve(listener, app)
    ///     .with_graceful_shutdown(async move {
    ///         tokio::join!(shutdown.0, shutdown.1);
    ///     })
    ///     .await
    /// # }
    /// ```
    pub fn shutdown_on_ctrl_c(&self) -> impl Future<Output = ()> + Send + use<> + 'static {
        self.shutdown_on(shutdown::ctrl_c_or_terminate(), shutdown::DEADLINE)
    }

    /// As [`shutdown_on_ctrl_c`](Self::shutdown_on_ctrl_c), with a signal and a deadline of your own.
    pub fn shutdown_on<F>(
        &self,
        signal: F,
        deadline: Duration,
    ) -> impl Future<Output = ()> + Send + use<F> + 'static
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let websockets = self.clone();
        async move {
            signal.await;
            tracing::info!(sessions = websockets.connection_count(), "shutting down");
            // Whether it was in time is in the log; the server stops either way.
            let _in_time = websockets.shutdown(deadline).await;
        }
    }
}

impl fmt::Debug for WebSockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoints = self.0.endpoints.iter();
        f.debug_struct("WebSockets")
            .field(
                "endpoints",
                &endpoints.map(|endpoint| &endpoint.path).collect::<Vec<_>>(),
            )
            .field("sessions", &self.connection_count())
            .finish_non_exhaustive()
    }
}

/// Collects the endpoints of [`WebSockets`].
#[derive(Debug, Default)]
#[must_use = "nothing is served before `build()`"]
pub struct WebSocketsBuilder {
    endpoints: Vec<Mounted>,
    errors: Vec<InvalidEndpoint>,
    life: Life,
    annotated: ServerEndpoints,
}

impl WebSocketsBuilder {
    /// Adds an endpoint.
    pub fn endpoint<H: WebSocketHandler>(mut self, endpoint: WebSocketEndpoint<H>) -> Self {
        let WebSocketEndpoint {
            mut options,
            handler,
        } = endpoint;
        options.sub_protocols.extend(handler.sub_protocols());
        if let Some(preparation) = ReadPathParameters::of(&options.path) {
            options.handshake.set_preparation(preparation);
        }
        let name = type_name::<H>().to_owned();
        self.add(options, Shared(Arc::new(handler)), name);
        self
    }

    /// Adds an endpoint whose sessions are handled by what `factory` makes, which the log calls `handler`.
    pub(crate) fn add<F: HandlerFactory>(
        &mut self,
        options: EndpointOptions,
        factory: F,
        handler: String,
    ) {
        self.errors.extend(options.mistakes());
        let text_bytes = options.limits.max_text_message_bytes;
        if factory.supports_partial_messages() && (1..char::MAX_LEN_UTF8).contains(&text_bytes) {
            let mistake = "a part of a text has room for a character; let `max_text_message_bytes` be 4 or more";
            self.errors
                .push(InvalidEndpoint::new(&options.path, mistake));
        }
        let sessions = Sessions::new(self.life.clone());
        self.endpoints
            .push(Mounted::new(options, factory, handler, sessions));
    }

    /// The annotated endpoints, and what they are given.
    pub(crate) fn annotated(&mut self) -> &mut ServerEndpoints {
        &mut self.annotated
    }

    /// Takes note of a mistake, for `build()` to report.
    pub(crate) fn add_error(&mut self, error: InvalidEndpoint) {
        self.errors.push(error);
    }

    /// Checks everything, and logs which endpoints there are.
    ///
    /// # Errors
    ///
    /// With all mistakes at once: a path that a router can't read, that two endpoints have, or that is below the one of a
    /// SockJS service, an origin that is no origin, limits that let nothing through.
    pub fn build(mut self) -> Result<WebSockets, BuildError> {
        std::mem::take(&mut self.annotated).mount(&mut self);
        let mut paths: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for endpoint in &self.endpoints {
            let shape = path_template::shape(&endpoint.path, endpoint.with_sockjs);
            let of_shape = paths.entry(shape).or_default();
            of_shape.push(endpoint.path.clone());
        }
        self.refuse_what_is_below_sockjs();
        for same in paths.into_values().filter(|same| same.len() > 1) {
            let mistake = format!(
                "endpoints can't share a path: {}; give each its own",
                same.join(", ")
            );
            self.add_error(InvalidEndpoint::new(&same[0], mistake));
        }
        if let Some(error) = BuildError::new(self.errors) {
            return Err(error);
        }
        if self.endpoints.is_empty() {
            tracing::warn!(
                "there is no WebSocket endpoint; add some to the builder with `.endpoint(..)`, or the annotated ones with \
                 `.server_endpoints()`"
            );
        }
        for endpoint in &self.endpoints {
            endpoint.log();
        }
        Ok(WebSockets(Arc::new(Inner {
            endpoints: self.endpoints,
            life: self.life,
        })))
    }
    /// What is below the path of a SockJS service is its own (SJ-URL-01).
    fn refuse_what_is_below_sockjs(&mut self) {
        let endpoints = self.endpoints.iter().map(|endpoint| {
            let shape = path_template::shape(&endpoint.path, endpoint.with_sockjs);
            (endpoint, shape)
        });
        let endpoints: Vec<_> = endpoints.collect();
        let services = || endpoints.iter().filter(|(other, _)| other.with_sockjs);
        let below = endpoints.iter().filter_map(|(endpoint, shape)| {
            let (service, _) =
                services().find(|(_, sockjs)| path_template::is_below_sockjs(shape, sockjs))?;
            let mistake = format!(
                "what is below {:?} belongs to SockJS there; give it another path",
                service.path
            );
            Some(InvalidEndpoint::new(&endpoint.path, mistake))
        });
        let below: Vec<_> = below.collect();
        self.errors.extend(below);
    }
}
