//! What a selector says, and whether it is true of a message.
//!
//! The tree is typed: whatever has no meaning does not exist in it. It is as deep as its parentheses, because all that
//! stands side by side is one node.

use std::cmp::Ordering;

use super::{header::Header, lexer::Comparison, like::LikePattern, number::Number, truth::Truth};

#[derive(Debug)]
pub(super) enum Condition {
    Constant(bool),
    /// A header that is a boolean.
    Flag(Header),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    IsNull {
        header: Header,
        negated: bool,
    },
    Numbers {
        left: NumberExpression,
        comparison: Comparison,
        right: NumberExpression,
    },
    Booleans {
        left: Boolean,
        right: Boolean,
        negated: bool,
    },
    Texts {
        left: Text,
        right: Text,
        negated: bool,
    },
    Between {
        /// The value, and what it is at least and at most. The largest of all would make each condition as large.
        operands: Box<[NumberExpression; 3]>,
        negated: bool,
    },
    InNumbers {
        header: Header,
        numbers: Box<[Number]>,
        negated: bool,
    },
    InTexts {
        header: Header,
        /// Sorted: lists of symbols and rooms are long.
        texts: Box<[Box<str>]>,
        negated: bool,
    },
    Like {
        header: Header,
        pattern: LikePattern,
        negated: bool,
    },
}

/// What is read as text.
#[derive(Debug)]
pub(super) enum Text {
    Literal(Box<str>),
    Header(Header),
}

/// What is read as a boolean.
#[derive(Debug)]
pub(super) enum Boolean {
    Literal(bool),
    Header(Header),
}

/// What is read as a number.
#[derive(Debug)]
pub(super) enum NumberExpression {
    Literal(Number),
    Header(Header),
    Negated(Box<NumberExpression>),
    /// From left to right.
    Computed {
        first: Box<NumberExpression>,
        rest: Vec<(Arithmetic, NumberExpression)>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Condition {
    pub(super) fn evaluate<'h>(&self, headers: &impl Fn(&str) -> Option<&'h str>) -> Truth {
        match self {
            Self::Constant(value) => Truth::from(*value),
            Self::Flag(header) => Truth::of(boolean(header.value(headers)), false),
            Self::Not(condition) => !condition.evaluate(headers),
            Self::All(conditions) => {
                let mut all = Truth::True;
                for condition in conditions {
                    all = all.min(condition.evaluate(headers));
                    if all == Truth::False {
                        break;
                    }
                }
                all
            }
            Self::Any(conditions) => {
                let mut any = Truth::False;
                for condition in conditions {
                    any = any.max(condition.evaluate(headers));
                    if any == Truth::True {
                        break;
                    }
                }
                any
            }
            Self::IsNull { header, negated } => {
                Truth::of(Some(header.value(headers).is_none()), *negated)
            }
            Self::Numbers {
                left,
                comparison,
                right,
            } => comparison.holds(left.value(headers), right.value(headers)),
            Self::Booleans {
                left,
                right,
                negated,
            } => Truth::of(equal(left.value(headers), right.value(headers)), *negated),
            Self::Texts {
                left,
                right,
                negated,
            } => Truth::of(equal(left.value(headers), right.value(headers)), *negated),
            Self::Between { operands, negated } => {
                let [value, low, high] = &**operands;
                let value = value.value(headers);
                let low = Comparison::GreaterOrEqual.holds(value, low.value(headers));
                let high = Comparison::LessOrEqual.holds(value, high.value(headers));
                let between = low.min(high);
                if *negated { !between } else { between }
            }
            Self::InNumbers {
                header,
                numbers,
                negated,
            } => {
                let value = header.value(headers).and_then(Number::from_header);
                let is_in = |value: Number| {
                    numbers
                        .iter()
                        .any(|number| value.compare(*number) == Ordering::Equal)
                };
                Truth::of(value.map(is_in), *negated)
            }
            Self::InTexts {
                header,
                texts,
                negated,
            } => {
                let is_in =
                    |value: &str| texts.binary_search_by(|text| (**text).cmp(value)).is_ok();
                Truth::of(header.value(headers).map(is_in), *negated)
            }
            Self::Like {
                header,
                pattern,
                negated,
            } => {
                let matches = |value: &str| pattern.matches(value);
                Truth::of(header.value(headers).map(matches), *negated)
            }
        }
    }
}

impl Comparison {
    fn holds(self, left: Option<Number>, right: Option<Number>) -> Truth {
        let (Some(left), Some(right)) = (left, right) else {
            return Truth::Unknown;
        };
        let order = left.compare(right);
        Truth::from(match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        })
    }
}

impl Text {
    fn value<'a, 'h: 'a>(&'a self, headers: &impl Fn(&str) -> Option<&'h str>) -> Option<&'a str> {
        match self {
            Self::Literal(text) => Some(text),
            Self::Header(header) => header.value(headers),
        }
    }
}

impl Boolean {
    fn value<'h>(&self, headers: &impl Fn(&str) -> Option<&'h str>) -> Option<bool> {
        match self {
            Self::Literal(value) => Some(*value),
            Self::Header(header) => boolean(header.value(headers)),
        }
    }
}

impl NumberExpression {
    /// `None` if one of its headers is missing or no number, or if there is no such number, as for `1 / 0` (SEL-023).
    fn value<'h>(&self, headers: &impl Fn(&str) -> Option<&'h str>) -> Option<Number> {
        match self {
            Self::Literal(number) => Some(*number),
            Self::Header(header) => header.value(headers).and_then(Number::from_header),
            Self::Negated(expression) => expression.value(headers).map(Number::negate),
            Self::Computed { first, rest } => {
                let first = first.value(headers)?;
                rest.iter().try_fold(first, |left, (operator, right)| {
                    operator.apply(left, right.value(headers)?)
                })
            }
        }
    }
}

impl Arithmetic {
    fn apply(self, left: Number, right: Number) -> Option<Number> {
        match self {
            Self::Add => left.add(right),
            Self::Subtract => left.subtract(right),
            Self::Multiply => left.multiply(right),
            Self::Divide => left.divide(right),
            Self::Remainder => left.remainder(right),
        }
    }
}

/// Reads the text of a header (SEL-013).
fn boolean(text: Option<&str>) -> Option<bool> {
    let text = text?;
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn equal<T: PartialEq>(left: Option<T>, right: Option<T>) -> Option<bool> {
    Some(left? == right?)
}
