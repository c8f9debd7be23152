//! `Failures.java`: what handlers return. What is a superclass there is a source here.

use std::error::Error;

use thiserror::Error;

/// Handled by the controller that returns it.
#[derive(Debug, Error)]
#[error("own")]
pub(crate) struct Own;

/// More precise than [`Own`].
#[derive(Debug, Default, Error)]
#[error("precise")]
pub(crate) struct Precise(#[source] Own);

impl Default for Own {
    fn default() -> Self {
        Self
    }
}

/// Says more than its type.
#[derive(Debug, Error)]
#[error("detailed")]
pub(crate) struct Detailed {
    pub(crate) detail: i32,
}

/// Has another failure as its source.
#[derive(Debug, Error)]
#[error("wrapper")]
pub(crate) struct Wrapper(#[source] Box<dyn Error + Send + Sync>);

impl Wrapper {
    pub(crate) fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

/// Handled everywhere.
#[derive(Debug, Error)]
#[error("everywhere")]
pub(crate) struct Everywhere;

/// Handled nowhere.
#[derive(Debug, Error)]
#[error("nowhere")]
pub(crate) struct Nowhere;
