//! What a server counts, for people who watch it: Spring's `WebSocketMessageBrokerStats` (STAT-01 to STAT-06, MON-01).
//!
//! [`Messaging::statistics`](crate::server::Messaging::statistics) returns a [`MessagingStatistics`], whose `Display` is
//! the line that the server logs every 30 minutes. With the feature `metrics`, the figures also go to whatever recorder
//! the application has installed for the crate [`metrics`](https://docs.rs/metrics).
//!
//! # What counting costs
//!
//! Each thread counts in memory of its own, so that cores don't pass a cache line around, and a snapshot adds it up. What
//! happens often is counted in batches: a publish adds its deliveries once, a connection what it has written once for
//! each flush.
//!
//! # What is no label
//!
//! No text of a client names a figure (T-33): neither a destination, nor a user, nor an unknown command. What names one
//! stands in the program: commands, transports, codes, limits and mappings.
#![cfg_attr(feature = "metrics", doc = include_str!("metrics.md"))]

mod connection;
mod counters;
mod counts;
#[cfg(feature = "metrics")]
mod export;
mod handler_call;
mod named;
mod sharded;
mod snapshot;
mod text;
#[cfg(not(feature = "metrics"))]
#[path = "no_timing.rs"]
mod timing;
#[cfg(feature = "metrics")]
mod timing;
mod transport_kind;

#[cfg(feature = "metrics")]
pub(crate) use self::export::Export;
pub(crate) use self::{
    connection::ConnectionCounter,
    counters::{Counters, Kept},
    handler_call::HandlerCall,
    timing::Timing,
};
pub use self::{
    counts::{CommandCounts, TransportCounts},
    snapshot::{
        BrokerStatistics, ConnectionStatistics, HandlerStatistics, InboundStatistics,
        MessagingStatistics, OutboundStatistics,
    },
    transport_kind::TransportKind,
};
