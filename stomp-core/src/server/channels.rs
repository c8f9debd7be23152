//! The part of the builder that is about channels.

use super::MessagingBuilder;
use crate::{channel::ChannelInterceptor, endpoint::AuthorizationRules};

/// What is installed on the channels.
#[derive(Default)]
pub(super) struct Channels {
    pub(super) authorization: Option<AuthorizationRules>,
    pub(super) inbound: Vec<Box<dyn ChannelInterceptor>>,
    pub(super) outbound: Vec<Box<dyn ChannelInterceptor>>,
    pub(super) broker: Vec<Box<dyn ChannelInterceptor>>,
}

/// # Channels
///
/// What a client sends passes these phases, whatever the order of the calls to the builder is: limits; on CONNECT the
/// authenticator; authorization rules; interceptors of the inbound channel; then it goes to its handler and to the broker.
///
/// What is not installed costs nothing.
impl MessagingBuilder {
    /// Says who may connect, send and subscribe (SEC-10 to SEC-16). Default: everybody may do everything that the limits
    /// allow. Rules that were given before are replaced.
    pub fn authorize(mut self, rules: AuthorizationRules) -> Self {
        self.channels.authorization = Some(rules);
        self
    }

    /// Adds an interceptor of the inbound channel: it sees, and may change or refuse, what clients send (IN-7, IN-8,
    /// SPH-10). Interceptors are called in the order in which they are added (EP-30).
    ///
    /// ```
    /// use stomp_axum::{
    ///     channel::{Channel, ChannelInterceptor, MessageRejected},
    ///     message::{Message, MessageType, Principal},
    ///     server::Messaging,
    /// };
    ///
    /// /// Whoever is in maintenance mode is somebody else for the whole session.
    /// struct Maintenance;
    ///
    /// impl ChannelInterceptor for Maintenance {
    ///     fn pre_send(
    ///         &self,
    ///         message: Message,
    ///         _: Channel<'_>,
    ///     ) -> Result<Option<Message>, MessageRejected> {
    ///         if message.message_type() != MessageType::Connect {
    ///             return Ok(Some(message));
    ///         }
    ///         match message.headers().get("maintenance-key") {
    ///             None => Ok(Some(message)),
    ///             Some("secret") => Ok(Some(message.with_principal(Some(Principal::new("admin"))))),
    ///             Some(_) => Err(MessageRejected::new("wrong-key", "that is not the key")),
    ///         }
    ///     }
    /// }
    ///
    /// let messaging = Messaging::builder()
    ///     .simple_broker(["/topic"])
    ///     .inbound_interceptor(Maintenance)
    ///     .build()?;
    /// # Ok::<(), stomp_axum::server::BuildError>(())
    /// ```
    pub fn inbound_interceptor(mut self, interceptor: impl ChannelInterceptor) -> Self {
        self.channels.inbound.push(Box::new(interceptor));
        self
    }

    /// Adds an interceptor of the outbound channel: it sees each MESSAGE once for each subscriber, and may change it
    /// for that subscriber, or keep it from them (CH-18). Interceptors are called in the order in which they are added.
    ///
    /// Subscribers share encoded frames as long as nobody changes their message, but each gets a copy for the
    /// interceptors to look at: for a large audience that is what costs most.
    ///
    /// ```
    /// use stomp_axum::{message::Message, server::Messaging};
    ///
    /// // Who is not an admin does not get what is marked as internal.
    /// let builder = Messaging::builder().outbound_interceptor(|message: Message| {
    ///     let is_admin = message.principal().is_some_and(|user| user.name() == "admin");
    ///     Ok((is_admin || !message.headers().contains("internal")).then_some(message))
    /// });
    /// # let _ = builder;
    /// ```
    pub fn outbound_interceptor(mut self, interceptor: impl ChannelInterceptor) -> Self {
        self.channels.outbound.push(Box::new(interceptor));
        self
    }

    /// Adds an interceptor of the broker channel: it sees, and may change or refuse, what handlers, the template and
    /// clients publish, once for each message. Interceptors are called in the order in which they are added.
    ///
    /// ```
    /// use stomp_axum::{channel::MessageRejected, message::Message, server::Messaging};
    ///
    /// let builder = Messaging::builder().broker_interceptor(|message: Message| {
    ///     match message.payload().len() {
    ///         ..=65_536 => Ok(Some(message)),
    ///         _ => Err(MessageRejected::new("too-large", "at most 64 KiB are published")),
    ///     }
    /// });
    /// # let _ = builder;
    /// ```
    pub fn broker_interceptor(mut self, interceptor: impl ChannelInterceptor) -> Self {
        self.channels.broker.push(Box::new(interceptor));
        self
    }
}
