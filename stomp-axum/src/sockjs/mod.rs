//! SockJS: messages over a WebSocket, or over requests of HTTP where there is none (`SJ-` rules).
//!
//! `codec` knows the frames, `format` how each transport wraps them, and `session` what lives between two requests. None
//! of them knows routes or headers.

mod codec;
mod format;
mod session;
