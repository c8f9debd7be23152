//! The outbound queue of a session, compiled from the source of `stomp-core` with the lock of
//! [loom](https://docs.rs/loom), which runs a test in every order in which its threads can take turns.
//!
//! A crate of its own, because a lock of loom works in loom's tests only.
#![cfg(test)]

mod outbound;
mod session;
mod statistics;

mod codec {
    pub(crate) use stomp_core::codec::EncodedFrame;
}
