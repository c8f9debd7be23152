//! The annotated world: what the macros emit, how messages find their handler, what handlers take and return.

mod context;
mod convert;
mod definition;
mod dispatcher;
mod error;
mod extract;
pub(crate) mod generated;
mod inventory;
mod listener;
mod reply;
mod requirements;
mod services;
mod table;
mod target;
mod wiring;

pub use self::{
    context::MessageContext,
    convert::FromText,
    definition::{
        ControllerType, ErrorType, EventListenerDefinition, ExceptionHandlerDefinition, Function,
        HandlerDefinition, HandlerKind, Registration, Registrations, ReplyTargets, UserTargets,
    },
    error::{ExtractError, HandlerPanicked},
    extract::{
        Destination, FromMessage, Json, OptionalFromMessage, Payload, State, ViaDeserialize,
        ViaExtractor, ViaOptional, ViaResult,
    },
    inventory::Handlers,
    listener::{ApplicationContext, FromApplication},
    reply::{IntoReply, Reply, ViaMessage, ViaSerialize},
    requirements::Requirements,
    wiring::WiringError,
};
pub(crate) use self::{
    dispatcher::{Dispatched, Dispatcher, NoHandler},
    listener::Listener,
    services::Services,
    table::{Parallel, RoutingTable},
    wiring::{Application, Prefixes},
};
