use std::{fmt, sync::Arc};

use futures_util::future::BoxFuture;
use http::{HeaderMap, StatusCode, request::Parts};

use super::origin::{InvalidOrigin, OriginCheck};
use crate::{message::Principal, session::SessionAttributes};

/// Who may open a connection, from which page, and what is kept of the request. STOMP endpoints and handlers of raw
/// WebSockets have one each.
#[derive(Clone)]
pub struct HandshakeOptions {
    origins: OriginCheck,
    invalid_origins: Vec<InvalidOrigin>,
    user: Arc<UserFunction>,
    requires_user: bool,
    attributes: Option<Arc<AttributesFunction>>,
    interceptors: Vec<Arc<dyn DynHandshakeInterceptor>>,
    preparation: Option<Arc<dyn DynHandshakeInterceptor>>,
}

type UserFunction = dyn Fn(&Parts) -> Option<Principal> + Send + Sync;
type AttributesFunction = dyn Fn(&Parts, &SessionAttributes) + Send + Sync;

/// Pages of the same origin, and whoever they are.
impl Default for HandshakeOptions {
    fn default() -> Self {
        Self {
            origins: OriginCheck::default(),
            invalid_origins: Vec::new(),
            user: Arc::new(|request| request.extensions.get::<Principal>().cloned()),
            requires_user: false,
            attributes: None,
            interceptors: Vec::new(),
            preparation: None,
        }
    }
}

impl HandshakeOptions {
    /// Lets pages of these origins connect, too (HS-42).
    pub fn allow_origins<S: AsRef<str>>(&mut self, origins: impl IntoIterator<Item = S>) {
        for origin in origins {
            let added = self.origins.add_origin(origin.as_ref());
            self.invalid_origins.extend(added.err());
        }
    }

    /// Lets pages connect whose origin matches a pattern (HS-43).
    pub fn allow_origin_patterns<S: AsRef<str>>(&mut self, patterns: impl IntoIterator<Item = S>) {
        for pattern in patterns {
            let added = self.origins.add_pattern(pattern.as_ref());
            self.invalid_origins.extend(added.err());
        }
    }

    /// Says who the user of a request is (HS-20). By default it is the [`Principal`] in the request's extensions.
    pub fn set_user(&mut self, user: impl Fn(&Parts) -> Option<Principal> + Send + Sync + 'static) {
        self.user = Arc::new(user);
    }

    /// Refuses requests without a user.
    pub fn require_user(&mut self) {
        self.requires_user = true;
    }

    /// Says what of a request is kept for the session.
    pub fn set_session_attributes(
        &mut self,
        attributes: impl Fn(&Parts, &SessionAttributes) + Send + Sync + 'static,
    ) {
        self.attributes = Some(Arc::new(attributes));
    }

    /// Adds an interceptor behind those that are there.
    pub fn add_interceptor(&mut self, interceptor: impl HandshakeInterceptor) {
        self.interceptors.push(Arc::new(interceptor));
    }

    /// Says what is prepared for a session when all others have let its request pass, and the user is known. It may still
    /// refuse, and is not told how the handshake ends.
    pub fn set_preparation(&mut self, preparation: impl HandshakeInterceptor) {
        self.preparation = Some(Arc::new(preparation));
    }

    /// Whether the page that sent the request may connect (HS-40, T-01).
    pub fn allows_origin_of(&self, request: &Parts) -> bool {
        self.origins.allows(request)
    }

    /// Whether there are origins that may not connect.
    pub fn restricts_origins(&self) -> bool {
        !self.origins.allows_any()
    }

    /// Whether only pages of the same origin may connect.
    pub fn is_same_origin_only(&self) -> bool {
        self.origins.is_same_only()
    }

    /// What is wrong with the origins.
    pub fn mistakes(&self) -> Vec<String> {
        let invalid = self.invalid_origins.iter();
        invalid.map(ToString::to_string).collect()
    }

    /// The user of a request.
    pub fn user_of(&self, request: &Parts) -> Option<Principal> {
        (self.user)(request)
    }

    /// The first phase of a handshake: the interceptors in their order, and the user (HS-30). What is wrong with the
    /// request itself, and a page that [may not connect](Self::allows_origin_of), has been refused before.
    ///
    /// # Errors
    ///
    /// With the refusal of an interceptor, or for want of a user. Those interceptors that had let it pass have been told
    /// (HS-31).
    pub async fn begin(&self, request: Parts) -> Result<Handshake, HandshakeRefused> {
        let attributes = SessionAttributes::default();
        if let Some(fill) = &self.attributes {
            fill(&request, &attributes);
        }
        let mut handshake = Handshake {
            request,
            attributes,
            principal: None,
            response_headers: HeaderMap::new(),
            passed: 0,
        };
        for interceptor in &self.interceptors {
            if let Err(refused) = interceptor.before_handshake(&mut handshake).await {
                return Err(self.refuse(handshake, refused));
            }
            handshake.passed += 1;
        }
        // Behind the interceptors, which may have left a user in the extensions of the request.
        handshake.principal = self.user_of(&handshake.request);
        if handshake.principal.is_none() && self.requires_user {
            return Err(self.refuse(handshake, HandshakeRefused::no_user()));
        }
        if let Some(preparation) = &self.preparation
            && let Err(refused) = preparation.before_handshake(&mut handshake).await
        {
            return Err(self.refuse(handshake, refused));
        }
        Ok(handshake)
    }

