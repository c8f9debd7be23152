//! Destination patterns: which destinations a handler or a subscription is for.
//!
//! | in a pattern | matches |
//! |---|---|
//! | `?` | exactly one character |
//! | `*` | any text within one segment, also none |
//! | `**` as a whole segment | any number of whole segments, also none |
//! | `{name}` | as `*`, and keeps the text as the variable `name` |
//! | `{name:regex}` | text within one segment that matches the regex, kept as the variable `name` |
//!
//! Segments are separated by `/`, or by `.` if the application chose it. Matching is case-sensitive, decodes nothing
//! and trims nothing (AP-12). These are the rules of Spring's `AntPathMatcher`; [`DestinationPattern`] names the few
//! differences.
//!
//! ```
//! use stomp_axum::pattern::{DestinationPattern, Separator};
//!
//! let pattern = DestinationPattern::parse("/rooms/{room}/messages/**", Separator::Slash)?;
//! let variables = pattern.captures("/rooms/rust/messages/new").unwrap();
//! assert_eq!(variables.get("room"), Some("rust"));
//! assert!(!pattern.matches("/rooms/rust"));
//! # Ok::<(), stomp_axum::pattern::PatternError>(())
//! ```

mod combine;
mod destination_pattern;
mod destination_variables;
mod error;
mod glob;
mod observer;
mod relation;
mod segment;
mod separator;
mod shape;
mod specificity;
mod syntax;

#[cfg(test)]
mod tests;

pub use combine::{CombineError, combine};
pub use destination_pattern::{DestinationPattern, is_pattern};
pub use destination_variables::{CapturedVariables, DestinationVariables};
pub use error::PatternError;
pub(crate) use relation::{covers, may_overlap};
pub use separator::{Separator, normalize};
pub(crate) use shape::{End, GlobPiece, SegmentShape, Shape};
