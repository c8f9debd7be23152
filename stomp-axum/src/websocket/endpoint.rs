use std::{fmt, time::Duration};

use axum::routing::MethodRouter;
use stomp_core::endpoint::{HandshakeOptions, SockJsOptions, path_template};

use super::{
    OverflowStrategy, WebSocketHandler, error::InvalidEndpoint, outbound::SendLimits,
    runner::SessionLimits,
};

/// Where clients connect to a [`WebSocketHandler`]: a path, who may connect from which page, and the bounds on what they
/// may do.
///
/// ```
/// use std::time::Duration;
/// use stomp_axum::websocket::{WebSocketEndpoint, WebSocketHandler};
///
/// struct Prices;
///
/// impl WebSocketHandler for Prices {}
///
/// let endpoint = WebSocketEndpoint::new("/prices", Prices)
///     .allowed_origins(["https://shop.example.com"])
///     .sub_protocols(["prices.v1"])
///     .idle_timeout(Duration::from_secs(600));
/// ```
#[must_use = "an endpoint is served when it is given to `WebSockets::builder()`"]
pub struct WebSocketEndpoint<H> {
    pub(super) options: EndpointOptions,
    pub(super) handler: H,
}

/// All of an endpoint but its handler.
#[derive(Debug)]
pub(crate) struct EndpointOptions {
    pub(crate) path: String,
    pub(crate) handshake: HandshakeOptions,
    pub(crate) sub_protocols: Vec<String>,
    /// Whether the order of these decides, and not the client's.
    pub(crate) prefers_own_order: bool,
    pub(crate) sockjs: Option<SockJsOptions>,
    pub(crate) limits: SessionLimits,
    pub(crate) send_limits: SendLimits,
    /// What answers requests that want no WebSocket (HS-51).
    pub(crate) other_requests: Option<MethodRouter>,
}

impl EndpointOptions {
    /// With Spring's defaults.
    pub(crate) fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            handshake: HandshakeOptions::default(),
            sub_protocols: Vec::new(),
            prefers_own_order: false,
            sockjs: None,
            limits: SessionLimits::default(),
            send_limits: SendLimits::default(),
            other_requests: None,
        }
    }

    /// What is wrong with it, for `build()` to report.
    pub(crate) fn mistakes(&self) -> Vec<InvalidEndpoint> {
        let mut mistakes = self.handshake.mistakes();
        mistakes.extend(path_template::mistakes(&self.path, self.sockjs.is_some()));
        let invalid = self.sub_protocols.iter().filter(|name| !is_token(name));
        mistakes.extend(invalid.map(|name| {
            format!("{name:?} is no sub-protocol; write letters, digits and punctuation, without spaces, commas or slashes")
        }));
        for (what, bytes) in [
            ("max_text_message_bytes", self.limits.max_text_message_bytes),
            (
                "max_binary_message_bytes",
                self.limits.max_binary_message_bytes,
            ),
        ] {
            if bytes == 0 {
                mistakes.push(format!("with `{what}` of 0, no message could come"));
            }
        }
        if self.send_limits.buffer_bytes == 0 {
            mistakes
                .push("with `send_buffer_bytes` of 0, nothing could wait for a client".to_owned());
        }
        for (what, time) in [
            ("a `send_time_limit`", Some(self.limits.send_time_limit)),
            ("an `idle_timeout`", self.limits.idle_timeout),
        ] {
            if time.is_some_and(|time| time.is_zero()) {
                mistakes.push(format!("{what} of 0 would close every session"));
            }
        }
        if let Some(sockjs) = &self.sockjs {
            mistakes.extend(sockjs.mistakes());
        }
        if self.sockjs.is_some() && self.other_requests.is_some() {
            mistakes.push(
                "with SockJS, requests that want no WebSocket belong to it; leave `other_requests` out".to_owned(),
            );
        }
        let of_path = |mistake| InvalidEndpoint::new(&self.path, mistake);
        mistakes.into_iter().map(of_path).collect()
    }
}

/// Whether it is a token of HTTP, which a sub-protocol has to be.
fn is_token(name: &str) -> bool {
    let is_token_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token_byte)
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            send_time_limit: Duration::from_secs(10),
            idle_timeout: None,
            max_text_message_bytes: 64 * 1024,
            max_binary_message_bytes: 64 * 1024,
        }
    }
}

impl SessionLimits {
    pub(super) fn max_message_bytes(&self) -> usize {
        self.max_text_message_bytes
            .max(self.max_binary_message_bytes)
    }
}

impl Default for SendLimits {
    fn default() -> Self {
        Self {
            buffer_bytes: 512 * 1024,
            overflow: OverflowStrategy::Terminate,
        }
    }
}

impl<H> WebSocketEndpoint<H> {
    pub(crate) fn options_mut(&mut self) -> &mut EndpointOptions {
        &mut self.options
    }

