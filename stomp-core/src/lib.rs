//! The engine of stomp-rs.

pub mod codec;
pub mod pattern;
