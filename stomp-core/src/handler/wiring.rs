//! From annotated functions and what the application provides to the routing table, with every mistake on the way.

use std::{any::TypeId, cmp::Ordering, collections::HashSet};

use super::{
    ExceptionHandlerDefinition, Function, HandlerDefinition, HandlerKind, Handlers, Registration,
    ReplyTargets, Requirements, RoutingTable,
    services::Instances,
    table::{ExceptionRoute, Route, RouteReply},
    target::Target,
};
use crate::pattern::{self, DestinationPattern, PatternError, Separator};

/// A mistake in how handlers, patterns and the application fit together. `build()` reports all of them at once.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum WiringError {
    /// Two handlers have the same mapping (MM-10).
    #[error(
        "two handlers are mapped to {kind} {pattern:?}:\n    {first}\n    {second}\n  give one of them another destination"
    )]
    DuplicateMapping {
        /// SEND or SUBSCRIBE.
        kind: HandlerKind,
        /// The pattern of both.
        pattern: String,
        /// The one.
        first: &'static Function,
        /// The other.
        second: &'static Function,
    },
    /// Two patterns match the same destination, and neither is more specific (MM-16). Spring finds this only when such
    /// a message arrives.
    #[error(
        "{kind} {destination:?} would match two handlers equally well:\n    {first_pattern:?} of {first}\n    \
         {second_pattern:?} of {second}\n  make one of the patterns more specific"
    )]
    AmbiguousMapping {
        /// SEND or SUBSCRIBE.
        kind: HandlerKind,
        /// A destination that both match.
        destination: String,
        /// The pattern of the one.
        first_pattern: String,
        /// The one.
        first: &'static Function,
        /// The pattern of the other.
        second_pattern: String,
        /// The other.
        second: &'static Function,
    },
    /// A handler without any pattern, neither its own nor one of its class (MM-4).
    #[error(
        "{function} has no destination, and neither has its class; write `#[message_mapping(\"/destination\")]`"
    )]
    NoPattern {
        /// The handler.
        function: &'static Function,
    },
    /// A pattern is not valid together with that of the class.
    #[error("the pattern {pattern:?} of {function}: {source}")]
    InvalidPattern {
        /// The handler.
        function: &'static Function,
        /// The combined pattern.
        pattern: String,
        /// What is wrong with it.
        source: PatternError,
    },
    /// The patterns of class and method can't be combined (AP-20).
    #[error(
        "the patterns {class:?} of the class and {method:?} of {function} can't be combined: {source}"
    )]
    UncombinablePatterns {
        /// The handler.
        function: &'static Function,
        /// The pattern of the class.
        class: String,
        /// The pattern of the method.
        method: String,
        /// Why not.
        source: pattern::CombineError,
    },
    /// A target of `#[send_to]` or `#[send_to_user]` has a variable that the handler's pattern does not have.
    #[error(
        "{function} sends to {target:?}, but its pattern {pattern:?} has no variable `{{{variable}}}`; \
         name it in the pattern"
    )]
    UnknownVariable {
        /// The handler.
        function: &'static Function,
        /// The target.
        target: String,
        /// The variable's name.
        variable: String,
        /// The handler's pattern.
        pattern: String,
    },
    /// A handler takes a `State<T>` that was not given to the builder.
    #[error(
        "{function} takes `State<{type_name}>`, which was not given to the builder; call `.state(..)` with one"
    )]
    MissingState {
        /// The handler.
        function: &'static Function,
        /// The type of the state.
        type_name: &'static str,
    },
    /// A controller has handlers with `&self`, and no instance was given to the builder.
    #[error(
        "the controller `{controller}` has handlers, but no instance was given to the builder; call \
         `.controller({controller}..)` with one\n    {function}"
    )]
    MissingController {
        /// The type of the controller.
        controller: &'static str,
        /// Its first handler.
        function: &'static Function,
    },
    /// An exception handler stands in a module or controller that has no handlers, so that nothing can reach it.
    #[error(
        "nothing can reach the exception handler {function}: {scope} has no message handlers; write \
         `#[message_exception_handler(global)]` to take the errors of all handlers"
    )]
    UnreachableExceptionHandler {
        /// The exception handler.
        function: &'static Function,
        /// Its controller or module.
        scope: String,
    },
    /// Two exception handlers of one controller or module, or two global ones, take the same error (EX-2).
    #[error(
        "two exception handlers take `{error}`:\n    {first}\n    {second}\n  remove one of them"
    )]
    DuplicateExceptionHandler {
        /// The type of the error.
        error: &'static str,
        /// The one.
        first: &'static Function,
        /// The other.
        second: &'static Function,
    },
    /// `expect_handlers_in` names a module from which nothing was collected.
    #[error(
        "no handler was found in the module `{module}`; if it is a crate that nothing else mentions, it is not linked: \
         write `use {module} as _;`"
    )]
    EmptyModule {
        /// The module that was named.
        module: String,
    },
    /// An application destination prefix is not usable.
    #[error("the prefix {prefix:?} is not usable: {reason}")]
    InvalidPrefix {
        /// The prefix.
        prefix: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl std::fmt::Display for HandlerKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Message => "SEND",
            Self::Subscribe => "SUBSCRIBE",
        })
    }
}

