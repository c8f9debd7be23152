//! Destination patterns.
