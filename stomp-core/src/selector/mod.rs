//! Selectors: which messages a subscription wants, by their headers.
//!
//! ```text
//! symbol IN ('AAPL', 'MSFT') AND price > 100 AND NOT (test = TRUE)
//! ```
//!
//! The language is that of JMS, a part of SQL-92, as ActiveMQ reads it for STOMP clients (SEL-001 to SEL-025):
//!
//! | loosest first | |
//! |---|---|
//! | `OR`, then `AND`, then `NOT` | `NOT` stands before a boolean or parentheses |
//! | `=` `<>` `<` `<=` `>` `>=` | strings and booleans have `=` and `<>` only |
//! | `[NOT] BETWEEN low AND high` | both ends belong to it |
//! | `name [NOT] IN (..)` | strings, or numbers |
//! | `name [NOT] LIKE 'pattern' [ESCAPE 'c']` | `%` is any text, `_` is one character |
//! | `name IS [NOT] NULL` | whether the message has the header |
//! | `+` `-`, then `*` `/` `%`, then the sign | numbers |
//!
//! Logic is three-valued: whatever is said about a header that is missing, or does not have the type that it is compared
//! with, is unknown, and so is its opposite. Only what is true is delivered.
//!
//! All headers are text. What they are compared with decides how they are read: beside a number as a number, beside `TRUE`
//! or `FALSE`, or alone, as a boolean, and beside a string or another header as text. Types are known when a selector is
//! parsed, so [`Selector::matches`] converts nothing but headers.
//!
//! # Names
//!
//! A name is that of a STOMP header, with three exceptions ([`header`]): the names of JMS (`JMSPriority`, ..), Spring's
//! `simpDestination` and `contentType`, and what belongs to a delivery and not to the message. Spring's `nativeHeaders` are the plain names. In
//! double quotes stands any name, as it is: `"content-type"`.
//!
//! # What a client can cost
//!
//! A selector is at most [`MAX_SELECTOR_BYTES`] long and [`MAX_DEPTH`] deep, with [`MAX_OPERANDS`] names and values (T-20).
//! There are no calls, no regular expressions (T-21) and no caches. To evaluate one allocates nothing and takes linear
//! time: each of its names looks one header up, numbers are read up to a length, and `LIKE`, which reads a whole header,
//! stands in it [`MAX_LIKE_PATTERNS`] times at most.

mod error;
mod expression;
mod header;
mod keyword;
mod lexer;
mod like;
mod number;
mod operand;
mod operator;
mod parser;
mod truth;

#[cfg(test)]
mod tests;

use self::{expression::Condition, parser::Parser, truth::Truth};

pub(crate) use self::error::SelectorError;

/// How long a selector may be, in bytes, with its prefixes.
///
/// What one costs for each message grows with its length, and the client that subscribes is not the one that pays. Lists
/// of symbols or rooms need some hundred bytes; nothing that people write needs more than this.
const MAX_SELECTOR_BYTES: usize = 1024;

/// How many parentheses may be open at once.
///
/// Only they nest: chains of `AND`, `OR`, `NOT`, sums and products are one node each. So this is how deep the recursion of an
/// evaluation gets. People write two or three; programs that put each condition into the parentheses of the one before it
/// reach some tens.
const MAX_DEPTH: usize = 32;

/// How many names and values a selector may have, those of lists not counted.
///
/// Each name looks a header up, and may read a number, for each message; and each of them is a node in memory, which takes
/// some hundred bytes. Many values of one header are a list.
const MAX_OPERANDS: usize = 64;

/// How many `LIKE` a selector may have: each reads a whole header, which may be as long as the limits of frames allow.
const MAX_LIKE_PATTERNS: usize = 8;

/// What Artemis and Apollo understand before a selector, and ActiveMQ adds to those of STOMP clients (SEL-025).
const CONVERT_STRINGS: &str = "convert_string_expressions:";

/// As above, and names may have hyphens then.
const HYPHENATED: &str = "hyphenated_props:";

/// A compiled selector. It says of each message whether a subscription wants it.
#[derive(Debug)]
pub(crate) struct Selector {
    condition: Condition,
}

impl Selector {
    /// Compiles what a client sent as the `selector` of a SUBSCRIBE.
    ///
    /// # Errors
    ///
    /// Fails with a text for the client if it is no selector, or is longer or deeper than selectors may be.
    pub(crate) fn parse(text: &str) -> Result<Self, SelectorError> {
        if text.len() > MAX_SELECTOR_BYTES {
            return Err(SelectorError::TooLong);
        }
        let mut rest = text;
        let mut hyphenated = false;
        // Headers are converted anyway.
        while let Some(behind) = rest
            .strip_prefix(CONVERT_STRINGS)
            .or_else(|| rest.strip_prefix(HYPHENATED))
        {
            hyphenated |= rest.starts_with(HYPHENATED);
            rest = behind;
        }
        let condition = Parser::new(text, text.len() - rest.len(), hyphenated)?.selector()?;
        Ok(Self { condition })
    }

    /// Whether the message of these headers is wanted.
    ///
    /// `headers` returns the (first) value of a header that a receiver of the message sees. It is asked for the sender's
    /// headers, and for those that the server decides about, whatever the sender wrote: `destination`, `message-id`, and
    /// `redelivered`, which only a message that is delivered again has.
    pub(crate) fn matches<'h>(&self, headers: impl Fn(&str) -> Option<&'h str>) -> bool {
        self.condition.evaluate(&headers) == Truth::True
    }
}
