use super::{HandshakeInterceptor, HandshakeOptions, SockJsOptions};
use crate::{message::Principal, session::SessionAttributes};

/// Where clients connect: a path, who may connect from which page, and who they are.
///
/// ```
/// use stomp_axum::{endpoint::StompEndpoint, message::Principal};
///
/// let endpoint = StompEndpoint::new("/ws")
///     .allowed_origins(["https://shop.example.com"])
///     .user(|request| request.extensions.get::<Principal>().cloned());
/// ```
#[derive(Clone, Debug)]
pub struct StompEndpoint {
    path: String,
    handshake: HandshakeOptions,
    sockjs: Option<SockJsOptions>,
}

impl StompEndpoint {
    /// An endpoint at `path`, for WebSockets, that pages of the same origin may use.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            handshake: HandshakeOptions::default(),
            sockjs: None,
        }
    }

    /// Lets pages of these origins connect, too: `scheme://host[:port]`, compared without regard to case. `*` lets
    /// every page connect (HS-42).
    ///
    /// A browser sends its cookies along, whoever wrote the page: allow only origins that you trust as much as your
    /// own, unless users log in by CONNECT (T-01).
    #[must_use]
    pub fn allowed_origins<S: AsRef<str>>(mut self, origins: impl IntoIterator<Item = S>) -> Self {
        self.handshake.allow_origins(origins);
        self
    }

    /// Lets pages connect whose origin matches a pattern. `*` stands for one or more labels of the host, so
    /// `https://*.example.com` allows `https://a.b.example.com`, but neither `https://example.com` nor
    /// `https://evil-example.com`; `:[8080,8081]` for these ports, `:[*]` for any port (HS-43, T-03).
    #[must_use]
    pub fn allowed_origin_patterns<S: AsRef<str>>(
        mut self,
        patterns: impl IntoIterator<Item = S>,
    ) -> Self {
        self.handshake.allow_origin_patterns(patterns);
        self
    }

    /// Says who the user of a handshake request is, for example from what a login layer left in its extensions
    /// (HS-20).
    ///
    /// By default it is the [`Principal`] in the request's extensions.
    #[must_use]
    pub fn user(
        mut self,
        user: impl Fn(&http::request::Parts) -> Option<Principal> + Send + Sync + 'static,
    ) -> Self {
        self.handshake.set_user(user);
        self
    }

    /// Refuses handshakes without a user, with the status 403. By default, anonymous clients may connect.
    ///
    /// For users who log in over HTTP. Those who log in by CONNECT have no user before.
    #[must_use]
    pub fn require_user(mut self) -> Self {
        self.handshake.require_user();
        self
    }

    /// Says what of a handshake request is kept for the session, where handlers find it: Spring's
    /// `HttpSessionHandshakeInterceptor` (WS-6).
    ///
    /// ```
    /// use http::header::USER_AGENT;
    /// use stomp_axum::endpoint::StompEndpoint;
    ///
    /// #[derive(Clone)]
    /// struct UserAgent(String);
    ///
    /// let endpoint = StompEndpoint::new("/ws").session_attributes(|request, attributes| {
    ///     if let Some(Ok(agent)) = request.headers.get(USER_AGENT).map(|value| value.to_str()) {
    ///         attributes.insert(UserAgent(agent.to_owned()));
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn session_attributes(
        mut self,
        attributes: impl Fn(&http::request::Parts, &SessionAttributes) + Send + Sync + 'static,
    ) -> Self {
        self.handshake.set_session_attributes(attributes);
        self
    }

    /// Adds an interceptor of handshakes, behind those that were added before (HS-34).
    #[must_use]
    pub fn interceptor(mut self, interceptor: impl HandshakeInterceptor) -> Self {
        self.handshake.add_interceptor(interceptor);
        self
    }

    /// Lets clients fall back to HTTP where WebSockets don't get through: Spring's `withSockJS()`.
    ///
    /// The path is that of the SockJS service then. STOMP clients without SockJS connect to `<path>/websocket`
    /// (SJ-SPR-01).
    ///
    /// Serve the router with the addresses of clients, which sessions without a user are bound to: see
    /// [`SockJsOptions`].
    #[must_use]
    pub fn with_sockjs(self) -> Self {
        self.sockjs(SockJsOptions::default())
    }

    /// As [`with_sockjs`](Self::with_sockjs), with options.
    #[must_use]
    pub fn sockjs(mut self, options: SockJsOptions) -> Self {
        self.sockjs = Some(options);
        self
    }

    /// The path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Who may connect, and what is kept of the request: for adapters to web frameworks.
    pub fn handshake(&self) -> &HandshakeOptions {
        &self.handshake
    }

    /// The options of SockJS; `None` without it.
    pub fn sockjs_options(&self) -> Option<&SockJsOptions> {
        self.sockjs.as_ref()
    }

    /// What is wrong with it, for `build()` to report.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let mut mistakes = self.handshake.mistakes();
        if !self.path.starts_with('/') {
            mistakes.push("a path starts with `/`".to_owned());
        }
        if let Some(sockjs) = &self.sockjs {
            mistakes.extend(sockjs.mistakes());
        }
        mistakes
    }
}
