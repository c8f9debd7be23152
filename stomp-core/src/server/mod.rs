//! The builder, the wiring and the life of a server: the only module that knows all the pieces.

mod background;
mod builder;
mod error;
mod messaging;

pub use self::{builder::MessagingBuilder, error::BuildError, messaging::Messaging};
