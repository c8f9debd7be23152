//! What a pattern matches, apart from how it is written: for those who match many patterns at once.

use super::DestinationPattern;
use super::syntax::{self, Piece, Regexes, Segment};

/// What a pattern matches. Patterns of the same shape match the same destinations, such as `/a/{x}` and `//a/{y}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    /// A destination has to agree (AP-2).
    pub(crate) starts_with_separator: bool,
    pub(crate) segments: Vec<SegmentShape>,
    pub(crate) end: End,
}

/// One segment of a [`Shape`]. The segments of a destination that it is compared with are never empty (AP-1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SegmentShape {
    /// `**`: any number of segments.
    AnySegments,
    /// `*` or `{name}`: one segment, whatever it is.
    AnySegment,
    /// One segment, which is this text.
    Literal(Box<str>),
    /// One segment that is made of these pieces.
    Glob(Box<[GlobPiece]>),
}

/// A piece of a segment that mixes text and wildcards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum GlobPiece {
    Char(char),
    /// `?`
    AnyChar,
    /// `*` or `{name}`
    AnyText,
}

/// How a destination has to end, beyond its segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum End {
    /// Behind a final `**`: however it likes.
    Open,
    /// With or without a separator, as the pattern does (AP-6).
    Agrees { with_separator: bool },
    /// As `Agrees`, or with a separator and nothing behind it in place of the last segment. That is a final `*` in a
    /// pattern without `**` (AP-5).
    Star { with_separator: bool },
}

impl Shape {
    /// The shape of a pattern; `None` if it has a regex, as no pattern of a client has (T-21).
    pub(crate) fn of(pattern: &DestinationPattern) -> Option<Self> {
        let (text, separator) = (pattern.as_str(), pattern.separator().as_char());
        let segments = syntax::parse(text, separator, Regexes::Refused).ok()?;
        let with_separator = text.ends_with(separator);
        let end = match segments.last() {
            Some(Segment::AnySegments) => End::Open,
            Some(Segment::Pieces(pieces))
                if *pieces == [Piece::AnyText] && !segments.contains(&Segment::AnySegments) =>
            {
                End::Star { with_separator }
            }
            _ => End::Agrees { with_separator },
        };
        Some(Self {
            starts_with_separator: text.starts_with(separator),
            segments: segments.iter().map(SegmentShape::of).collect(),
            end,
        })
    }
}

impl SegmentShape {
    fn of(segment: &Segment<'_>) -> Self {
        match segment {
            Segment::AnySegments => Self::AnySegments,
            Segment::Pieces(pieces) => match &**pieces {
                [Piece::AnyText | Piece::Variable(_)] => Self::AnySegment,
                [Piece::Literal(text)] => Self::Literal((*text).into()),
                _ => Self::Glob(pieces.iter().flat_map(glob_pieces).collect()),
            },
        }
    }
}

fn glob_pieces<'p>(piece: &'p Piece<'_>) -> impl Iterator<Item = GlobPiece> + use<'p> {
    let (text, wildcard) = match piece {
        Piece::Literal(text) => (*text, None),
        Piece::AnyChar => ("", Some(GlobPiece::AnyChar)),
        Piece::AnyText | Piece::Variable(_) => ("", Some(GlobPiece::AnyText)),
    };
    text.chars().map(GlobPiece::Char).chain(wildcard)
}
