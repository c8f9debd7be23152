//! The syntax of destination patterns: text in, segments or the exact place of a mistake out.
//!
//! This file uses nothing but `std` and `regex_syntax`, because it is compiled twice: here, and inside the attribute
//! macros, so that a pattern which is refused at start-up does not compile in the first place. Whether a text is
//! valid does not depend on the separator (which a macro cannot know); only the cut into segments does.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::translate::TranslatorBuilder;

/// One segment of a pattern. Empty segments are dropped (AP-1).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Segment<'t> {
    /// Exactly `**`: any number of whole segments (AP-4).
    AnySegments,
    /// Everything else, never empty.
    Pieces(Vec<Piece<'t>>),
}

/// A part of one segment (AP-3).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    /// Text that stands for itself.
    Literal(&'t str),
    /// `?`: exactly one character.
    AnyChar,
    /// `*`: any text, also none.
    AnyText,
    /// `{name}` or `{name:regex}`.
    Variable(Variable<'t>),
}

/// `{name}` or `{name:regex}`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Variable<'t> {
    /// The name, which is unique within its pattern.
    pub(crate) name: &'t str,
    /// The regex in canonical form: its flags and comments are resolved and `.` matches a line feed, so that it means
    /// the same when it is put into a larger regex. Its text in the pattern would not (`(?x)a # comment`).
    pub(crate) regex: Option<String>,
}

/// Whether variables may carry a regex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Regexes {
    /// The pattern was written by the developer of the server.
    Allowed,
    /// The pattern came over the network (T-21). It is refused before the regex is even looked at.
    Refused,
}

/// Why a text is no pattern, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// The bytes of the pattern's text that are wrong.
    pub(crate) span: Range<usize>,
    pub(crate) kind: SyntaxErrorKind,
}

/// What is wrong, see the `Display` text of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SyntaxErrorKind {
    UnclosedBrace,
    UnopenedBrace,
    EmptyName,
    InvalidName { name: String },
    CaptureRest,
    DuplicateVariable { name: String },
    EmptyRegex { name: String },
    InvalidRegex { name: String, message: String },
    CapturingGroup { name: String },
    RegexRefused { name: String },
}

impl fmt::Display for SyntaxErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnclosedBrace => f.write_str(
                "this `{` is never closed; write `{name}` or `{name:regex}`, \
                 and escape a brace that a regex matches literally, as in `\\{`",
            ),
            Self::UnopenedBrace => f.write_str("this `}` has no `{` before it"),
            Self::EmptyName => f.write_str("a variable needs a name; write `{name}`"),
            Self::InvalidName { name } => write!(
                f,
                "`{name}` is not a variable name; use a letter or `_`, then letters, digits, `_` and `-`"
            ),
            Self::CaptureRest => f.write_str(
                "`{*name}` is not supported; write `**` for any number of segments, which captures nothing",
            ),
            Self::DuplicateVariable { name } => {
                write!(f, "the variable `{name}` is used twice; give each its own name")
            }
            Self::EmptyRegex { name } => write!(
                f,
                "the regex of variable `{name}` is empty; write `{{{name}}}` to match any text"
            ),
            Self::InvalidRegex { name, message } => {
                write!(f, "the regex of variable `{name}` is invalid: {message}")
            }
            Self::CapturingGroup { name } => write!(
                f,
                "the regex of variable `{name}` has a capturing group; use `(?:..)` instead of `(..)`"
            ),
            Self::RegexRefused { name } => write!(
                f,
                "the variable `{name}` has a regex, which a client may not use; write `*` or `{{{name}}}`"
            ),
        }
    }
}

/// Cuts `text` into segments (AP-1, AP-3, AP-4).
///
/// A separator inside braces belongs to the regex there and does not end the segment. (Spring cuts through braces,
/// AP-9.) A regex is still matched against one segment only, so it never meets a separator in a destination.
pub(crate) fn parse(
    text: &str,
    separator: char,
    regexes: Regexes,
) -> Result<Vec<Segment<'_>>, SyntaxError> {
    let mut segments = Segments::new(text);
    let mut names = HashMap::new();
    let mut position = 0;
    while let Some(character) = text[position..].chars().next() {
        let next = position + character.len_utf8();
        position = match character {
            '{' => {
                let (variable, end) = parse_variable(text, position, regexes)?;
                if names.insert(variable.name, position).is_some() {
                    let name = variable.name.to_owned();
                    return Err(error(
                        position..end,
                        SyntaxErrorKind::DuplicateVariable { name },
                    ));
                }
                segments.push(Piece::Variable(variable), position..end);
                end
            }
            '}' => return Err(error(position..next, SyntaxErrorKind::UnopenedBrace)),
            '?' => segments.push(Piece::AnyChar, position..next),
            '*' => segments.push(Piece::AnyText, position..next),
            _ if character == separator => segments.end_segment(position..next),
            _ => next,
        };
    }
    Ok(segments.finish())
}

