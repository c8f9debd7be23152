//! Which endpoints the program has. The only file here that knows the `inventory` crate.

pub use inventory::submit;

use super::definition::EndpointDefinition;

/// An endpoint that the program has.
#[derive(Debug)]
pub struct Registered(pub &'static EndpointDefinition);

inventory::collect!(Registered);

/// All of them, in the order of file and line, so that logs and errors are the same at every start.
pub(super) fn all() -> Vec<&'static EndpointDefinition> {
    let mut all: Vec<_> = inventory::iter::<Registered>()
        .map(|registered| registered.0)
        .collect();
    all.sort_by_key(|endpoint| (endpoint.place.file, endpoint.place.line));
    all
}
