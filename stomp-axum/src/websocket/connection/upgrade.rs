//! From an HTTP request to a connection that speaks WebSocket.

use axum::{body::Body, response::Response};
use http::{
    HeaderMap, HeaderValue, StatusCode, Version,
    header::{
        CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, UPGRADE,
    },
    request::Parts,
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tungstenite::handshake::derive_accept_key;

/// The connection after the upgrade, whatever it is underneath.
///
/// Taking a bare TCP stream back out of it showed no gain in a trial under load, where each call is for many frames.
pub(crate) type UpgradedStream = TokioIo<Upgraded>;

/// An upgrade that the HTTP server can make, and that the response has to accept.
#[derive(Debug)]
pub(crate) struct Upgrade {
    on_upgrade: OnUpgrade,
    headers: HeaderMap,
    status: StatusCode,
}

/// Why a request that asks for a WebSocket can't get one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotUpgradable {
    /// For example because the client speaks HTTP/1.0.
    #[error("The connection can't be upgraded.")]
    Connection,
    #[cfg(feature = "http2")]
    #[error("The \":protocol\" must be \"websocket\".")]
    Protocol,
}

impl NotUpgradable {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Connection => StatusCode::UPGRADE_REQUIRED,
            #[cfg(feature = "http2")]
            Self::Protocol => StatusCode::BAD_REQUEST,
        }
    }
}

impl Upgrade {
    /// Takes the upgrade out of a request whose method and headers are those of the handshake.
    pub(crate) fn take(parts: &mut Parts) -> Result<Self, NotUpgradable> {
        #[cfg(feature = "http2")]
        if parts.version > Version::HTTP_11
            && parts
                .extensions
                .get::<hyper::ext::Protocol>()
                .is_none_or(|protocol| protocol.as_str() != "websocket")
        {
            return Err(NotUpgradable::Protocol);
        }
        let on_upgrade = parts.extensions.remove().ok_or(NotUpgradable::Connection)?;
        let mut headers = HeaderMap::new();
        let status = if parts.version <= Version::HTTP_11 {
            headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
            if let Some(accept) = parts.headers.get(SEC_WEBSOCKET_KEY).and_then(accept) {
                headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
            }
            StatusCode::SWITCHING_PROTOCOLS
        } else {
            // RFC 8441.
            StatusCode::OK
        };
        Ok(Self {
            on_upgrade,
            headers,
            status,
        })
    }

    /// The status of the response.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// Adds headers to the response; those of the handshake itself stay as they are.
    pub(crate) fn add_headers(&mut self, headers: HeaderMap) {
        let own = std::mem::replace(&mut self.headers, headers);
        self.headers.extend(own);
    }

    /// Tells the client which sub-protocol the server speaks.
    pub(crate) fn set_sub_protocol(&mut self, sub_protocol: HeaderValue) {
        self.headers.insert(SEC_WEBSOCKET_PROTOCOL, sub_protocol);
    }

    /// The response. When the client has it, `serve` gets the connection, in a task of its own.
    pub(crate) fn accept<F, Serving>(self, serve: F) -> Response
    where
        F: FnOnce(UpgradedStream) -> Serving + Send + 'static,
        Serving: Future<Output = ()> + Send + 'static,
    {
        let on_upgrade = self.on_upgrade;
        tokio::spawn(async move {
            match on_upgrade.await {
                Ok(upgraded) => serve(TokioIo::new(upgraded)).await,
                Err(error) => tracing::debug!(%error, "an upgrade failed"),
            }
        });
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// The proof that this is a WebSocket server.
fn accept(key: &HeaderValue) -> Option<HeaderValue> {
    derive_accept_key(key.as_bytes()).try_into().ok()
}
