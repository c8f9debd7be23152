use futures_util::future::BoxFuture;

use crate::{codec::Headers, message::Principal};

/// Decides who a client is when it sends CONNECT.
///
/// Without an authenticator the user of the handshake counts, and `login` and `passcode` are not looked at, as in
/// Spring (IN-9). An async function or closure is an authenticator:
///
/// ```
/// use stomp_axum::{
///     endpoint::{AuthenticationError, Authenticator, ConnectRequest},
///     message::Principal,
/// };
///
/// async fn by_token(connect: ConnectRequest) -> Result<Option<Principal>, AuthenticationError> {
///     // Of the header `Authorization: Bearer ..`.
///     match connect.bearer_token() {
///         Some("secret") => Ok(Some(Principal::new("joe"))),
///         Some(_) => Err(AuthenticationError::bad_credentials()),
///         // Whoever the handshake found, or nobody.
///         None => Ok(connect.principal().cloned()),
///     }
/// }
/// fn assert_authenticator(_: impl Authenticator) {}
/// assert_authenticator(by_token);
/// ```
pub trait Authenticator: Send + Sync + 'static {
    /// The user of the new session, `None` for an anonymous one.
    ///
    /// Frames that the client sends in the meantime wait (NEG-032).
    ///
    /// # Errors
    ///
    /// [`AuthenticationError`] refuses the client: it gets an ERROR, and the connection is closed (NEG-019).
    fn authenticate(
        &self,
        connect: ConnectRequest,
    ) -> impl Future<Output = Result<Option<Principal>, AuthenticationError>> + Send;
}

impl<F, Fut> Authenticator for F
where
    F: Fn(ConnectRequest) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<Principal>, AuthenticationError>> + Send,
{
    fn authenticate(
        &self,
        connect: ConnectRequest,
    ) -> impl Future<Output = Result<Option<Principal>, AuthenticationError>> + Send {
        self(connect)
    }
}

/// What a client says of itself in CONNECT.
#[derive(Clone, Debug)]
pub struct ConnectRequest {
    pub(super) headers: Headers,
    pub(super) principal: Option<Principal>,
}

impl ConnectRequest {
    /// All headers of the CONNECT frame.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The `login` header.
    pub fn login(&self) -> Option<&str> {
        self.headers.get("login")
    }

    /// The `passcode` header.
    pub fn passcode(&self) -> Option<&str> {
        self.headers.get("passcode")
    }

    /// The token of a header `Authorization: Bearer ..`.
    ///
    /// Neither the case of the header's name counts, which STOMP would tell apart but clients take from HTTP, nor that of
    /// the word `Bearer`. The first header with such a token counts.
    ///
    /// `None` if there is no such header, if it has another scheme such as `Basic`, or if there is no token in it.
    pub fn bearer_token(&self) -> Option<&str> {
        let named = |name: &str| name.eq_ignore_ascii_case("authorization");
        let tokens = self.headers.iter().filter(|(name, _)| named(name));
        tokens.map(|(_, value)| value).find_map(token_of)
    }

    /// The `host` header: the virtual host that the client asks for. Many clients send none.
    pub fn host(&self) -> Option<&str> {
        self.headers.get("host")
    }

    /// The user that the handshake found.
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }
}

/// The token of `Bearer ..`.
fn token_of(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start())
}

/// A client is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AuthenticationError(String);

impl AuthenticationError {
    /// Refuses with a text that the client gets. Don't say whether the user exists (NEG-019).
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// Refuses with "Bad credentials".
    pub fn bad_credentials() -> Self {
        Self::new("Bad credentials")
    }
}

/// An authenticator behind a pointer.
pub(crate) trait DynAuthenticator: Send + Sync + 'static {
    fn authenticate_boxed(
        &self,
        connect: ConnectRequest,
    ) -> BoxFuture<'_, Result<Option<Principal>, AuthenticationError>>;
}

impl<A: Authenticator> DynAuthenticator for A {
    fn authenticate_boxed(
        &self,
        connect: ConnectRequest,
    ) -> BoxFuture<'_, Result<Option<Principal>, AuthenticationError>> {
        Box::pin(self.authenticate(connect))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer_token(headers: &[(&str, &str)]) -> Option<String> {
        let connect = ConnectRequest {
            headers: headers.iter().copied().collect(),
            principal: None,
        };
        connect.bearer_token().map(str::to_owned)
    }

    #[test]
    fn a_bearer_token_is_found_whatever_the_case() {
        for (name, value) in [
            ("Authorization", "Bearer a.b-c"),
            ("authorization", "bearer a.b-c"),
            ("AUTHORIZATION", "BEARER  a.b-c "),
        ] {
            let token = bearer_token(&[("login", "joe"), (name, value)]);
            assert_eq!(token.as_deref(), Some("a.b-c"), "{name}:{value}");
        }
        let both = [("authorization", "Basic x"), ("Authorization", "Bearer 1")];
        assert_eq!(bearer_token(&both).as_deref(), Some("1"));
    }

    #[test]
    fn what_is_no_bearer_token_is_none() {
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "Bearers a",
            "Basic am9l",
            "Bearera",
            "é a",
        ] {
            assert_eq!(bearer_token(&[("Authorization", value)]), None, "{value:?}");
        }
        assert_eq!(bearer_token(&[]), None);
        assert_eq!(bearer_token(&[("X-Authorization", "Bearer a")]), None);
    }
}
