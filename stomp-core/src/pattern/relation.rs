//! How the destinations of two patterns relate: for rules about who may subscribe to a pattern.
//!
//! Both answers may err, but on the safe side only: [`covers`] says no if in doubt, [`may_overlap`] says yes.

use super::DestinationPattern;
use super::syntax::{self, Piece, Regexes, Segment};

/// Whether every destination that matches `part` matches `whole`, too; false if that can't be told.
pub(crate) fn covers(whole: &DestinationPattern, part: &DestinationPattern) -> bool {
    if whole.as_str() == part.as_str() {
        return true;
    }
    let separator = whole.separator().as_char();
    let (text, part_text) = (whole.as_str(), part.as_str());
    let (Some(segments), Some(part_segments)) = (parse(whole), parse(part)) else {
        return false;
    };
    if text.starts_with(separator) != part_text.starts_with(separator) {
        return false;
    }
    let ends_in_any_segments = segments.last() == Some(&Segment::AnySegments);
    if !ends_in_any_segments && text.ends_with(separator) != part_text.ends_with(separator) {
        return false;
    }
    if ends_in_star(&part_segments) {
        // A final `*` accepts the nothing behind a final separator, too (AP-5). A final `*` of the whole does so only
        // if it has no `**`.
        let nothing = &part_segments[..part_segments.len() - 1];
        let accepts_nothing = if ends_in_any_segments {
            walk(&segments, nothing, &Covers)
        } else {
            ends_in_star(&segments) && !segments.contains(&Segment::AnySegments)
        };
        if !accepts_nothing {
            return false;
        }
    }
    walk(&segments, &part_segments, &Covers)
}

/// Whether there may be a destination that matches both.
pub(crate) fn may_overlap(one: &DestinationPattern, other: &DestinationPattern) -> bool {
    let separator = one.separator().as_char();
    if one.as_str().starts_with(separator) != other.as_str().starts_with(separator) {
        return false;
    }
    let (Some(one), Some(other)) = (parse(one), parse(other)) else {
        return true;
    };
    let without_star =
        |segments: &[Segment<'_>]| segments.len() - usize::from(ends_in_star(segments));
    let (short_one, short_other) = (&one[..without_star(&one)], &other[..without_star(&other)]);
    walk(&one, &other, &Overlaps)
        || walk(short_one, &other, &Overlaps)
        || walk(&one, short_other, &Overlaps)
        || walk(short_one, short_other, &Overlaps)
}

fn parse(pattern: &DestinationPattern) -> Option<Vec<Segment<'_>>> {
    let separator = pattern.separator().as_char();
    syntax::parse(pattern.as_str(), separator, Regexes::Allowed).ok()
}

fn ends_in_star(segments: &[Segment<'_>]) -> bool {
    matches!(segments.last(), Some(Segment::Pieces(pieces)) if *pieces == [Piece::AnyText])
}

/// What is asked of two patterns, segment by segment.
trait Relation {
    /// Whether a `**` of the first may stand for a segment, or `**`, of the second.
    const OTHER_ANY_SEGMENTS_TAKES: bool;

    fn segments(&self, one: &[Piece<'_>], other: &[Piece<'_>]) -> bool;
}

struct Covers;

impl Relation for Covers {
    /// What the part stands for, the whole must stand for; not the other way round.
    const OTHER_ANY_SEGMENTS_TAKES: bool = false;

    fn segments(&self, whole: &[Piece<'_>], part: &[Piece<'_>]) -> bool {
        if whole == part {
            return true;
        }
        match (whole, part) {
            ([Piece::AnyText], _) => true,
            ([Piece::Variable(variable)], _) => variable.regex.is_none(),
            (_, [Piece::Literal(text)]) => matches(whole, text).unwrap_or(false),
            _ => covers_text(whole, part),
        }
    }
}

struct Overlaps;

impl Relation for Overlaps {
    const OTHER_ANY_SEGMENTS_TAKES: bool = true;

    fn segments(&self, one: &[Piece<'_>], other: &[Piece<'_>]) -> bool {
        match (one, other) {
            (_, [Piece::Literal(text)]) => matches(one, text).unwrap_or(true),
            ([Piece::Literal(text)], _) => matches(other, text).unwrap_or(true),
            _ => true,
        }
    }
}

/// Whether `a*` covers `ab*`: whether it matches the text in which a character that is in neither stands for each
/// wildcard of the part. Only a `*` can stand for that character, and so for whatever the wildcard stands for.
fn covers_text(whole: &[Piece<'_>], part: &[Piece<'_>]) -> bool {
    const WILDCARD: &str = "\u{FFFF}";

    let is_usable = |piece: &Piece<'_>| match piece {
        Piece::Literal(text) => !text.contains(WILDCARD),
        Piece::AnyChar => false,
        Piece::AnyText | Piece::Variable(_) => true,
    };
    if !whole.iter().all(is_usable) {
        return false;
    }
    let text: String = part
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => text,
            Piece::AnyChar | Piece::AnyText | Piece::Variable(_) => WILDCARD,
        })
        .collect();
    matches(whole, &text).unwrap_or(false)
}

