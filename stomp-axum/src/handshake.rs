//! The opening handshake: what a request must look like, who may connect, and which sub-protocol is agreed on.

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version,
    header::{
        ALLOW, CONNECTION, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
        UPGRADE,
    },
    request::Parts,
};
use stomp_core::{endpoint::StompEndpoint, server::Messaging};

use crate::websocket::{NotUpgradable, Upgrade, WebSocketTransport};

/// Highest first (WS-001).
const SUB_PROTOCOLS: [&[u8]; 3] = [b"v12.stomp", b"v11.stomp", b"v10.stomp"];
const WEBSOCKET_VERSION: HeaderValue = HeaderValue::from_static("13");

/// Answers the requests to one endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Handshake {
    messaging: Messaging,
    endpoint: StompEndpoint,
}

/// Why a request gets no WebSocket.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("The server is shutting down.")]
    ShuttingDown,
    #[error("The method must be GET, or CONNECT from HTTP/2 on.")]
    Method,
    #[error("Can \"Upgrade\" only to \"WebSocket\".")]
    Upgrade,
    #[error("\"Connection\" must be \"upgrade\".")]
    Connection,
    #[error("")]
    Key,
    #[error("The WebSocket version must be 13.")]
    Version,
    #[error("The origin is not allowed.")]
    Origin,
    #[error("Only users who have logged in may connect.")]
    User,
    #[error(transparent)]
    NotUpgradable(#[from] NotUpgradable),
}

impl Handshake {
    pub(crate) fn new(messaging: &Messaging, endpoint: &StompEndpoint) -> Self {
        Self {
            messaging: messaging.clone(),
            endpoint: endpoint.clone(),
        }
    }

    /// The response to a request, whatever it is (T-16).
    pub(crate) fn answer(&self, request: Request) -> Response {
        let (mut parts, _) = request.into_parts();
        match self.upgrade(&mut parts) {
            Ok(response) => response,
            Err(refusal) => {
                tracing::debug!(
                    endpoint = self.endpoint.path(),
                    reason = ?refusal,
                    "a handshake was refused"
                );
                refusal.into_response()
            }
        }
    }

    fn upgrade(&self, parts: &mut Parts) -> Result<Response, Refusal> {
        if self.messaging.is_shutting_down() {
            return Err(Refusal::ShuttingDown);
        }
        check_request(parts)?;
        if !self.endpoint.allows_origin_of(parts) {
            return Err(Refusal::Origin);
        }
        let principal = self.endpoint.user_of(parts);
        if principal.is_none() && self.endpoint.requires_user() {
            return Err(Refusal::User);
        }
        let attributes = self.endpoint.session_attributes_of(parts);

        let mut upgrade = Upgrade::take(parts)?;
        if let Some(sub_protocol) = choose_sub_protocol(&parts.headers) {
            upgrade.set_sub_protocol(sub_protocol);
        }
        let messaging = self.messaging.clone();
        // The future of the connection itself, which has everything once.
        Ok(upgrade.accept(move |stream| {
            let transport = WebSocketTransport::new(stream, messaging.limits());
            messaging.serve(transport, principal, attributes)
        }))
    }
}

/// HS-01 to HS-05, in this order.
fn check_request(parts: &Parts) -> Result<(), Refusal> {
    let headers = &parts.headers;
    if parts.version <= Version::HTTP_11 {
        if parts.method != Method::GET {
            return Err(Refusal::Method);
        }
        let is_websocket =
            |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"websocket");
        if !headers.get(UPGRADE).is_some_and(is_websocket) {
            return Err(Refusal::Upgrade);
        }
        // Whatever the spelling; Spring takes two of them only.
        if !tokens(headers, &CONNECTION).any(|token| token.eq_ignore_ascii_case(b"upgrade")) {
            return Err(Refusal::Connection);
        }
        if !headers.contains_key(SEC_WEBSOCKET_KEY) {
            return Err(Refusal::Key);
        }
    } else if parts.method != Method::CONNECT {
        return Err(Refusal::Method);
    }
    if headers.get(SEC_WEBSOCKET_VERSION) != Some(&WEBSOCKET_VERSION) {
        return Err(Refusal::Version);
    }
    Ok(())
}

/// The tokens of a header that is a comma-separated list, in as many lines as it comes in.
fn tokens<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
}

/// The highest version that the client offers, whatever the order, as the client spells it (HS-10, WS-001 to WS-005);
/// without one there is no sub-protocol, and the upgrade succeeds (HS-12).
fn choose_sub_protocol(headers: &HeaderMap) -> Option<HeaderValue> {
    SUB_PROTOCOLS.into_iter().find_map(|known| {
        tokens(headers, &SEC_WEBSOCKET_PROTOCOL)
            .find(|offered| offered.eq_ignore_ascii_case(known))
            .and_then(|offered| HeaderValue::from_bytes(offered).ok())
    })
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Upgrade | Self::Connection | Self::Key => StatusCode::BAD_REQUEST,
            Self::Version => StatusCode::UPGRADE_REQUIRED,
            Self::Origin | Self::User => StatusCode::FORBIDDEN,
            Self::NotUpgradable(reason) => reason.status(),
        }
    }

    /// What the status demands.
    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Method => Some((ALLOW, HeaderValue::from_static("GET, CONNECT"))),
            Self::Version => Some((SEC_WEBSOCKET_VERSION, WEBSOCKET_VERSION)),
            _ => None,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.to_string()).into_response();
        response.headers_mut().extend(self.header());
        response
    }
}
