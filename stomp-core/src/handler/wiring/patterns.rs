//! Patterns of classes and methods, combined.

use std::collections::HashSet;

use super::{super::HandlerDefinition, WiringError};
use crate::pattern::{self, DestinationPattern, Separator};

/// Class patterns times method patterns, outermost class first, without repetitions (MM-9).
pub(super) fn combined_patterns(
    definition: &'static HandlerDefinition,
    separator: Separator,
) -> Vec<Result<String, WiringError>> {
    let function = &definition.function;
    let levels = definition
        .class_patterns
        .iter()
        .copied()
        .chain([definition.patterns]);
    let mut combined: Vec<Result<String, WiringError>> = Vec::new();
    for level in levels.filter(|level| !level.is_empty()) {
        let normalized = level
            .iter()
            .map(|pattern| pattern::normalize(pattern, separator));
        if combined.is_empty() {
            combined = normalized.map(|pattern| Ok(pattern.into_owned())).collect();
            continue;
        }
        let methods: Vec<_> = normalized.collect();
        combined = combined
            .into_iter()
            .flat_map(|class| match class {
                Ok(class) => methods
                    .iter()
                    .map(|method| {
                        pattern::combine(&class, method, separator).map_err(|source| {
                            let method = method.clone().into_owned();
                            WiringError::UncombinablePatterns {
                                function,
                                class: class.clone(),
                                method,
                                source,
                            }
                        })
                    })
                    .collect(),
                Err(error) => vec![Err(error)],
            })
            .collect();
    }
    if combined.is_empty() {
        return vec![Err(WiringError::NoPattern { function })];
    }
    let mut seen = HashSet::new();
    combined.retain(|pattern| {
        pattern
            .as_ref()
            .map_or(true, |pattern| seen.insert(pattern.clone()))
    });
    combined
}

/// A destination that both patterns match, if one is easily found: it takes each segment from the pattern that has a
/// literal there. `None` proves nothing, so two handlers may still be ambiguous when a message arrives.
pub(super) fn common_destination(
    one: &DestinationPattern,
    other: &DestinationPattern,
) -> Option<String> {
    let separator = one.separator().as_char();
    let segments = |pattern: &DestinationPattern| -> Vec<String> {
        // A separator within the braces of `{name:regex}` does not end a segment.
        let mut depth = 0_usize;
        let mut segments = vec![String::new()];
        for character in pattern.as_str().chars() {
            match character {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if character == separator && depth == 0 {
                segments.push(String::new());
            } else if let Some(segment) = segments.last_mut() {
                segment.push(character);
            }
        }
        segments
    };
    let (mine, theirs) = (segments(one), segments(other));
    if mine.len() != theirs.len() {
        return None;
    }
    let common: Vec<String> = mine
        .into_iter()
        .zip(theirs)
        .map(
            |(mine, theirs)| match (pattern::is_pattern(&mine), pattern::is_pattern(&theirs)) {
                (false, _) => mine,
                (true, false) => theirs,
                (true, true) => "x".to_owned(),
            },
        )
        .collect();
    let destination = common.join(&separator.to_string());
    (one.matches(&destination) && other.matches(&destination)).then_some(destination)
}
