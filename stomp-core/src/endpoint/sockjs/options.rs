use std::{net::IpAddr, sync::Arc, time::Duration};

use http::{HeaderValue, request::Parts};

use super::{SockJsSettings, SockJsTransport, cookie};

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
///
/// # Whose session it is
///
/// A SockJS session over HTTP is many requests, and its id, which the client makes up, is all that holds them together.
/// So that nobody else's guess is enough, a session belongs to the user who opened it, or else to the address that the
/// first request came from (SJ-53, T-14): other requests get 404. For that
///
/// * the endpoint's [`user`](super::super::StompEndpoint::user) must say the same for all requests of a client, and not, for
///   example, make up a name for each of them;
/// * the server must know addresses: serve the router with
///   [`into_make_service_with_connect_info`](https://docs.rs/axum/latest/axum/struct.Router.html#method.into_make_service_with_connect_info),
///   and say with [`client_address`](Self::client_address) where a proxy puts them.
///
/// Where addresses are not known, anonymous sessions are not bound, and nothing is limited for each address; the log says so
/// once.
#[derive(Clone, Debug, Default)]
pub struct SockJsOptions {
    pub(super) settings: SockJsSettings,
}

/// Those of Spring.
impl SockJsOptions {
    /// How many bytes a streaming response has until it ends, and the client makes another request; a browser keeps all of
    /// it in memory. The message that reaches the limit is sent whole (SJ-LIM-01). Default: 131072.
    #[must_use]
    pub fn stream_bytes_limit(mut self, bytes: usize) -> Self {
        self.settings.stream_bytes_limit = bytes;
        self
    }

    /// After how long a silence the client gets a heart-beat, so that proxies don't take the connection for dead
    /// (SJ-HB-01). Clients that use JSONP give up after 35 s. Default: 25 s.
    #[must_use]
    pub fn heartbeat_time(mut self, time: Duration) -> Self {
        self.settings.heartbeat_time = time;
        self
    }

    /// How long a session may be without a request to receive until it ends (SJ-SES-09). Default: 5 s.
    #[must_use]
    pub fn disconnect_delay(mut self, delay: Duration) -> Self {
        self.settings.disconnect_delay = delay;
        self
    }

    /// How many messages wait for a session over HTTP between two requests to receive (SJ-SES-10). Behind them the
    /// application's own queue fills up. Default: 100.
    #[must_use]
    pub fn http_message_cache_size(mut self, messages: usize) -> Self {
        self.settings.http_message_cache_size = messages;
        self
    }

    /// Where the page for iframes finds the client, which must be of exactly the version that the application's own page
    /// has (SJ-IFR-05): a path that starts with `/`, or a url. Default: a CDN's copy of the latest `sockjs-client` 1, as in
    /// Spring; better deliver it yourself.
    #[must_use]
    pub fn client_library_url(mut self, url: impl Into<String>) -> Self {
        self.settings.client_library_url = url.into();
        self
    }

    /// Whether `/info` tells clients that cookies are needed, for example by a load balancer. It keeps Internet Explorer 8
    /// and 9 from transports without cookies, and nothing else (SJ-COOK-05). Default: true.
    #[must_use]
    pub fn session_cookie_needed(mut self, needed: bool) -> Self {
        self.settings.session_cookie_needed = needed;
        self
    }

    /// Whether WebSockets are served, with and without the frames of SockJS. Default: true.
    #[must_use]
    pub fn web_socket_enabled(mut self, enabled: bool) -> Self {
        self.settings.web_socket_enabled = enabled;
        self
    }

    /// Leaves the CORS headers to somebody else, such as a layer (SJ-CORS-08). Which origins may connect is checked
    /// nevertheless. Default: false.
    #[must_use]
    pub fn suppress_cors(mut self, suppress: bool) -> Self {
        self.settings.suppress_cors = suppress;
        self
    }

