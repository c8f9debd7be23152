//! Why a text is no selector, in the words that its client gets.

use std::fmt::{self, Write};

use super::{
    MAX_DEPTH, MAX_LIKE_PATTERNS, MAX_OPERANDS, MAX_SELECTOR_BYTES,
    header::NameError,
    like::{MAX_GAPS, MAX_WILD_CHARACTERS},
};

/// Why a text is no selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SelectorError {
    #[error("the selector has too many bytes (at most {MAX_SELECTOR_BYTES})")]
    TooLong,
    #[error("the selector is empty; leave the header out to get every message")]
    Empty,
    #[error("invalid selector, at byte {offset}: {reason}")]
    Syntax {
        /// Where the mistake is, in bytes from the start of the header's value.
        offset: usize,
        reason: SyntaxError,
    },
}

impl SelectorError {
    pub(super) fn at(offset: usize, reason: impl Into<SyntaxError>) -> Self {
        Self::Syntax {
            offset,
            reason: reason.into(),
        }
    }
}

/// What is wrong, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SyntaxError {
    // Characters.
    #[error("`{0}` means nothing in a selector")]
    Character(String),
    #[error("write `{instead}` instead of `{found}`")]
    Operator {
        found: &'static str,
        instead: &'static str,
    },
    #[error("write plain quotes, ' for strings, instead of {0}")]
    TypographicQuote(char),
    #[error("comments are not supported; two signs are written with a blank between them")]
    Comment,
    #[error("this string has no end; a quote within it is written twice, as in 'O''Hara'")]
    UnclosedString,
    #[error("this name has no end; write another \" behind it")]
    UnclosedName,
    #[error("`{0}` is no number")]
    Number(String),
    #[error("`{0}` is no octal number, as the zero at its start says; leave that out")]
    Octal(String),
    #[error("`{0}` is too large for a number of 64 bits")]
    TooLarge(String),
    #[error(
        "`{0}` is the language of Spring's selectors, and not of this server; write the name of the header alone"
    )]
    Spring(String),
    #[error("names with other characters than letters, digits, _ and $ are written \"{0}\"")]
    Dots(String),
    #[error("there are no functions, and so no `{0}(..)`")]
    Call(String),

    // Names.
    #[error(transparent)]
    Name(#[from] NameError),
    #[error("`{0}` is a reserved word; the header of that name is written \"{0}\"")]
    Reserved(String),
    #[error(
        "in double quotes stands the name of a header; write '{0}' for the string, or (\"{0}\") if you mean the header"
    )]
    QuotedValue(String),

    // Grammar.
    #[error("a value is missing {0}")]
    ValueMissing(Place),
    #[error("AND, OR or another operator is missing {0}")]
    OperatorMissing(Place),
    #[error("{expected} is missing {place}")]
    Missing {
        expected: &'static str,
        place: Place,
    },
    #[error("this `(` is not closed; `)` is missing {0}")]
    Unclosed(Place),
    #[error("this `)` has no `(` before it")]
    Unopened,
    #[error("parentheses are nested too deeply (at most {MAX_DEPTH})")]
    TooDeep,
    #[error(
        "there are too many names and values (at most {MAX_OPERANDS}); write IN for several of one header"
    )]
    TooManyOperands,
    #[error("this string ends here; a quote within it is written twice, as in 'O''Hara'")]
    QuoteNotDoubled,
    #[error("nothing is equal to NULL, and nothing is different; write `{0}`")]
    ComparedWithNull(&'static str),
    #[error("NULL stands behind IS and IS NOT only")]
    Null,
    #[error("NOT stands before a boolean or parentheses; write `NOT (..)`")]
    Not,
    #[error("comparisons can't be chained; join two of them with AND")]
    Chained,
    #[error("selectors do not see the body of a message, only its headers")]
    Body,

    // Types.
    #[error("a {0} alone says neither yes nor no; compare it with something")]
    NoCondition(Kind),
    #[error("a condition is no value; join conditions with AND, OR and NOT")]
    NoValue,
    #[error("a {0} is no number, and nothing can be calculated with it")]
    NoNumber(Kind),
    #[error(
        "a {left} is never equal to a {right}; numbers, TRUE and FALSE have no quotes, \
         and a name with hyphens is written \"my-name\""
    )]
    DifferentKinds { left: Kind, right: Kind },
    #[error("strings have no order, but `=` and `<>` only; numbers are written without quotes")]
    OrderOfStrings,
    #[error("booleans have no order, but `=` and `<>` only")]
    OrderOfBooleans,
    #[error("{0} stands behind the name of a header only")]
    NeedsName(&'static str),
    #[error("a list is either of strings in single quotes, or of numbers")]
    ListItem,

    // LIKE.
    #[error("LIKE and ESCAPE need strings in single quotes")]
    LikeString,
    #[error("ESCAPE needs one character")]
    EscapeCharacter,
    #[error(
        "in this pattern, the escape character stands before something else than `%`, `_` and itself"
    )]
    Escaped,
    #[error(
        "a pattern has too many characters between two `%`, with `_` among them (at most {MAX_WILD_CHARACTERS})"
    )]
    WildCharacters,
    #[error("a pattern has too many `%` (at most {MAX_GAPS})")]
    Gaps,
    #[error("there are too many LIKE (at most {MAX_LIKE_PATTERNS})")]
    TooManyPatterns,
}

/// What a value is, or is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    String,
    Number,
    Boolean,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
        })
    }
}

/// Where something is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Before(String),
    AtTheEnd,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before(text) => write!(f, "before `{text}`"),
            Self::AtTheEnd => f.write_str("at the end"),
        }
    }
}

/// A client's own text within an error: not too much of it, and nothing that a terminal would obey.
pub(super) struct Excerpt<'t>(pub(super) &'t str);

const MAX_EXCERPT_CHARACTERS: usize = 40;

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, character) in self.0.chars().enumerate() {
            if index == MAX_EXCERPT_CHARACTERS {
                return f.write_str("..");
            }
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}
