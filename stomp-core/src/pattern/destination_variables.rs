//! What the variables of a pattern stand for in one destination.

use std::sync::Arc;

/// The variables of a pattern with their values in one destination, in the order of the pattern (MM-17).
///
/// ```
/// use stomp_axum::pattern::{DestinationPattern, Separator};
///
/// let pattern = DestinationPattern::parse("/{room}/{from}-{to}", Separator::Slash)?;
/// let variables = pattern.captures("/rust/1-2-3").unwrap();
/// assert_eq!(variables.get("room"), Some("rust"));
/// assert_eq!(
///     variables.iter().collect::<Vec<_>>(),
///     [("room", "rust"), ("from", "1-2"), ("to", "3")],
/// );
/// # Ok::<(), stomp_axum::pattern::PatternError>(())
/// ```
///
/// # As a struct
///
/// As an argument of a handler, `DestinationVariables<T>` is any type that implements serde's `Deserialize`: a struct
/// takes the variables by name, a tuple in the order of the pattern. Fields are text, numbers, `bool`, enums without
/// data, or an `Option` of these (AR-30).
///
/// ```standalone_crate
/// use serde::Deserialize;
/// use stomp_axum::prelude::*;
///
/// #[derive(Deserialize)]
/// struct Seat { row: u32, place: char }
///
/// #[message_mapping("/seats/{row}/{place}")]
/// async fn book(DestinationVariables(seat): DestinationVariables<Seat>) -> String {
///     format!("row {}, place {}", seat.row, seat.place)
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DestinationVariables<T = CapturedVariables>(pub T);

/// Names and values, as a pattern has captured them: see [`DestinationVariables`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CapturedVariables {
    // A list: patterns have few variables, and their order is part of the result.
    entries: Vec<(Arc<str>, String)>,
}

impl DestinationVariables {
    pub(super) fn new(names: &[Arc<str>], values: &[&str]) -> Self {
        debug_assert_eq!(names.len(), values.len());
        let entries = names
            .iter()
            .zip(values)
            .map(|(name, value)| (Arc::clone(name), (*value).to_owned()))
            .collect();
        Self(CapturedVariables { entries })
    }

    /// The value of the variable `name`. It may be empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find_map(|(known, value)| (known == name).then_some(value))
    }

    /// Names and values, in the order of the pattern.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0
            .entries
            .iter()
            .map(|(name, value)| (&**name, value.as_str()))
    }

    /// The number of variables.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether the pattern has no variable.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }
}
