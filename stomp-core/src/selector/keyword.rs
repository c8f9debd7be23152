/// A reserved word (SEL-017: in any case).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    And,
    Between,
    Escape,
    False,
    In,
    Is,
    Like,
    Not,
    Null,
    Or,
    True,
}

impl Keyword {
    const ALL: [Self; 11] = [
        Self::And,
        Self::Between,
        Self::Escape,
        Self::False,
        Self::In,
        Self::Is,
        Self::Like,
        Self::Not,
        Self::Null,
        Self::Or,
        Self::True,
    ];

    pub(super) fn find(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|keyword| keyword.as_str().eq_ignore_ascii_case(word))
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::And => "AND",
            Self::Between => "BETWEEN",
            Self::Escape => "ESCAPE",
            Self::False => "FALSE",
            Self::In => "IN",
            Self::Is => "IS",
            Self::Like => "LIKE",
            Self::Not => "NOT",
            Self::Null => "NULL",
            Self::Or => "OR",
            Self::True => "TRUE",
        }
    }
}

/// The operators that Spring's language writes as words, and what they are here.
const INSTEAD: [(&str, &str); 10] = [
    ("contains", "LIKE"),
    ("div", "/"),
    ("eq", "="),
    ("ge", ">="),
    ("gt", ">"),
    ("le", "<="),
    ("lt", "<"),
    ("matches", "LIKE"),
    ("mod", "%"),
    ("ne", "<>"),
];

/// What to write instead of a word that stands where an operator is expected, with the word.
pub(super) fn instead_of(word: &str) -> Option<(&'static str, &'static str)> {
    INSTEAD
        .into_iter()
        .find(|(found, _)| found.eq_ignore_ascii_case(word))
}