/// What the application gives to its handlers.
#[derive(Debug, Default)]
pub(crate) struct Application {
    pub(crate) states: Instances,
    pub(crate) controllers: Instances,
}

struct Wiring<'a> {
    application: &'a Application,
    separator: Separator,
    errors: Vec<WiringError>,
    table: RoutingTable,
    mapped: Vec<(DestinationPattern, &'static HandlerDefinition)>,
}

impl RoutingTable {
    /// Builds the table, and finds every mistake.
    pub(crate) fn build(
        handlers: Handlers,
        application: &Application,
        separator: Separator,
    ) -> (Self, Vec<WiringError>) {
        let registrations = handlers.into_sorted();
        let mut wiring = Wiring {
            application,
            separator,
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
            }
        }
        wiring.check_controllers(&registrations);
        (wiring.table, wiring.errors)
    }

    /// Writes a line for each mapping, as Spring does at its start.
    ///
    /// `prefixes` are the application prefixes, each with a `/` at its end.
    pub(crate) fn log(&self, prefixes: &[String], separator: Separator) {
        let all_destinations = [String::new()];
        let prefixes = if prefixes.is_empty() {
            &all_destinations[..]
        } else {
            prefixes
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
            for pattern in combined_patterns(route.definition, separator)
                .into_iter()
                .flatten()
            {
                for prefix in prefixes {
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
    }
}

impl Wiring<'_> {
    fn add_handler(&mut self, definition: &'static HandlerDefinition) {
        let function = &definition.function;
        self.check_states(function, definition.requirements);
        let reply = RouteReply::combine(definition.reply, definition.class_reply);
        let mut patterns = Vec::new();
        for pattern in combined_patterns(definition, self.separator) {
            match pattern.and_then(|pattern| {
                DestinationPattern::parse(&pattern, self.separator).map_err(|source| {
                    WiringError::InvalidPattern {
                        function,
                        pattern,
                        source,
                    }
                })
            }) {
                Ok(pattern) => {
                    self.check_targets(function, &reply, &pattern);
                    self.check_conflicts(definition, &pattern);
                    self.mapped.push((pattern.clone(), definition));
                    patterns.push(pattern);
                }
                Err(error) => self.errors.push(error),
            }
        }
        self.table.add_route(Route { definition, reply }, patterns);
    }

    fn add_exception_handler(
        &mut self,
        definition: &'static ExceptionHandlerDefinition,
        registrations: &[&'static Registration],
    ) {
        let function = &definition.function;
        self.check_states(function, definition.requirements);
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
            Registration::ExceptionHandler(_) => false,
        };
        if !definition.global
            && !registrations
                .iter()
                .any(in_scope)
        {
            let scope = match function.controller {
                Some(controller) => format!("the controller `{}`", controller.name),
                None => format!("the module `{}`", function.module),
            };
            self.errors
                .push(WiringError::UnreachableExceptionHandler { function, scope });
        }
        let reply = RouteReply::combine(definition.reply, definition.class_reply);
        self.table
            .add_exception_route(ExceptionRoute { definition, reply });
    }

    fn check_states(&mut self, function: &'static Function, requirements: fn(&mut Requirements)) {
        let mut required = Requirements::default();
        requirements(&mut required);
        for (id, type_name) in required.states() {
            if !self.application.states.contains(id) {
                self.errors.push(WiringError::MissingState {
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

    fn check_targets(
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
        let same_errors = this.error.name == definition.error.name;
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
    fn combine(method: ReplyTargets, class: ReplyTargets) -> Self {
        let names_one = |targets: &ReplyTargets| {
            targets.send_to.is_some_and(|send_to| !send_to.is_empty())
                || targets
                    .send_to_user
                    .is_some_and(|user| !user.destinations.is_empty())
        };
        let is_annotated =
            |targets: &ReplyTargets| targets.send_to.is_some() || targets.send_to_user.is_some();
        let targets = if names_one(&method) || (!names_one(&class) && is_annotated(&method)) {
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

/// Class patterns times method patterns, outermost class first, without repetitions (MM-9).
fn combined_patterns(
    definition: &'static HandlerDefinition,
    separator: Separator,
) -> Vec<Result<String, WiringError>> {
    let function = &definition.function;
    let levels = definition
        .class_patterns
        .iter()
        .copied()
        .chain([definition.patterns]);
    let mut combined: Vec<Result<String, WiringError>> = Vec::new();
    for level in levels.filter(|level| !level.is_empty()) {
        let normalized = level
            .iter()
            .map(|pattern| pattern::normalize(pattern, separator));
        if combined.is_empty() {
            combined = normalized.map(|pattern| Ok(pattern.into_owned())).collect();
            continue;
        }
        let methods: Vec<_> = normalized.collect();
        combined = combined
            .into_iter()
            .flat_map(|class| match class {
                Ok(class) => methods
                    .iter()
                    .map(|method| {
                        pattern::combine(&class, method, separator).map_err(|source| {
                            let method = method.clone().into_owned();
                            WiringError::UncombinablePatterns {
                                function,
                                class: class.clone(),
                                method,
                                source,
                            }
                        })
                    })
                    .collect(),
                Err(error) => vec![Err(error)],
            })
            .collect();
    }
    if combined.is_empty() {
        return vec![Err(WiringError::NoPattern { function })];
    }
    let mut seen = HashSet::new();
    combined.retain(|pattern| {
        pattern
            .as_ref()
            .map_or(true, |pattern| seen.insert(pattern.clone()))
    });
    combined
}

/// A destination that both patterns match, if one is easily found: it takes each segment from the pattern that has a
/// literal there. `None` proves nothing, so two handlers may still be ambiguous when a message arrives.
fn common_destination(one: &DestinationPattern, other: &DestinationPattern) -> Option<String> {
    let separator = one.separator().as_char();
    let segments = |pattern: &DestinationPattern| -> Vec<String> {
        // A separator within the braces of `{name:regex}` does not end a segment.
        let mut depth = 0_usize;
        let mut segments = vec![String::new()];
        for character in pattern.as_str().chars() {
            match character {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if character == separator && depth == 0 {
                segments.push(String::new());
            } else if let Some(segment) = segments.last_mut() {
                segment.push(character);
            }
        }
        segments
    };
    let (mine, theirs) = (segments(one), segments(other));
    if mine.len() != theirs.len() {
        return None;
    }
    let common: Vec<String> = mine
        .into_iter()
        .zip(theirs)
        .map(
            |(mine, theirs)| match (pattern::is_pattern(&mine), pattern::is_pattern(&theirs)) {
                (false, _) => mine,
                (true, false) => theirs,
                (true, true) => "x".to_owned(),
            },
        )
        .collect();
    let destination = common.join(&separator.to_string());
    (one.matches(&destination) && other.matches(&destination)).then_some(destination)
}
