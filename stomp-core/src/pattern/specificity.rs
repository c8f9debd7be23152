//! Which of two patterns is the better match.

use std::cmp::Reverse;

use super::syntax::{Piece, Segment};

/// How specific a pattern is; less is more specific. The derived order, variant by variant and field by field, is the
/// definition: see [`compare_specificity`](super::DestinationPattern::compare_specificity).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Specificity {
    Literal,
    WithinSegments {
        points: usize,
        length: Reverse<usize>,
        stars: usize,
        question_marks: usize,
    },
    // The length comes first, because Spring orders patterns that end in `**` so, and orders them with those that have
    // a `**` elsewhere by points, which is only consistent if both are ordered by length.
    AcrossSegments {
        length: Reverse<usize>,
        points: usize,
        stars: usize,
        variables: usize,
        question_marks: usize,
    },
    CatchAll,
}

impl Specificity {
    pub(super) fn of(segments: &[Segment<'_>]) -> Self {
        let mut any_segments = 0;
        let mut variables = 0;
        let mut stars = 0;
        let mut question_marks = 0;
        let mut length = 0;
        for segment in segments {
            // One for the separator, so that surplus separators in the text do not count.
            length += 1;
            match segment {
                Segment::AnySegments => {
                    any_segments += 1;
                    length += 2;
                }
                Segment::Pieces(pieces) => {
                    for piece in pieces {
                        length += match piece {
                            Piece::Literal(text) => text.chars().count(),
                            Piece::AnyChar | Piece::AnyText | Piece::Variable(_) => 1,
                        };
                        match piece {
                            Piece::Literal(_) => {}
                            Piece::AnyChar => question_marks += 1,
                            Piece::AnyText => stars += 1,
                            Piece::Variable(_) => variables += 1,
                        }
                    }
                }
            }
        }
        let points = variables + stars + 2 * any_segments;
        let length = Reverse(length);
        if any_segments > 0 && any_segments == segments.len() {
            Self::CatchAll
        } else if any_segments > 0 {
            Self::AcrossSegments {
                length,
                points,
                stars,
                variables,
                question_marks,
            }
        } else if points + question_marks > 0 {
            Self::WithinSegments {
                points,
                length,
                stars,
                question_marks,
            }
        } else {
            Self::Literal
        }
    }
}
