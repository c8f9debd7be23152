/// The methods of endpoints that say who may open a session, and what is kept of the request. All kinds of endpoints have
/// the same, in this crate and in `stomp-axum`; a trait would have to be imported by everybody who calls them.
///
/// `$handshake` is the field with the [`HandshakeOptions`](crate::endpoint::HandshakeOptions), and `$new` is how examples
/// make an endpoint. The type is `#[must_use]`.
#[doc(hidden)]
#[macro_export]
macro_rules! __handshake_methods {
    ($($handshake:ident).+, $new:literal) => {
        /// Lets pages of these origins connect, too: `scheme://host[:port]`, compared without regard to case. `*` lets
        /// every page connect (HS-42).
        ///
        /// A browser sends its cookies along, whoever wrote the page: allow only origins that you trust as much as your
        /// own, unless users log in by other means than cookies (T-01).
        pub fn allowed_origins<S: AsRef<str>>(
            mut self,
            origins: impl IntoIterator<Item = S>,
        ) -> Self {
            self.$($handshake).+.allow_origins(origins);
            self
        }

        /// Lets pages connect whose origin matches a pattern. `*` stands for one or more labels of the host, so
        /// `https://*.example.com` allows `https://a.b.example.com`, but neither `https://example.com` nor
        /// `https://evil-example.com`; `:[8080,8081]` for these ports, `:[*]` for any port (HS-43, T-03).
        pub fn allowed_origin_patterns<S: AsRef<str>>(
            mut self,
            patterns: impl IntoIterator<Item = S>,
        ) -> Self {
            self.$($handshake).+.allow_origin_patterns(patterns);
            self
        }

        /// Says who the user of a handshake request is, for example from what a login layer left in its extensions
        /// (HS-20).
        ///
        /// By default it is the [`Principal`](crate::message::Principal) in the request's extensions. What can't be
        /// known without waiting is for an [interceptor](Self::interceptor).
        pub fn user(
            mut self,
            user: impl Fn(&::http::request::Parts) -> Option<$crate::message::Principal>
            + Send
            + Sync
            + 'static,
        ) -> Self {
            self.$($handshake).+.set_user(user);
            self
        }

        /// Refuses handshakes without a user, with the status 403, when all interceptors have let them pass. By default,
        /// anonymous clients may connect.
        ///
        /// For users who log in over HTTP. Those who log in later, as by STOMP's CONNECT, have no user before.
        pub fn require_user(mut self) -> Self {
            self.$($handshake).+.require_user();
            self
        }

        /// Says what of a handshake request is kept for the session, where handlers find it: Spring's
        /// `HttpSessionHandshakeInterceptor` (HS-33, WS-6). What can't be had without waiting is for an
        /// [interceptor](Self::interceptor).
        ///
        /// ```
        /// use http::header::USER_AGENT;
        /// use stomp_axum::prelude::*;
        ///
        /// #[derive(Clone)]
        /// struct UserAgent(String);
        ///
        #[doc = concat!($new, ".session_attributes(|request, attributes| {")]
        ///     if let Some(Ok(agent)) = request.headers.get(USER_AGENT).map(|value| value.to_str()) {
        ///         attributes.insert(UserAgent(agent.to_owned()));
        ///     }
        /// });
        /// ```
        pub fn session_attributes(
            mut self,
            attributes: impl Fn(&::http::request::Parts, &$crate::session::SessionAttributes)
            + Send
            + Sync
            + 'static,
        ) -> Self {
            self.$($handshake).+.set_session_attributes(attributes);
            self
        }

        /// Adds an [interceptor](crate::endpoint::HandshakeInterceptor) of handshakes, behind those that were added before
        /// (HS-34). A closure that takes a `&mut` [`Handshake`](crate::endpoint::Handshake) is one.
        pub fn interceptor(
            mut self,
            interceptor: impl $crate::endpoint::HandshakeInterceptor,
        ) -> Self {
            self.$($handshake).+.add_interceptor(interceptor);
            self
        }
    };
}
