use std::collections::{BTreeMap, HashMap};

use smallvec::SmallVec;

use super::glob_matcher::{Characters, GlobMatcher};
use crate::pattern::GlobPiece;

/// Segments that mix text and wildcards, such as `PRICE.*.IBM`, each with a number, and which of them a text matches.
///
/// They are found by the text before their first wildcard, and then by that behind their last one; only those between
/// which there is more than one `*` are matched one by one. So those that begin or end otherwise cost nothing, and the
/// others no more than if their subscribers were delivered to (T-21).
#[derive(Debug, Default)]
pub(super) struct Globs {
    known: HashMap<Box<[GlobPiece]>, Known>,
    by_prefix: Affixes<Affixes<Matchers>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Known {
    number: u32,
    uses: usize,
}

/// Who matches what is between a prefix and a suffix, by number; nobody has to if that is a single `*`.
type Matchers = HashMap<u32, Option<GlobMatcher>>;

/// What is found by a text of any length that is at an end of another text.
#[derive(Debug)]
struct Affixes<T> {
    /// The texts come from clients, hence the default hash.
    by_text: HashMap<Box<str>, T>,
    /// How many texts there are of each length in bytes.
    lengths: BTreeMap<usize, usize>,
}

/// A glob taken apart.
struct Parts<'a> {
    prefix: String,
    middle: &'a [GlobPiece],
    suffix: String,
}

impl Globs {
    pub(super) fn get(&self, pieces: &[GlobPiece]) -> Option<u32> {
        self.known.get(pieces).map(|known| known.number)
    }

    /// The number of the glob, which now has one use more.
    pub(super) fn acquire(&mut self, pieces: &[GlobPiece]) -> u32 {
        if let Some(known) = self.known.get_mut(pieces) {
            known.uses += 1;
            return known.number;
        }
        // Without a free number, all below the number of globs are taken.
        let number = self.free.pop().unwrap_or_else(|| {
            u32::try_from(self.known.len()).expect("2^32 globs fit into no memory")
        });
        let parts = Parts::of(pieces);
        let is_star = *parts.middle == [GlobPiece::AnyText];
        let matcher = (!is_star).then(|| GlobMatcher::new(parts.middle));
        self.by_prefix
            .get_or_insert(&parts.prefix)
            .get_or_insert(&parts.suffix)
            .insert(number, matcher);
        self.known.insert(pieces.into(), Known { number, uses: 1 });
        number
    }

    /// Gives one use back.
    pub(super) fn release(&mut self, pieces: &[GlobPiece]) {
        let Some(known) = self.known.get_mut(pieces) else {
            return;
        };
        known.uses -= 1;
        if known.uses > 0 {
            return;
        }
        let number = known.number;
        self.known.remove(pieces);
        self.free.push(number);
        let parts = Parts::of(pieces);
        self.by_prefix.update(&parts.prefix, |by_suffix| {
            by_suffix.update(&parts.suffix, |matchers| {
                matchers.remove(&number);
                !matchers.is_empty()
            });
            !by_suffix.by_text.is_empty()
        });
        if self.known.is_empty() {
            *self = Self::default();
        }
    }

    /// Adds the numbers of those that the text matches, in order.
    pub(super) fn classes_of(&self, text: &str, classes: &mut SmallVec<[u32; 16]>) {
        let characters: Characters = text.chars().collect();
        for (by_suffix, rest) in self.by_prefix.at_start_of(text) {
            for (matchers, middle) in by_suffix.at_end_of(rest) {
                let matching = matchers.iter().filter(|(_, matcher)| {
                    let matcher = matcher.as_ref();
                    matcher.is_none_or(|matcher| matcher.matches(middle, characters))
                });
                classes.extend(matching.map(|(number, _)| *number));
            }
        }
        classes.sort_unstable();
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty() && self.by_prefix.by_text.is_empty() && self.free.is_empty()
    }
}

impl<'a> Parts<'a> {
    fn of(pieces: &'a [GlobPiece]) -> Self {
        let text = |pieces: &[GlobPiece]| pieces.iter().map_while(character).collect();
        let is_text = |piece: &GlobPiece| character(piece).is_some();
        let start = pieces.iter().take_while(|piece| is_text(piece)).count();
        let rest = &pieces[start..];
        let end = rest.iter().rev().take_while(|piece| is_text(piece)).count();
        let (middle, suffix) = rest.split_at(rest.len() - end);
        Self {
            prefix: text(&pieces[..start]),
            middle,
            suffix: text(suffix),
        }
    }
}

