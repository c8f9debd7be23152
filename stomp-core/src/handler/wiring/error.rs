use super::super::{Function, HandlerKind};
use crate::{
    message::MessageType,
    pattern::{self, PatternError},
};

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
    /// A mapping repeats the application prefix, which is in front of it anyway (PX-4).
    #[error(
        "{function} is mapped to {pattern:?} behind the prefix {prefix:?}: clients would have to send to the prefix \
         twice; leave it out of the mapping"
    )]
    DoubledPrefix {
        /// The handler.
        function: &'static Function,
        /// The handler's pattern.
        pattern: String,
        /// The application prefix.
        prefix: String,
    },
    /// The broker does not serve a destination of `#[send_to]`.
    #[error(
        "{function} sends to {target:?}, which no broker serves: its prefixes are {prefixes:?}, see `simple_broker`"
    )]
    UnservedTarget {
        /// The handler.
        function: &'static Function,
        /// The destination.
        target: String,
        /// The prefixes of the broker.
        prefixes: Vec<String>,
    },
    /// A destination of `#[send_to_user]` starts with the prefix of user destinations, which is added to it anyway.
    #[error(
        "{function} sends {target:?} to the user; leave out {prefix:?}, which is added by itself"
    )]
    UserPrefixInTarget {
        /// The handler.
        function: &'static Function,
        /// The destination.
        target: String,
        /// The prefix of user destinations.
        prefix: String,
    },
    /// Two values of one type were given to the builder, and handlers can't tell them apart.
    #[error(
        "two values of the type `{type_name}` were given to the builder; wrap one of them in a type of its own"
    )]
    DuplicateState {
        /// The type of the state, or of the controller.
        type_name: &'static str,
    },
    /// The default message converters were left out, and none was added (MC-1).
    #[error(
        "there is no message converter; add one with `message_converter`, or keep the default ones"
    )]
    NoMessageConverter,
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
    /// A handler takes a `SessionScoped<T>` that the builder was not told how to make.
    #[error(
        "{function} takes `SessionScoped<{type_name}>`, which nobody makes; call `.session_scoped(|session| ..)` with a \
         function that does"
    )]
    MissingSessionScoped {
        /// The handler.
        function: &'static Function,
        /// The type of the object.
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
    /// `Handlers::in_module` or `expect_handlers_in` names a module from which nothing was collected.
    #[error(
        "no handler was found in the module `{module}`; if it is a crate that nothing else mentions, it is not linked: \
         write `use {module} as _;`"
    )]
    EmptyModule {
        /// The module that was named.
        module: String,
    },
    /// A handler takes a [`FailedHandler`](crate::handler::FailedHandler), but is no exception handler.
    #[error(
        "{function} takes a `FailedHandler`, which only a `#[message_exception_handler]` can have"
    )]
    NoFailedHandler {
        /// The handler.
        function: &'static Function,
    },
    /// A limit with which no client could be served.
    #[error("the limit `{setting}` is not usable: {reason}")]
    InvalidLimit {
        /// The field of [`Limits`](crate::session::Limits).
        setting: &'static str,
        /// What is wrong with its value.
        reason: &'static str,
    },
    /// An endpoint is not usable.
    #[error("the endpoint {path:?} is not usable: {reason}")]
    InvalidEndpoint {
        /// Its path.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No authorization rule is for messages of these types, which have no destination: all of them would be denied
    /// (SEC-11, SEC-16).
    #[error(
        "no authorization rule is for {}, so that it is always denied; add a rule with `no_destination`, such as \
         `.no_destination().permit_all()`",
        message_types.iter().map(|one| format!("{one:?}").to_uppercase()).collect::<Vec<_>>().join(", ")
    )]
    NoAuthorizationRule {
        /// Of Connect, Unsubscribe and Disconnect.
        message_types: Vec<MessageType>,
    },
    /// A pattern of an authorization rule is not valid.
    #[error("the pattern {pattern:?} of an authorization rule: {source}")]
    InvalidAuthorizationPattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        source: PatternError,
    },
    /// A pattern of an authorization rule that was written for slashes, with dots as separator: `/topic` is no segment of
    /// its own then, and the rule would be for none of the destinations that it seems to be for.
    #[error(
        "the pattern {pattern:?} of an authorization rule is written for slashes, and the separator is `.`; what begins \
         with `{start}/` is {instead:?}"
    )]
    SlashesInAuthorizationPattern {
        /// The pattern.
        pattern: String,
        /// What stands in front of its `/**`.
        start: String,
        /// What to write instead.
        instead: String,
    },
    /// A mapping begins with `/`, and the separator is `.`: what is left of a destination behind the application prefix
    /// does not (PX-4).
    #[error(
        "{function} is mapped to {pattern:?}: with `.` as separator, what follows the application prefix does not begin \
         with `/`, so that no client finds it; leave the slash out"
    )]
    LeadingSlash {
        /// The handler.
        function: &'static Function,
        /// The handler's pattern.
        pattern: String,
    },
    /// What is said about the embedded broker can't be.
    #[error("`{setting}({value:?})`: {reason}")]
    InvalidBrokerSetting {
        /// The method of the builder.
        setting: &'static str,
        /// The prefix, destination or pattern that it got.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A destination prefix is not usable.
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
        f.write_str(self.command())
    }
}
