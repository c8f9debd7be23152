//! Users, their sessions, and the destinations that are theirs alone.

mod destination;
mod registry;

pub use self::registry::{User, UserRegistry};
pub(crate) use self::destination::{UserDestinations, escape_user};
