use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use futures_util::FutureExt;
use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
    request::Parts,
};

use super::{
    Handshake, HandshakeInterceptor, HandshakeRefused, Opening,
    interceptor::DynHandshakeInterceptor,
};
use crate::{
    endpoint::origin::{InvalidOrigin, OriginCheck},
    message::Principal,
    session::SessionAttributes,
};

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

    /// The user of a request, before any interceptor was asked.
    pub fn user_of(&self, request: &Parts) -> Option<Principal> {
        (self.user)(request)
    }

    /// The first phase of a handshake: the attributes, the user, and the interceptors in their order (HS-30). What is
    /// wrong with the request itself, and a page that [may not connect](Self::allows_origin_of), has been refused before.
    ///
    /// # Errors
    ///
    /// With the refusal of an interceptor, or for want of a user. Those interceptors that had let it pass have been told
    /// (HS-31).
    pub async fn begin(&self, request: Parts) -> Result<Handshake, HandshakeRefused> {
        let mut handshake = Handshake::new(request);
        let asked = AssertUnwindSafe(self.ask(&mut handshake));
        let refused = match asked.catch_unwind().await {
            Ok(Ok(())) => return Ok(handshake),
            Ok(Err(refused)) => refused,
            Err(_panic) => {
                // Without the path, in which a client of SockJS has its secret (SJ-SES-15).
                tracing::error!(
                    "what the application does with a handshake panicked, and it is refused"
                );
                StatusCode::INTERNAL_SERVER_ERROR.into()
            }
        };
        Err(self.refuse(handshake, refused))
    }

    async fn ask(&self, handshake: &mut Handshake) -> Result<(), HandshakeRefused> {
        if let Some(fill) = &self.attributes {
            fill(&handshake.request, &handshake.attributes);
        }
        handshake.principal = self.user_of(&handshake.request);
        for interceptor in &self.interceptors {
            interceptor.before_boxed(handshake).await?;
            handshake.passed += 1;
        }
        // Behind the interceptors, which may have found one.
        if self.requires_user && handshake.principal.is_none() {
            return Err(HandshakeRefused::no_user());
        }
        match &self.preparation {
            Some(preparation) => preparation.before_boxed(handshake).await,
            None => Ok(()),
        }
    }

    /// The second phase, when it is known what the response will be: the interceptors in reverse (HS-30).
    pub fn finish(&self, mut handshake: Handshake, status: StatusCode) -> Opening {
        self.tell(&mut handshake, status);
        handshake.into()
    }

    fn refuse(&self, mut handshake: Handshake, mut refused: HandshakeRefused) -> HandshakeRefused {
        self.tell(&mut handshake, refused.status());
        // What stands in the refusal is nearer to its cause.
        let own = std::mem::replace(refused.headers_mut(), handshake.response_headers);
        refused.headers_mut().extend(own);
        remove_framing(refused.headers_mut());
        refused
    }

    fn tell(&self, handshake: &mut Handshake, status: StatusCode) {
        for interceptor in self.interceptors[..handshake.passed].iter().rev() {
            let told = catch_unwind(AssertUnwindSafe(|| interceptor.after(handshake, status)));
            if told.is_err() {
                tracing::error!("an interceptor panicked after the handshake");
            }
        }
        remove_framing(&mut handshake.response_headers);
    }
}

/// How long a body is, is known to whoever writes it: a wrong length would be taken for the start of another response.
fn remove_framing(headers: &mut HeaderMap) {
    headers.remove(CONTENT_LENGTH);
    headers.remove(TRANSFER_ENCODING);
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