/// Whether a segment matches a text; `None` if that takes a regex.
fn matches(pieces: &[Piece<'_>], text: &str) -> Option<bool> {
    let has_regex =
        |piece: &Piece<'_>| matches!(piece, Piece::Variable(variable) if variable.regex.is_some());
    if pieces.iter().any(has_regex) {
        return None;
    }
    let segment = super::segment::Segment::compile(pieces, 0).ok()?;
    Some(segment.matches(text, &mut Nobody))
}

struct Nobody;

impl super::observer::Observer<'_> for Nobody {
    const WANTS_VARIABLES: bool = false;

    fn variable(&mut self, _: usize, _: &str) {}
}

/// Compares all of `one` with all of `other`, in time proportional to the product of their lengths.
fn walk<R: Relation>(one: &[Segment<'_>], other: &[Segment<'_>], relation: &R) -> bool {
    // `reachable[j]`: the segments of `one` so far go with the first `j` of `other`.
    let mut reachable = vec![false; other.len() + 1];
    reachable[0] = true;
    if R::OTHER_ANY_SEGMENTS_TAKES {
        skip_any_segments(&mut reachable, other);
    }
    for segment in one {
        let mut next = vec![false; other.len() + 1];
        for (j, _) in reachable
            .iter()
            .enumerate()
            .filter(|(_, reached)| **reached)
        {
            match segment {
                Segment::AnySegments => next[j..].fill(true),
                Segment::Pieces(pieces) => match other.get(j) {
                    Some(Segment::Pieces(others)) if relation.segments(pieces, others) => {
                        next[j + 1] = true;
                    }
                    Some(Segment::AnySegments) if R::OTHER_ANY_SEGMENTS_TAKES => next[j] = true,
                    _ => {}
                },
            }
        }
        if R::OTHER_ANY_SEGMENTS_TAKES {
            skip_any_segments(&mut next, other);
        }
        reachable = next;
    }
    reachable[other.len()]
}

