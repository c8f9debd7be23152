//! Patterns of `LIKE`: `%` is any text, `_` is one character (SEL-010, SEL-011).

use memchr::memmem::Finder;

use super::error::SyntaxError;

/// How many characters may stand between two `%` if `_` is among them: one bit of a word for each.
pub(super) const MAX_WILD_CHARACTERS: usize = 64;

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
struct Fixed(Box<[Piece]>);

#[derive(Debug)]
enum Piece {
    Literal(Box<str>),
    Any(usize),
}

/// Something that is looked for.
#[derive(Debug)]
enum Run {
    Literal(Box<Finder<'static>>),
    Wild(Wild),
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

#[derive(Clone, Copy, PartialEq, Eq)]
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
        let start = Fixed::new(&parts.next().unwrap_or_default());
        let Some(end) = end else {
            return Ok(Self { start, open: None });
        };
        let runs = parts
            .filter(|part| !part.is_empty())
            .map(|part| Run::new(&part))
            .collect::<Result<_, _>>()?;
        let end = Fixed::new(&end);
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

impl Fixed {
    fn new(symbols: &[Symbol]) -> Self {
        let is_literal = |symbol: &Symbol| matches!(symbol, Symbol::Literal(_));
        let pieces = symbols
            .chunk_by(|left, right| is_literal(left) == is_literal(right))
            .map(|piece| match piece[0] {
                Symbol::Literal(_) => Piece::Literal(literal(piece).into()),
                Symbol::Any => Piece::Any(piece.len()),
            });
        Self(pieces.collect())
    }

    fn strip_from_start<'h>(&self, text: &'h str) -> Option<&'h str> {
        self.0.iter().try_fold(text, |rest, piece| match piece {
            Piece::Literal(literal) => rest.strip_prefix(&**literal),
            Piece::Any(count) => {
                let mut characters = rest.chars();
                characters.nth(count - 1)?;
                Some(characters.as_str())
            }
        })
    }

    fn strip_from_end<'h>(&self, text: &'h str) -> Option<&'h str> {
        self.0
            .iter()
            .rev()
            .try_fold(text, |rest, piece| match piece {
                Piece::Literal(literal) => rest.strip_suffix(&**literal),
                Piece::Any(count) => {
                    let mut characters = rest.chars();
                    characters.nth_back(count - 1)?;
                    Some(characters.as_str())
                }
            })
    }
}

impl Run {
    fn new(symbols: &[Symbol]) -> Result<Self, SyntaxError> {
        if symbols.contains(&Symbol::Any) {
            Wild::new(symbols).map(Self::Wild)
        } else {
            let finder = Finder::new(&literal(symbols)).into_owned();
            Ok(Self::Literal(Box::new(finder)))
        }
    }

    /// Where the first occurrence ends.
    fn end_in(&self, text: &str) -> Option<usize> {
        match self {
            // Both are UTF-8, in which no character begins within another.
            Self::Literal(finder) => Some(finder.find(text.as_bytes())? + finder.needle().len()),
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
        let mut state = 0_u64;
        for (start, character) in text.char_indices() {
            let literal = self
                .literals
                .binary_search_by_key(&character, |(literal, _)| *literal)
                .map_or(0, |index| self.literals[index].1);
            state = (state << 1 | 1) & (self.any | literal);
            if state & self.last != 0 {
                return Some(start + character.len_utf8());
            }
        }
        None
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
