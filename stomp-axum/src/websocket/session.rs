use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use axum::extract::ConnectInfo;
use http::{HeaderMap, HeaderValue, Uri};
use parking_lot::Mutex;
use stomp_core::{
    message::{Principal, SessionId},
    session::SessionAttributes,
};

use super::{
    CloseStatus, SendError, WebSocketMessage,
    outbound::{Outbound, SendLimits, Written},
    path_parameters::PathParameters,
    request_copy::{copy_of_headers, copy_of_uri},
    sessions::Sessions,
};
use crate::message_socket::Opened;

/// One open WebSocket, or SockJS session, from the server's side: Spring's `WebSocketSession`.
///
/// Cheap to clone, and to be kept: all clones are the same session, and any task may send to it at any time.
///
/// ```
/// use std::time::Duration;
/// use stomp_axum::websocket::{BoxError, WebSocketHandler, WebSocketSession};
///
/// struct Clock;
///
/// impl WebSocketHandler for Clock {
///     async fn after_connection_established(&self, session: &WebSocketSession) -> Result<(), BoxError> {
///         let session = session.clone();
///         tokio::spawn(async move {
///             let mut seconds = tokio::time::interval(Duration::from_secs(1));
///             while session.send("tick").await.is_ok() {
///                 seconds.tick().await;
///             }
///         });
///         Ok(())
///     }
/// }
/// ```
#[derive(Clone)]
pub struct WebSocketSession(Arc<Inner>);

struct Inner {
    id: SessionId,
    uri: Uri,
    headers: HeaderMap,
    /// `None` if the path of the endpoint has no parameters.
    path_parameters: Option<PathParameters>,
    principal: Option<Principal>,
    attributes: SessionAttributes,
    accepted_protocol: Option<HeaderValue>,
    remote_address: Option<SocketAddr>,
    outbound: Outbound,
    idle_timeout: Mutex<Option<Duration>>,
    sessions: Sessions,
}

impl WebSocketSession {
    /// `has_frames` says whether the session is carried by what has binary messages, parts, pings and pongs.
    pub(super) fn new(
        opened: Opened,
        limits: SendLimits,
        has_frames: bool,
        sessions: Sessions,
    ) -> Self {
        let mut request = opened.request;
        let path_parameters = request.extensions.remove();
        let connect_info = request.extensions.get::<ConnectInfo<SocketAddr>>();
        Self(Arc::new(Inner {
            id: SessionId::random(),
            remote_address: connect_info.map(|ConnectInfo(address)| *address),
            uri: copy_of_uri(&request.uri),
            headers: copy_of_headers(&request.headers),
            path_parameters,
            principal: opened.principal,
            attributes: opened.attributes,
            accepted_protocol: opened.sub_protocol,
            outbound: Outbound::new(limits, has_frames),
            idle_timeout: Mutex::default(),
            sessions,
        }))
    }

    /// Names the session: 128 random bits, as text. That of a SockJS session is not the one in the URL, which its client
    /// chooses (WS-20).
    pub fn id(&self) -> &str {
        self.0.id.as_str()
    }

    /// The URI of the handshake's request, with its query (WS-21). Below [`nest`](axum::Router::nest) it is what is left of
    /// the path there. Over SockJS, what its path ends with is a secret of the client: don't log it.
    pub fn uri(&self) -> &Uri {
        &self.0.uri
    }

