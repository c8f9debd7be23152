use std::collections::BTreeMap;

use parking_lot::Mutex;

/// Counters of what has a name in the program, such as the code of an ERROR: what ends a connection, or nearly. So a
/// lock does no harm.
#[derive(Debug, Default)]
pub(super) struct Named(Mutex<BTreeMap<&'static str, u64>>);

/// Names beyond these are counted as one. Those of the server are few; an application that makes a `&'static str` of
/// what a client sends must not grow memory without bound (T-33).
const MAX_NAMES: usize = 256;
/// The name of those beyond.
const OTHER: &str = "other";

impl Named {
    pub(super) fn add(&self, name: &'static str) {
        let mut counts = self.0.lock();
        let has_room = counts.len() < MAX_NAMES || counts.contains_key(name);
        *counts
            .entry(if has_room { name } else { OTHER })
            .or_default() += 1;
    }

    pub(super) fn read(&self) -> BTreeMap<&'static str, u64> {
        self.0.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_33_names_are_bounded() {
        let named = Named::default();
        named.add("access-denied");
        for number in 0..10_000 {
            named.add(Box::leak(number.to_string().into_boxed_str()));
        }
        named.add("access-denied");
        let counts = named.read();
        assert_eq!(counts.len(), MAX_NAMES + 1);
        assert_eq!(counts["access-denied"], 2);
        assert_eq!(counts.values().sum::<u64>(), 10_002);
    }
}
