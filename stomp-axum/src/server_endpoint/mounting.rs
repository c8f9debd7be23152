//! How endpoints are added to a server, with every mistake on the way.

use std::{
    any::{Any, TypeId, type_name},
    collections::{HashMap, hash_map::Entry},
    fmt,
    panic::AssertUnwindSafe,
    sync::Arc,
};

use futures_util::FutureExt;
use http::request::Parts;
use parking_lot::Mutex;
use stomp_core::{
    endpoint::{Handshake, HandshakeInterceptor, HandshakeRefused, path_template},
    handler::{Function, HandlerPanicked, Requirements},
};

use super::{
    EndpointHandshake, ServerEndpoint, Services,
    connection::{Endpoint, EndpointConnection},
    definition::{Construct, EndpointDefinition},
    inventory,
    session::Opening,
};
use crate::websocket::{
    EndpointOptions, HandlerFactory, InvalidEndpoint, PathParameters, WebSocketEndpoint,
    WebSocketHandler, WebSocketsBuilder,
};

/// What an endpoint is configured as; its messages go to its methods.
#[derive(Debug)]
pub struct Annotated(());

impl WebSocketHandler for Annotated {}

type Configure = Box<dyn FnOnce(WebSocketEndpoint<Annotated>) -> WebSocketEndpoint<Annotated>>;

