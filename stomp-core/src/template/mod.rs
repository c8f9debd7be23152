//! Sending from anywhere in the application.

#[cfg(feature = "axum-core")]
mod axum;

#[cfg(feature = "axum-core")]
pub use self::axum::MissingMessagingLayer;

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use serde::Serialize;

use crate::{
    channel::{BrokerChannel, MessageHandler, MessagingError},
    codec::Headers,
    message::{Message, MessageConverters, PayloadError, SessionId},
    user::escape_user,
};

/// Sends messages to destinations and to users: Spring's `SimpMessagingTemplate`.
///
/// Cheap to clone. It is an argument of message handlers and of axum handlers, and `Messaging::template` hands it to
/// everything else. What is made before the server is built, such as a controller or a state, gets it from
/// [`MessagingBuilder::template`](crate::server::MessagingBuilder::template).
///
/// Sending to the embedded broker only puts the message into the queue of each subscriber: it never waits for a slow
/// one. A payload is `'static`: one that borrows can't be told apart from text and bytes. A loop of sends gives way to other tasks now and then. Nobody being subscribed is no error.
///
/// ```
/// use serde::Serialize;
/// use stomp_axum::{channel::MessagingError, template::MessagingTemplate};
///
/// #[derive(Serialize)]
/// struct Quote { ticker: &'static str, price: f64 }
///
/// async fn publish(template: &MessagingTemplate) -> Result<(), MessagingError> {
///     template.convert_and_send("/topic/quotes", &Quote { ticker: "VMW", price: 24.5 }).await?;
///     template.convert_and_send_to_user("joe", "/queue/hints", "buy").await
/// }
/// ```
#[derive(Clone)]
pub struct MessagingTemplate(Arc<Inner>);

#[derive(Clone, Default)]
struct Inner {
    channel: BrokerChannel,
    settings: Arc<OnceLock<Settings>>,
    default_destination: Option<String>,
}

/// What is known when the server is built.
struct Settings {
    /// Starts and ends with `/`.
    user_prefix: String,
    converters: MessageConverters,
}

impl MessagingTemplate {
    /// A template that sends nothing until it is [connected](Self::connect).
    pub(crate) fn unconnected() -> Self {
        Self(Arc::default())
    }

    /// Says how it sends, and who takes what it sends. The template comes first, because controllers can have it.
    pub(crate) fn connect(
        &self,
        handler: Arc<dyn MessageHandler>,
        user_prefix: &str,
        converters: MessageConverters,
    ) {
        let connected = self.0.settings.set(Settings {
            user_prefix: user_prefix.to_owned(),
            converters,
        });
        debug_assert!(connected.is_ok(), "a template is connected once");
        self.0.channel.connect(handler);
    }

    /// The channel that it sends to.
    pub(crate) fn channel(&self) -> &BrokerChannel {
        &self.0.channel
    }

    fn settings(&self) -> Result<&Settings, MessagingError> {
        self.0.settings.get().ok_or(MessagingError::NotStarted)
    }

