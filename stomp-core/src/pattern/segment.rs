//! Matching of one segment.

use regex::{Regex, RegexBuilder};

use super::glob::{Glob, GlobBuilder};
use super::observer::Observer;
use super::syntax::Piece;

/// What the compiled regex of one segment may use, in bytes. Enough for identifiers, dates and alternatives; a regex
/// that needs more is a mistake rather than a destination.
const REGEX_SIZE_LIMIT: usize = 64 * 1024;

/// One segment of a pattern, but not `**`.
#[derive(Clone, Debug)]
pub(super) enum Segment {
    Literal(Box<str>),
    /// Exactly `*`, which also matches the nothing behind a final separator (AP-5).
    Star,
    /// Exactly `{name}`.
    Variable(usize),
    Glob(Glob),
    Regex(RegexSegment),
}

/// A segment with at least one `{name:regex}`.
#[derive(Clone, Debug)]
pub(super) struct RegexSegment {
    regex: Regex,
    /// The variable of capturing group 1; the other groups are the variables that follow.
    first_variable: usize,
}

impl Segment {
    /// `first_variable` is the number of variables in the segments before this one.
    ///
    /// # Errors
    ///
    /// The regexes in this segment need more than [`REGEX_SIZE_LIMIT`].
    pub(super) fn compile(
        pieces: &[Piece<'_>],
        first_variable: usize,
    ) -> Result<Self, regex::Error> {
        Ok(match pieces {
            [Piece::Literal(text)] => Self::Literal((*text).into()),
            [Piece::AnyText] => Self::Star,
            [Piece::Variable(variable)] if variable.regex.is_none() => {
                Self::Variable(first_variable)
            }
            _ if pieces.iter().any(has_regex) => {
                Self::Regex(RegexSegment::compile(pieces, first_variable)?)
            }
            _ => Self::Glob(glob(pieces, first_variable)),
        })
    }

    pub(super) fn matches<'d>(&self, text: &'d str, observer: &mut impl Observer<'d>) -> bool {
        observer.compared();
        match self {
            Self::Literal(literal) => **literal == *text,
            Self::Star => true,
            Self::Variable(variable) => {
                observer.variable(*variable, text);
                true
            }
            Self::Glob(glob) => glob.matches(text, observer),
            Self::Regex(segment) => segment.matches(text, observer),
        }
    }
}

fn has_regex(piece: &Piece<'_>) -> bool {
    matches!(piece, Piece::Variable(variable) if variable.regex.is_some())
}

fn glob(pieces: &[Piece<'_>], first_variable: usize) -> Glob {
    let mut builder = GlobBuilder::default();
    let mut variables = first_variable..;
    for piece in pieces {
        match piece {
            Piece::Literal(text) => builder.literal(text),
            Piece::AnyChar => builder.any_char(),
            Piece::AnyText => builder.any_text(None),
            Piece::Variable(_) => builder.any_text(variables.next()),
        }
    }
    builder.build()
}

impl RegexSegment {
    fn compile(pieces: &[Piece<'_>], first_variable: usize) -> Result<Self, regex::Error> {
        let mut source = String::from(r"\A");
        for piece in pieces {
            match piece {
                Piece::Literal(text) => source.push_str(&regex::escape(text)),
                Piece::AnyChar => source.push('.'),
                Piece::AnyText => source.push_str(".*"),
                Piece::Variable(variable) => {
                    source.push('(');
                    source.push_str(variable.regex.as_deref().unwrap_or(".*"));
                    source.push(')');
                }
            }
        }
        source.push_str(r"\z");
        let regex = RegexBuilder::new(&source)
            .dot_matches_new_line(true)
            .size_limit(REGEX_SIZE_LIMIT)
            .build()?;
        Ok(Self {
            regex,
            first_variable,
        })
    }

    fn matches<'d, O: Observer<'d>>(&self, text: &'d str, observer: &mut O) -> bool {
        if !O::WANTS_VARIABLES {
            return self.regex.is_match(text);
        }
        let Some(captures) = self.regex.captures(text) else {
            return false;
        };
        for (variable, group) in (self.first_variable..).zip(captures.iter().skip(1)) {
            // Every group stands outside of alternations and repetitions, so it takes part in every match.
            observer.variable(variable, group.map_or("", |group| group.as_str()));
        }
        true
    }
}