/// Collects pieces and segments; the text between two pieces is a literal.
struct Segments<'t> {
    text: &'t str,
    finished: Vec<Segment<'t>>,
    pieces: Vec<Piece<'t>>,
    literal_start: usize,
}

impl<'t> Segments<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            finished: Vec::new(),
            pieces: Vec::new(),
            literal_start: 0,
        }
    }

    /// Returns the position behind the piece.
    fn push(&mut self, piece: Piece<'t>, span: Range<usize>) -> usize {
        self.end_literal(span);
        self.pieces.push(piece);
        self.literal_start
    }

    /// Returns the position behind the separator.
    fn end_segment(&mut self, separator: Range<usize>) -> usize {
        self.end_literal(separator);
        match self.pieces.as_slice() {
            [] => {}
            [Piece::AnyText, Piece::AnyText] => {
                self.pieces.clear();
                self.finished.push(Segment::AnySegments);
            }
            _ => self
                .finished
                .push(Segment::Pieces(std::mem::take(&mut self.pieces))),
        }
        self.literal_start
    }

    fn end_literal(&mut self, next: Range<usize>) {
        let literal = &self.text[self.literal_start..next.start];
        if !literal.is_empty() {
            self.pieces.push(Piece::Literal(literal));
        }
        self.literal_start = next.end;
    }

    fn finish(mut self) -> Vec<Segment<'t>> {
        let end = self.text.len();
        self.end_segment(end..end);
        self.finished
    }
}

/// Parses the variable whose `{` is at `start`; returns it and the position behind its `}`.
fn parse_variable(
    text: &str,
    start: usize,
    regexes: Regexes,
) -> Result<(Variable<'_>, usize), SyntaxError> {
    let end = closing_brace(text, start)
        .ok_or_else(|| error(start..start + 1, SyntaxErrorKind::UnclosedBrace))?;
    let inner = &text[start + 1..end];
    let (name, regex) = match inner.split_once(':') {
        Some((name, regex)) => (name, Some(regex)),
        None => (inner, None),
    };
    let name_span = start + 1..start + 1 + name.len();
    if name.is_empty() {
        return Err(error(start..end + 1, SyntaxErrorKind::EmptyName));
    }
    if name.starts_with('*') {
        return Err(error(start..end + 1, SyntaxErrorKind::CaptureRest));
    }
    if !is_name(name) {
        let name = name.to_owned();
        return Err(error(name_span, SyntaxErrorKind::InvalidName { name }));
    }
    let regex = match regex {
        None => None,
        Some(regex) => {
            let regex_start = name_span.end + 1;
            if regexes == Regexes::Refused {
                let name = name.to_owned();
                return Err(error(
                    regex_start..end,
                    SyntaxErrorKind::RegexRefused { name },
                ));
            }
            Some(canonical_regex(name, regex, regex_start)?)
        }
    };
    Ok((Variable { name, regex }, end + 1))
}

/// The `}` that belongs to the `{` at `start`: a regex may contain balanced braces (`\d{2}`) and escaped ones.
fn closing_brace(text: &str, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (offset, byte) in text[start..].bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(start + offset);
                }
            }
            _ => {}
        }
    }
    None
}

fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|next| next.is_alphanumeric() || matches!(next, '_' | '-'))
}

/// Validates the regex of a variable, which stands at `start` of the pattern's text (AP-8).
fn canonical_regex(name: &str, regex: &str, start: usize) -> Result<String, SyntaxError> {
    let at = |span: &ast::Span| start + span.start.offset..start + span.end.offset;
    let invalid = |span: &ast::Span, message: String| {
        error(
            at(span),
            SyntaxErrorKind::InvalidRegex {
                name: name.to_owned(),
                message,
            },
        )
    };
    if regex.is_empty() {
        let name = name.to_owned();
        return Err(error(start..start, SyntaxErrorKind::EmptyRegex { name }));
    }
    let tree = ast::parse::Parser::new()
        .parse(regex)
        .map_err(|e| invalid(e.span(), e.kind().to_string()))?;
    if let Err(span) = ast::visit(&tree, CapturingGroups) {
        let name = name.to_owned();
        return Err(error(at(&span), SyntaxErrorKind::CapturingGroup { name }));
    }
    TranslatorBuilder::new()
        .dot_matches_new_line(true)
        .build()
        .translate(regex, &tree)
        .map(|meaning| meaning.to_string())
        .map_err(|e| invalid(e.span(), e.kind().to_string()))
}

/// Fails with the span of the first capturing group.
struct CapturingGroups;

impl ast::Visitor for CapturingGroups {
    type Output = ();
    type Err = ast::Span;

    fn finish(self) -> Result<(), ast::Span> {
        Ok(())
    }

    fn visit_pre(&mut self, node: &Ast) -> Result<(), ast::Span> {
        match node {
            Ast::Group(group) if group.is_capturing() => Err(group.span),
            _ => Ok(()),
        }
    }
}

fn error(span: Range<usize>, kind: SyntaxErrorKind) -> SyntaxError {
    SyntaxError { span, kind }
}
