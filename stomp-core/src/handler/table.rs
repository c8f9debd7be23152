//! Which handler takes which message, and which exception handler takes which error.

use std::{cmp::Ordering, collections::HashMap, error::Error, num::NonZeroUsize};

use super::{
    EventListenerDefinition, ExceptionHandlerDefinition, Function, HandlerDefinition, HandlerKind,
    error::chain, target::Target,
};
use crate::{
    pattern::{DestinationPattern, DestinationVariables},
    statistics::Timing,
};

/// A handler as the table holds it: its definition, and where its replies go.
#[derive(Debug)]
pub(crate) struct Route {
    pub(super) definition: &'static HandlerDefinition,
    pub(super) reply: RouteReply,
    pub(super) timing: Timing,
}

/// A handler that takes messages of one session at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parallel {
    /// Which one it is.
    pub(crate) handler: usize,
    /// How many messages it takes; more than one.
    pub(crate) limit: usize,
}

/// Where replies go: the targets of method and class, combined (RV-15).
#[derive(Debug, Default)]
pub(super) struct RouteReply {
    /// `#[send_to]`; empty for its default destination.
    pub(super) send_to: Option<Vec<Target>>,
    /// `#[send_to_user]`; empty for its default destination.
    pub(super) send_to_user: Option<Vec<Target>>,
    /// Whether all sessions of the user get the reply.
    pub(super) broadcast: bool,
}

/// An exception handler as the table holds it.
#[derive(Debug)]
pub(crate) struct ExceptionRoute {
    pub(super) definition: &'static ExceptionHandlerDefinition,
    pub(super) reply: RouteReply,
}

/// The mappings of one kind of message: those without a wildcard by hash, and all of them in the order of precedence,
/// since `/a//b` matches the literal `/a/b` without being equal to it (AP-1).
#[derive(Debug, Default)]
struct Mappings {
    literals: HashMap<String, usize>,
    patterns: Vec<(DestinationPattern, usize)>,
}

/// All handlers of a server. It never changes after it was built.
#[derive(Debug, Default)]
pub(crate) struct RoutingTable {
    routes: Vec<Route>,
    messages: Mappings,
    subscriptions: Mappings,
    exceptions: Vec<ExceptionRoute>,
    event_listeners: Vec<&'static EventListenerDefinition>,
    /// How many messages of one session a handler takes at the same time that says nothing about it.
    parallel_by_default: Option<NonZeroUsize>,
    /// Whether any handler takes more than one.
    has_parallel_handlers: bool,
}

/// What the table found for a destination.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// This handler, with the values of its pattern's variables.
    Found(usize, DestinationVariables),
    /// No handler.
    NotFound,
    /// Two handlers match equally well (MM-16): patterns that differ in their regular expressions only.
    Ambiguous(usize, usize),
}

impl RoutingTable {
    /// What `MessagingBuilder::parallel_handlers` says.
    pub(crate) fn set_parallel_by_default(&mut self, limit: NonZeroUsize) {
        self.parallel_by_default = Some(limit);
        self.has_parallel_handlers = (0..self.routes.len()).any(|index| self.limit(index) > 1);
    }

    fn limit(&self, index: usize) -> usize {
        let definition = self.routes[index].definition;
        match definition.kind {
            HandlerKind::Message => definition
                .parallel
                .or(self.parallel_by_default)
                .map_or(1, NonZeroUsize::get),
            // An UNSUBSCRIBE must not overtake the answer to its SUBSCRIBE.
            HandlerKind::Subscribe => 1,
        }
    }

    pub(super) fn has_parallel_handlers(&self) -> bool {
        self.has_parallel_handlers
    }

    /// The handler of a SEND, if it takes several messages of one session at the same time.
    pub(super) fn parallel(&self, destination: &str) -> Option<Parallel> {
        let Lookup::Found(handler, _) = self.lookup(HandlerKind::Message, destination) else {
            return None;
        };
        let limit = self.limit(handler);
        (limit > 1).then_some(Parallel { handler, limit })
    }

