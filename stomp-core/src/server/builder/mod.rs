//! What an application says about its server.

mod broker;
mod build;
mod channels;
mod check;
mod handling;
mod monitoring;

use std::{
    any::{Any, type_name},
    fmt,
    sync::Arc,
    time::Duration,
};

use self::{broker::SimpleBrokerSettings, channels::Channels};
use crate::{
    broker::Broker,
    endpoint::{Authenticator, DynAuthenticator, StompEndpoint, UnknownDestinations},
    handler::{Application, Handlers, ReplyHeaderFilter},
    message::{MessageConverter, MessageConverters},
    pattern::Separator,
    session::{Limits, Session, SlowConsumer, SlowConsumers},
    template::MessagingTemplate,
};

/// Configures a messaging server: Spring's `WebSocketMessageBrokerConfigurer` and `MessageBrokerRegistry`.
///
/// ```
/// use stomp_axum::{endpoint::StompEndpoint, server::Messaging};
///
/// let messaging = Messaging::builder()
///     .application_destination_prefixes(["/app"])
///     .simple_broker(["/topic", "/queue"])
///     .endpoint(StompEndpoint::new("/ws"))
///     .build()?;
/// # Ok::<(), stomp_axum::server::BuildError>(())
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct MessagingBuilder {
    application_prefixes: Vec<String>,
    simple_broker: SimpleBrokerSettings,
    /// Another broker than the embedded one, for these prefixes.
    broker: Option<MakeBroker>,
    user_prefix: String,
    separator: Separator,
    endpoints: Vec<StompEndpoint>,
    handlers: Option<Handlers>,
    expected_modules: Vec<String>,
    application: Application,
    /// Types of which a state or a controller was given twice.
    duplicates: Vec<&'static str>,
    sends_to_broker: bool,
    authenticator: Option<Box<dyn DynAuthenticator>>,
    channels: Channels,
    unknown_destinations: UnknownDestinations,
    selectors: bool,
    parallel_handlers: usize,
    reply_headers: ReplyHeaderFilter,
    limits: Limits,
    slow_consumers: SlowConsumers,
    converters: MessageConverters,
    template: MessagingTemplate,
    statistics_log: Option<Duration>,
}

type MakeBroker = Box<dyn FnOnce(Vec<String>) -> Arc<dyn Broker> + Send + Sync>;

impl MessagingBuilder {
    pub(super) fn new() -> Self {
        Self {
            application_prefixes: Vec::new(),
            simple_broker: SimpleBrokerSettings::default(),
            broker: None,
            user_prefix: "/user/".to_owned(),
            separator: Separator::Slash,
            endpoints: Vec::new(),
            handlers: None,
            expected_modules: Vec::new(),
            application: Application::default(),
            duplicates: Vec::new(),
            sends_to_broker: true,
            authenticator: None,
            channels: Channels::default(),
            unknown_destinations: UnknownDestinations::default(),
            selectors: true,
            parallel_handlers: 1,
            reply_headers: ReplyHeaderFilter::default(),
            limits: Limits::default(),
            slow_consumers: SlowConsumers::default(),
            converters: MessageConverters::default(),
            template: MessagingTemplate::unconnected(),
            statistics_log: Some(monitoring::STATISTICS_LOG),
        }
    }

    /// Destinations that start with one of these go to handlers, which see what is behind it: with the prefix `/app`, a
    /// SEND to `/app/hello` goes to `#[message_mapping("/hello")]` (PX-1 to PX-5).
    ///
    /// The first prefix that fits counts. Without any, handlers see all destinations as they are (PX-2).
    pub fn application_destination_prefixes<S: Into<String>>(
        mut self,
        prefixes: impl IntoIterator<Item = S>,
    ) -> Self {
        self.application_prefixes
            .extend(prefixes.into_iter().map(Into::into));
        self
    }

    /// Destinations that start with one of these go to the embedded broker. Without any, all do.
    ///
    /// These prefixes are plain text, as in Spring: `/topic` also covers `/topics/a`, and `/topic/` does not (PX-6).
    pub fn simple_broker<S: Into<String>>(mut self, prefixes: impl IntoIterator<Item = S>) -> Self {
        let prefixes = prefixes.into_iter().map(Into::into);
        self.simple_broker.prefixes.extend(prefixes);
        self
    }

    /// Uses another broker than the embedded one. `make` gets its prefixes.
    #[cfg(any(test, feature = "test-util"))]
    pub(crate) fn broker(
        mut self,
        make: impl FnOnce(Vec<String>) -> Arc<dyn Broker> + Send + Sync + 'static,
    ) -> Self {
        self.broker = Some(Box::new(make));
        self
    }

