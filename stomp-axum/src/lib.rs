//! STOMP for axum.

pub use stomp_core::{channel, codec, handler, message, pattern, session, template, user};
pub use stomp_core::{
    handlers, message_exception_handler, message_mapping, send_to, send_to_user, subscribe_mapping,
};

#[doc(hidden)]
pub use stomp_core::__private;

/// Everything that an application with annotated handlers needs.
pub mod prelude {
    pub use stomp_core::{
        channel::MessagingError,
        codec::Headers,
        handler::{Destination, FromMessage, Handlers, Json, MessageContext, Payload, State},
        handlers,
        message::{Message, Principal, SessionId},
        message_exception_handler, message_mapping,
        pattern::DestinationVariables,
        send_to, send_to_user,
        session::{Session, SessionAttributes},
        subscribe_mapping,
        template::MessagingTemplate,
        user::UserRegistry,
    };
}
