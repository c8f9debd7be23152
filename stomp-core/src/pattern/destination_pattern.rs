//! A compiled pattern.

use std::cmp::Ordering;
use std::sync::Arc;

use super::specificity::Specificity;
use super::syntax::{self, Piece, Regexes};
use super::{DestinationVariables, PatternError, Separator};
use super::{observer::Observer, segment::Segment};

/// A compiled destination pattern. The [module](super) shows the syntax.
///
/// * Empty segments are dropped on both sides: `/a//b` is matched like `/a/b` (AP-1).
/// * A pattern and a destination must agree on starting with the separator (AP-2) and, unless the pattern ends in
///   `**`, on ending with it (AP-6). Exception: a final `*` accepts the nothing behind a final separator, so `/a/*`
///   matches `/a/` (AP-5).
/// * Several variables in one segment are matched greedily from left to right: `{x}-{y}` splits `1-2-3` into `1-2`
///   and `3` (AP-7). A `**` before another one takes as few segments as possible.
/// * `**` glued to other text is nothing but two `*` within that segment (AP-4).
///
/// # Time
///
/// Matching takes at most the number of pattern pieces times the length of the destination, whatever the pattern:
/// there is no backtracking. A regex engine runs only for segments with a `{name:regex}`, and takes at most the size of
/// the compiled regex times the length of the segment; so there is no need for a cap on its steps (AP-14).
///
/// # Differences from Spring
///
/// * A separator inside braces belongs to the regex; Spring cuts through it (AP-9). A regex is still matched against
///   one segment only, so that it never meets a separator in a destination.
/// * A variable used twice, a capturing group in a regex, `{*name}`, `{}` and an unbalanced brace are errors when the
///   pattern is parsed (AP-8, AP-10, AP-11). Spring finds out at the first message, or takes the text literally.
/// * The order of [`compare_specificity`](Self::compare_specificity) is consistent.
#[derive(Clone, Debug)]
pub struct DestinationPattern {
    text: Box<str>,
    separator: Separator,
    variables: Box<[Arc<str>]>,
    /// The segments before the first `**`, or all.
    prefix: Box<[Segment]>,
    /// The segments behind each `**`, up to the next one. The last of them are the end of the pattern.
    after_any_segments: Box<[Box<[Segment]>]>,
    specificity: Specificity,
}

impl DestinationPattern {
    /// Parses a pattern that was written by the developer of the server.
    ///
    /// # Errors
    ///
    /// The text breaks the syntax, or a regex in it needs more than 64 KiB when compiled.
    pub fn parse(text: &str, separator: Separator) -> Result<Self, PatternError> {
        Self::compile(text, separator, Regexes::Allowed)
    }

    /// Parses a pattern that came over the network: as [`parse`](Self::parse), but without regexes (T-21).
    ///
    /// # Errors
    ///
    /// The text breaks the syntax, or has a `{name:regex}`.
    pub fn parse_from_client(text: &str, separator: Separator) -> Result<Self, PatternError> {
        Self::compile(text, separator, Regexes::Refused)
    }

    fn compile(text: &str, separator: Separator, regexes: Regexes) -> Result<Self, PatternError> {
        let parsed = syntax::parse(text, separator.as_char(), regexes)
            .map_err(|error| PatternError::from_syntax(text, &error))?;
        let mut variables: Vec<Arc<str>> = Vec::new();
        let mut parts = vec![Vec::new()];
        for segment in &parsed {
            match segment {
                syntax::Segment::AnySegments => parts.push(Vec::new()),
                syntax::Segment::Pieces(pieces) => {
                    let compiled = Segment::compile(pieces, variables.len())
                        .map_err(|error| PatternError::from_regex(text, &error))?;
                    variables.extend(names(pieces));
                    if let Some(part) = parts.last_mut() {
                        part.push(compiled);
                    }
                }
            }
        }
        let mut parts = parts.into_iter().map(Vec::into_boxed_slice);
        Ok(Self {
            text: text.into(),
            separator,
            variables: variables.into(),
            prefix: parts.next().unwrap_or_default(),
            after_any_segments: parts.collect(),
            specificity: Specificity::of(&parsed),
        })
    }

    /// The text that was parsed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The separator it was parsed with.
    #[must_use]
    pub fn separator(&self) -> Separator {
        self.separator
    }

