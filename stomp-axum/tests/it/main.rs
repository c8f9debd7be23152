//! A real axum server on a real socket, and real WebSocket clients.

mod support;
mod websocket;
