//! From annotated functions and what the application provides to the routing table, with every mistake on the way.

mod error;
mod patterns;

pub use self::error::WiringError;
use self::patterns::{combined_patterns, common_destination};

use std::{any::TypeId, cmp::Ordering, collections::HashSet};

use super::{
    EventListenerDefinition, ExceptionHandlerDefinition, Function, HandlerDefinition, Handlers,
    Registration, ReplyTargets, Requirements, RoutingTable,
    services::Instances,
    table::{ExceptionRoute, Route, RouteReply},
    target::Target,
};
use crate::{
    pattern::{DestinationPattern, Separator},
    session::SessionFactories,
    statistics::Timing,
};

/// What the application gives to its handlers.
#[derive(Debug, Default)]
pub(crate) struct Application {
    pub(crate) states: Instances,
    pub(crate) controllers: Instances,
    pub(crate) session_factories: SessionFactories,
}

/// How the destinations of a server are told apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prefixes<'a> {
    /// Each ends with `/`.
    pub(crate) application: &'a [String],
    pub(crate) broker: &'a [String],
    /// Starts and ends with `/`.
    pub(crate) user: &'a str,
    pub(crate) separator: Separator,
}

struct Wiring<'a> {
    application: &'a Application,
    prefixes: Prefixes<'a>,
    errors: Vec<WiringError>,
    table: RoutingTable,
    mapped: Vec<(DestinationPattern, &'static HandlerDefinition)>,
}

impl RoutingTable {
    /// Builds the table, and finds every mistake.
    pub(crate) fn build(
        handlers: Handlers,
        application: &Application,
        prefixes: Prefixes<'_>,
    ) -> (Self, Vec<WiringError>) {
        let registrations = handlers.into_sorted();
        let mut wiring = Wiring {
            application,
            prefixes,
            errors: Vec::new(),
            table: Self::default(),
            mapped: Vec::new(),
        };
        for registration in &registrations {
            match registration {
                Registration::Handler(handler) => wiring.add_handler(handler),
                Registration::ExceptionHandler(handler) => {
                    wiring.add_exception_handler(handler, &registrations);
                }
                Registration::EventListener(listener) => wiring.add_event_listener(listener),
            }
        }
        wiring.check_controllers(&registrations);
        (wiring.table, wiring.errors)
    }

    /// Writes a line for each mapping, as Spring does at its start.
    ///
    /// Each mapping is shown with the application prefix, as clients write it.
    pub(crate) fn log(&self, prefixes: Prefixes<'_>) {
        let all_destinations = [String::new()];
        let application = if prefixes.application.is_empty() {
            &all_destinations[..]
        } else {
            prefixes.application
        };
        for route in self.routes() {
            let Function {
                name,
                module,
                file,
                line,
                ..
            } = route.definition.function;
            let kind = route.definition.kind;
            for pattern in combined_patterns(route.definition, prefixes.separator)
                .into_iter()
                .flatten()
            {
                for prefix in application {
                    let pattern = pattern
                        .strip_prefix('/')
                        .filter(|_| !prefix.is_empty())
                        .unwrap_or(&pattern);
                    tracing::info!(
                        "mapped {kind} {prefix}{pattern} onto {module}::{name} ({file}:{line})"
                    );
                }
            }
        }
        for listener in self.event_listeners() {
            tracing::info!("{} listens to events", listener.function);
        }
    }
}

