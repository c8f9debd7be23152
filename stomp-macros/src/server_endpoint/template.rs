use std::ops::Range;

use syn::LitStr;

use crate::{destination::span_within, errors::Errors};

/// The path of an endpoint: segments that are literal, or one parameter each (JSR-10).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) parameters: Vec<String>,
}

impl Template {
    pub(super) fn parse(path: &LitStr, errors: &mut Errors) -> Option<Self> {
        match parse(&path.value()) {
            Ok(parameters) => Some(Self { parameters }),
            Err((place, message)) => {
                errors.push(syn::Error::new(span_within(path, place), message));
                None
            }
        }
    }

    /// A hint which parameters there are.
    pub(super) fn known(&self) -> String {
        let names: Vec<_> = self
            .parameters
            .iter()
            .map(|name| format!("`{{{name}}}`"))
            .collect();
        match names.as_slice() {
            [] => "; it has no parameters".to_owned(),
            names => format!("; it has {}", names.join(", ")),
        }
    }
}

type Mistake = (Range<usize>, &'static str);

/// The names of the parameters, or what is wrong.
fn parse(path: &str) -> Result<Vec<String>, Mistake> {
    if path == "/" {
        return Ok(Vec::new());
    }
    let Some(segments) = path.strip_prefix('/') else {
        let first = path.chars().next().map_or(0, char::len_utf8);
        return Err((0..first, "the path of an endpoint begins with `/`"));
    };
    let mut parameters = Vec::new();
    let mut start = 1;
    for segment in segments.split('/') {
        let place = start..start + segment.len();
        start = place.end + 1;
        if let Some(name) = parameter(segment, &place)? {
            if parameters.iter().any(|earlier| earlier == name) {
                return Err((place, "the path has a parameter of this name already"));
            }
            parameters.push(name.to_owned());
        }
    }
    Ok(parameters)
}

/// The name of the parameter that a segment is; `None` if it is literal.
fn parameter<'a>(segment: &'a str, place: &Range<usize>) -> Result<Option<&'a str>, Mistake> {
    if segment.is_empty() {
        let place = place.start - 1..place.start;
        return Err((place, "nothing follows this `/`"));
    }
    let name = segment
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let Some(name) = name.filter(|name| !name.contains(['{', '}'])) else {
        return literal(segment, place).map(|()| None);
    };
    let name_place = place.start + 1..place.end - 1;
    if name.is_empty() {
        return Err((place.clone(), "a parameter needs a name; write `{name}`"));
    }
    if name.starts_with('*') {
        return Err((name_place, "a parameter is one segment, never several"));
    }
    if name.contains(':') {
        return Err((
            name_place,
            "a parameter has no regex: write `{name}`, and check its value in the method",
        ));
    }
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    if !name.chars().all(is_word) {
        return Err((
            name_place,
            "the name of a parameter has letters, digits and `_` only",
        ));
    }
    Ok(Some(name))
}

fn literal(segment: &str, place: &Range<usize>) -> Result<(), Mistake> {
    if segment.starts_with(':') {
        return Err((
            place.clone(),
            "a parameter is written in braces: `{name}`, not `:name`",
        ));
    }
    let Some(index) = segment.find(|character: char| {
        "{}*?#\\%\"<>|^`".contains(character)
            || character.is_whitespace()
            || character.is_control()
            || !character.is_ascii()
    }) else {
        return Ok(());
    };
    let character = segment[index..].chars().next().unwrap_or(' ');
    let place = place.start + index..place.start + index + character.len_utf8();
    Err((
        place,
        match character {
            '{' | '}' => "a segment is either literal or a parameter: `{name}` and nothing else",
            '*' => "the path of an endpoint has no wildcards; a parameter is one segment: `{name}`",
            '?' => "a query is no part of the path; take it from the `Session`",
            _ => "this character can't stand in the path of a request",
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jsr_10_segments_are_literal_or_a_parameter() {
        for (path, parameters) in [
            ("/", &[][..]),
            ("/chat", &[]),
            ("/chat/{room}", &["room"]),
            ("/{a}/b/{c_1}", &["a", "c_1"]),
            ("/a.b-c~d_e!$&'()+,;=:@", &[]),
        ] {
            assert_eq!(parse(path).unwrap(), parameters, "{path}");
        }
    }

    #[test]
    fn jsr_10_mistakes_are_found_where_they_are() {
        for (path, place) in [
            ("", 0..0),
            ("chat", 0..1),
            ("/chat/", 5..6),
            ("//chat", 0..1),
            ("/{}", 1..3),
            ("/{*rest}", 2..7),
            ("/{id:\\d+}", 2..8),
            ("/{a b}", 2..5),
            ("/{a}/{a}", 5..8),
            ("/a{b}", 2..3),
            ("/{a}b", 1..2),
            ("/{a", 1..2),
            ("/a}", 2..3),
            ("/:id", 1..4),
            ("/*", 1..2),
            ("/a?b", 2..3),
            ("/ä", 1..3),
            ("/a b", 2..3),
            ("/a%20b", 2..3),
        ] {
            assert_eq!(parse(path).unwrap_err().0, place, "{path}");
        }
    }
}
