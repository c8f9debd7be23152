use smallvec::SmallVec;

use crate::pattern::GlobPiece;

/// Matches one text that consists of characters and wildcards, in a time that no client can do anything about: at most one
/// step for each character of the text and each 64 of the pattern (T-21).
///
/// It keeps the set of all places in the pattern that the text so far leads to, a bit for each (the shift-and algorithm
/// of Baeza-Yates and Gonnet). [`DestinationPattern`](crate::pattern::DestinationPattern) matches one pattern at a time
/// and mostly stops sooner, but a pattern like `*?a?a?ab*` takes it the product of both lengths.
#[derive(Debug)]
pub(super) struct GlobMatcher {
    /// The characters that the text must have.
    needs: Characters,
    program: Box<Program>,
}

/// A set of characters, folded into a bit for each of ASCII: of others, it may have more than were put in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Characters(u128);

#[derive(Debug)]
struct Program {
    /// The characters in the pattern, in order.
    characters: Box<[char]>,
    /// How many words a row has.
    words: usize,
    /// Rows of bits: which places a character leads on from, for each of `characters` and for all others; then, which
    /// places a text may stay at.
    rows: Box<[u64]>,
    /// The place behind the pattern.
    end: usize,
}

impl GlobMatcher {
    /// `pieces` has no two `AnyText` in a row.
    pub(super) fn new(pieces: &[GlobPiece]) -> Self {
        let mut characters: Vec<char> = pieces.iter().filter_map(character).collect();
        let needs = characters.iter().copied().collect();
        characters.sort_unstable();
        characters.dedup();
        let end = pieces
            .iter()
            .filter(|piece| **piece != GlobPiece::AnyText)
            .count();
        let words = end / 64 + 1;
        let (others, stays) = (characters.len(), characters.len() + 1);
        let mut rows = vec![0; (characters.len() + 2) * words].into_boxed_slice();
        let mut place = 0;
        for piece in pieces {
            let leads_on = match piece {
                GlobPiece::AnyText => stays..stays + 1,
                GlobPiece::AnyChar => 0..others + 1,
                GlobPiece::Char(character) => match characters.binary_search(character) {
                    Ok(index) => index..index + 1,
                    Err(_) => 0..0,
                },
            };
            for row in leads_on {
                rows[row * words + place / 64] |= 1 << (place % 64);
            }
            place += usize::from(*piece != GlobPiece::AnyText);
        }
        Self {
            needs,
            program: Box::new(Program {
                characters: characters.into(),
                words,
                rows,
                end,
            }),
        }
    }

    /// `characters` are those of the text, or more.
    pub(super) fn matches(&self, text: &str, characters: Characters) -> bool {
        characters.have(self.needs) && self.program.matches(text)
    }
}

impl Program {
    fn matches(&self, text: &str) -> bool {
        let stays = self.row(self.characters.len() + 1);
        let mut places = SmallVec::<[u64; 4]>::from_elem(0, self.words);
        places[0] = 1;
        for character in text.chars() {
            let known = self.characters.binary_search(&character);
            let leads_on = self.row(known.unwrap_or(self.characters.len()));
            let mut carry = 0;
            let mut any = 0;
            for ((places, leads_on), stays) in places.iter_mut().zip(leads_on).zip(stays) {
                let moved = *places & leads_on;
                *places = moved << 1 | carry | *places & stays;
                carry = moved >> 63;
                any |= *places;
            }
            if any == 0 {
                return false;
            }
        }
        places[self.end / 64] & 1 << (self.end % 64) != 0
    }

    fn row(&self, row: usize) -> &[u64] {
        &self.rows[row * self.words..][..self.words]
    }
}

fn character(piece: &GlobPiece) -> Option<char> {
    match piece {
        GlobPiece::Char(character) => Some(*character),
        GlobPiece::AnyChar | GlobPiece::AnyText => None,
    }
}

impl Characters {
    fn have(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

impl FromIterator<char> for Characters {
    fn from_iter<I: IntoIterator<Item = char>>(characters: I) -> Self {
        let bits = characters
            .into_iter()
            .map(|character| 1 << (u32::from(character) % 128));
        Self(bits.fold(0, |all, bit: u128| all | bit))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, ProptestConfig, prop_assert_eq, prop_oneof, proptest};

    use super::*;

    fn matches(pieces: &[GlobPiece], text: &str) -> bool {
        GlobMatcher::new(pieces).matches(text, text.chars().collect())
    }

    /// Every choice is tried.
    fn oracle(pieces: &[GlobPiece], text: &[char]) -> bool {
        match (pieces, text) {
            ([], _) => text.is_empty(),
            ([GlobPiece::AnyText, others @ ..], _) => {
                (0..=text.len()).any(|taken| oracle(others, &text[taken..]))
            }
            ([GlobPiece::AnyChar, others @ ..], [_, rest @ ..]) => oracle(others, rest),
            ([GlobPiece::Char(expected), others @ ..], [character, rest @ ..]) => {
                expected == character && oracle(others, rest)
            }
            (_, []) => false,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn ap_3_as_every_choice(
            mut pieces in proptest::collection::vec(
                prop_oneof![
                    Just(GlobPiece::AnyText),
                    Just(GlobPiece::AnyChar),
                    Just(GlobPiece::Char('a')),
                    Just(GlobPiece::Char('é')),
                ],
                0..10,
            ),
            text in "[abé]{0,10}",
        ) {
            pieces.dedup_by(|one, other| one == other && *one == GlobPiece::AnyText);
            let characters: Vec<char> = text.chars().collect();
            prop_assert_eq!(matches(&pieces, &text), oracle(&pieces, &characters));
        }
    }

    #[test]
    fn patterns_of_more_than_a_word() {
        for length in [62, 63, 64, 65, 127, 128, 129, 250] {
            let text = "a".repeat(length);
            let pieces = vec![GlobPiece::Char('a'); length];
            assert!(matches(&pieces, &text), "{length}");
            assert!(!matches(&pieces, &text[1..]), "{length}");
            assert!(!matches(&pieces, &(text.clone() + "a")), "{length}");
            let with_gap = [&pieces[..], &[GlobPiece::AnyText, GlobPiece::Char('b')]].concat();
            assert!(matches(&with_gap, &(text.clone() + "cccb")), "{length}");
            assert!(!matches(&with_gap, &(text + "cccbc")), "{length}");
        }
    }
}