impl Wiring<'_> {
    fn add_handler(&mut self, definition: &'static HandlerDefinition) {
        let function = &definition.function;
        self.check_requirements(function, definition.requirements, false);
        let reply = RouteReply::combine(definition.reply, definition.class_reply);
        let mut patterns = Vec::new();
        for pattern in combined_patterns(definition, self.prefixes.separator) {
            match pattern.and_then(|pattern| {
                DestinationPattern::parse(&pattern, self.prefixes.separator).map_err(|source| {
                    WiringError::InvalidPattern {
                        function,
                        pattern,
                        source,
                    }
                })
            }) {
                Ok(pattern) => {
                    self.check_prefix(function, &pattern);
                    self.check_leading_slash(function, &pattern);
                    self.check_variables(function, &reply, &pattern);
                    self.check_conflicts(definition, &pattern);
                    self.mapped.push((pattern.clone(), definition));
                    patterns.push(pattern);
                }
                Err(error) => self.errors.push(error),
            }
        }
        self.check_targets(function, &reply);
        let timing = Timing::new(definition.kind.command(), || {
            let mapping: Vec<_> = patterns.iter().map(DestinationPattern::as_str).collect();
            mapping.join(", ")
        });
        let route = Route {
            definition,
            reply,
            timing,
        };
        self.table.add_route(route, patterns);
    }

    fn add_exception_handler(
        &mut self,
        definition: &'static ExceptionHandlerDefinition,
        registrations: &[&'static Registration],
    ) {
        let function = &definition.function;
        self.check_requirements(function, definition.requirements, true);
        let mut earlier_handlers = registrations
            .iter()
            .take_while(|registration| !registration.is(definition));
        if let Some(first) =
            earlier_handlers.find_map(|earlier| earlier.takes_the_errors_of(definition))
        {
            let error = definition.error.name;
            self.errors.push(WiringError::DuplicateExceptionHandler {
                error,
                first,
                second: function,
            });
        }
        let in_scope = |registration: &&'static Registration| match registration {
            Registration::Handler(handler) => function.same_scope(&handler.function),
            Registration::ExceptionHandler(_) | Registration::EventListener(_) => false,
        };
        if !definition.global && !registrations.iter().any(in_scope) {
            let scope = match function.controller {
                Some(controller) => format!("the controller `{}`", controller.name),
                None => format!("the module `{}`", function.module),
            };
            self.errors
                .push(WiringError::UnreachableExceptionHandler { function, scope });
        }
        let reply = RouteReply::combine(definition.reply, definition.class_reply);
        self.check_targets(function, &reply);
        self.table
            .add_exception_route(ExceptionRoute { definition, reply });
    }

    fn add_event_listener(&mut self, definition: &'static EventListenerDefinition) {
        self.check_requirements(&definition.function, definition.requirements, false);
        self.table.add_event_listener(definition);
    }

    fn check_requirements(
        &mut self,
        function: &'static Function,
        requirements: fn(&mut Requirements),
        is_exception_handler: bool,
    ) {
        let mut required = Requirements::default();
        requirements(&mut required);
        if required.needs_failed_handler() && !is_exception_handler {
            self.errors.push(WiringError::NoFailedHandler { function });
        }
        for (id, type_name) in required.states() {
            if !self.application.states.contains(id) {
                self.errors.push(WiringError::MissingState {
                    function,
                    type_name,
                });
            }
        }
        for (id, type_name) in required.all_session_scoped() {
            if !self.application.session_factories.contains(id) {
                self.errors.push(WiringError::MissingSessionScoped {
                    function,
                    type_name,
                });
            }
        }
    }

    /// One error for each controller, however many handlers it has.
    fn check_controllers(&mut self, registrations: &[&'static Registration]) {
        let mut checked = HashSet::<TypeId>::new();
        for registration in registrations {
            let function = registration.function();
            if let Some(controller) = function.controller
                && controller.needs_instance
                && checked.insert((controller.id)())
                && !self.application.controllers.contains((controller.id)())
            {
                self.errors.push(WiringError::MissingController {
                    controller: controller.name,
                    function,
                });
            }
        }
    }

    fn check_variables(
        &mut self,
        function: &'static Function,
        reply: &RouteReply,
        pattern: &DestinationPattern,
    ) {
        for target in reply.send_to.iter().chain(&reply.send_to_user).flatten() {
            for variable in target.variables() {
                if !pattern.variables().any(|name| name == variable) {
                    self.errors.push(WiringError::UnknownVariable {
                        function,
                        target: target.to_string(),
                        variable: variable.to_owned(),
                        pattern: pattern.as_str().to_owned(),
                    });
                }
            }
        }
    }

    /// A mapping is what follows the application prefix; with the prefix in it, too, no client finds it.
    fn check_prefix(&mut self, function: &'static Function, pattern: &DestinationPattern) {
        let pattern = pattern.as_str();
        let doubled =
            |prefix: &&String| *prefix != "/" && format!("{pattern}/").starts_with(prefix.as_str());
        if let Some(prefix) = self.prefixes.application.iter().find(doubled) {
            self.errors.push(WiringError::DoubledPrefix {
                function,
                pattern: pattern.to_owned(),
                prefix: prefix.clone(),
            });
        }
    }

    /// With dots, the slash behind the application prefix belongs to the prefix (PX-4).
    fn check_leading_slash(&mut self, function: &'static Function, pattern: &DestinationPattern) {
        let prefixes = self.prefixes;
        let is_behind_prefix = !prefixes.application.is_empty();
        if prefixes.separator == Separator::Dot
            && is_behind_prefix
            && pattern.as_str().starts_with('/')
        {
            let pattern = pattern.as_str().to_owned();
            self.errors
                .push(WiringError::LeadingSlash { function, pattern });
        }
    }

    /// A reply that nobody serves would be lost.
    fn check_targets(&mut self, function: &'static Function, reply: &RouteReply) {
        let Prefixes { broker, user, .. } = self.prefixes;
        for target in reply.send_to.iter().flatten().map(ToString::to_string) {
            let start = target.split('{').next().unwrap_or_default();
            let is_whole = start.len() == target.len();
            // What a variable at the start stands for is known only when a message arrives.
            let is_served = |prefix: &str| {
                start.starts_with(prefix) || (!is_whole && prefix.starts_with(start))
            };
            if !broker.is_empty()
                && !broker.iter().any(|prefix| is_served(prefix))
                && !is_served(user)
            {
                let prefixes = broker.to_vec();
                self.errors.push(WiringError::UnservedTarget {
                    function,
                    target,
                    prefixes,
                });
            }
        }
        for target in reply.send_to_user.iter().flatten().map(ToString::to_string) {
            if target.starts_with(user) {
                let prefix = user.to_owned();
                self.errors.push(WiringError::UserPrefixInTarget {
                    function,
                    target,
                    prefix,
                });
            }
        }
    }

    fn check_conflicts(
        &mut self,
        definition: &'static HandlerDefinition,
        pattern: &DestinationPattern,
    ) {
        for (other_pattern, other) in &self.mapped {
            if other.kind != definition.kind || std::ptr::eq(*other, definition) {
                continue;
            }
            let (kind, first, second) = (definition.kind, &other.function, &definition.function);
            if other_pattern.as_str() == pattern.as_str() {
                let pattern = pattern.as_str().to_owned();
                self.errors.push(WiringError::DuplicateMapping {
                    kind,
                    pattern,
                    first,
                    second,
                });
            } else if other_pattern.compare_specificity(pattern) == Ordering::Equal
                && let Some(destination) = common_destination(other_pattern, pattern)
            {
                self.errors.push(WiringError::AmbiguousMapping {
                    kind,
                    destination,
                    first_pattern: other_pattern.as_str().to_owned(),
                    first,
                    second_pattern: pattern.as_str().to_owned(),
                    second,
                });
            }
        }
    }
}

