use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use http::{HeaderValue, request::Parts};

/// How an endpoint serves clients that speak SockJS, with Spring's names and defaults (SJ-SPR-01).
///
/// ```
/// use std::time::Duration;
/// use stomp_axum::endpoint::{SockJsOptions, StompEndpoint};
///
/// let options = SockJsOptions::default()
///     .heartbeat_time(Duration::from_secs(10))
///     .client_library_url("/assets/sockjs.min.js");
/// let endpoint = StompEndpoint::new("/ws").sockjs(options);
/// ```
#[derive(Clone)]
pub struct SockJsOptions {
    pub(crate) stream_bytes_limit: usize,
    pub(crate) heartbeat_time: Duration,
    pub(crate) disconnect_delay: Duration,
    pub(crate) http_message_cache_size: usize,
    pub(crate) client_library_url: String,
    pub(crate) session_cookie_needed: bool,
    pub(crate) session_cookie: Option<Arc<CookieFunction>>,
    pub(crate) web_socket_enabled: bool,
    pub(crate) suppress_cors: bool,
    pub(crate) transports: Vec<SockJsTransport>,
    pub(crate) body_bytes: usize,
    pub(crate) body_messages: usize,
    pub(crate) client_address: Arc<AddressFunction>,
    pub(crate) bind_to_address: bool,
}

type CookieFunction = dyn Fn(&Parts) -> Option<HeaderValue> + Send + Sync;
type AddressFunction = dyn Fn(&Parts) -> Option<IpAddr> + Send + Sync;

/// A way in which SockJS carries messages; each stands for the url that it receives from.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SockJsTransport {
    /// `/websocket`, with and without the frames of SockJS.
    WebSocket,
    /// `/xhr`: a request for each batch of messages.
    Xhr,
    /// `/xhr_streaming`: a response that goes on.
    XhrStreaming,
    /// `/eventsource`: server-sent events.
    EventSource,
    /// `/htmlfile`: script elements in a page that goes on.
    HtmlFile,
    /// `/jsonp`: a script for each batch of messages.
    Jsonp,
}

impl SockJsOptions {
    /// What is wrong with it, for `build()` to report.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Default for SockJsOptions {
    fn default() -> Self {
        Self {
            stream_bytes_limit: 128 * 1024,
            heartbeat_time: Duration::from_secs(25),
            disconnect_delay: Duration::from_secs(5),
            http_message_cache_size: 100,
            client_library_url: "https://cdn.jsdelivr.net/npm/sockjs-client@1/dist/sockjs.min.js"
                .to_owned(),
            session_cookie_needed: true,
            session_cookie: None,
            web_socket_enabled: true,
            suppress_cors: false,
            transports: Vec::new(),
            body_bytes: 64 * 1024,
            body_messages: 128,
            client_address: Arc::new(|_| None),
            bind_to_address: true,
        }
    }
}

impl fmt::Debug for SockJsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SockJsOptions").finish_non_exhaustive()
    }
}
