use std::sync::Arc;

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderMap, Method, StatusCode, Version, header::SET_COOKIE, request::Parts};
use stomp_core::endpoint::{Handshake, SockJsSettings, SockJsTransport};

use super::{
    caller::{UnknownAddresses, caller, owns},
    format::Format,
    greeting,
    headers::{cors, empty, method_not_allowed, never_cached, not_found, preflight},
    iframe::Iframe,
    info,
    misses::Misses,
    path::{Resource, Target, skip_segments},
    refused::Refused,
    session::{Binding, OpenError, Session, Sessions, Settings},
    transport::{self, Frames, SessionRequest},
};
use crate::{
    handshake::{Refusal, WebSocketHandshake},
    message_socket::{Application, Opened},
};

/// A SockJS service, whatever is on top of its sessions. Which request is for what, who may make it, and what all responses
/// have in common.
#[derive(Debug)]
pub(super) struct SockJs<A> {
    application: A,
    settings: SockJsSettings,
    /// How many segments its own path has.
    segments: usize,
    raw_websocket: WebSocketHandshake<A>,
    framed_websocket: WebSocketHandshake<Frames<A>>,
    iframe: Iframe,
    sessions: Sessions,
    misses: Misses,
    unknown_addresses: UnknownAddresses,
}

impl<A: Application> SockJs<A> {
    /// `base` is the path without a slash at its end.
    pub(super) fn new(application: A, base: &str, settings: &SockJsSettings) -> Self {
        let frames = Frames::new(application.clone(), settings);
        Self {
            raw_websocket: WebSocketHandshake::new(application.clone()),
            framed_websocket: WebSocketHandshake::new(frames),
            segments: base.matches('/').count(),
            iframe: Iframe::new(&settings.client_library_url),
            sessions: Sessions::new(Settings::new(settings)),
            misses: Misses::new(settings.misses_per_minute),
            unknown_addresses: UnknownAddresses::new(),
            settings: settings.clone(),
            application,
        }
    }

    /// The response to a request, whatever it is (T-16).
    pub(super) async fn answer(&self, request: Request) -> Response {
        let uri = request.uri().clone();
        let target = skip_segments(uri.path(), self.segments).and_then(Target::below);
        match target {
            None => not_found(),
            Some(Target::Greeting) => {
                get_only(&request).unwrap_or_else(|| greeting::answer(request.headers()))
            }
            Some(Target::Info) => self.info(&request.into_parts().0),
            Some(Target::Iframe) => self.iframe(&request),
            Some(Target::RawWebSocket) => {
                if !self.serves(SockJsTransport::WebSocket) {
                    return not_found();
                }
                match wrong_method(Resource::WebSocket, &request) {
                    Some(refused) => refused,
                    None => transport::answer_raw_websocket(self, request).await,
                }
            }
            Some(Target::Session { session, resource }) => {
                self.session(request, session, resource).await
            }
        }
    }

    fn info(&self, parts: &Parts) -> Response {
        let is_asked_first = parts.method == Method::OPTIONS;
        if parts.method != Method::GET && !is_asked_first {
            return method_not_allowed(&Method::GET, true);
        }
        if !self.application.handshake().allows_origin_of(parts) {
            return wrong_origin();
        }
        let suppress_cors = self.settings.suppress_cors;
        if is_asked_first {
            return preflight(&parts.headers, &Method::GET, suppress_cors);
        }
        let websocket = self.serves(SockJsTransport::WebSocket);
        let mut response = info::answer(websocket, self.settings.session_cookie_needed);
        if !suppress_cors {
            response.headers_mut().extend(cors(&parts.headers));
        }
        response
    }

    /// Only for services that every page may use, or only pages of the same origin (SJ-IFR-06).
    fn iframe(&self, request: &Request) -> Response {
        let handshake = self.application.handshake();
        let same_origin_only = handshake.is_same_origin_only();
        if handshake.restricts_origins() && !same_origin_only {
            return not_found();
        }
        get_only(request).unwrap_or_else(|| self.iframe.answer(request.headers(), same_origin_only))
    }

