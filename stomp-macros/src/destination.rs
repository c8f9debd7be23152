//! Checks of destination patterns and of reply targets.

use std::{collections::HashSet, ops::Range};

use proc_macro2::Span;
use syn::LitStr;

use crate::{
    args::Kind,
    errors::Errors,
    pattern_syntax::{self, Piece, Regexes, Segment},
};

/// Checks the patterns of a mapping. Whether a pattern is valid does not depend on the separator, which only the
/// running application knows.
pub(crate) fn check_patterns(kind: Kind, patterns: &[LitStr], errors: &mut Errors) {
    check_values(kind, patterns, errors);
    for pattern in patterns {
        if let Err(error) = pattern_syntax::parse(&pattern.value(), '/', Regexes::Allowed) {
            errors.push(syn::Error::new(
                span_within(pattern, error.span),
                format!("invalid destination pattern: {}", error.kind),
            ));
        }
    }
}

/// Checks the targets of `#[send_to]` or `#[send_to_user]`: concrete destinations, in which `{name}` stands for a
/// variable of the pattern (RV-14).
pub(crate) fn check_targets(kind: Kind, targets: &[LitStr], errors: &mut Errors) {
    check_values(kind, targets, errors);
    for target in targets {
        if let Err((place, message)) = parse_target(&target.value()) {
            errors.push(syn::Error::new(span_within(target, place), message));
        }
    }
}

fn check_values(kind: Kind, destinations: &[LitStr], errors: &mut Errors) {
    let mut seen = HashSet::new();
    for destination in destinations {
        let value = destination.value();
        if value.is_empty() {
            errors.at(destination, "a destination can't be empty");
        } else if !seen.insert(value) {
            errors.at(
                destination,
                format!("`#[{}]` has this destination twice", kind.name()),
            );
        }
    }
}

/// The names of the variables of `patterns`; `None` if it can't be said, since one of them is not valid.
pub(crate) fn variables<'a>(
    patterns: impl IntoIterator<Item = &'a LitStr>,
) -> Option<HashSet<String>> {
    let mut names = HashSet::new();
    for pattern in patterns {
        let pattern = pattern.value();
        for segment in pattern_syntax::parse(&pattern, '/', Regexes::Allowed).ok()? {
            let Segment::Pieces(pieces) = segment else {
                continue;
            };
            names.extend(pieces.into_iter().filter_map(|piece| match piece {
                Piece::Variable(variable) => Some(variable.name.to_owned()),
                Piece::Literal(_) | Piece::AnyChar | Piece::AnyText => None,
            }));
        }
    }
    Some(names)
}

/// Checks that each variable of a target is one of the pattern's.
pub(crate) fn check_target_variables(
    target: &LitStr,
    variables: &HashSet<String>,
    errors: &mut Errors,
) {
    let text = target.value();
    for place in parse_target(&text).into_iter().flatten() {
        let name = &text[place.clone()];
        if !variables.contains(name) {
            errors.push(syn::Error::new(
                span_within(target, place),
                format!(
                    "no pattern of this handler has the variable `{{{name}}}`{}",
                    known(variables)
                ),
            ));
        }
    }
}

/// A hint which variables there are.
pub(crate) fn known(variables: &HashSet<String>) -> String {
    let mut names: Vec<_> = variables
        .iter()
        .map(|name| format!("`{{{name}}}`"))
        .collect();
    names.sort();
    match names.as_slice() {
        [] => "; they have no variables".to_owned(),
        names => format!("; they have {}", names.join(", ")),
    }
}

/// The places of the variables' names in a target, or what is wrong with it.
fn parse_target(text: &str) -> Result<Vec<Range<usize>>, (Range<usize>, &'static str)> {
    let mut names = Vec::new();
    let mut position = 0;
    while let Some(offset) = text[position..].find(['{', '}', '*', '?']) {
        let start = position + offset;
        let place = start..start + 1;
        match text.as_bytes()[start] {
            b'{' => {}
            b'}' => return Err((place, "this `}` has no `{` before it")),
            _ => {
                return Err((
                    place,
                    "a reply is sent to one destination, so it can't have a wildcard",
                ));
            }
        }
        let Some(length) = text[start..].find('}') else {
            return Err((place, "this `{` is never closed"));
        };
        let name = start + 1..start + length;
        if name.is_empty() {
            return Err((
                start..name.end + 1,
                "a variable needs a name; write `{name}`",
            ));
        }
        if text[name.clone()].contains(':') {
            return Err((
                name,
                "the regex of a variable belongs in the pattern; write `{name}` here",
            ));
        }
        position = name.end + 1;
        names.push(name);
    }
    Ok(names)
}

/// The span of a part of the literal's value, as far as the compiler can tell: else that of the whole literal.
pub(crate) fn span_within(literal: &LitStr, part: Range<usize>) -> Span {
    let token = literal.token();
    let has_escapes = token.to_string() != format!("\"{}\"", literal.value());
    if has_escapes {
        return literal.span();
    }
    token
        .subspan(part.start + 1..part.end + 1)
        .unwrap_or_else(|| literal.span())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rv_14_targets_have_variables_and_no_wildcards() {
        assert_eq!(
            parse_target("/topic/{a}/{b}{a}"),
            Ok(vec![8..9, 12..13, 15..16])
        );
        for (target, place) in [
            ("/topic/*", 7..8),
            ("/topic/?x", 7..8),
            ("/topic/{a", 7..8),
            ("/topic/a}", 8..9),
            ("/topic/{}", 7..9),
            (r"/topic/{a:\d+}", 8..13),
        ] {
            assert_eq!(parse_target(target).unwrap_err().0, place, "{target}");
        }
    }

    #[test]
    fn variables_of_patterns() {
        let literal = |text| LitStr::new(text, Span::call_site());
        let patterns = [literal("/{a}/**"), literal(r"/{b:\d{2}}/{a}")];
        let names = variables(&patterns).unwrap();
        assert_eq!(known(&names), "; they have `{a}`, `{b}`");
        assert_eq!(variables(&[literal("/{")]), None);
    }
}