fn character(piece: &GlobPiece) -> Option<char> {
    match piece {
        GlobPiece::Char(character) => Some(*character),
        GlobPiece::AnyChar | GlobPiece::AnyText => None,
    }
}

impl<T> Default for Affixes<T> {
    fn default() -> Self {
        Self {
            by_text: HashMap::new(),
            lengths: BTreeMap::new(),
        }
    }
}

impl<T> Affixes<T> {
    fn get_or_insert(&mut self, text: &str) -> &mut T
    where
        T: Default,
    {
        self.by_text.entry(text.into()).or_insert_with(|| {
            *self.lengths.entry(text.len()).or_default() += 1;
            T::default()
        })
    }

    /// Keeps what is found by `text` only if `update` says so.
    fn update(&mut self, text: &str, update: impl FnOnce(&mut T) -> bool) {
        if self.by_text.get_mut(text).is_none_or(update) {
            return;
        }
        self.by_text.remove(text);
        if let Some(count) = self.lengths.get_mut(&text.len()) {
            *count -= 1;
            if *count == 0 {
                self.lengths.remove(&text.len());
            }
        }
    }

    /// What is found by a beginning of `text`, and the text behind that.
    fn at_start_of<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (&'a T, &'a str)> {
        self.lengths_up_to(text).filter_map(move |length| {
            let (start, rest) = text.split_at_checked(length)?;
            Some((self.by_text.get(start)?, rest))
        })
    }

    /// What is found by an end of `text`, and the text before that.
    fn at_end_of<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (&'a T, &'a str)> {
        self.lengths_up_to(text).filter_map(move |length| {
            let (rest, end) = text.split_at_checked(text.len() - length)?;
            Some((self.by_text.get(end)?, rest))
        })
    }

    fn lengths_up_to(&self, text: &str) -> impl Iterator<Item = usize> + use<'_, T> {
        self.lengths.range(..=text.len()).map(|(length, _)| *length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<GlobPiece> {
        let piece = |character| match character {
            '?' => GlobPiece::AnyChar,
            '*' => GlobPiece::AnyText,
            _ => GlobPiece::Char(character),
        };
        text.chars().map(piece).collect()
    }

    #[test]
    fn sr_3_those_that_match_and_no_others() {
        let texts = [
            "a*b", "a*", "*b", "a?b", "ab*ab", "*x*", "a*x*b", "é*é", "??",
        ];
        let mut globs = Globs::default();
        let numbers: Vec<_> = texts
            .iter()
            .map(|text| globs.acquire(&pieces(text)))
            .collect();
        for (text, expected) in [
            ("axb", &["a*b", "a*", "*b", "a?b", "*x*", "a*x*b"][..]),
            ("ab", &["a*b", "a*", "*b", "??"]),
            // Prefix and suffix don't overlap.
            ("abab", &["a*b", "a*", "*b", "ab*ab"]),
            ("aba", &["a*"]),
            ("é", &[]),
            ("éé", &["é*é", "??"]),
            ("", &[]),
        ] {
            let mut classes = SmallVec::new();
            globs.classes_of(text, &mut classes);
            let found: Vec<_> = (0..texts.len())
                .filter(|index| classes.contains(&numbers[*index]))
                .map(|index| texts[index])
                .collect();
            assert_eq!(found, expected, "{text}");
            assert!(classes.is_sorted());
        }
    }

    #[test]
    fn sub_033_numbers_are_given_back_and_nothing_is_left() {
        let mut globs = Globs::default();
        let (one, other) = (
            globs.acquire(&pieces("a*b")),
            globs.acquire(&pieces("a*x*b")),
        );
        assert_ne!(one, other);
        assert_eq!(globs.acquire(&pieces("a*b")), one);
        globs.release(&pieces("a*b"));
        assert_eq!(globs.get(&pieces("a*b")), Some(one));
        globs.release(&pieces("a*b"));
        assert_eq!(globs.get(&pieces("a*b")), None);
        assert_eq!(globs.acquire(&pieces("c?")), one);
        for text in ["a*x*b", "c?", "unknown*"] {
            globs.release(&pieces(text));
        }
        assert!(globs.is_empty());
    }
}