    async fn session(&self, request: Request, session: &str, resource: Resource) -> Response {
        let transports = resource.transports();
        if !transports.iter().any(|transport| self.serves(*transport)) {
            return not_found();
        }
        let asks_first = request.method() == Method::OPTIONS && resource.has_preflight();
        if !asks_first && let Some(refused) = wrong_method(resource, &request) {
            return refused;
        }
        let (parts, body) = request.into_parts();
        if resource == Resource::WebSocket {
            // Its handshake looks at the origin itself, and has no headers of ours.
            let request = session_request(parts, body, session);
            return transport::answer(self, resource, request).await;
        }
        if !self.application.handshake().allows_origin_of(&parts) {
            return wrong_origin();
        }
        let cookie = self.cookie(&parts);
        if asks_first {
            let mut response = preflight(
                &parts.headers,
                &resource.method(),
                self.settings.suppress_cors,
            );
            response.headers_mut().extend(cookie);
            return response;
        }
        // Whatever becomes of it: a page must be able to read errors, too (SJ-CORS-05).
        let mut headers = HeaderMap::new();
        never_cached(&mut headers);
        if resource.has_cors() && !self.settings.suppress_cors {
            headers.extend(cors(&parts.headers));
        }
        let request = session_request(parts, body, session);
        let mut response = transport::answer(self, resource, request).await;
        response.headers_mut().extend(headers);
        // Beside those of interceptors.
        response.headers_mut().extend(cookie);
        response
    }

    /// SJ-COOK-03.
    fn cookie(&self, parts: &Parts) -> Option<super::headers::Header> {
        let cookie = self.settings.session_cookie.as_ref()?;
        Some((SET_COOKIE, cookie(parts)?))
    }

    fn serves(&self, transport: SockJsTransport) -> bool {
        let restricts_origins = self.application.handshake().restricts_origins();
        self.settings.serves(transport, restricts_origins)
    }
}

/// For the transports.
impl<A: Application> SockJs<A> {
    pub(super) fn application(&self) -> &A {
        &self.application
    }

    pub(super) fn settings(&self) -> &SockJsSettings {
        &self.settings
    }

    /// How many bytes may come at once. What the application takes over a WebSocket, it must be possible to send in a body,
    /// too: as JSON it is longer, with text hardly ever twice as long.
    pub(super) fn body_bytes(&self) -> usize {
        body_bytes(&self.application, &self.settings)
    }

    pub(super) fn raw_websocket(&self) -> &WebSocketHandshake<A> {
        &self.raw_websocket
    }

    pub(super) fn framed_websocket(&self) -> &WebSocketHandshake<Frames<A>> {
        &self.framed_websocket
    }

    /// A session that is there, and the caller's. What an attacker can find out about those of others is nothing: they are
    /// not there either (SJ-53), and not many can be asked for (T-14).
    pub(super) fn find(&self, parts: &Parts, id: &str) -> Result<Arc<Session>, Refused> {
        let caller = self.caller(parts);
        self.check_misses(&caller)?;
        match self.look_up(id, &caller) {
            Some(Ok(session)) => Ok(session),
            Some(Err(NotTheirs)) | None => Err(self.missed(&caller)),
        }
    }

    /// The body of a response that receives for a session, which is opened if it is not there (SJ-SES-01), and the headers
    /// that the response gets from the handshake then.
    pub(super) async fn attach(
        &self,
        parts: Parts,
        id: String,
        format: Format,
    ) -> Result<(Body, HeaderMap), Refused> {
        let caller = self.caller(&parts);
        self.check_misses(&caller)?;
        match self.look_up(&id, &caller) {
            Some(Ok(session)) => Ok((Body::new(session.attach(format)), HeaderMap::new())),
            Some(Err(NotTheirs)) => Err(self.missed(&caller)),
            None => self.open(parts, id, caller, format).await,
        }
    }

