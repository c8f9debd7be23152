//! From an HTTP request to a connection that speaks WebSocket.

use std::future;

use axum::{body::Body, response::Response};
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode, Version,
    header::{
        CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
        SEC_WEBSOCKET_PROTOCOL, UPGRADE,
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

/// Headers of the response that are the handshake's alone. One of `Sec-WebSocket-Protocol` and `-Extensions` would have
/// the client speak what nobody here does.
const OWN_HEADERS: [HeaderName; 5] = [
    CONNECTION,
    UPGRADE,
    SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_EXTENSIONS,
];

impl Upgrade {
    /// Takes the upgrade out of a request whose method and headers are those of the handshake. `None` if the connection
    /// can't be upgraded.
    pub(crate) fn take(parts: &mut Parts) -> Option<Self> {
        let on_upgrade = parts.extensions.remove()?;
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
        Some(Self {
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
    pub(crate) fn add_headers(&mut self, mut headers: HeaderMap) {
        if headers.is_empty() {
            return;
        }
        for own in &OWN_HEADERS {
            headers.remove(own);
        }
        self.headers.extend(headers);
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
        tokio::spawn(connection(self.on_upgrade, serve));
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// The task of a connection. An `async` block would keep room for what `serve` holds for as long as the connection lives.
fn connection<F, Serving>(
    on_upgrade: OnUpgrade,
    serve: F,
) -> impl Future<Output = ()> + Send + 'static
where
    F: FnOnce(UpgradedStream) -> Serving + Send + 'static,
    Serving: Future<Output = ()> + Send + 'static,
{
    on_upgrade.then(|upgraded| match upgraded {
        Ok(upgraded) => serve(TokioIo::new(upgraded)).left_future(),
        Err(error) => {
            tracing::debug!(%error, "an upgrade failed");
            future::ready(()).right_future()
        }
    })
}

/// The proof that this is a WebSocket server.
fn accept(key: &HeaderValue) -> Option<HeaderValue> {
    derive_accept_key(key.as_bytes()).try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lim_012_what_only_the_start_of_a_connection_needs_takes_no_room_later() {
        let on_upgrade = hyper::upgrade::on(http::Request::new(()));
        let (before, while_serving) = ([0_u8; 800], [0_u8; 1000]);
        let task = connection(on_upgrade, move |_stream| {
            let _request = before;
            async move {
                future::pending::<()>().await;
                std::hint::black_box(&while_serving);
            }
        });
        // One that lives has both arrays in it at no time.
        let bytes = size_of_val(&task);
        assert!(bytes < 800 + 1000 + 100, "{bytes}");
    }
}
