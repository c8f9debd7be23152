//! The engine of stomp-rs.

pub mod broker;
pub mod channel;
pub mod codec;
pub mod endpoint;
pub mod handler;
pub mod message;
pub mod pattern;
pub mod server;
pub mod session;
pub mod template;
#[cfg(any(test, feature = "test-util"))]
pub mod testing;
pub mod user;

pub use stomp_macros::{
    handlers, message_exception_handler, message_mapping, send_to, send_to_user, subscribe_mapping,
};

/// What the macros expand to. Not for use by hand; it may change at any time.
#[doc(hidden)]
pub mod __private {
    pub use inventory::submit;

    pub use crate::handler::{
        ControllerType, ErrorType, ExceptionHandlerDefinition, Function, HandlerDefinition,
        HandlerKind, MessageContext, Registration, Registrations, Reply, ReplyTargets,
        Requirements, UserTargets,
        generated::{
            Returned, ReturnedValue, destination_variable, extract, find_error, header, reply,
            requirements,
        },
    };
    pub use crate::message::BoxError;
}
