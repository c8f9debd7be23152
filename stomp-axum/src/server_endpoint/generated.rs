//! What generated code uses. Every function is generic over one argument or return type, so that the compiler reports a
//! mistake once, at that type.

pub use super::{CloseStatus, EndpointError};
pub use stomp_core::handler::Function;

pub use super::{
    argument::{
        ErrorArgument, NoError, NotProbed, OtherErrorArgument, Probe, argument, either, takes_error,
    },
    constructor::{
        ConstructorArgument, OtherConstructorArgument, constructed, default_instance,
        shared_instance,
    },
    definition::{Callbacks, EndpointDefinition, ServerEndpoint},
    inventory::{Registered, submit},
    kinds::{Kinds, one_payload, partial, takes_data, whole},
    mounting::mount,
    path::{path_param, path_param_of_handshake},
    payload::{DecodedArgument, FromBinary, FromText, NoPayload, PayloadArgument, is_last},
    reply::{no_reply, reply},
};
