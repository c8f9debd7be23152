use http::{HeaderMap, request::Parts};

use crate::{message::Principal, session::SessionAttributes};

/// A request that is to become a session: a WebSocket, or, with SockJS, the first request of a session.
///
/// It belongs to nobody else. If it is refused, or the client has gone before it is answered, it is dropped with its
/// attributes: so a guard among these is let go of in any case, then or at the end of the session.
#[derive(Debug)]
pub struct Handshake {
    pub(super) request: Parts,
    pub(super) attributes: SessionAttributes,
    pub(super) principal: Option<Principal>,
    pub(super) response_headers: HeaderMap,
    /// How many interceptors have let it pass.
    pub(super) passed: usize,
}

impl Handshake {
    pub(super) fn new(request: Parts) -> Self {
        Self {
            request,
            attributes: SessionAttributes::default(),
            principal: None,
            response_headers: HeaderMap::new(),
            passed: 0,
        }
    }

    /// The request.
    pub fn request(&self) -> &Parts {
        &self.request
    }

    /// The request, for extractors of web frameworks.
    #[doc(hidden)]
    pub fn request_mut(&mut self) -> &mut Parts {
        &mut self.request
    }

    /// What will be the attributes of the session (HS-30).
    pub fn attributes(&self) -> &SessionAttributes {
        &self.attributes
    }

    /// Who will be the user of the session, `None` for nobody (HS-20).
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }

    /// Makes somebody else the user of the session: for what can't be known without waiting, or to give names to those who
    /// have none (HS-20).
    pub fn set_principal(&mut self, principal: Option<Principal>) {
        self.principal = principal;
    }

    /// Headers that the response gets, whatever it is (HS-31).
    ///
    /// Those that make it what it is can't be changed: `Content-Length` and `Transfer-Encoding`, and `Connection`,
    /// `Upgrade` and `Sec-WebSocket-*` of an upgrade.
    pub fn response_headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.response_headers
    }
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

impl From<Handshake> for Opening {
    fn from(handshake: Handshake) -> Self {
        Self {
            request: handshake.request,
            principal: handshake.principal,
            attributes: handshake.attributes,
            response_headers: handshake.response_headers,
        }
    }
}
