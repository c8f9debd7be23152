use std::{any::Any, fmt, sync::Arc, time::Duration};

use http::Uri;
use serde::Serialize;
use stomp_core::{
    handler::State,
    message::{PayloadError, Principal},
    session::SessionAttributes,
};

use super::{AsyncRemote, BasicRemote, Services, reply::encode};
use crate::websocket::{CloseStatus, SendError, WebSocketMessage, WebSocketSession};

/// One connection to an annotated endpoint: Jakarta's `Session` (JSR-17).
///
/// Cheap to clone, and to be kept: all clones are the same session, and any task may send to it at any time. It is an
/// argument of all methods but the constructor, which runs before the connection is open.
///
/// ```
/// use bytes::Bytes;
/// use stomp_axum::server_endpoint::{BoxError, Session, server_endpoint};
///
/// #[derive(Default)]
/// struct Chat;
///
/// #[server_endpoint("/chat/{room}")]
/// impl Chat {
///     #[on_open]
///     async fn open(&mut self, session: Session) -> Result<(), BoxError> {
///         let room = session.path_parameter("room").unwrap_or_default();
///         session.basic_remote().send_text(format!("Welcome to {room}!")).await?;
///         Ok(())
///     }
///
///     #[on_message]
///     async fn message(&mut self, text: String, session: Session) {
///         session.broadcast(text);
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Session {
    inner: WebSocketSession,
    opening: Opening,
}

/// What was found out when the connection was opened.
#[derive(Clone, Debug)]
pub(super) struct Opening(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    services: Arc<Services>,
}

impl Opening {
    pub(super) fn new(services: Arc<Services>) -> Self {
        Self(Arc::new(Opened { services }))
    }
}

impl Session {
    pub(super) fn new(inner: WebSocketSession, opening: &Opening) -> Self {
        Self {
            inner,
            opening: opening.clone(),
        }
    }

    /// Lets [`open_sessions`](Self::open_sessions) find what belongs to this session.
    pub(super) fn register(&self) {
        self.attributes().insert(self.opening.clone());
    }

    /// Names the session: 128 random bits, as text.
    pub fn id(&self) -> &str {
        self.inner.id()
    }

    /// The URI of the request that opened the session, with its query.
    pub fn request_uri(&self) -> &Uri {
        self.inner.uri()
    }

    /// The query of the request as it was sent, without `?`.
    pub fn query_string(&self) -> Option<&str> {
        self.request_uri().query()
    }

    /// The first parameter of the query with this name, decoded.
    pub fn query_parameter(&self, name: &str) -> Option<String> {
        let mut all = self.query_parameters();
        all.find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// All parameters of the query, decoded, in their order; a name may be there several times.
    pub fn query_parameters(&self) -> impl Iterator<Item = (String, String)> {
        let query = self.query_string().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes()).into_owned()
    }

