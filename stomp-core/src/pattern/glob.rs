//! Matching of one segment that holds wildcards or variables but no regex.

use super::observer::Observer;

/// A segment such as `price-*.{ticker}?`: a prefix, then gaps of any length with something fixed behind each.
///
/// Matching goes from right to left and places each fixed part as far to the right as possible. That makes the first
/// gap as long as possible, then the second, and so on, as a greedy regex would (AP-7); and because a fixed part that
/// lies further right never leaves less room to those before it, no choice has ever to be taken back. So the time is
/// at most the length of the text times the length of the segment.
#[derive(Clone, Debug)]
pub(super) struct Glob {
    prefix: Fixed,
    gaps: Box<[Gap]>,
}

/// `*` or `{name}`, and what follows it up to the next one.
#[derive(Clone, Debug)]
struct Gap {
    variable: Option<usize>,
    then: Fixed,
}

/// A part that matches a fixed number of characters.
#[derive(Clone, Debug, Default)]
struct Fixed(Vec<FixedPiece>);

#[derive(Clone, Debug)]
enum FixedPiece {
    Literal(Box<str>),
    AnyChar,
}

/// Builds a [`Glob`] piece by piece.
#[derive(Debug, Default)]
pub(super) struct GlobBuilder {
    prefix: Fixed,
    gaps: Vec<Gap>,
}

impl GlobBuilder {
    pub(super) fn literal(&mut self, text: &str) {
        self.current().push(FixedPiece::Literal(text.into()));
    }

    pub(super) fn any_char(&mut self) {
        self.current().push(FixedPiece::AnyChar);
    }

    /// A gap of any length, which is the value of `variable` if there is one.
    pub(super) fn any_text(&mut self, variable: Option<usize>) {
        self.gaps.push(Gap {
            variable,
            then: Fixed::default(),
        });
    }

    pub(super) fn build(self) -> Glob {
        Glob {
            prefix: self.prefix,
            gaps: self.gaps.into(),
        }
    }

    fn current(&mut self) -> &mut Vec<FixedPiece> {
        match self.gaps.last_mut() {
            Some(gap) => &mut gap.then.0,
            None => &mut self.prefix.0,
        }
    }
}

impl Glob {
    pub(super) fn matches<'d>(&self, text: &'d str, observer: &mut impl Observer<'d>) -> bool {
        let Some(mut rest) = self.prefix.strip_from_start(text, observer) else {
            return false;
        };
        let [first, ..] = &*self.gaps else {
            return rest.is_empty();
        };
        for (index, gap) in self.gaps.iter().enumerate().rev() {
            let is_last = index + 1 == self.gaps.len();
            let placed = if is_last {
                gap.then
                    .strip_from_end(rest, observer)
                    .map(|before| (before, ""))
            } else {
                gap.then.split_at_last(rest, observer)
            };
            let Some((before, after)) = placed else {
                return false;
            };
            if let Some(following) = self.gaps.get(index + 1) {
                following.found(after, observer);
            }
            rest = before;
        }
        first.found(rest, observer);
        true
    }
}

impl Gap {
    fn found<'d>(&self, text: &'d str, observer: &mut impl Observer<'d>) {
        if let Some(variable) = self.variable {
            observer.variable(variable, text);
        }
    }
}

impl Fixed {
    /// What is left of `text` behind this part at its start.
    fn strip_from_start<'d>(
        &self,
        text: &'d str,
        observer: &mut impl Observer<'d>,
    ) -> Option<&'d str> {
        self.0.iter().try_fold(text, |rest, piece| {
            observer.compared();
            match piece {
                FixedPiece::Literal(literal) => rest.strip_prefix(&**literal),
                FixedPiece::AnyChar => {
                    let mut characters = rest.chars();
                    characters.next().map(|_| characters.as_str())
                }
            }
        })
    }

    /// What is left of `text` before this part at its end.
    fn strip_from_end<'d>(
        &self,
        text: &'d str,
        observer: &mut impl Observer<'d>,
    ) -> Option<&'d str> {
        self.0.iter().rev().try_fold(text, |rest, piece| {
            observer.compared();
            match piece {
                FixedPiece::Literal(literal) => rest.strip_suffix(&**literal),
                FixedPiece::AnyChar => {
                    let mut characters = rest.chars();
                    characters.next_back().map(|_| characters.as_str())
                }
            }
        })
    }

    /// The text before and behind the last place where this part matches.
    fn split_at_last<'d>(
        &self,
        text: &'d str,
        observer: &mut impl Observer<'d>,
    ) -> Option<(&'d str, &'d str)> {
        let ends = text.char_indices().map(|(start, _)| start).rev();
        std::iter::once(text.len()).chain(ends).find_map(|end| {
            let (head, after) = text.split_at(end);
            self.strip_from_end(head, observer)
                .map(|before| (before, after))
        })
    }
}