    /// The second phase, when the response is known: the interceptors in reverse (HS-30).
    pub fn finish(&self, mut handshake: Handshake, status: StatusCode) -> Opening {
        self.tell(&mut handshake, status);
        Opening {
            request: handshake.request,
            principal: handshake.principal,
            attributes: handshake.attributes,
            response_headers: handshake.response_headers,
        }
    }

    fn refuse(&self, mut handshake: Handshake, mut refused: HandshakeRefused) -> HandshakeRefused {
        self.tell(&mut handshake, refused.status());
        refused.0.headers.extend(handshake.response_headers);
        refused
    }

    fn tell(&self, handshake: &mut Handshake, status: StatusCode) {
        for interceptor in self.interceptors[..handshake.passed].iter().rev() {
            interceptor.after_handshake(handshake, status);
        }
    }
}

impl fmt::Debug for HandshakeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandshakeOptions")
            .field("origins", &self.origins)
            .field("requires_user", &self.requires_user)
            .field("interceptors", &self.interceptors.len())
            .finish_non_exhaustive()
    }
}

/// A request that is to become a session: a WebSocket, or, with SockJS, the first request of a session.
#[derive(Debug)]
pub struct Handshake {
    request: Parts,
    attributes: SessionAttributes,
    principal: Option<Principal>,
    response_headers: HeaderMap,
    /// How many interceptors have let it pass.
    passed: usize,
}

/// A handshake that has succeeded, and what is left of it.
#[derive(Debug)]
pub struct Opening {
    /// The request.
    pub request: Parts,
    /// The user of the session.
    pub principal: Option<Principal>,
    /// The attributes of the session.
    pub attributes: SessionAttributes,
    /// Headers that the response gets.
    pub response_headers: HeaderMap,
}

impl Handshake {
    /// The request.
    pub fn request(&self) -> &Parts {
        &self.request
    }

    /// The request, to leave something in its extensions: a [`Principal`] there is the user of the session, unless the
    /// endpoint says otherwise.
    pub fn request_mut(&mut self) -> &mut Parts {
        &mut self.request
    }

    /// What will be the attributes of the session (HS-30).
    pub fn attributes(&self) -> &SessionAttributes {
        &self.attributes
    }

    /// The user; `None` before all interceptors have let the request pass.
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }

    /// Headers that the response gets, whatever it is (HS-31).
    pub fn response_headers(&mut self) -> &mut HeaderMap {
        &mut self.response_headers
    }
}

/// Looks at handshakes, and may refuse them: Spring's `HandshakeInterceptor` (HS-30 to HS-34).
pub trait HandshakeInterceptor: Send + Sync + 'static {
    /// Before the handshake is made. What is wrong with the request itself, and a page that may not connect, was refused
    /// before.
    ///
    /// With SockJS it is called once for each session, for the request that opens it (HS-32).
    ///
    /// # Errors
    ///
    /// [`HandshakeRefused`] refuses it. Interceptors behind this one are not asked.
    fn before_handshake(
        &self,
        handshake: &mut Handshake,
    ) -> impl Future<Output = Result<(), HandshakeRefused>> + Send;

    /// After the response was made, and before it is sent; only if this interceptor had let the handshake pass. An error
    /// among the statuses says that somebody behind has refused it.
    fn after_handshake(&self, handshake: &mut Handshake, status: StatusCode) {
        let _not_interested = (handshake, status);
    }
}

/// [`HandshakeInterceptor`] for lists.
trait DynHandshakeInterceptor: Send + Sync {
    fn before_handshake<'a>(
        &'a self,
        handshake: &'a mut Handshake,
    ) -> BoxFuture<'a, Result<(), HandshakeRefused>>;

    fn after_handshake(&self, handshake: &mut Handshake, status: StatusCode);
}

impl<I: HandshakeInterceptor> DynHandshakeInterceptor for I {
    fn before_handshake<'a>(
        &'a self,
        handshake: &'a mut Handshake,
    ) -> BoxFuture<'a, Result<(), HandshakeRefused>> {
        Box::pin(HandshakeInterceptor::before_handshake(self, handshake))
    }

    fn after_handshake(&self, handshake: &mut Handshake, status: StatusCode) {
        HandshakeInterceptor::after_handshake(self, handshake, status);
    }
}

/// A handshake is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.message)]
pub struct HandshakeRefused(Box<RefusedResponse>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct RefusedResponse {
    status: StatusCode,
    message: String,
    headers: HeaderMap,
}

impl HandshakeRefused {
    /// Refuses with a status, and a text for the body of the response.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self(Box::new(RefusedResponse {
            status,
            message: message.into(),
            headers: HeaderMap::new(),
        }))
    }

    fn no_user() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Only users who have logged in may connect.",
        )
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Headers that the response gets.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }
}