    /// Whether it has no wildcard and no variable, so that it names one destination.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.specificity == Specificity::Literal
    }

    /// The names of its variables, from left to right.
    pub fn variables(&self) -> impl ExactSizeIterator<Item = &str> {
        self.variables.iter().map(|name| &**name)
    }

    /// Whether `destination` matches. Allocates nothing (a regex engine may, once for each thread).
    #[must_use]
    pub fn matches(&self, destination: &str) -> bool {
        (self.is_literal() && *self.text == *destination) || self.walk(destination, &mut MatchOnly)
    }

    /// The values of the variables in `destination`, or `None` if it does not match (MM-17).
    #[must_use]
    pub fn captures(&self, destination: &str) -> Option<DestinationVariables> {
        let mut values = Values(vec![""; self.variables.len()]);
        self.walk(destination, &mut values)
            .then(|| DestinationVariables::new(&self.variables, &values.0))
    }

    /// Compares two patterns that match the same destination; [`Ordering::Less`] means that `self` is the better
    /// match. Patterns of equal specificity are [`Ordering::Equal`], such as `/{x}` and `/{y}`, or `/{x}` and
    /// `/{x:[a-z]+}` (AP-32).
    ///
    /// The first of these rules that tells the two apart decides (AP-30):
    ///
    /// 1. A literal is better than a pattern without a `**` segment, that is better than one with, and that is better
    ///    than one that has nothing else (`/**`). Two literals are equal, and so are two of the last kind.
    /// 2. *Both with `**`*: the longer is better. Length is in characters, a variable counts as one.
    /// 3. Fewer points are better: one for each variable and each `*`, so two for each `**`.
    /// 4. *Both without `**`*: the longer is better.
    /// 5. Fewer `*` are better, then fewer variables, then fewer `?`.
    ///
    /// This is a total order: it is transitive, and independent of the destination. Spring's comparator is not. It
    /// differs from Spring's where that contradicts itself or counts text instead of segments:
    ///
    /// * Spring applies rules 1 and 2 only to patterns that *end* in `**`. But then `/a/bc/**` is better than
    ///   `/a/**/c`, which is better than `/{x}/{y}/{z}`, which is better than `/a/bc/**`.
    /// * Spring ignores a `*` at the start of the text, and one at its end behind a dot, so that `a.b.*` is better
    ///   than `a.b.{x}`, the reverse of `/a/b/*` and `/a/b/{x}` (AP-31). Here dots and slashes are ordered alike.
    /// * Spring counts surplus separators as length, and does not count `?` at all.
    #[must_use]
    pub fn compare_specificity(&self, other: &Self) -> Ordering {
        self.specificity.cmp(&other.specificity)
    }

    /// Matches from the left up to the first `**`, from the right up to the last one, and what stands between two `**`
    /// as far to the left as possible. A part that lies further left never leaves less room to those behind it, so no
    /// choice has ever to be taken back.
    pub(super) fn walk<'d>(&self, destination: &'d str, observer: &mut impl Observer<'d>) -> bool {
        let separator = self.separator.as_char();
        if self.text.starts_with(separator) != destination.starts_with(separator) {
            return false;
        }
        let ends_agree = self.text.ends_with(separator) == destination.ends_with(separator);
        let mut segments = destination.split(separator).filter(|text| !text.is_empty());

        for (index, segment) in self.prefix.iter().enumerate() {
            match segments.next() {
                Some(text) if segment.matches(text, observer) => {}
                Some(_) => return false,
                None => {
                    let is_last =
                        index + 1 == self.prefix.len() && self.after_any_segments.is_empty();
                    return is_last
                        && matches!(segment, Segment::Star)
                        && destination.ends_with(separator);
                }
            }
        }
        let Some((suffix, between)) = self.after_any_segments.split_last() else {
            return segments.next().is_none() && ends_agree;
        };
        if !suffix.is_empty() && !ends_agree {
            return false;
        }
        for segment in suffix.iter().rev() {
            if !segments
                .next_back()
                .is_some_and(|text| segment.matches(text, observer))
            {
                return false;
            }
        }
        for part in between {
            loop {
                let mut rest = segments.clone();
                let matched = part.iter().all(|segment| {
                    rest.next()
                        .is_some_and(|text| segment.matches(text, observer))
                });
                if matched {
                    segments = rest;
                    break;
                }
                if segments.next().is_none() {
                    return false;
                }
            }
        }
        true
    }
}

/// Whether `text` is a pattern rather than one destination: it contains `*`, `?`, or a `{` with a `}` somewhere behind
/// it (AP-13).
///
/// This is a test of the text only. [`DestinationPattern::parse`] may still refuse it.
///
/// ```
/// use stomp_axum::pattern::is_pattern;
///
/// assert!(is_pattern("/topic/*"));
/// assert!(!is_pattern("/topic/quotes"));
/// ```
#[must_use]
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
        || text
            .split_once('{')
            .is_some_and(|(_, behind)| behind.contains('}'))
}

fn names(pieces: &[Piece<'_>]) -> impl Iterator<Item = Arc<str>> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Variable(variable) => Some(Arc::from(variable.name)),
        Piece::Literal(_) | Piece::AnyChar | Piece::AnyText => None,
    })
}

struct MatchOnly;

impl Observer<'_> for MatchOnly {
    const WANTS_VARIABLES: bool = false;

    fn variable(&mut self, _: usize, _: &str) {}
}

struct Values<'d>(Vec<&'d str>);

impl<'d> Observer<'d> for Values<'d> {
    const WANTS_VARIABLES: bool = true;

    fn variable(&mut self, index: usize, value: &'d str) {
        self.0[index] = value;
    }
}