/// A `**` of the other also stands for no segment.
fn skip_any_segments(reachable: &mut [bool], other: &[Segment<'_>]) {
    for (j, segment) in other.iter().enumerate() {
        if reachable[j] && *segment == Segment::AnySegments {
            reachable[j + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pattern::Separator;

    fn pattern(text: &str) -> DestinationPattern {
        DestinationPattern::parse(text, Separator::Slash).unwrap()
    }

    #[test]
    fn sec_13_what_covers_what() {
        for (whole, part) in [
            ("/topic/**", "/topic/**"),
            ("/topic/**", "/topic/*"),
            ("/topic/**", "/topic/a/**"),
            ("/topic/**", "/topic"),
            ("/topic/*", "/topic/a"),
            ("/topic/*", "/topic/*"),
            ("/topic/{room}", "/topic/a*b"),
            ("/topic/a.*", "/topic/a.b"),
            ("/topic/a.*", "/topic/a.b.*"),
            ("/topic/{a}.x", "/topic/?.x"),
            ("/**", "/topic/**/x"),
            ("/topic/**/x", "/topic/a/**/x"),
        ] {
            assert!(covers(&pattern(whole), &pattern(part)), "{whole} {part}");
        }
        for (whole, part) in [
            ("/topic/*", "/topic/**"),
            ("/topic/a", "/topic/*"),
            ("/topic/a.*", "/topic/*"),
            ("/topic/a.b.*", "/topic/a.*"),
            ("/topic/a?", "/topic/a*"),
            ("/topic/{id:[0-9]+}", "/topic/*"),
            ("/topic/{id:[0-9]+}", "/topic/1"),
            ("/topic/**/x", "/topic/**"),
            ("/topic/**", "/**"),
            ("/topic/**", "topic/**"),
            ("/topic/{x}", "/topic/*"),
            ("/topic/*", "/topic/a/"),
        ] {
            assert!(!covers(&pattern(whole), &pattern(part)), "{whole} {part}");
        }
    }

    #[test]
    fn sec_13_what_overlaps() {
        for (one, other) in [
            ("/topic/secret/**", "/topic/**"),
            ("/topic/secret/**", "/topic/*"),
            ("/topic/*/x", "/topic/a/**"),
            ("/topic/a*", "/topic/*b"),
            ("/topic/{id:[0-9]+}", "/topic/a"),
            ("/**/a", "/a/**"),
            ("/topic/", "/topic/*"),
        ] {
            let (one, other) = (pattern(one), pattern(other));
            assert!(may_overlap(&one, &other), "{one:?} {other:?}");
            assert!(may_overlap(&other, &one), "{one:?} {other:?}");
        }
        for (one, other) in [
            ("/topic/secret/**", "/topic/public/**"),
            ("/topic/a/b", "/topic/*"),
            ("/topic/a*", "/topic/b"),
            ("/queue/**", "/topic/**"),
            ("topic/*", "/topic/*"),
        ] {
            let (one, other) = (pattern(one), pattern(other));
            assert!(!may_overlap(&one, &other), "{one:?} {other:?}");
            assert!(!may_overlap(&other, &one), "{one:?} {other:?}");
        }
    }

    fn any_pattern() -> impl Strategy<Value = String> {
        let segment = prop_oneof![
            Just("a".to_owned()),
            Just("b".to_owned()),
            Just("ab".to_owned()),
            Just("*".to_owned()),
            Just("**".to_owned()),
            Just("?".to_owned()),
            Just("a*".to_owned()),
            Just("a*b".to_owned()),
            Just("a?*".to_owned()),
            Just("{x}".to_owned()),
        ];
        (
            prop::collection::vec(segment, 0..4),
            any::<bool>(),
            any::<bool>(),
        )
            .prop_map(|(mut segments, start, end)| {
                // A variable has its name once.
                let mut names = 0;
                for segment in &mut segments {
                    if segment == "{x}" {
                        names += 1;
                        *segment = format!("{{x{names}}}");
                    }
                }
                let start = if start { "/" } else { "" };
                let end = if end { "/" } else { "" };
                format!("{start}{}{end}", segments.join("/"))
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// Whatever the two say holds for every destination.
        #[test]
        fn sec_13_relations_agree_with_matching(
            one in any_pattern(),
            other in any_pattern(),
            destinations in prop::collection::vec("/?(a|b|ab)?(/(a|b|ab|bb)?){0,5}/?", 15),
        ) {
            let (one, other) = (pattern(&one), pattern(&other));
            let (covers, overlaps) = (covers(&one, &other), may_overlap(&one, &other));
            for destination in &destinations {
                let matched = (one.matches(destination), other.matches(destination));
                if covers {
                    prop_assert!(matched != (false, true), "{destination}");
                }
                if !overlaps {
                    prop_assert!(matched != (true, true), "{destination}");
                }
            }
        }
    }
}