impl Registration {
    fn is(&self, definition: &'static ExceptionHandlerDefinition) -> bool {
        matches!(self, Self::ExceptionHandler(this) if std::ptr::eq(this, definition))
    }

    /// The function, if it is an exception handler for the same errors as `definition`.
    fn takes_the_errors_of(
        &'static self,
        definition: &ExceptionHandlerDefinition,
    ) -> Option<&'static Function> {
        let Self::ExceptionHandler(this) = self else {
            return None;
        };
        let same_errors = this.error.is_same(&definition.error);
        let same_scope = if this.global || definition.global {
            this.global && definition.global
        } else {
            this.function.same_scope(&definition.function)
        };
        (same_errors && same_scope).then_some(&this.function)
    }
}

impl RouteReply {
    /// Which targets count (RV-15): those of the method if it names a destination, else those of the class if it names
    /// one, else whatever attributes the method has, else those of the class.
    ///
    /// A `#[send_to_user]` of the method is never overruled, even if it names no destination: what is meant for one
    /// user must not be broadcast because of an attribute further up (GS-29).
    fn combine(method: ReplyTargets, class: ReplyTargets) -> Self {
        let names_one = |targets: &ReplyTargets| {
            targets.send_to.is_some_and(|send_to| !send_to.is_empty())
                || targets
                    .send_to_user
                    .is_some_and(|user| !user.destinations.is_empty())
        };
        let is_private = method.send_to_user.is_some() && class.send_to_user.is_none();
        let is_annotated = method.send_to.is_some() || method.send_to_user.is_some();
        let targets = if names_one(&method) || is_private || (!names_one(&class) && is_annotated) {
            method
        } else {
            class
        };
        let parse = |destinations: &[&str]| {
            destinations
                .iter()
                .map(|target| Target::parse(target))
                .collect()
        };
        Self {
            send_to: targets.send_to.map(parse),
            send_to_user: targets.send_to_user.map(|user| parse(user.destinations)),
            broadcast: targets.send_to_user.is_some_and(|user| user.broadcast),
        }
    }
}
