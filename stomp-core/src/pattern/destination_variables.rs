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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DestinationVariables {
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
        Self { entries }
    }

    /// The value of the variable `name`. It may be empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find_map(|(known, value)| (known == name).then_some(value))
    }

    /// Names and values, in the order of the pattern.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.entries
            .iter()
            .map(|(name, value)| (&**name, value.as_str()))
    }

    /// The number of variables.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the pattern has no variable.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
