//! The matching rules written down as plainly as possible, without regard to time: every choice is tried in the order
//! of preference, and the first that works is taken. It never sees a pattern's text, so it shares no parser either.

use regex::Regex;

#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) starts_with_separator: bool,
    pub(super) ends_with_separator: bool,
    pub(super) segments: Vec<Segment>,
}

#[derive(Clone, Debug)]
pub(super) enum Segment {
    AnySegments,
    Pieces(Vec<Piece>),
}

#[derive(Clone, Debug)]
pub(super) enum Piece {
    Literal(String),
    AnyChar,
    AnyText,
    Variable,
    /// The regex has to prefer the longest match.
    RegexVariable(&'static str),
}

impl Pattern {
    /// The values of the variables, in the order of the pattern.
    pub(super) fn captures(&self, destination: &str, separator: char) -> Option<Vec<String>> {
        if destination.starts_with(separator) != self.starts_with_separator {
            return None;
        }
        let segments: Vec<&str> = destination
            .split(separator)
            .filter(|s| !s.is_empty())
            .collect();
        match_segments(
            self,
            destination.ends_with(separator),
            &self.segments,
            &segments,
        )
    }

    /// The text, with the variables named `v0`, `v1` and so on.
    pub(super) fn to_text(&self, separator: char) -> String {
        let mut variable = 0;
        let mut name = || {
            variable += 1;
            format!("v{}", variable - 1)
        };
        let segments: Vec<String> = self
            .segments
            .iter()
            .map(|segment| match segment {
                Segment::AnySegments => "**".to_owned(),
                Segment::Pieces(pieces) => pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Literal(text) => text.clone(),
                        Piece::AnyChar => "?".to_owned(),
                        Piece::AnyText => "*".to_owned(),
                        Piece::Variable => format!("{{{}}}", name()),
                        Piece::RegexVariable(regex) => format!("{{{}:{regex}}}", name()),
                    })
                    .collect(),
            })
            .collect();
        let mut text = segments.join(&separator.to_string());
        if self.starts_with_separator {
            text.insert(0, separator);
        }
        if self.ends_with_separator && !text.ends_with(separator) {
            text.push(separator);
        }
        text
    }
}

fn match_segments(
    whole: &Pattern,
    destination_ends_with_separator: bool,
    pattern: &[Segment],
    destination: &[&str],
) -> Option<Vec<String>> {
    let go_on = |pattern, destination| {
        match_segments(whole, destination_ends_with_separator, pattern, destination)
    };
    let Some((first, others)) = pattern.split_first() else {
        let ends_open = matches!(whole.segments.last(), Some(Segment::AnySegments));
        let ends_agree = whole.ends_with_separator == destination_ends_with_separator;
        return (destination.is_empty() && (ends_open || ends_agree)).then(Vec::new);
    };
    match first {
        Segment::AnySegments => {
            (0..=destination.len()).find_map(|taken| go_on(others, &destination[taken..]))
        }
        Segment::Pieces(pieces) => {
            let Some((text, rest)) = destination.split_first() else {
                let no_double_wildcard = whole
                    .segments
                    .iter()
                    .all(|segment| matches!(segment, Segment::Pieces(_)));
                let final_star = others.is_empty()
                    && matches!(pieces.as_slice(), [Piece::AnyText])
                    && destination_ends_with_separator
                    && no_double_wildcard;
                return final_star.then(Vec::new);
            };
            let mut values = match_pieces(pieces, text)?;
            values.extend(go_on(others, rest)?);
            Some(values)
        }
    }
}

fn match_pieces(pieces: &[Piece], text: &str) -> Option<Vec<String>> {
    let Some((first, others)) = pieces.split_first() else {
        return text.is_empty().then(Vec::new);
    };
    // The longest first: that is what greedy means.
    let lengths = (0..=text.len())
        .rev()
        .filter(|end| text.is_char_boundary(*end));
    lengths
        .map(|end| text.split_at(end))
        .find_map(|(taken, rest)| {
            let (accepted, is_variable) = match first {
                Piece::Literal(literal) => (literal == taken, false),
                Piece::AnyChar => (taken.chars().count() == 1, false),
                Piece::AnyText => (true, false),
                Piece::Variable => (true, true),
                Piece::RegexVariable(regex) => (
                    Regex::new(&format!(r"\A(?s:{regex})\z"))
                        .unwrap()
                        .is_match(taken),
                    true,
                ),
            };
            if !accepted {
                return None;
            }
            let mut values = if is_variable {
                vec![taken.to_owned()]
            } else {
                Vec::new()
            };
            values.extend(match_pieces(others, rest)?);
            Some(values)
        })
}
