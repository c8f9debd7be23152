//! A real axum server on a real socket, and real WebSocket clients.

mod application;
mod endpoints;
mod handshake;
#[cfg(feature = "http2")]
mod http2;
mod interceptors;
mod server_endpoints;
mod shutdown;
mod sockjs;
mod support;
mod websocket;
mod websocket_handlers;
