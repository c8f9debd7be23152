//! The engine of stomp-rs: Spring's annotated STOMP messaging, without any web framework.
//!
//! Applications depend on `stomp-axum`, which re-exports this crate and mounts it into an axum app. Depend on this crate
//! to carry STOMP over something else: implement [`endpoint::Transport`], and hand it to
//! [`Messaging::serve`](server::Messaging::serve).
//!
//! # Where to start
//!
//! | to | look at |
//! |---|---|
//! | configure a server | [`server::MessagingBuilder`] |
//! | know what a handler may take and return | [`handler::FromMessage`], [`handler::IntoReply`] |
//! | send from anywhere | [`template::MessagingTemplate`] |
//! | know who comes, subscribes and goes | [`event`] |
//! | say who a client is | [`endpoint::Authenticator`], [`endpoint::StompEndpoint::user`] |
//! | know what protects the server | [`session::Limits`] |
//! | watch it | [`statistics`] |
//! | test without sockets | [`testing`](https://docs.rs/stomp-core/latest/stomp_core/testing/) (feature `test-util`) |
//!
//! # An echo, in memory
//!
//! ```
//! # #[cfg(feature = "test-util")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use stomp_core::{server::Messaging, testing::TestConnection};
//!
//! let messaging = Messaging::builder().simple_broker(["/topic"]).build()?;
//! let mut client = TestConnection::connect(&messaging).await;
//! client.send("SUBSCRIBE\nid:1\ndestination:/topic/echo\n\n\0");
//! client.send("SEND\ndestination:/topic/echo\n\nhello\0");
//! assert_eq!(&client.expect_message().await.body[..], b"hello");
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "test-util"))]
//! # fn main() {}
//! ```
//!
//! # Features
//!
//! | feature | what it adds | default |
//! |---|---|---|
//! | `test-util` | `testing`: connections in memory | no |
//! | `garde` | `handler::Valid`: validated arguments, by the crate `garde` | no |
//! | `message-pack` | [`message::MessageConverter`] for MessagePack | no |
//! | `metrics` | the [`statistics`] as counters, gauges and histograms of the crate `metrics` | no |
//! | `axum-core` | lets [`template::MessagingTemplate`] and [`user::UserRegistry`] be arguments of axum handlers; `stomp-axum` turns it on | no |
//!
//! # Layers
//!
//! A module uses only those before it: [`codec`], [`pattern`], [`message`], `selector`, [`statistics`], [`session`],
//! [`channel`], [`user`], [`event`], [`template`], [`handler`], [`broker`], [`endpoint`], [`server`], `testing`.

pub mod broker;
pub mod channel;
pub mod codec;
pub mod endpoint;
pub mod event;
pub mod handler;
pub mod message;
pub mod pattern;
mod selector;
pub mod server;
pub mod session;
pub mod statistics;
pub mod template;
#[cfg(any(test, feature = "test-util"))]
pub mod testing;
pub mod user;

/// What the macros expand to. Not for use by hand; it may change at any time.
#[doc(hidden)]
pub mod __private {
    pub use inventory::submit;

    pub use crate::handler::{
        ControllerType, ErrorType, EventListenerDefinition, ExceptionHandlerDefinition, Function,
        HandlerDefinition, HandlerKind, MessageContext, Registration, Registrations, Reply,
        ReplyTargets, Requirements, UserTargets,
        generated::{
            ExceptionArgument, Items, NoError, NotProbed, OtherExceptionArgument, OtherItems,
            Probe, ProbedApplicationArgument, ProbedArgument, ProbedEvent, ProbedInListener,
            Returned, ReturnedValue, any_error, count_argument, destination_variable, error_among,
            error_match, event, extract, find_error, header, listened, listener_argument, reply,
            take_any_error, take_error, takes_one_error,
        },
    };
    pub use crate::message::BoxError;
}