    pub(crate) fn into_options(self) -> EndpointOptions {
        self.options
    }
}

impl<H: WebSocketHandler> WebSocketEndpoint<H> {
    /// An endpoint at `path`, for WebSockets, that pages of the same origin may use. The path may have parameters, as paths
    /// of axum do: see [`path_parameter`](super::WebSocketSession::path_parameter).
    pub fn new(path: impl Into<String>, handler: H) -> Self {
        Self {
            options: EndpointOptions::new(path),
            handler,
        }
    }

    stomp_core::__handshake_methods!(
        options.handshake,
        "# struct Prices;\n# impl stomp_axum::websocket::WebSocketHandler for Prices {}\n\
         let endpoint = stomp_axum::websocket::WebSocketEndpoint::new(\"/prices\", Prices)"
    );

    /// Adds sub-protocols to those of the [handler](WebSocketHandler::sub_protocols). The first that the client offers is
    /// taken, whatever the spelling (HS-10); without one in common there is none, and the client decides whether it goes
    /// on (HS-12).
    pub fn sub_protocols<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let names = names.into_iter().map(Into::into);
        self.options.sub_protocols.extend(names);
        self
    }

    /// Puts something around the handler that may look at all that the handler is told: see
    /// [`WebSocketHandlerDecorator`](super::WebSocketHandlerDecorator). The last one is the outermost (WS-32).
    pub fn decorator<D: WebSocketHandler>(
        self,
        decorate: impl FnOnce(H) -> D,
    ) -> WebSocketEndpoint<D> {
        WebSocketEndpoint {
            options: self.options,
            handler: decorate(self.handler),
        }
    }

    /// Bytes of the largest text that a client may send; a larger one closes the session with the code 1009 (SRV-02).
    /// Default: 64 KiB.
    ///
    /// For handlers that take [parts](WebSocketHandler::supports_partial_messages) it is the size of the largest part.
    pub fn max_text_message_bytes(mut self, bytes: usize) -> Self {
        self.options.limits.max_text_message_bytes = bytes;
        self
    }

    /// As [`max_text_message_bytes`](Self::max_text_message_bytes), for binary messages. Default: 64 KiB.
    pub fn max_binary_message_bytes(mut self, bytes: usize) -> Self {
        self.options.limits.max_binary_message_bytes = bytes;
        self
    }

    /// Closes sessions in which nothing came and nothing was sent for so long, with the code 1001 (SRV-01). Pings and pongs
    /// count; the time that the handler takes does not. Default: never.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.options.limits.idle_timeout = Some(timeout);
        self
    }

    /// How long writing may make no progress, until the session is closed with the code 4500 (WS-44). Default: 10 s.
    pub fn send_time_limit(mut self, limit: Duration) -> Self {
        self.options.limits.send_time_limit = limit;
        self
    }

    /// How many bytes may wait for one client (WS-45). Default: 512 KiB.
    ///
    /// One message alone may be larger. Many small ones count for the room that they take themselves.
    pub fn send_buffer_bytes(mut self, bytes: usize) -> Self {
        self.options.send_limits.buffer_bytes = bytes;
        self
    }

    /// What happens when more would wait. Default: the session is closed.
    pub fn overflow_strategy(mut self, strategy: OverflowStrategy) -> Self {
        self.options.send_limits.overflow = strategy;
        self
    }

    /// Lets clients fall back to HTTP where WebSockets don't get through: Spring's `withSockJS()`.
    ///
    /// The path is that of the SockJS service then. Clients without SockJS connect to `<path>/websocket`
    /// (SJ-SPR-01). SockJS carries whole texts: sending anything else is an error, and parts are joined.
    pub fn with_sockjs(self) -> Self {
        self.sockjs(SockJsOptions::default())
    }

    /// As [`with_sockjs`](Self::with_sockjs), with options.
    pub fn sockjs(mut self, options: SockJsOptions) -> Self {
        self.options.sockjs = Some(options);
        self
    }

    /// Lets something else answer the requests for this path that want no WebSocket, such as those for a page: Spring's
    /// "upgrade match" (HS-51). By default they are refused.
    ///
    /// ```
    /// use axum::{response::Html, routing::get};
    /// use stomp_axum::websocket::{WebSocketEndpoint, WebSocketHandler};
    ///
    /// # struct Prices;
    /// # impl WebSocketHandler for Prices {}
    /// let endpoint = WebSocketEndpoint::new("/prices", Prices)
    ///     .other_requests(get(async || Html("<h1>Prices</h1>")));
    /// ```
    pub fn other_requests(mut self, routes: MethodRouter) -> Self {
        self.options.other_requests = Some(routes);
        self
    }
}

impl<H> fmt::Debug for WebSocketEndpoint<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.options, f)
    }
}
