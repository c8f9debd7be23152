//! The part of the builder that is about channels.

use super::MessagingBuilder;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    channel::ChannelInterceptor,
    endpoint::{AuthorizationRules, InboundLayers, InboundMessage, InboundOutcome, InboundService},
    message::BoxError,
};

/// What is installed on the channels.
#[derive(Default)]
pub(super) struct Channels {
    pub(super) authorization: Option<AuthorizationRules>,
    pub(super) layers: InboundLayers,
    pub(super) inbound: Vec<Box<dyn ChannelInterceptor>>,
    pub(super) outbound: Vec<Box<dyn ChannelInterceptor>>,
    pub(super) broker: Vec<Box<dyn ChannelInterceptor>>,
}

/// # Channels
///
/// What a client sends passes these phases, whatever the order of the calls to the builder is: limits; on CONNECT the
/// authenticator; authorization rules; interceptors of the inbound channel; layers over it; then it goes to its handler and to the broker.
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

    /// Adds a `tower` layer over the inbound channel: for what has to wait, or to be cut short. The first that is added is
    /// outermost.
    ///
    /// Layers see SEND and SUBSCRIBE of connected sessions, and their futures complete when the message has been handled.
    /// UNSUBSCRIBE and DISCONNECT don't pass them. The frames of a session still come one after another.
    ///
    /// The error of a layer becomes an ERROR, and the connection is closed: a
    /// [`MessageRejected`](crate::channel::MessageRejected) keeps its code, everything else is logged, and has the code
    /// `not-processed`.
    ///
    /// # One service per session
    ///
    /// A layer is applied to each session. So a rate limit is one for each client, which nobody else can use up; what is
    /// to hold for all sessions together must be shared by the layer, as by `tower`'s `GlobalConcurrencyLimitLayer`.
    ///
    /// What is over a layer finds it always ready, and waits in its future instead. Layers that ask others whether they are
    /// ready, as `LoadShedLayer` does, must be added together with those, as one layer: by a `ServiceBuilder`.
    ///
    /// # Examples
    ///
    /// The layers of `tower`, and one for a `tracing` span:
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use stomp_axum::{
    ///     endpoint::{InboundMessage, InboundService},
    ///     server::Messaging,
    /// };
    /// use tower::{
    ///     Service,
    ///     layer::layer_fn,
    ///     limit::{GlobalConcurrencyLimitLayer, RateLimitLayer},
    ///     service_fn,
    ///     timeout::TimeoutLayer,
    /// };
    /// use tracing::Instrument;
    ///
    /// let span = layer_fn(|inner: InboundService| {
    ///     service_fn(move |message: InboundMessage| {
    ///         let span = tracing::info_span!(
    ///             "message",
    ///             session = %message.session().id(),
    ///             destination = message.message().destination(),
    ///         );
    ///         let mut inner = inner.clone();
    ///         async move { inner.call(message).await }.instrument(span)
    ///     })
    /// });
    /// let messaging = Messaging::builder()
    ///     .simple_broker(["/topic"])
    ///     // What a handler logs is in the span.
    ///     .inbound_layer(span)
    ///     // A client may send 100 frames in a second; those behind them wait.
    ///     .inbound_layer(RateLimitLayer::new(100, Duration::from_secs(1)))
    ///     // 1000 handlers run at a time, for all clients; the others wait.
    ///     .inbound_layer(GlobalConcurrencyLimitLayer::new(1000))
    ///     // A handler may take 5 s; then it is cancelled, and its client cut off. The time that it waits in layers that
    ///     // follow would count, too: so this one is the last.
    ///     .inbound_layer(TimeoutLayer::new(Duration::from_secs(5)))
    ///     .build()?;
    /// # Ok::<(), stomp_axum::server::BuildError>(())
    /// ```
    pub fn inbound_layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<InboundService> + Send + Sync + 'static,
        L::Service: Service<InboundMessage, Response = InboundOutcome> + Send + 'static,
        <L::Service as Service<InboundMessage>>::Error: Into<BoxError>,
        <L::Service as Service<InboundMessage>>::Future: Send + 'static,
    {
        self.channels.layers.push(layer);
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
