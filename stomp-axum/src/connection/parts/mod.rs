//! WebSockets whose messages come in parts, as the client has divided them.
//!
//! `tungstenite` puts messages together itself, so the frames are read here: for handlers that take parts alone. Everybody
//! else's are read as before.

mod message;
mod reader;
mod socket;
mod unmask;

pub(crate) use self::socket::PartsWebSocket;
