//! The part of the builder that is about channels.

use super::MessagingBuilder;
use crate::channel::ChannelInterceptor;

/// What is installed on the channels.
#[derive(Default)]
pub(super) struct Channels {
    pub(super) inbound: Vec<Box<dyn ChannelInterceptor>>,
}

/// # Channels
///
/// What a client sends passes these phases, whatever the order of the calls to the builder is: limits; on CONNECT the
/// authenticator; interceptors of the inbound channel; then it goes to its handler and to the broker.
///
/// What is not installed costs nothing.
impl MessagingBuilder {
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
}
