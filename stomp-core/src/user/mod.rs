//! Users, their sessions, and the destinations that are theirs alone.

mod destination;
mod registry;

pub(crate) use self::destination::{UserDestinations, escape_user};
pub use self::registry::{User, UserRegistry};
