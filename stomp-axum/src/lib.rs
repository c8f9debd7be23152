#![doc = include_str!("docs/guide.md")]

mod connection;
mod handshake;
mod layer;
mod message_socket;
mod router;
mod shutdown;
mod sockjs;
mod stomp;
mod timer;

pub use self::{
    layer::{MessagingLayer, MessagingService},
    router::MessagingExt,
};
pub use stomp_core::template::MissingMessagingLayer;
#[cfg(feature = "test-util")]
pub use stomp_core::testing;
pub use stomp_core::{
    broker, channel, codec, endpoint, event, handler, message, pattern, server, session,
    statistics, template, user,
};
pub use stomp_macros::{
    event_listener, handlers, message_exception_handler, message_mapping, send_to, send_to_user,
    subscribe_mapping,
};

/// What the macros expand to. Not for use by hand; it may change at any time.
#[doc(hidden)]
pub mod __private {
    pub use crate::server_endpoint::generated as server_endpoint;
    pub use stomp_core::__private::*;
}

/// Everything that an application with annotated handlers needs.
pub mod prelude {
    pub use stomp_core::{
        channel::{ChannelInterceptor, MessageRejected, MessagingError},
        codec::Headers,
        endpoint::{
            AuthenticationError, Authenticator, AuthorizationRules, ConnectRequest, Handshake,
            HandshakeInterceptor, HandshakeRefused, StompEndpoint,
        },
        event::{
            BrokerAvailabilityEvent, SessionConnectEvent, SessionConnectedEvent,
            SessionDisconnectEvent, SessionSubscribeEvent, SessionUnsubscribeEvent,
            UnresolvedUserMessageEvent,
        },
        handler::{
            Destination, ExtractError, FromMessage, Handlers, Json, MessageContext,
            MessageHeaderAccessor, Payload, PrincipalDetails, State,
        },
        message::{Message, MessageConverter, Principal, SessionId},
        pattern::{DestinationVariables, Separator},
        server::{Messaging, MessagingBuilder},
        session::{Limits, Session, SessionAttributes, SessionRegistry, SessionScoped},
        template::MessagingTemplate,
        user::UserRegistry,
    };

    #[cfg(feature = "garde")]
    pub use stomp_core::handler::{Valid, ValidationError};

    pub use stomp_macros::{
        event_listener, handlers, message_exception_handler, message_mapping, send_to,
        send_to_user, server_endpoint, subscribe_mapping,
    };

    pub use crate::MessagingExt;
}

// Behind the prelude: of several modules that have a type, the compiler names the first.
pub mod server_endpoint;
pub use stomp_macros::server_endpoint;
pub mod websocket;

/// The examples of the README files are compiled, too.
#[cfg(doctest)]
mod readme {
    #[doc = include_str!("../../README.md")]
    mod of_the_project {}

    #[doc = include_str!("../README.md")]
    mod of_the_crate {}
}
