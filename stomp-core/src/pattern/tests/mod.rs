//! Tests by rule: AP-* are the rules of Ant-style patterns, MM-* those of mappings, TC-* the telling scenarios.

mod captures;
mod combine;
mod cost;
mod matching;
mod oracle;
mod properties;
mod specificity;
mod syntax;

use super::{DestinationPattern, Separator};

fn slash(text: &str) -> DestinationPattern {
    DestinationPattern::parse(text, Separator::Slash).unwrap()
}

fn dot(text: &str) -> DestinationPattern {
    DestinationPattern::parse(text, Separator::Dot).unwrap()
}
