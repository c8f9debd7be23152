//! The upgrade, and the protocol on the upgraded connection.
//!
//! The protocol is `tungstenite`'s: fragments, masks, control frames, limits, the closing handshake. Only the frames that
//! the server sends are written here, because a broadcast sends the same bytes to everybody: `tungstenite` would copy
//! each of them into a buffer of the connection, and look once more whether a text is UTF-8.

mod incoming;
mod outgoing;
mod parts;
mod socket;
#[cfg(test)]
mod tests;
mod upgrade;
mod web_socket;

pub(crate) use self::{
    parts::PartsWebSocket,
    upgrade::{Upgrade, UpgradedStream},
    web_socket::WebSocket,
};
