//! Who may open a session, and what is kept of the request: for WebSockets, and for the first request of a SockJS session.
//!
//! It answers nothing itself: an adapter to a web framework looks at the request, asks [`HandshakeOptions`] in the two
//! phases of Spring's interceptors, and makes the response.

mod interceptor;
mod methods;
mod opening;
mod options;
mod refused;
#[cfg(test)]
mod tests;

pub use self::{
    interceptor::HandshakeInterceptor,
    opening::{Handshake, Opening},
    options::HandshakeOptions,
    refused::HandshakeRefused,
};
