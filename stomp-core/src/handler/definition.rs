//! What the macros emit for annotated functions: plain data and function pointers, so that it can stand in a `static`
//! and costs nothing before it is used.

use std::{any::TypeId, error::Error, fmt, num::NonZeroUsize};

use futures_util::future::BoxFuture;

use super::{ApplicationContext, MessageContext, Reply, Requirements};
use crate::{
    event::{Event, EventKind},
    message::BoxError,
};

/// All that one annotated item registers: one handler for a function, one for each method of a controller.
#[derive(Debug)]
pub struct Registrations(pub &'static [Registration]);

/// One annotated function or method.
#[derive(Debug)]
pub enum Registration {
    /// A `#[message_mapping]` or `#[subscribe_mapping]`.
    Handler(HandlerDefinition),
    /// A `#[message_exception_handler]`.
    ExceptionHandler(ExceptionHandlerDefinition),
    /// An `#[event_listener]`.
    EventListener(EventListenerDefinition),
}

/// Where an annotated function stands. Logs and errors name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// The function's name; for a method with its type, such as `TradeController::buy`.
    pub name: &'static str,
    /// The module, as `module_path!()` gives it.
    pub module: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The line.
    pub line: u32,
    /// The controller that a method belongs to.
    pub controller: Option<ControllerType>,
}

/// The type of a controller.
#[derive(Clone, Copy)]
pub struct ControllerType {
    /// Its name, for errors.
    pub name: &'static str,
    /// Its identity. A function, since `TypeId::of` of the users' types is called when the table is built.
    pub id: fn() -> TypeId,
    /// Whether one of its handlers takes `&self`, so that the application must give an instance.
    pub needs_instance: bool,
}

/// Which messages a handler takes (MM-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandlerKind {
    /// SEND: `#[message_mapping]`.
    Message,
    /// SUBSCRIBE: `#[subscribe_mapping]`.
    Subscribe,
}

impl HandlerKind {
    /// The command of the frames that it takes.
    pub(super) const fn command(self) -> &'static str {
        match self {
            Self::Message => "SEND",
            Self::Subscribe => "SUBSCRIBE",
        }
    }
}

/// What a handler's reply is sent to: `#[send_to]` and `#[send_to_user]` of one function, or of one class.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplyTargets {
    /// The destinations of `#[send_to]`; empty for `#[send_to]` without any (RV-10), `None` without the attribute.
    pub send_to: Option<&'static [&'static str]>,
    /// `#[send_to_user]`.
    pub send_to_user: Option<UserTargets>,
}

/// The arguments of `#[send_to_user]`.
#[derive(Clone, Copy, Debug)]
pub struct UserTargets {
    /// The destinations; empty for `#[send_to_user]` without any (RV-13).
    pub destinations: &'static [&'static str],
    /// Whether all sessions of the user get the reply, or only the one that sent the message (RV-22).
    pub broadcast: bool,
}

/// A `#[message_mapping]` or `#[subscribe_mapping]`.
#[derive(Debug)]
pub struct HandlerDefinition {
    /// Where it stands.
    pub function: Function,
    /// Which messages it takes.
    pub kind: HandlerKind,
    /// The patterns of the class, outermost first: one list for each enclosing annotated `mod` or `impl` (MM-9).
    pub class_patterns: &'static [&'static [&'static str]],
    /// The patterns of the function itself.
    pub patterns: &'static [&'static str],
    /// How many messages of one session it handles at the same time, as the function says, or else its class. `None`
    /// if neither does: what the builder says counts then.
    pub parallel: Option<NonZeroUsize>,
    /// Where the reply goes, as the function says.
    pub reply: ReplyTargets,
    /// Where the reply goes, as the class says (RV-15).
    pub class_reply: ReplyTargets,
    /// Says what the application must provide for the arguments.
    pub requirements: fn(&mut Requirements),
    /// Extracts the arguments, calls the function, and makes its value a reply.
    pub invoke: for<'a> fn(&'a MessageContext) -> BoxFuture<'a, Result<Reply, BoxError>>,
}

/// Calls an exception handler with the error, which it may take.
pub type InvokeExceptionHandler = for<'a> fn(
    &'a MessageContext,
    &'a mut Option<BoxError>,
) -> BoxFuture<'a, Result<Reply, BoxError>>;

/// A `#[message_exception_handler]`.
#[derive(Debug)]
pub struct ExceptionHandlerDefinition {
    /// Where it stands.
    pub function: Function,
    /// Whether it handles the errors of all handlers, not only of those of its own controller or module.
    pub global: bool,
    /// The error that it takes.
    pub error: ErrorType,
    /// Where the reply goes, as the function says.
    pub reply: ReplyTargets,
    /// Where the reply goes, as the class says (RV-17).
    pub class_reply: ReplyTargets,
    /// Says what the application must provide for the arguments.
    pub requirements: fn(&mut Requirements),
    /// Extracts the arguments, calls the function with the error, which it may take, and makes its value a reply.
    pub invoke: InvokeExceptionHandler,
}

/// An `#[event_listener]`.
#[derive(Debug)]
pub struct EventListenerDefinition {
    /// Where it stands.
    pub function: Function,
    /// Whether it takes events of that kind.
    pub takes: fn(EventKind) -> bool,
    /// Says what the application must provide for the arguments.
    pub requirements: fn(&mut Requirements),
    /// Calls the function with the event and the other arguments.
    pub invoke: for<'a> fn(&'a ApplicationContext, Event) -> BoxFuture<'a, Result<(), BoxError>>,
}

/// The type of error that an exception handler takes.
#[derive(Clone, Copy)]
pub struct ErrorType {
    /// Its name as it was written, for logs and errors. It says nothing about the type: two modules may each have an
    /// `Error`, and `fmt::Error` may be called `Error`.
    pub name: &'static str,
    /// The type. `None` takes every error, which is the farthest match.
    pub matches: Option<fn() -> ErrorMatch>,
    /// Whether the error itself is taken, and not a reference to it: only an error that the handler itself returned can
    /// be, not one of its sources.
    pub by_value: bool,
}

/// A type of errors, and whether an error is of it.
#[derive(Clone, Copy, Debug)]
pub struct ErrorMatch {
    /// The type.
    pub id: TypeId,
    /// Whether an error is of this type.
    pub matches: fn(&(dyn Error + 'static)) -> bool,
}

impl ErrorType {
    /// Whether two exception handlers take the same errors (EX-2).
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let id = |error: &Self| error.matches.map(|error_match| error_match().id);
        id(self) == id(other)
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}::{} ({}:{})",
            self.module, self.name, self.file, self.line
        )
    }
}

impl PartialEq for ControllerType {
    fn eq(&self, other: &Self) -> bool {
        (self.id)() == (other.id)()
    }
}

impl Eq for ControllerType {}

impl fmt::Debug for ControllerType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for ErrorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
