use std::{fmt, sync::Arc};

use super::origin::{InvalidOrigin, OriginCheck};
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
#[derive(Clone)]
pub struct StompEndpoint {
    path: String,
    origins: OriginCheck,
    invalid_origins: Vec<InvalidOrigin>,
    user: Arc<UserFunction>,
    requires_user: bool,
    attributes: Option<Arc<AttributesFunction>>,
}

type UserFunction = dyn Fn(&http::request::Parts) -> Option<Principal> + Send + Sync;
type AttributesFunction = dyn Fn(&http::request::Parts, &SessionAttributes) + Send + Sync;

impl StompEndpoint {
    /// An endpoint at `path`, for WebSockets, that pages of the same origin may use.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            origins: OriginCheck::default(),
            invalid_origins: Vec::new(),
            user: Arc::new(|request| request.extensions.get::<Principal>().cloned()),
            requires_user: false,
            attributes: None,
        }
    }

    /// Lets pages of these origins connect, too: `scheme://host[:port]`, compared without regard to case. `*` lets
    /// every page connect (HS-42).
    ///
    /// A browser sends its cookies along, whoever wrote the page: allow only origins that you trust as much as your
    /// own, unless users log in by CONNECT (T-01).
    #[must_use]
    pub fn allowed_origins<S: AsRef<str>>(mut self, origins: impl IntoIterator<Item = S>) -> Self {
        for origin in origins {
            let added = self.origins.add_origin(origin.as_ref());
            self.invalid_origins.extend(added.err());
        }
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
        for pattern in patterns {
            let added = self.origins.add_pattern(pattern.as_ref());
            self.invalid_origins.extend(added.err());
        }
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
        self.user = Arc::new(user);
        self
    }

    /// Refuses handshakes without a user, with the status 403. By default, anonymous clients may connect.
    ///
    /// For users who log in over HTTP. Those who log in by CONNECT have no user before.
    #[must_use]
    pub fn require_user(mut self) -> Self {
        self.requires_user = true;
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
        self.attributes = Some(Arc::new(attributes));
        self
    }

    /// The path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether the page that sent the request may connect (HS-40, T-01).
    pub fn allows_origin_of(&self, request: &http::request::Parts) -> bool {
        self.origins.allows(request)
    }

    /// What is wrong with it, for `build()` to report.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let mut mistakes: Vec<_> = self
            .invalid_origins
            .iter()
            .map(ToString::to_string)
            .collect();
        if !self.path.starts_with('/') {
            mistakes.push("a path starts with `/`".to_owned());
        }
        mistakes
    }

    /// The user of a handshake request.
    pub fn user_of(&self, request: &http::request::Parts) -> Option<Principal> {
        (self.user)(request)
    }

    /// Whether [`require_user`](Self::require_user) was called.
    pub fn requires_user(&self) -> bool {
        self.requires_user
    }

    /// The attributes of the session that a handshake request leads to.
    pub fn session_attributes_of(&self, request: &http::request::Parts) -> SessionAttributes {
        let attributes = SessionAttributes::default();
        if let Some(fill) = &self.attributes {
            fill(request, &attributes);
        }
        attributes
    }
}

impl fmt::Debug for StompEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StompEndpoint")
            .field("path", &self.path)
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}
