use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use http::{HeaderValue, request::Parts};

use super::SockJsTransport;

type CookieFunction = dyn Fn(&Parts) -> Option<HeaderValue> + Send + Sync;
type AddressFunction = dyn Fn(&Parts) -> Option<IpAddr> + Send + Sync;

/// What [`SockJsOptions`](super::SockJsOptions) have come to: for adapters to web frameworks. Each field is described
/// where it is set.
#[non_exhaustive]
#[derive(Clone)]
#[expect(
    missing_docs,
    reason = "each field is described at the method of `SockJsOptions` of the same name"
)]
pub struct SockJsSettings {
    pub stream_bytes_limit: usize,
    pub heartbeat_time: Duration,
    pub disconnect_delay: Duration,
    pub http_message_cache_size: usize,
    pub client_library_url: String,
    pub session_cookie_needed: bool,
    pub session_cookie: Option<Arc<CookieFunction>>,
    pub web_socket_enabled: bool,
    pub suppress_cors: bool,
    /// `None` if none were chosen.
    pub transports: Option<Vec<SockJsTransport>>,
    pub body_bytes: usize,
    pub body_messages: usize,
    /// `None`: as the web framework knows it.
    pub client_address: Option<Arc<AddressFunction>>,
    pub bind_to_address: bool,
    pub sessions: usize,
    pub unattached_sessions_per_address: usize,
    pub misses_per_minute: u32,
}

impl SockJsSettings {
    /// Whether a transport is served by an endpoint whose origins are restricted, or not (SJ-JS-06).
    pub fn serves(&self, transport: SockJsTransport, restricts_origins: bool) -> bool {
        if transport == SockJsTransport::WebSocket && !self.web_socket_enabled {
            return false;
        }
        match &self.transports {
            Some(chosen) => chosen.contains(&transport),
            None => !(restricts_origins && transport.is_open_to_all_pages()),
        }
    }
}

impl Default for SockJsSettings {
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
            transports: None,
            body_bytes: 1024 * 1024,
            body_messages: 10_000,
            client_address: None,
            bind_to_address: true,
            sessions: 10_000,
            unattached_sessions_per_address: 64,
            misses_per_minute: 30,
        }
    }
}

impl fmt::Debug for SockJsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SockJsSettings")
            .field("stream_bytes_limit", &self.stream_bytes_limit)
            .field("heartbeat_time", &self.heartbeat_time)
            .field("disconnect_delay", &self.disconnect_delay)
            .field("http_message_cache_size", &self.http_message_cache_size)
            .field("client_library_url", &self.client_library_url)
            .field("web_socket_enabled", &self.web_socket_enabled)
            .field("transports", &self.transports)
            .field("body_bytes", &self.body_bytes)
            .field("body_messages", &self.body_messages)
            .field("bind_to_address", &self.bind_to_address)
            .field("sessions", &self.sessions)
            .finish_non_exhaustive()
    }
}