    /// A parameter of the path, decoded. As an argument of a method: `#[path_param] room: String`.
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.inner.path_parameter(name)
    }

    /// The parameters of the path, decoded, in their order.
    pub fn path_parameters(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.inner.path_parameters()
    }

    /// The user, if the handshake found one.
    pub fn principal(&self) -> Option<&Principal> {
        self.inner.principal()
    }

    /// The sub-protocol that was agreed on, as the client spells it.
    pub fn negotiated_sub_protocol(&self) -> Option<&str> {
        self.inner.accepted_protocol()
    }

    /// Whether messages can be sent. False as soon as one side has closed.
    pub fn is_open(&self) -> bool {
        self.inner.is_open()
    }

    /// What is kept for the time of the session: Jakarta's user properties. Also what interceptors have left there.
    pub fn attributes(&self) -> &SessionAttributes {
        self.inner.attributes()
    }

    /// What the application gave to [`WebSocketsBuilder::state`](crate::websocket::WebSocketsBuilder::state).
    pub fn state<T: Any + Clone>(&self) -> Option<State<T>> {
        self.opening.0.services.state()
    }

    /// The sessions of this endpoint that are open, this one included if it is. Those of other rooms, too:
    /// [`path_parameter`](Self::path_parameter) tells them apart.
    pub fn open_sessions(&self) -> Vec<Self> {
        let sessions = self.inner.open_sessions().into_iter();
        let with_opening = sessions.filter_map(|inner| {
            // None before its `#[on_open]`, and after its end.
            let opening = inner.attributes().get()?;
            Some(Self { inner, opening })
        });
        with_opening.collect()
    }

    /// After which silence the session is closed; `None` is never.
    pub fn max_idle_timeout(&self) -> Option<Duration> {
        self.inner.idle_timeout()
    }

    /// Says after which silence this session is closed, with the code 1001, counted from the last message in either
    /// direction. By default it is what the endpoint says (`idle_timeout_seconds`). `None`, or a duration of zero, is never.
    pub fn set_max_idle_timeout(&self, timeout: impl Into<Option<Duration>>) {
        self.inner.set_idle_timeout(timeout.into());
    }

    /// Closes the session, with the code 1000.
    pub fn close(&self) {
        self.inner.close();
    }

    /// Closes the session with a status. What was sent before is written first. Only the first close counts.
    pub fn close_with(&self, status: CloseStatus) {
        self.inner.close_with(status);
    }

    /// Sends messages, and waits for each until it has been handed to the connection (JSR-18).
    pub fn basic_remote(&self) -> BasicRemote<'_> {
        BasicRemote::new(&self.inner)
    }

    /// Sends messages, and returns at once (JSR-19).
    pub fn async_remote(&self) -> AsyncRemote<'_> {
        AsyncRemote::new(&self.inner)
    }

    /// Sends a message to all [open sessions](Self::open_sessions) of this endpoint, without waiting for any of them: one
    /// that is slow or fails stops no other (JSR-21). Texts become text messages, bytes binary messages. Returns how many
    /// sessions it was queued for.
    pub fn broadcast(&self, message: impl Into<WebSocketMessage>) -> usize {
        self.broadcast_where(|_| true, message)
    }

    /// As [`broadcast`](Self::broadcast), to those of the sessions that `is_for` says.
    ///
    /// ```
    /// # use stomp_axum::server_endpoint::Session;
    /// fn say(session: &Session, text: String) {
    ///     let room = session.path_parameter("room");
    ///     session.broadcast_where(|other| other.path_parameter("room") == room, text);
    /// }
    /// ```
    pub fn broadcast_where(
        &self,
        is_for: impl Fn(&Self) -> bool,
        message: impl Into<WebSocketMessage>,
    ) -> usize {
        let message = message.into();
        let sessions = self.open_sessions();
        let of_them = sessions.iter().filter(|session| is_for(session));
        of_them
            .filter(|session| session.inner.try_send(message.clone()).is_ok())
            .count()
    }

    /// As [`broadcast`](Self::broadcast), for a value: it is written once, as text in JSON.
    ///
    /// # Errors
    ///
    /// If the value can't be written as JSON, or is nothing to send.
    pub fn broadcast_object<T: Serialize + ?Sized + 'static>(
        &self,
        value: &T,
    ) -> Result<usize, PayloadError> {
        self.broadcast_object_where(|_| true, value)
    }

    /// As [`broadcast_where`](Self::broadcast_where), for a value: it is written once, as text in JSON.
    ///
    /// # Errors
    ///
    /// If the value can't be written as JSON, or is nothing to send.
    pub fn broadcast_object_where<T: Serialize + ?Sized + 'static>(
        &self,
        is_for: impl Fn(&Self) -> bool,
        value: &T,
    ) -> Result<usize, PayloadError> {
        let message = encode(value)?.ok_or(PayloadError::Nothing)?;
        Ok(self.broadcast_where(is_for, message))
    }

    pub(super) async fn send(&self, message: WebSocketMessage) -> Result<(), SendError> {
        self.inner.send(message).await
    }
}

/// The same session.
impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl Eq for Session {}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.inner, f)
    }
}