/// Which endpoints a server has, and what the application gives to them.
#[derive(Default)]
pub(crate) struct ServerEndpoints {
    definitions: Vec<&'static EndpointDefinition>,
    services: Services,
    /// The endpoints that an instance was given of.
    instances: Vec<(TypeId, &'static str)>,
    configurations: Vec<(TypeId, &'static str, Configure)>,
    mistakes: Vec<String>,
}

impl ServerEndpoints {
    pub(super) fn add_all(&mut self) {
        self.definitions.extend(inventory::all());
    }

    pub(super) fn add_module(&mut self, module: &str) {
        let is_in = |definition: &&'static EndpointDefinition| {
            let rest = definition.place.module.strip_prefix(module);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        let found: Vec<_> = inventory::all().into_iter().filter(is_in).collect();
        if found.is_empty() {
            self.mistakes.push(format!(
                "no server endpoint was found in the module `{module}`; if it is a crate that nothing else mentions, it \
                 is not linked: write `use {module} as _;`"
            ));
        }
        self.definitions.extend(found);
    }

    pub(super) fn add(&mut self, definition: &'static EndpointDefinition) {
        self.definitions.push(definition);
    }

    pub(super) fn add_instance<T: ServerEndpoint + Send + Sync>(&mut self, instance: T) {
        let name = type_name::<T>();
        if self.services.add_instance(instance) {
            self.mistakes.push(format!(
                "two instances of the server endpoint `{name}` were given to the builder"
            ));
        }
        self.instances.push((TypeId::of::<T>(), name));
        self.add(T::DEFINITION);
    }

    pub(super) fn add_state<T: Any + Clone + Send + Sync>(&mut self, state: T) {
        if self.services.add_state(state) {
            self.mistakes.push(format!(
                "two values of the type `{}` were given to the builder; wrap one of them in a type of its own",
                type_name::<T>()
            ));
        }
    }

    pub(super) fn configure<T: ServerEndpoint>(&mut self, configure: Configure) {
        let configuration = (TypeId::of::<T>(), type_name::<T>(), configure);
        self.configurations.push(configuration);
    }

    /// Adds the endpoints to the server, or else the mistakes.
    pub(crate) fn mount(self, builder: &mut WebSocketsBuilder) {
        let Self {
            mut definitions,
            services,
            instances,
            mut configurations,
            mistakes,
        } = self;
        for mistake in mistakes {
            builder.add_error(InvalidEndpoint::without_endpoint(mistake));
        }
        definitions.sort_by_key(|definition| (definition.place.file, definition.place.line));
        definitions.dedup_by_key(|definition| (definition.id)());
        refuse_equivalent_paths(&mut definitions, builder);
        let services = Arc::new(services);
        for definition in &definitions {
            let mut endpoint = WebSocketEndpoint::new(definition.path, Annotated(()));
            definition.configure(&mut endpoint);
            let of_this = |(id, ..): &mut (TypeId, &str, Configure)| *id == (definition.id)();
            for (.., configure) in configurations.extract_if(.., of_this) {
                endpoint = configure(endpoint);
            }
            let is_given = instances.iter().any(|(id, _)| *id == (definition.id)());
            let mut mounting = Mounting {
                definition,
                services: &services,
                options: Some(endpoint.into_options()),
                builder,
            };
            mounting.check_instance(is_given);
            (definition.mount)(&mut mounting);
        }
        for (_, name, _) in configurations {
            builder.add_error(InvalidEndpoint::without_endpoint(format!(
                "`configure_server_endpoint::<{name}>` is about an endpoint that is not served; call \
                 `.server_endpoint::<{name}>()`, or `.server_endpoints()` for all of them"
            )));
        }
    }
}

/// Two endpoints on equivalent templates could not be told apart (JSR-10).
fn refuse_equivalent_paths(
    definitions: &mut Vec<&'static EndpointDefinition>,
    builder: &mut WebSocketsBuilder,
) {
    let mut by_shape: HashMap<String, &EndpointDefinition> = HashMap::new();
    definitions.retain(|definition| {
        let first = match by_shape.entry(path_template::shape(definition.path, false)) {
            Entry::Vacant(entry) => {
                entry.insert(definition);
                return true;
            }
            Entry::Occupied(entry) => *entry.get(),
        };
        builder.add_error(InvalidEndpoint::new(
            definition.path,
            format!(
                "two server endpoints have equivalent paths:\n    {:?} of {first}\n    {:?} of {definition}\n  give one \
                 of them another path",
                first.path, definition.path
            ),
        ));
        false
    });
}

impl EndpointDefinition {
    /// Applies what the attribute says.
    fn configure(&self, endpoint: &mut WebSocketEndpoint<Annotated>) {
        let options = endpoint.options_mut();
        options.handshake.allow_origins(self.allowed_origins);
        options
            .handshake
            .allow_origin_patterns(self.allowed_origin_patterns);
        let sub_protocols = self.sub_protocols.iter().copied();
        options.sub_protocols.extend(sub_protocols.map(Into::into));
        options.prefers_own_order = true;
        let limits = &mut options.limits;
        if let Some(bytes) = self.max_text_message_bytes {
            limits.max_text_message_bytes = bytes;
        }
        if let Some(bytes) = self.max_binary_message_bytes {
            limits.max_binary_message_bytes = bytes;
        }
        if let Some(seconds) = self.idle_timeout_seconds {
            let timeout = std::time::Duration::from_secs(seconds);
            limits.idle_timeout = (!timeout.is_zero()).then_some(timeout);
        }
        if self.sockjs {
            options.sockjs = Some(Default::default());
        }
    }
}

/// One endpoint, while it is added to a server.
pub struct Mounting<'a> {
    definition: &'static EndpointDefinition,
    services: &'a Arc<Services>,
    /// `None` when it has been added.
    options: Option<EndpointOptions>,
    builder: &'a mut WebSocketsBuilder,
}

impl fmt::Debug for Mounting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mounting")
            .field("definition", &self.definition)
            .finish_non_exhaustive()
    }
}