    /// A template for which messages without a destination go to `destination`. The original has none.
    #[must_use]
    pub fn with_default_destination(&self, destination: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            default_destination: Some(destination.into()),
            ..Inner::clone(&self.0)
        }))
    }

    /// Converts `payload` and sends it to all subscribers of `destination` (ST-4).
    ///
    /// Strings are sent as text, `Bytes` and `Vec<u8>` as they are, everything else as JSON (MC-5).
    ///
    /// # Errors
    ///
    /// [`MessagingError`] if the payload can't be written, if no broker serves the destination, or if it is a queue that is
    /// full.
    pub async fn convert_and_send<T>(
        &self,
        destination: &str,
        payload: &T,
    ) -> Result<(), MessagingError>
    where
        T: Serialize + ?Sized + Sync + 'static,
    {
        self.convert_and_send_with_headers(destination, payload, Headers::new())
            .await
    }

    /// As [`convert_and_send`](Self::convert_and_send), with STOMP headers for the receivers.
    ///
    /// A `content-type` among them is kept instead of the one that the payload's type says. Headers that the server
    /// itself sets, such as `message-id`, are left out.
    ///
    /// # Errors
    ///
    /// As [`convert_and_send`](Self::convert_and_send).
    pub async fn convert_and_send_with_headers<T>(
        &self,
        destination: &str,
        payload: &T,
        headers: Headers,
    ) -> Result<(), MessagingError>
    where
        T: Serialize + ?Sized + Sync + 'static,
    {
        self.send(
            self.convert(payload, headers)?
                .with_destination(destination),
        )
        .await
    }

    /// Converts `payload` and sends it to the [default destination](Self::with_default_destination).
    ///
    /// # Errors
    ///
    /// As [`convert_and_send`](Self::convert_and_send), and [`MessagingError::NoDestination`] without a default
    /// destination.
    pub async fn convert_and_send_to_default<T>(&self, payload: &T) -> Result<(), MessagingError>
    where
        T: Serialize + ?Sized + Sync + 'static,
    {
        self.send(self.convert(payload, Headers::new())?).await
    }

    /// Converts `payload` and sends it to all sessions of a user that subscribed to `/user` + `destination` (ST-10).
    ///
    /// A user who is not connected gets nothing, and that is no error (ST-12).
    ///
    /// # Errors
    ///
    /// As [`convert_and_send`](Self::convert_and_send), and [`MessagingError::UserPrefix`] if the destination starts with
    /// the prefix of user destinations.
    pub async fn convert_and_send_to_user<T>(
        &self,
        user: &str,
        destination: &str,
        payload: &T,
    ) -> Result<(), MessagingError>
    where
        T: Serialize + ?Sized + Sync + 'static,
    {
        self.convert_and_send_to_user_with_headers(user, destination, payload, Headers::new())
            .await
    }

    /// As [`convert_and_send_to_user`](Self::convert_and_send_to_user), with STOMP headers for the receivers.
    ///
    /// # Errors
    ///
    /// As [`convert_and_send_to_user`](Self::convert_and_send_to_user).
    pub async fn convert_and_send_to_user_with_headers<T>(
        &self,
        user: &str,
        destination: &str,
        payload: &T,
        headers: Headers,
    ) -> Result<(), MessagingError>
    where
        T: Serialize + ?Sized + Sync + 'static,
    {
        let destination = self.user_destination(user, destination)?;
        self.send(
            self.convert(payload, headers)?
                .with_destination(destination),
        )
        .await
    }

    /// Converts `payload` and sends it to one session, if it subscribed to `/user` + `destination`: to the session of a
    /// user, without the other sessions of that user, or to an anonymous one.
    ///
    /// A session that has ended, or has not subscribed, gets nothing, and that is no error. The id of a session names it
    /// for the server alone: no client can send to it by its id (UD-4, T-25).
    ///
    /// ```
    /// use stomp_axum::{channel::MessagingError, session::Session, template::MessagingTemplate};
    ///
    /// async fn remind(template: &MessagingTemplate, session: &Session) -> Result<(), MessagingError> {
    ///     template.convert_and_send_to_session(session.id(), "/queue/hints", "are you still there?").await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`convert_and_send_to_user`](Self::convert_and_send_to_user).
    pub async fn convert_and_send_to_session<T>(
        &self,
        session: &SessionId,
        destination: &str,
        payload: &T,
    ) -> Result<(), MessagingError>
    where
        T: Serialize + ?Sized + Sync + 'static,
    {
        self.convert_and_send_to_session_with_headers(session, destination, payload, Headers::new())
            .await
    }

    /// As [`convert_and_send_to_session`](Self::convert_and_send_to_session), with STOMP headers for the receiver.
    ///
    /// # Errors
    ///
    /// As [`convert_and_send_to_user`](Self::convert_and_send_to_user).
    pub async fn convert_and_send_to_session_with_headers<T>(
        &self,
        session: &SessionId,
        destination: &str,
        payload: &T,
        headers: Headers,
    ) -> Result<(), MessagingError>
    where
        T: Serialize + ?Sized + Sync + 'static,
    {
        // As replies to an anonymous session: named by its id, and narrowed to it.
        let destination = self.user_destination(session.as_str(), destination)?;
        self.send(
            self.convert(payload, headers)?
                .with_destination(destination)
                .with_session_id(session.clone()),
        )
        .await
    }

    /// Sends a message as it is: to its own destination, or to the default destination (ST-2).
    ///
    /// # Errors
    ///
    /// [`MessagingError`] if there is no destination, or if no broker serves it.
    pub async fn send(&self, message: Message) -> Result<(), MessagingError> {
        let message = match (message.destination(), &self.0.default_destination) {
            (Some(_), _) => message,
            (None, Some(default)) => message.with_destination(default),
            (None, None) => return Err(MessagingError::NoDestination),
        };
        let bytes = message.payload().len();
        self.0.channel.send(message).await?;
        give_way(bytes).await;
        Ok(())
    }

    /// The payload as a message without a destination.
    fn convert<T>(&self, payload: &T, headers: Headers) -> Result<Message, MessagingError>
    where
        T: Serialize + ?Sized + 'static,
    {
        let message = self.settings()?.converters.write(payload, headers)?;
        Ok(message.ok_or(PayloadError::Nothing)?)
    }

    /// The message converters of the server, which is built.
    pub(crate) fn converters(&self) -> &MessageConverters {
        let settings = self.0.settings.get();
        &settings
            .expect("messages come to a server that is built")
            .converters
    }

    /// The destination that reaches `user`: `/user/{user}` + `destination`.
    pub(crate) fn user_destination(
        &self,
        user: &str,
        destination: &str,
    ) -> Result<String, MessagingError> {
        let user = escape_user(user);
        let prefix = &self.settings()?.user_prefix;
        if destination.starts_with(prefix) {
            return Err(MessagingError::UserPrefix {
                destination: destination.to_owned(),
                prefix: prefix.clone(),
            });
        }
        Ok(format!(
            "{prefix}{user}/{}",
            destination.trim_start_matches('/')
        ))
    }
}

/// Lets other tasks have their turn now and then. A loop that only sends would otherwise keep the connections on its
/// thread from writing, and their clients would be cut off as slow.
async fn give_way(bytes: usize) {
    /// A task has 128 units until it must give way: so 128 KiB, or 128 small messages.
    const BYTES_PER_UNIT: usize = 1024;

    for _ in 0..=bytes / BYTES_PER_UNIT {
        tokio::task::coop::consume_budget().await;
    }
}

impl fmt::Debug for MessagingTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessagingTemplate")
            .field("channel", &self.0.channel)
            .field("default_destination", &self.0.default_destination)
            .finish_non_exhaustive()
    }
}
