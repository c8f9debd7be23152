//! WebSockets.

mod connection;

pub(crate) use self::connection::{NotUpgradable, Upgrade, UpgradedStream, WebSocket};