    /// The prefix of destinations that belong to users (UD-1). Default: `/user/`.
    pub fn user_destination_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.user_prefix = prefix.into();
        self
    }

    /// What separates the segments of destinations, in mappings and in subscriptions (AP-15). Default: `/`.
    pub fn separator(mut self, separator: Separator) -> Self {
        self.separator = separator;
        self
    }

    /// Adds an endpoint that clients connect to.
    pub fn endpoint(mut self, endpoint: StompEndpoint) -> Self {
        self.endpoints.push(endpoint);
        self
    }

    /// Which annotated functions to use. Default: [`Handlers::all`].
    pub fn handlers(mut self, handlers: Handlers) -> Self {
        self.handlers = Some(handlers);
        self
    }

    /// Makes it an error if nothing was collected from this module: a crate that nothing mentions is not linked, and
    /// its handlers would be missing silently.
    pub fn expect_handlers_in(mut self, module: impl Into<String>) -> Self {
        self.expected_modules.push(module.into());
        self
    }

    /// Provides a state: handlers that take a `State<T>` get a clone of it.
    pub fn state<T: Any + Clone + Send + Sync>(mut self, state: T) -> Self {
        let replaced = self.application.states.insert(state);
        self.duplicates.extend(replaced.then(type_name::<T>));
        self
    }

    /// Provides the instance of a controller: its handlers get it as `&self`.
    pub fn controller<T: Any + Send + Sync>(mut self, controller: T) -> Self {
        let replaced = self.application.controllers.insert(controller);
        self.duplicates.extend(replaced.then(type_name::<T>));
        self
    }

    /// Says how an object of the session is made: handlers get it as [`SessionScoped<T>`](crate::session::SessionScoped).
    ///
    /// `factory` runs once for each session, when something asks for the object first. It may ask the session for other
    /// objects, but not for this one.
    ///
    /// ```
    /// # use std::time::Instant;
    /// use stomp_axum::{server::Messaging, session::Session};
    ///
    /// struct Visit { user: Option<String>, since: Instant }
    ///
    /// let messaging = Messaging::builder()
    ///     .session_scoped(|session: &Session| Visit {
    ///         user: session.principal().map(ToString::to_string),
    ///         since: Instant::now(),
    ///     })
    ///     .build()?;
    /// # Ok::<(), stomp_axum::server::BuildError>(())
    /// ```
    pub fn session_scoped<T: Any + Send + Sync>(
        mut self,
        factory: impl Fn(&Session) -> T + Send + Sync + 'static,
    ) -> Self {
        let replaced = self.application.session_factories.insert(factory);
        self.duplicates.extend(replaced.then(type_name::<T>));
        self
    }

    /// The template of the server that is going to be built, for a controller or a state that sends. Until it is built,
    /// sending fails with [`MessagingError::NotStarted`](crate::channel::MessagingError::NotStarted).
    ///
    /// ```
    /// use stomp_axum::{server::Messaging, template::MessagingTemplate};
    ///
    /// #[derive(Clone)]
    /// struct TradeService { template: MessagingTemplate }
    ///
    /// let builder = Messaging::builder();
    /// let trades = TradeService { template: builder.template() };
    /// let messaging = builder.simple_broker(["/topic"]).state(trades).build()?;
    /// # Ok::<(), stomp_axum::server::BuildError>(())
    /// ```
    pub fn template(&self) -> MessagingTemplate {
        self.template.clone()
    }

    /// Decides who a client is by its CONNECT frame. Default: the user of the handshake counts (IN-9).
    pub fn authenticator(mut self, authenticator: impl Authenticator) -> Self {
        self.authenticator = Some(Box::new(authenticator));
        self
    }

    /// Lets clients SEND to handlers only, and refuses with an ERROR what they SEND straight to the broker or to users
    /// (T-27). They can still subscribe to all of these.
    ///
    /// Without this call, any client may publish to `/topic/**`, and write to any user, as in Spring (GS-16): receivers
    /// can't tell such a message from one of the server.
    pub fn deny_sends_to_broker(mut self) -> Self {
        self.sends_to_broker = false;
        self
    }

    /// What to do with destinations that nothing serves. Default: [`UnknownDestinations::Refuse`].
    pub fn unknown_destinations(mut self, unknown_destinations: UnknownDestinations) -> Self {
        self.unknown_destinations = unknown_destinations;
        self
    }

    /// The bounds on what clients may do. Default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Says what happens to messages whose destination starts with `prefix` when a client reads too slowly for them
    /// (LIM-010). Default: [`SlowConsumer::Disconnect`], the client is cut off.
    ///
    /// The longest prefix counts. As those of the broker, it is plain text: `/topic/quotes` also covers
    /// `/topic/quotes2`. User destinations have policies, too, under the name that clients subscribe to, such as
    /// `/user/queue/quotes`.
    ///
    /// ```
    /// use stomp_axum::{server::Messaging, session::SlowConsumer};
    ///
    /// let messaging = Messaging::builder()
    ///     .simple_broker(["/topic", "/queue"])
    ///     .slow_consumers("/topic/cursors", SlowConsumer::DropOldest)
    ///     .slow_consumers("/topic/log", SlowConsumer::DropNewest)
    ///     .build()?;
    /// # Ok::<(), stomp_axum::server::BuildError>(())
    /// ```
    pub fn slow_consumers(mut self, prefix: impl Into<String>, policy: SlowConsumer) -> Self {
        self.slow_consumers.add(prefix.into(), policy);
        self
    }

    /// Adds a message converter behind those that were added before, and in front of the default ones: text, bytes, JSON
    /// (MC-1). Payloads of handlers, replies, and what the template sends are converted with it.
    pub fn message_converter(mut self, converter: impl MessageConverter) -> Self {
        self.converters = self.converters.with(converter);
        self
    }

    /// Leaves only the message converters that the application adds. `Bytes` and `Vec<u8>` are the payload itself, and
    /// need none.
    pub fn without_default_message_converters(mut self) -> Self {
        self.converters = self.converters.without_defaults();
        self
    }
}

impl fmt::Debug for MessagingBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessagingBuilder")
            .field("application_prefixes", &self.application_prefixes)
            .field("simple_broker", &self.simple_broker)
            .field("user_prefix", &self.user_prefix)
            .field("separator", &self.separator)
            .field("endpoints", &self.endpoints)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
