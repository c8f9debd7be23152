//! The annotated world: what the macros emit, how messages find their handler, what handlers take and return.

mod caught;
mod context;
mod convert;
mod definition;
mod dispatcher;
mod error;
mod extract;
pub(crate) mod generated;
mod handling;
mod header_accessor;
mod header_filter;
mod inventory;
mod listener;
mod probe;
mod reply;
mod requirements;
mod sending;
mod services;
mod streaming;
mod table;
mod target;
mod variables;
mod wiring;

#[cfg(feature = "garde")]
pub use self::extract::{Valid, ValidRejection, ValidationError, ViaValid};
pub use self::{
    context::MessageContext,
    convert::{FromText, TextError},
    definition::{
        ControllerType, ErrorMatch, ErrorType, EventListenerDefinition, ExceptionHandlerDefinition,
        Function, HandlerDefinition, HandlerKind, InvokeExceptionHandler, Registration,
        Registrations, ReplyTargets, UserTargets,
    },
    error::{ExtractError, HandlerPanicked, TooManyStreams},
    extract::{
        Destination, FailedHandler, FromMessage, Json, OptionalFromMessage, Payload,
        PrincipalDetails, State, ViaDeserialize, ViaExtractor, ViaOptional, ViaResult,
    },
    header_accessor::MessageHeaderAccessor,
    inventory::Handlers,
    listener::{ApplicationContext, FromApplication},
    reply::{IntoReply, Reply, SingleReply, ViaMessage, ViaSerialize, ViaStream, ViaTryStream},
    requirements::Requirements,
    services::Instances,
    wiring::WiringError,
};
pub(crate) use self::{
    dispatcher::{Dispatched, Dispatcher, NoHandler},
    header_filter::ReplyHeaderFilter,
    listener::Listener,
    services::Services,
    table::{Parallel, RoutingTable},
    wiring::{Application, Prefixes},
};
