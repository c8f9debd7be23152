use std::fmt;

/// A version of the STOMP protocol.
///
/// Ordered: `V1_0 < V1_1 < V1_2`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Version {
    /// STOMP 1.0: no escapes, no heart-beats; headers are trimmed.
    V1_0,
    /// STOMP 1.1: escapes for LF, colon and backslash.
    V1_1,
    /// STOMP 1.2: escapes for CR too; lines may end in CR LF.
    V1_2,
}

impl Version {
    /// Every version that this library speaks, the best first.
    pub const SUPPORTED: [Self; 3] = [Self::V1_2, Self::V1_1, Self::V1_0];

    /// The version as it is written in `accept-version` and `version` headers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
        }
    }

    /// The version with exactly this name, as a `version` header holds it.
    ///
    /// ```
    /// use stomp_axum::codec::Version;
    ///
    /// assert_eq!(Version::parse("1.1"), Some(Version::V1_1));
    /// assert_eq!(Version::parse("1.20"), None);
    /// ```
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::SUPPORTED
            .into_iter()
            .find(|version| version.as_str() == name)
    }

    /// Chooses the highest version that both sides speak (NEG-001 to NEG-014).
    ///
    /// `accept_version` is the value of the header of that name. Without it the client speaks 1.0 alone. Order
    /// does not matter, unknown versions are ignored, blanks around a version are tolerated. `None` means that
    /// nothing is in common, which includes an empty list.
    ///
    /// ```
    /// use stomp_axum::codec::Version;
    ///
    /// assert_eq!(Version::negotiate(Some("1.0, 1.2")), Some(Version::V1_2));
    /// assert_eq!(Version::negotiate(None), Some(Version::V1_0));
    /// assert_eq!(Version::negotiate(Some("2.0")), None);
    /// ```
    #[must_use]
    pub fn negotiate(accept_version: Option<&str>) -> Option<Self> {
        match accept_version {
            None => Some(Self::V1_0),
            Some(list) => list
                .split(',')
                .filter_map(|name| Self::parse(name.trim()))
                .max(),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Version::{self, V1_0, V1_1, V1_2};

    #[test]
    fn negotiation_takes_the_highest_common_version() {
        let cases = [
            ("NEG-001", Some("1.2"), Some(V1_2)),
            ("NEG-002", Some("1.1"), Some(V1_1)),
            ("NEG-003", Some("1.0"), Some(V1_0)),
            ("NEG-004", None, Some(V1_0)),
            ("NEG-005", Some("1.0,1.1,1.2"), Some(V1_2)),
            ("NEG-006", Some("1.2,1.1,1.0"), Some(V1_2)),
            ("NEG-007", Some("1.1,2.0"), Some(V1_1)),
            ("NEG-008", Some("2.0"), None),
            ("NEG-009", Some("1.0, 1.1, 1.2"), Some(V1_2)),
            ("NEG-009", Some(" 1.1 ,\t1.0 "), Some(V1_1)),
            ("NEG-010", Some(""), None),
            ("NEG-010", Some(" , "), None),
            ("NEG-011", Some("1.2,x,1.20"), Some(V1_2)),
            ("NEG-011", Some("1.20"), None),
        ];
        for (rule, accept_version, expected) in cases {
            assert_eq!(
                Version::negotiate(accept_version),
                expected,
                "{rule} {accept_version:?}"
            );
        }
    }

    #[test]
    fn supported_versions_are_listed_best_first_and_parse_back() {
        assert!(Version::SUPPORTED.is_sorted_by(|a, b| a > b));
        for version in Version::SUPPORTED {
            assert_eq!(Version::parse(&version.to_string()), Some(version));
        }
    }
}
