//! Tests.

#[cfg(doctest)]
mod guide;
