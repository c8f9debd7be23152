//! What an endpoint says about SockJS; the protocol itself is the business of the adapter to a web framework.

mod cookie;
mod mistakes;
mod options;
mod settings;
#[cfg(test)]
mod tests;
mod transport;

pub use self::{options::SockJsOptions, settings::SockJsSettings, transport::SockJsTransport};
