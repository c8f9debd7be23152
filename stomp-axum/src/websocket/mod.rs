//! WebSockets.

mod connection;

pub(crate) use self::connection::{Upgrade, UpgradedStream, WebSocket};
