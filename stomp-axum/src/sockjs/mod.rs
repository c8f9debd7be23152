//! SockJS: messages over a WebSocket, or over requests of HTTP where there is none (`SJ-` rules).
//!
//! `codec` knows the frames, `format` how each transport wraps them, `session` what lives between two requests and
//! which of them there are. None of them knows axum, routes or headers. `service` says which request is for what, and
//! `transport` answers those that are for a session.

mod body;
mod caller;
mod codec;
mod format;
mod framed;
mod greeting;
mod headers;
mod iframe;
mod info;
mod misses;
mod path;
mod refused;
mod router;
mod service;
mod session;
#[cfg(test)]
mod tests;
mod transport;

pub(crate) use self::router::sockjs_router;
