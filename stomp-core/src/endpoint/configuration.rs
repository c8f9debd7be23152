use std::{fmt, sync::Arc};

use crate::message::Principal;

/// Where clients connect: a path, who may connect from which page, and who they are.
///
/// ```
/// use stomp_core::{endpoint::StompEndpoint, message::Principal};
///
/// let endpoint = StompEndpoint::new("/ws")
///     .allowed_origins(["https://shop.example.com"])
///     .user(|request| request.extensions.get::<Principal>().cloned());
/// ```
#[derive(Clone)]
pub struct StompEndpoint {
    path: String,
    allowed_origins: AllowedOrigins,
    user: Arc<UserFunction>,
}

type UserFunction = dyn Fn(&http::request::Parts) -> Option<Principal> + Send + Sync;

/// The pages that may connect, by their origin. The page that the server itself serves always may (HS-40).
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedOrigins {
    /// Origins such as `https://shop.example.com`, or `*` for all (HS-42).
    pub origins: Vec<String>,
    /// Patterns such as `https://*.example.com` or `http://localhost:[*]` (HS-43).
    pub patterns: Vec<String>,
}

impl StompEndpoint {
    /// An endpoint at `path`, for WebSockets, that pages of the same origin may use.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            allowed_origins: AllowedOrigins::default(),
            user: Arc::new(|request| request.extensions.get::<Principal>().cloned()),
        }
    }

    /// Lets pages of these origins connect, too: `scheme://host[:port]`, compared without regard to case. `*` lets
    /// every page connect (HS-42).
    ///
    /// A browser sends its cookies along, whoever wrote the page: allow only origins that you trust as much as your
    /// own, unless users log in by CONNECT (T-01).
    #[must_use]
    pub fn allowed_origins<S: Into<String>>(
        mut self,
        origins: impl IntoIterator<Item = S>,
    ) -> Self {
        self.allowed_origins
            .origins
            .extend(origins.into_iter().map(Into::into));
        self
    }

    /// Lets pages connect whose origin matches a pattern. `*` stands for one or more labels of the host, so
    /// `https://*.example.com` allows `https://a.b.example.com`, but neither `https://example.com` nor
    /// `https://evil-example.com`; `:[8080,8081]` for these ports, `:[*]` for any port (HS-43, T-03).
    #[must_use]
    pub fn allowed_origin_patterns<S: Into<String>>(
        mut self,
        patterns: impl IntoIterator<Item = S>,
    ) -> Self {
        self.allowed_origins
            .patterns
            .extend(patterns.into_iter().map(Into::into));
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

    /// The path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Who may connect.
    pub fn origins(&self) -> &AllowedOrigins {
        &self.allowed_origins
    }

    /// The user of a handshake request.
    pub fn user_of(&self, request: &http::request::Parts) -> Option<Principal> {
        (self.user)(request)
    }
}

impl fmt::Debug for StompEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StompEndpoint")
            .field("path", &self.path)
            .field("allowed_origins", &self.allowed_origins)
            .finish_non_exhaustive()
    }
}