    /// The handshake, once for each session (SJ-SPR-03), and the task that serves it.
    async fn open(
        &self,
        parts: Parts,
        id: String,
        caller: Binding,
        format: Format,
    ) -> Result<(Body, HeaderMap), Refused> {
        if self.application.is_shutting_down() {
            return Err(Refusal::ShuttingDown.into());
        }
        let options = self.application.handshake();
        let handshake = options.begin(parts).await.map_err(Refusal::from)?;
        let opened = self.sessions.open(&id, caller.clone(), format.kind());
        match opened {
            Ok((session, socket)) => {
                let body = Body::new(session.attach(format));
                let opening = options.finish(handshake, StatusCode::OK);
                let opened = Opened {
                    request: opening.request,
                    principal: opening.principal,
                    attributes: opening.attributes,
                    sub_protocol: None,
                };
                tokio::spawn(self.application.serve(socket, opened));
                Ok((body, opening.response_headers))
            }
            Err(OpenError::Exists) => {
                // Another request was faster, whose session it is.
                let headers = self.finish(handshake, StatusCode::OK);
                match self.look_up(&id, &caller) {
                    Some(Ok(session)) => Ok((Body::new(session.attach(format)), headers)),
                    Some(Err(NotTheirs)) | None => Err(self.missed(&caller)),
                }
            }
            // Such a path leads nowhere.
            Err(OpenError::LongId) => {
                self.finish(handshake, StatusCode::NOT_FOUND);
                Err(Refused::NoSession)
            }
            Err(error @ (OpenError::TooMany | OpenError::TooManyOfAddress)) => {
                tracing::warn!(
                    endpoint = self.application.path(),
                    address = ?caller.address,
                    %error,
                    "a SockJS session was not opened; if the address is that of a proxy, say with \
                     `SockJsOptions::client_address` where those of the clients are"
                );
                let headers = self.finish(handshake, StatusCode::SERVICE_UNAVAILABLE);
                Err(Refused::Full(Box::new(headers)))
            }
        }
    }

    fn finish(&self, handshake: Handshake, status: StatusCode) -> HeaderMap {
        let options = self.application.handshake();
        options.finish(handshake, status).response_headers
    }

    fn caller(&self, parts: &Parts) -> Binding {
        let caller = caller(parts, self.application.handshake(), &self.settings);
        if caller.address.is_none() {
            self.unknown_addresses.say(self.application.path());
        }
        caller
    }

    fn look_up(&self, id: &str, caller: &Binding) -> Option<Result<Arc<Session>, NotTheirs>> {
        let session = self.sessions.get(id)?;
        let is_theirs = owns(session.binding(), caller, self.settings.bind_to_address);
        Some(if is_theirs {
            Ok(session)
        } else {
            Err(NotTheirs)
        })
    }

    fn check_misses(&self, caller: &Binding) -> Result<(), Refused> {
        if self.misses.are_too_many(caller.address) {
            return Err(Refused::TooManyMisses);
        }
        Ok(())
    }

    fn missed(&self, caller: &Binding) -> Refused {
        if self.misses.count(caller.address) {
            tracing::warn!(
                endpoint = self.application.path(),
                address = ?caller.address,
                "too many requests for SockJS sessions that are not there; if the address is that of a proxy, say with \
                 `SockJsOptions::client_address` where those of the clients are"
            );
        }
        Refused::NoSession
    }
}

/// See [`SockJs::body_bytes`].
pub(super) fn body_bytes<A: Application>(application: &A, settings: &SockJsSettings) -> usize {
    let bytes = application.max_message_bytes();
    bytes.saturating_mul(2).max(settings.body_bytes)
}

/// A session is there, and somebody else's.
struct NotTheirs;

fn session_request(parts: Parts, body: Body, session: &str) -> SessionRequest {
    SessionRequest {
        parts,
        body,
        session: session.to_owned(),
    }
}

/// SJ-CORS-09: who may not connect gets no headers that let him read why.
fn wrong_origin() -> Response {
    let mut response = empty(StatusCode::FORBIDDEN);
    never_cached(response.headers_mut());
    response
}

fn get_only(request: &Request) -> Option<Response> {
    (request.method() != Method::GET).then(|| method_not_allowed(&Method::GET, false))
}

/// From HTTP/2 on, a WebSocket is asked for by CONNECT (RFC 8441).
fn wrong_method(resource: Resource, request: &Request) -> Option<Response> {
    let is_connect = resource == Resource::WebSocket
        && request.version() > Version::HTTP_11
        && request.method() == Method::CONNECT;
    (*request.method() != resource.method() && !is_connect)
        .then(|| method_not_allowed(&resource.method(), resource.has_preflight()))
}