impl Mounting<'_> {
    fn mistake(&mut self, mistake: String) {
        self.builder
            .add_error(InvalidEndpoint::new(self.definition.path, mistake));
    }

    fn check_instance(&mut self, is_given: bool) {
        let definition = self.definition;
        let name = definition.place.name;
        match (definition.shared, is_given) {
            (true, false) => self.mistake(format!(
                "{definition} is `shared`, but no instance was given to the builder; call \
                 `.server_endpoint_instance({name}..)` with one"
            )),
            (false, true) => self.mistake(format!(
                "an instance of {definition} was given to the builder, but each connection has one of its own; write \
                 `shared` behind its path, or leave the instance out"
            )),
            _ => {}
        }
    }

    fn check_requirements(&mut self, requirements: &Requirements) {
        let mut missing: Vec<_> = requirements
            .states()
            .filter(|(id, _)| !self.services.has_state(*id))
            .map(|(_, name)| name)
            .collect();
        missing.sort_unstable();
        missing.dedup();
        for type_name in missing {
            let definition = self.definition;
            self.mistake(format!(
                "{definition} takes `State<{type_name}>`, which was not given to the builder; call `.state(..)` with one"
            ));
        }
    }
}

/// Checks an endpoint, and adds it to a server.
pub fn mount<T: ServerEndpoint>(mounting: &mut Mounting<'_>) {
    let callbacks = T::callbacks();
    let mut requirements = Requirements::default();
    callbacks.require_all(&mut requirements);
    mounting.check_requirements(&requirements);
    let Some(mut options) = mounting.options.take() else {
        return;
    };
    options.handshake.set_preparation(Preparation {
        definition: mounting.definition,
        services: mounting.services.clone(),
        construct: callbacks.construct,
    });
    let endpoint = Arc::new(Endpoint {
        definition: mounting.definition,
        callbacks,
        limits: options.limits,
    });
    let Function {
        module,
        name,
        file,
        line,
        ..
    } = mounting.definition.place;
    let handler = format!("{module}::{name} ({file}:{line})");
    mounting.builder.add(options, Factory(endpoint), handler);
}

/// Makes the instance when nothing else can refuse the client any more.
struct Preparation<I> {
    definition: &'static EndpointDefinition,
    services: Arc<Services>,
    construct: Construct<I>,
}

impl<I: Send + 'static> HandshakeInterceptor for Preparation<I> {
    async fn before_handshake(&self, handshake: &mut Handshake) -> Result<(), HandshakeRefused> {
        let path_parameters = PathParameters::of(handshake.request(), self.definition.path)?;
        let mut of_endpoint = EndpointHandshake {
            handshake,
            path_parameters: &path_parameters,
            services: &self.services,
            definition: self.definition,
        };
        // A panic would take other requests of the same connection with it.
        let constructed = AssertUnwindSafe((self.construct)(&mut of_endpoint)).catch_unwind();
        let instance = match constructed.await {
            Ok(constructed) => constructed?,
            Err(panic) => return Err(of_endpoint.failed(&HandlerPanicked::new(panic))),
        };
        let opening = Opening::new(self.services.clone());
        let prepared = Prepared(Arc::new(Mutex::new(Some((instance, opening)))));
        let extensions = &mut handshake.request_mut().extensions;
        extensions.insert(prepared);
        extensions.insert(path_parameters);
        Ok(())
    }
}

/// What a request carries from its handshake to its connection. Extensions of requests can be cloned.
struct Prepared<I>(Arc<Mutex<Option<(I, Opening)>>>);

impl<I> Clone for Prepared<I> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Makes what serves the connections.
struct Factory<I>(Arc<Endpoint<I>>);

impl<I: Send + 'static> HandlerFactory for Factory<I> {
    type Handler = Option<EndpointConnection<I>>;

    fn handler(&self, request: &mut Parts) -> Self::Handler {
        let Prepared(prepared) = request.extensions.remove::<Prepared<I>>()?;
        let (instance, opening) = prepared.lock().take()?;
        let endpoint = Arc::clone(&self.0);
        Some(EndpointConnection::new(endpoint, instance, opening))
    }

    fn supports_partial_messages(&self) -> bool {
        self.0.takes_parts()
    }
}

impl fmt::Debug for ServerEndpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerEndpoints")
            .field("definitions", &self.definitions)
            .finish_non_exhaustive()
    }
}
