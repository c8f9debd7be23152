//! Tests by case: SEL-* are those of selectors. What needs a whole server (SEL-018, SEL-021) is tested with one.

mod cases;
mod cost;
mod names;
mod oracle;
mod properties;
mod refusals;

use super::Selector;
use crate::codec::Headers;

fn parse(selector: &str) -> Selector {
    Selector::parse(selector).unwrap_or_else(|error| panic!("{selector}: {error}"))
}

/// Whether a message with these headers is delivered.
fn delivers(selector: &str, headers: &[(&str, &str)]) -> bool {
    let headers: Headers = headers.iter().copied().collect();
    parse(selector).matches(|name| headers.get(name))
}

/// The error of what is no selector.
fn refusal(selector: &str) -> String {
    match Selector::parse(selector) {
        Ok(parsed) => panic!("{selector}: {parsed:?}"),
        Err(error) => error.to_string(),
    }
}
