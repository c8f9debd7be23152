use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, Method, Version,
    header::{CONNECTION, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
    request::Parts,
};

use super::{Refusal, tokens};
use crate::{
    connection::{PartsWebSocket, Upgrade, UpgradedStream, WebSocket},
    message_socket::{Application, MessageSocket, Opened},
};

pub(super) const WEBSOCKET_VERSION: HeaderValue = HeaderValue::from_static("13");

/// Answers the requests for WebSockets of one endpoint.
#[derive(Clone, Debug)]
pub(crate) struct WebSocketHandshake<A> {
    application: A,
}

impl<A: Application> WebSocketHandshake<A> {
    pub(crate) fn new(application: A) -> Self {
        Self { application }
    }

    /// The response to a request, whatever it is (T-16).
    pub(crate) async fn answer(&self, request: Request) -> Response {
        self.answer_over(request, |socket| socket).await
    }

    /// As [`answer`](Self::answer), with something between the WebSocket and the application.
    pub(crate) async fn answer_over<M: MessageSocket>(
        &self,
        request: Request,
        over: impl FnOnce(WebSocket<UpgradedStream>) -> M + Send + 'static,
    ) -> Response {
        let max_message_bytes = self.application.max_message_bytes();
        let socket = move |stream| over(WebSocket::new(stream, max_message_bytes));
        self.answer_with(request, socket).await
    }

    /// As [`answer`](Self::answer), for an application that takes the parts of messages as they come.
    pub(crate) async fn answer_in_parts(
        &self,
        request: Request,
        max_text_bytes: usize,
        max_binary_bytes: usize,
    ) -> Response {
        let socket = move |stream| PartsWebSocket::new(stream, max_text_bytes, max_binary_bytes);
        self.answer_with(request, socket).await
    }

    async fn answer_with<M: MessageSocket>(
        &self,
        request: Request,
        socket: impl FnOnce(UpgradedStream) -> M + Send + 'static,
    ) -> Response {
        let (mut parts, _) = request.into_parts();
        let response = match self.check(&mut parts) {
            Ok(upgrade) => self.open(upgrade, parts, socket).await,
            Err(refusal) => Err(refusal),
        };
        response.unwrap_or_else(|refusal| {
            tracing::debug!(
                endpoint = self.application.path(),
                reason = ?refusal,
                "a handshake was refused"
            );
            refusal.into_response()
        })
    }

    /// What can be said of the request itself. Before the interceptors, which need not think of any of it.
    fn check(&self, parts: &mut Parts) -> Result<Upgrade, Refusal> {
        if self.application.is_shutting_down() {
            return Err(Refusal::ShuttingDown);
        }
        check_request(parts)?;
        if !self.application.handshake().allows_origin_of(parts) {
            return Err(Refusal::Origin);
        }
        Upgrade::take(parts).ok_or(Refusal::NotUpgradable)
    }

    async fn open<M: MessageSocket>(
        &self,
        mut upgrade: Upgrade,
        parts: Parts,
        socket: impl FnOnce(UpgradedStream) -> M + Send + 'static,
    ) -> Result<Response, Refusal> {
        let options = self.application.handshake();
        let handshake = options.begin(parts).await?;
        let opening = options.finish(handshake, upgrade.status());
        upgrade.add_headers(opening.response_headers);
        let sub_protocol = self
            .application
            .choose_sub_protocol(&opening.request.headers);
        if let Some(sub_protocol) = &sub_protocol {
            upgrade.set_sub_protocol(sub_protocol.clone());
        }
        let opened = Opened {
            request: opening.request,
            principal: opening.principal,
            attributes: opening.attributes,
            sub_protocol,
        };
        let application = self.application.clone();
        // The future of the connection itself, which has everything once.
        Ok(upgrade.accept(move |stream| application.serve(socket(stream), opened)))
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
    } else {
        if parts.method != Method::CONNECT {
            return Err(Refusal::Method);
        }
        // RFC 8441: it stands for `Upgrade`.
        #[cfg(feature = "http2")]
        if parts
            .extensions
            .get::<hyper::ext::Protocol>()
            .is_none_or(|protocol| protocol.as_str() != "websocket")
        {
            return Err(Refusal::Protocol);
        }
    }
    if headers.get(SEC_WEBSOCKET_VERSION) != Some(&WEBSOCKET_VERSION) {
        return Err(Refusal::Version);
    }
    Ok(())
}
