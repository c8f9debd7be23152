use super::{HandshakeOptions, SockJsOptions, path_template};

/// Where clients connect: a path, who may connect from which page, and who they are.
///
/// ```
/// use stomp_axum::{endpoint::StompEndpoint, message::Principal};
///
/// let endpoint = StompEndpoint::new("/ws")
///     .allowed_origins(["https://shop.example.com"])
///     .user(|request| request.extensions.get::<Principal>().cloned());
/// ```
#[must_use = "an endpoint is served when it is given to `Messaging::builder()`"]
#[derive(Clone, Debug)]
pub struct StompEndpoint {
    path: String,
    handshake: HandshakeOptions,
    sockjs: Option<SockJsOptions>,
}

impl StompEndpoint {
    /// An endpoint at `path`, for WebSockets, that pages of the same origin may use. The path may have parameters, as paths
    /// of axum do.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            handshake: HandshakeOptions::default(),
            sockjs: None,
        }
    }

    crate::__handshake_methods!(handshake, "let endpoint = StompEndpoint::new(\"/ws\")");

    /// Lets clients fall back to HTTP where WebSockets don't get through: Spring's `withSockJS()`.
    ///
    /// The path is that of the SockJS service then. STOMP clients without SockJS connect to `<path>/websocket`
    /// (SJ-SPR-01).
    ///
    /// Serve the router with the addresses of clients, which sessions without a user are bound to: see
    /// [`SockJsOptions`].
    pub fn with_sockjs(self) -> Self {
        self.sockjs(SockJsOptions::default())
    }

    /// As [`with_sockjs`](Self::with_sockjs), with options.
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

    /// What the path is for a router.
    pub(crate) fn shape(&self) -> String {
        path_template::shape(&self.path, self.sockjs.is_some())
    }

    /// What is wrong with it, for `build()` to report.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let mut mistakes = self.handshake.mistakes();
        mistakes.extend(path_template::mistakes(&self.path, self.sockjs.is_some()));
        if let Some(sockjs) = &self.sockjs {
            mistakes.extend(sockjs.mistakes());
        }
        mistakes
    }
}