    /// A parameter of the endpoint's path, decoded; `None` if the path has none of this name.
    ///
    /// A client is refused with the status 400 if one of them is not UTF-8.
    ///
    /// ```
    /// use stomp_axum::websocket::{BoxError, TextMessage, WebSocketEndpoint, WebSocketHandler, WebSocketSession};
    ///
    /// struct Rooms;
    ///
    /// impl WebSocketHandler for Rooms {
    ///     async fn handle_text_message(&self, session: &WebSocketSession, message: TextMessage) -> Result<(), BoxError> {
    ///         let room = session.path_parameter("room");
    ///         for other in session.open_sessions() {
    ///             if other.path_parameter("room") == room {
    ///                 // One that can't be sent to is closed.
    ///                 other.try_send(message.clone()).ok();
    ///             }
    ///         }
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let endpoint = WebSocketEndpoint::new("/chat/{room}", Rooms);
    /// ```
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.0.path_parameters.as_ref()?.get(name)
    }

    /// The parameters of the endpoint's path, decoded, in their order.
    pub fn path_parameters(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        PathParameters::iter(self.0.path_parameters.as_ref())
    }

    /// The headers of the handshake's request (WS-21).
    pub fn handshake_headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// What is kept for the time of the session (WS-22): by the endpoint's
    /// [`session_attributes`](super::WebSocketEndpoint::session_attributes), its interceptors, and the handler. Emptied when
    /// the session has ended.
    pub fn attributes(&self) -> &SessionAttributes {
        &self.0.attributes
    }

    /// The user, if the handshake found one (WS-23).
    pub fn principal(&self) -> Option<&Principal> {
        self.0.principal.as_ref()
    }

    /// The sub-protocol that was agreed on, as the client spells it (WS-25).
    pub fn accepted_protocol(&self) -> Option<&str> {
        self.0.accepted_protocol.as_ref()?.to_str().ok()
    }

    /// Where the client is, if the application is served with
    /// [`into_make_service_with_connect_info::<SocketAddr>`](axum::Router::into_make_service_with_connect_info) (WS-24).
    /// Behind a proxy, that is the proxy.
    pub fn remote_address(&self) -> Option<SocketAddr> {
        self.0.remote_address
    }

    /// Whether messages can be sent. False as soon as one side has closed.
    pub fn is_open(&self) -> bool {
        self.0.outbound.is_open()
    }

    /// Sends a message, and waits until it has been written to the connection: so whoever sends much is as fast as the
    /// client. Texts become text messages, bytes binary messages; see [`WebSocketMessage`].
    ///
    /// The message is queued at once, behind all that was sent before, and is sent even if the future is dropped after
    /// its first poll. Any number of tasks may send at the same time, and a callback of the session itself may, too.
    ///
    /// If the client does not read, nothing is written for the endpoint's
    /// [`send_time_limit`](super::WebSocketEndpoint::send_time_limit), and then the session is closed with the code 4500
    /// (WS-44).
    ///
    /// A message can be sent in parts ([`TextMessage::partial`](super::TextMessage::partial)), one after another, by one
    /// task. Whole messages that others send meanwhile come behind the last part (JSR-20), so whoever begins a message has
    /// to end it. SockJS has no parts: there they are joined.
    ///
    /// # Errors
    ///
    /// If the message was not written: see [`SendError`].
    pub async fn send(&self, message: impl Into<WebSocketMessage>) -> Result<(), SendError> {
        let message = message.into();
        self.start_send(message)?.await
    }

    /// Queues a message, and returns at once: for broadcasts, and wherever nobody can wait. What waits for a client is
    /// bounded by [`send_buffer_bytes`](super::WebSocketEndpoint::send_buffer_bytes); more than that, sent at once, is too
    /// much for the fastest client.
    ///
    /// # Errors
    ///
    /// If the message was not queued: see [`SendError`].
    pub fn try_send(&self, message: impl Into<WebSocketMessage>) -> Result<(), SendError> {
        self.0.outbound.push(message.into(), self.id())
    }

    /// Queues a message; the future tells when it has been written.
    pub(crate) fn start_send(&self, message: WebSocketMessage) -> Result<Written, SendError> {
        Outbound::push_awaited(self, message)
    }

    /// Closes the session, with the code 1000 (WS-28).
    pub fn close(&self) {
        self.close_with(CloseStatus::NORMAL);
    }

    /// Closes the session with a status (WS-28). What was sent before is written first; nothing can be sent any more, and
    /// no message comes any more. Only the first close counts (WS-47).
    ///
    /// A code that must not be sent, such as 1006, is 1000 for the client (WS-05).
    pub fn close_with(&self, status: CloseStatus) {
        self.0.outbound.close(status);
    }

    /// Why the session was closed; `None` while it is open.
    pub fn close_status(&self) -> Option<CloseStatus> {
        self.0.outbound.close_status()
    }

    /// After which silence the session is closed; `None` is never.
    pub fn idle_timeout(&self) -> Option<Duration> {
        *self.0.idle_timeout.lock()
    }

    /// Says after which silence this session is closed, counted from the last message in either direction, instead of
    /// what its [endpoint](super::WebSocketEndpoint::idle_timeout) says. `None`, or a duration of zero, is never.
    pub fn set_idle_timeout(&self, timeout: Option<Duration>) {
        *self.0.idle_timeout.lock() = timeout.filter(|timeout| !timeout.is_zero());
        self.0.outbound.wake();
    }

    /// Bytes that were sent, and wait for the client to read what comes before them (WS-40).
    pub fn buffered_bytes(&self) -> usize {
        self.0.outbound.buffered_bytes()
    }

    /// The sessions of this endpoint that are open, this one included if it is.
    pub fn open_sessions(&self) -> Vec<WebSocketSession> {
        self.0.sessions.open()
    }

    /// Sends a message to all [open sessions](Self::open_sessions) of this endpoint, without waiting for any (JSR-21). Clients
    /// that don't read fast enough are treated as the endpoint's
    /// [`overflow_strategy`](super::WebSocketEndpoint::overflow_strategy) says. Returns how many sessions it was queued for.
    ///
    /// ```
    /// use stomp_axum::websocket::{BoxError, TextMessage, WebSocketHandler, WebSocketSession};
    ///
    /// struct Chat;
    ///
    /// impl WebSocketHandler for Chat {
    ///     async fn handle_text_message(
    ///         &self,
    ///         session: &WebSocketSession,
    ///         message: TextMessage,
    ///     ) -> Result<(), BoxError> {
    ///         session.broadcast(message);
    ///         Ok(())
    ///     }
    /// }
    /// ```
    pub fn broadcast(&self, message: impl Into<WebSocketMessage>) -> usize {
        self.0.sessions.broadcast(&message.into())
    }

    pub(super) fn session_id(&self) -> &SessionId {
        &self.0.id
    }

    pub(super) fn outbound(&self) -> &Outbound {
        &self.0.outbound
    }
}

/// The same session.
impl PartialEq for WebSocketSession {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for WebSocketSession {}

/// Without the URI: over SockJS, it has the secret of the client in it (SJ-SES-15).
impl fmt::Debug for WebSocketSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketSession")
            .field("id", &self.0.id)
            .field("principal", &self.0.principal)
            .field("close_status", &self.close_status())
            .finish_non_exhaustive()
    }
}