    pub(super) fn add_route(&mut self, route: Route, patterns: Vec<DestinationPattern>) {
        let index = self.routes.len();
        let mappings = match route.definition.kind {
            HandlerKind::Message => &mut self.messages,
            HandlerKind::Subscribe => &mut self.subscriptions,
        };
        for pattern in patterns {
            if pattern.is_literal() {
                mappings.literals.insert(pattern.as_str().to_owned(), index);
            }
            let position = mappings.patterns.partition_point(|(other, _)| {
                other.compare_specificity(&pattern) != Ordering::Greater
            });
            mappings.patterns.insert(position, (pattern, index));
        }
        self.routes.push(route);
        self.has_parallel_handlers |= self.limit(index) > 1;
    }

    pub(super) fn add_exception_route(&mut self, route: ExceptionRoute) {
        self.exceptions.push(route);
    }

    pub(super) fn add_event_listener(&mut self, definition: &'static EventListenerDefinition) {
        self.event_listeners.push(definition);
    }

    /// In the order of file and line.
    pub(crate) fn event_listeners(&self) -> &[&'static EventListenerDefinition] {
        &self.event_listeners
    }

    pub(super) fn route(&self, index: usize) -> &Route {
        &self.routes[index]
    }

    /// Finds the handler of a message: a literal mapping, else the most specific pattern (MM-13, MM-16).
    pub(super) fn lookup(&self, kind: HandlerKind, destination: &str) -> Lookup {
        let mappings = match kind {
            HandlerKind::Message => &self.messages,
            HandlerKind::Subscribe => &self.subscriptions,
        };
        if let Some(&index) = mappings.literals.get(destination) {
            return Lookup::Found(index, DestinationVariables::default());
        }
        let mut matches = mappings
            .patterns
            .iter()
            .filter(|(pattern, _)| pattern.matches(destination));
        let Some((best, index)) = matches.next() else {
            return Lookup::NotFound;
        };
        if let Some((next, other)) = matches.next()
            && index != other
            && best.compare_specificity(next) == Ordering::Equal
        {
            return Lookup::Ambiguous(*index, *other);
        }
        Lookup::Found(*index, best.captures(destination).unwrap_or_default())
    }

    pub(super) fn exception(&self, index: usize) -> &ExceptionRoute {
        &self.exceptions[index]
    }

    /// Finds the exception handler for an error of `function`: first those of its own scope, then the global ones;
    /// in each group the one whose type is found first along the `source()` chain (EX-3, EX-4).
    pub(super) fn exception_route(
        &self,
        function: &Function,
        error: &(dyn Error + 'static),
    ) -> Option<usize> {
        let closest = |in_group: &dyn Fn(&ExceptionRoute) -> bool| {
            let routes = self.exceptions.iter().enumerate();
            let distances =
                routes
                    .filter(|(_, route)| in_group(route))
                    .filter_map(|(index, route)| {
                        Some((route.definition.error.distance(error)?, index))
                    });
            distances
                .min_by_key(|(distance, _)| *distance)
                .map(|(_, index)| index)
        };
        closest(&|route| route.definition.function.same_scope(function))
            .or_else(|| closest(&|route| route.definition.global))
    }

    pub(super) fn routes(&self) -> &[Route] {
        &self.routes
    }
}

impl super::ErrorType {
    /// How far along the `source()` chain an error of this type is; the type that takes every error is the farthest.
    fn distance(&self, error: &(dyn Error + 'static)) -> Option<usize> {
        let Some(error_match) = self.matches else {
            return Some(usize::MAX);
        };
        let matches = error_match().matches;
        if self.by_value {
            // What is a source of another error can't be taken out of it.
            return matches(error).then_some(0);
        }
        chain(error).position(matches)
    }
}

impl Function {
    /// Whether two functions belong to the same controller, or, if they belong to none, stand in the same module.
    pub(super) fn same_scope(&self, other: &Self) -> bool {
        self.controller == other.controller
            && (self.controller.is_some() || self.module == other.module)
    }
}
