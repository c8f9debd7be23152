use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// A handshake is refused, and this is the response (HS-31).
///
/// A status is one, too, and so is a status with a text: `?` makes a refusal of them.
///
/// ```
/// use http::{HeaderValue, StatusCode, header::RETRY_AFTER};
/// use stomp_axum::endpoint::{Handshake, HandshakeRefused, StompEndpoint};
///
/// fn check(handshake: &mut Handshake) -> Result<(), HandshakeRefused> {
///     let headers = &handshake.request().headers;
///     let tenant = headers.get("x-tenant").ok_or(StatusCode::BAD_REQUEST)?;
///     let tenant = tenant.to_str().map_err(|_| (StatusCode::BAD_REQUEST, "A tenant is a word."))?;
///     if tenant == "moving" {
///         return Err(HandshakeRefused::new(StatusCode::SERVICE_UNAVAILABLE, "Come back later.")
///             .header(RETRY_AFTER, HeaderValue::from_static("60")));
///     }
///     Ok(())
/// }
///
/// let endpoint = StompEndpoint::new("/ws").interceptor(check);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandshakeRefused(Box<RefusedResponse>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct RefusedResponse {
    status: StatusCode,
    body: String,
    headers: HeaderMap,
}

impl HandshakeRefused {
    /// Refuses with a status, and a text for the body of the response.
    ///
    /// A status below 300 would tell the client that it has succeeded: it gets 403 then.
    pub fn new(status: StatusCode, body: impl Into<String>) -> Self {
        let is_refusal = status >= StatusCode::MULTIPLE_CHOICES;
        Self(Box::new(RefusedResponse {
            status: if is_refusal {
                status
            } else {
                StatusCode::FORBIDDEN
            },
            body: body.into(),
            headers: HeaderMap::new(),
        }))
    }

    pub(super) fn no_user() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Only users who have logged in may connect.",
        )
    }

    /// Adds a header to the response.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.append(name, value);
        self
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The body of the response.
    pub fn body(&self) -> &str {
        &self.0.body
    }

    /// Headers that the response gets.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    pub(super) fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.0.headers
    }
}

/// With an empty body.
impl From<StatusCode> for HandshakeRefused {
    fn from(status: StatusCode) -> Self {
        Self::new(status, "")
    }
}

impl<S: Into<String>> From<(StatusCode, S)> for HandshakeRefused {
    fn from((status, body): (StatusCode, S)) -> Self {
        Self::new(status, body)
    }
}

impl fmt::Display for HandshakeRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the handshake is refused with {}", self.0.status)?;
        if !self.0.body.is_empty() {
            write!(f, ": {}", self.0.body)?;
        }
        Ok(())
    }
}

impl std::error::Error for HandshakeRefused {}