    /// The transports that are served.
    ///
    /// By default these are all, but for JSONP and htmlfile when there are origins that may not connect: any page can
    /// load those two, and post forms, past the rules that browsers have for pages of other origins (SJ-JS-06, T-17).
    ///
    /// ```
    /// use stomp_axum::endpoint::{SockJsOptions, SockJsTransport};
    ///
    /// let options = SockJsOptions::default()
    ///     .transports([SockJsTransport::WebSocket, SockJsTransport::XhrStreaming, SockJsTransport::Xhr]);
    /// ```
    #[must_use]
    pub fn transports(mut self, transports: impl IntoIterator<Item = SockJsTransport>) -> Self {
        self.settings.transports = Some(transports.into_iter().collect());
        self
    }
}

/// Those that Spring leaves to the servlet container, or does not have.
impl SockJsOptions {
    /// Sets a cookie with every response over HTTP: `cookie` makes the value of a `Set-Cookie` header of a request. Default:
    /// none (SJ-COOK-01).
    #[must_use]
    pub fn session_cookie(
        mut self,
        cookie: impl Fn(&Parts) -> Option<HeaderValue> + Send + Sync + 'static,
    ) -> Self {
        self.settings.session_cookie = Some(Arc::new(cookie));
        self
    }

    /// Sets the cookie `JSESSIONID`, by which some load balancers send all requests of a client to the same server. It is
    /// the value that the client has sent, or `dummy`; the load balancer puts its own there (SJ-COOK-03, SJ-COOK-04).
    #[must_use]
    pub fn jsession_id_cookie(self) -> Self {
        self.session_cookie(cookie::jsession_id)
    }

    /// How many bytes the body of a request may have; more get 413 (T-15). It is at least twice the largest message of the
    /// endpoint, which as JSON needs more room than by itself. Default: 1 MiB.
    ///
    /// `sockjs-client` puts everything into one body that was sent while the request before was on its way, without any bound
    /// (SJ-CLI-10): what an application sends in one go must fit in.
    #[must_use]
    pub fn body_bytes(mut self, bytes: usize) -> Self {
        self.settings.body_bytes = bytes;
        self
    }

    /// How many messages may come at once, in the body of a request or in a message of a WebSocket (T-15). Default:
    /// 10,000.
    ///
    /// As with [`body_bytes`](Self::body_bytes), what an application sends in one go must fit in.
    #[must_use]
    pub fn body_messages(mut self, messages: usize) -> Self {
        self.settings.body_messages = messages;
        self
    }

    /// Says which address a request comes from. Default: that of the connection, if the router is served with it.
    ///
    /// Behind a proxy, that is the proxy's, and so the same for all clients. Take then the header that the proxy itself
    /// sets, and none that it passes on:
    ///
    /// ```
    /// use stomp_axum::endpoint::SockJsOptions;
    ///
    /// let options = SockJsOptions::default()
    ///     .client_address(|request| request.headers.get("x-real-ip")?.to_str().ok()?.parse().ok());
    /// ```
    #[must_use]
    pub fn client_address(
        mut self,
        address: impl Fn(&Parts) -> Option<IpAddr> + Send + Sync + 'static,
    ) -> Self {
        self.settings.client_address = Some(Arc::new(address));
        self
    }

    /// Whether a session without a user belongs to the address that opened it (SJ-SES-15). Turn it off if clients change
    /// addresses, as mobile ones may. Default: true.
    #[must_use]
    pub fn bind_to_address(mut self, bind: bool) -> Self {
        self.settings.bind_to_address = bind;
        self
    }

    /// How many sessions there may be over HTTP; more get 503. Default: 10000.
    #[must_use]
    pub fn sessions(mut self, sessions: usize) -> Self {
        self.settings.sessions = sessions;
        self
    }

    /// How many sessions of one address may be without a request to receive; opening more gets 503. A client leaves one behind
    /// for each transport that it tries in vain (SJ-CLI-05). Default: 64.
    #[must_use]
    pub fn unattached_sessions_per_address(mut self, sessions: usize) -> Self {
        self.settings.unattached_sessions_per_address = sessions;
        self
    }

    /// How many requests of one address may name a session that is not there, or somebody else's, in a minute. Then all of its
    /// requests for sessions get 429, until the minute is over (T-14). Default: 30.
    #[must_use]
    pub fn misses_per_minute(mut self, misses: u32) -> Self {
        self.settings.misses_per_minute = misses;
        self
    }

    /// What the options are, for adapters to web frameworks.
    pub fn settings(&self) -> &SockJsSettings {
        &self.settings
    }
}
