//! What a pattern matches, apart from how it is written: for those who match many patterns at once.

use super::DestinationPattern;
use super::syntax::{self, Piece, Regexes, Segment};

/// What a pattern matches. Patterns of the same shape match the same destinations, such as `/a/{x}/**/**` and
/// `//a/**/{y}/**`.
///
/// In a run of wildcards, `**` (or `*` within a segment) stands last, and once. A client that sends many patterns has to
/// think of many, and who matches them has fewer cases.
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
            segments: canonical(
                segments.iter().map(SegmentShape::of),
                &SegmentShape::AnySegment,
                &SegmentShape::AnySegments,
            ),
            end,
        })
    }
}

impl SegmentShape {
    fn of(segment: &Segment<'_>) -> Self {
        let pieces = match segment {
            Segment::AnySegments => return Self::AnySegments,
            Segment::Pieces(pieces) => pieces,
        };
        if let [Piece::Literal(text)] = &**pieces {
            return Self::Literal((*text).into());
        }
        let pieces = canonical(
            pieces.iter().flat_map(glob_pieces),
            &GlobPiece::AnyChar,
            &GlobPiece::AnyText,
        );
        match &*pieces {
            // No segment is empty, so `?*` is as good as `*`.
            [GlobPiece::AnyText] | [GlobPiece::AnyChar, GlobPiece::AnyText] => Self::AnySegment,
            _ => Self::Glob(pieces.into()),
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

/// In each run of `one` and `any`, puts a single `any` last.
fn canonical<T: PartialEq + Clone>(pieces: impl Iterator<Item = T>, one: &T, any: &T) -> Vec<T> {
    let mut canonical = Vec::new();
    let mut is_any = false;
    for piece in pieces {
        if piece == *any {
            is_any = true;
            continue;
        }
        if piece != *one && std::mem::take(&mut is_any) {
            canonical.push(any.clone());
        }
        canonical.push(piece);
    }
    canonical.extend(is_any.then(|| any.clone()));
    canonical
}

#[cfg(test)]
mod tests {
    use super::super::Separator;
    use super::*;

    fn shape(text: &str) -> Shape {
        let pattern = DestinationPattern::parse(text, Separator::Slash).unwrap();
        Shape::of(&pattern).unwrap()
    }

    #[test]
    fn what_matches_the_same_has_one_shape() {
        for (one, other) in [
            ("/a/{x}/b*", "//a/*//b{y}"),
            ("/a/?*", "/a/{x}"),
            ("/a/?*", "/a/{x}{y}"),
            ("/**/*/a", "/*/**/a"),
            ("/**/**", "/**"),
            ("/a/**b*?*", "/a/*b?**"),
        ] {
            assert_eq!(shape(one), shape(other), "{one} and {other}");
        }
    }

    #[test]
    fn ap_2_ap_5_ap_6_what_matches_otherwise_has_another_shape() {
        for (one, other) in [
            ("/a/*", "/a/{x}"),
            ("/a/*", "/a/*/"),
            ("/a/*", "a/*"),
            ("/**/*", "/*/**"),
            ("/a?", "/a*"),
        ] {
            assert_ne!(shape(one), shape(other), "{one} and {other}");
        }
    }

    #[test]
    fn t_21_a_regex_has_no_shape() {
        let pattern = DestinationPattern::parse("/{x:a+}", Separator::Slash).unwrap();
        assert_eq!(Shape::of(&pattern), None);
    }
}
