//! Patterns of `LIKE`: `%` is any text, `_` is one character (SEL-010, SEL-011).

use memchr::memmem;

use super::error::SyntaxError;

/// How many characters may stand between two `%` if `_` is among them: one bit of a word for each.
pub(super) const MAX_WILD_CHARACTERS: usize = 64;

/// How many `%` a pattern may have. What stands between two of them takes much more memory than text.
pub(super) const MAX_GAPS: usize = 16;

/// A compiled pattern. Matching takes time in proportion to the text, whatever the pattern is (SEL-024).
///
/// What stands before the first `%` belongs to the start of the text, and what stands behind the last one to its end. Each
/// run between two of them takes its first place in the rest: one that lies further left never leaves less room to those
/// behind it, so no choice has ever to be taken back. To find a run is linear as well, which trying it at each place would
/// not be.
#[derive(Debug)]
pub(super) struct LikePattern {
    start: Fixed,
    /// What follows the first `%`, if there is one.
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    runs: Box<[Run]>,
    end: Fixed,
}

/// Something at a known place.
#[derive(Debug)]
struct Fixed(Box<[Symbol]>);

/// Something that is looked for.
#[derive(Debug)]
enum Run {
    /// The search needs no preparation that would be worth its memory.
    Literal(Box<str>),
    Wild(Box<Wild>),
}

/// A run with `_` in it: the algorithm Shift-And, whose state is one bit for each character of the run.
#[derive(Debug)]
struct Wild {
    /// Where the run takes any character.
    any: u64,
    /// Where it takes a certain one, sorted by character.
    literals: Box<[(char, u64)]>,
    last: u64,
}

/// One character of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Literal(char),
    Any,
}

impl LikePattern {
    pub(super) fn parse(pattern: &str, escape: Option<char>) -> Result<Self, SyntaxError> {
        let mut parts = vec![Vec::new()];
        let mut characters = pattern.chars();
        while let Some(character) = characters.next() {
            let symbol = match character {
                _ if Some(character) == escape => match characters.next() {
                    Some(next) if matches!(next, '%' | '_') || Some(next) == escape => {
                        Symbol::Literal(next)
                    }
                    _ => return Err(SyntaxError::Escaped),
                },
                '%' if parts.len() > MAX_GAPS => return Err(SyntaxError::Gaps),
                '%' => {
                    parts.push(Vec::new());
                    continue;
                }
                '_' => Symbol::Any,
                literal => Symbol::Literal(literal),
            };
            if let Some(part) = parts.last_mut() {
                part.push(symbol);
            }
        }
        let end = if parts.len() > 1 { parts.pop() } else { None };
        let mut parts = parts.into_iter();
        let start = Fixed(parts.next().unwrap_or_default().into());
        let Some(end) = end else {
            return Ok(Self { start, open: None });
        };
        let runs = parts
            .filter(|part| !part.is_empty())
            .map(|part| Run::new(&part))
            .collect::<Result<_, _>>()?;
        let end = Fixed(end.into());
        Ok(Self {
            start,
            open: Some(Open { runs, end }),
        })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let Some(rest) = self.start.strip_from_start(text) else {
            return false;
        };
        let Some(open) = &self.open else {
            return rest.is_empty();
        };
        let Some(mut rest) = open.end.strip_from_end(rest) else {
            return false;
        };
        open.runs.iter().all(|run| match run.end_in(rest) {
            Some(end) => {
                rest = &rest[end..];
                true
            }
            None => false,
        })
    }
}

impl Symbol {
    fn is(self, character: char) -> bool {
        match self {
            Self::Literal(literal) => literal == character,
            Self::Any => true,
        }
    }
}

impl Fixed {
    fn strip_from_start<'h>(&self, text: &'h str) -> Option<&'h str> {
        let mut characters = text.chars();
        self.0
            .iter()
            .all(|symbol| characters.next().is_some_and(|next| symbol.is(next)))
            .then_some(characters.as_str())
    }

    fn strip_from_end<'h>(&self, text: &'h str) -> Option<&'h str> {
        let mut characters = text.chars();
        self.0
            .iter()
            .rev()
            .all(|symbol| characters.next_back().is_some_and(|next| symbol.is(next)))
            .then_some(characters.as_str())
    }
}

impl Run {
    fn new(symbols: &[Symbol]) -> Result<Self, SyntaxError> {
        if symbols.contains(&Symbol::Any) {
            Ok(Self::Wild(Box::new(Wild::new(symbols)?)))
        } else {
            Ok(Self::Literal(literal(symbols).into()))
        }
    }

    /// Where the first occurrence ends.
    fn end_in(&self, text: &str) -> Option<usize> {
        match self {
            // Both are UTF-8, in which no character begins within another.
            Self::Literal(literal) => {
                let start = memmem::find(text.as_bytes(), literal.as_bytes())?;
                Some(start + literal.len())
            }
            Self::Wild(wild) => wild.end_in(text),
        }
    }
}

impl Wild {
    fn new(symbols: &[Symbol]) -> Result<Self, SyntaxError> {
        if symbols.len() > MAX_WILD_CHARACTERS {
            return Err(SyntaxError::WildCharacters);
        }
        let mut any = 0;
        let mut literals: Vec<(char, u64)> = Vec::new();
        for (index, symbol) in symbols.iter().enumerate() {
            match *symbol {
                Symbol::Any => any |= 1 << index,
                Symbol::Literal(literal) => {
                    match literals.binary_search_by_key(&literal, |(found, _)| *found) {
                        Ok(found) => literals[found].1 |= 1 << index,
                        Err(place) => literals.insert(place, (literal, 1 << index)),
                    }
                }
            }
        }
        Ok(Self {
            any,
            literals: literals.into(),
            last: 1 << (symbols.len() - 1),
        })
    }

    fn end_in(&self, text: &str) -> Option<usize> {
        // A table makes this several times faster; it is not kept, because it is larger than all else of a selector.
        let mut ascii = [self.any; 128];
        for &(character, places) in &self.literals {
            if let Some(mask) = ascii.get_mut(character as usize) {
                *mask |= places;
            }
        }
        let mut state = 0_u64;
        for (start, character) in text.char_indices() {
            let mask = match ascii.get(character as usize) {
                Some(mask) => *mask,
                None => self.any | self.places_of(character),
            };
            state = (state << 1 | 1) & mask;
            if state & self.last != 0 {
                return Some(start + character.len_utf8());
            }
        }
        None
    }

    fn places_of(&self, character: char) -> u64 {
        self.literals
            .binary_search_by_key(&character, |(literal, _)| *literal)
            .map_or(0, |index| self.literals[index].1)
    }
}

fn literal(symbols: &[Symbol]) -> String {
    symbols
        .iter()
        .filter_map(|symbol| match symbol {
            Symbol::Literal(character) => Some(*character),
            Symbol::Any => None,
        })
        .collect()
}
