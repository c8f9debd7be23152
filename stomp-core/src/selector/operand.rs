//! What the parser has read but not yet used: what it is depends on what stands beside it.

use super::{
    error::{Excerpt, Kind, SelectorError, SyntaxError},
    expression::{Arithmetic, Boolean, Condition, NumberExpression, Text},
    header::Header,
    lexer::Comparison,
};

#[derive(Debug)]
pub(super) struct Operand {
    /// Where it begins, for errors.
    pub(super) start: usize,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    Condition(Condition),
    Header(Header),
    /// A header in double quotes, without parentheses around it.
    QuotedHeader(Header),
    Text(Box<str>),
    Boolean(bool),
    Number(NumberExpression),
}

impl Operand {
    pub(super) fn condition(self) -> Result<Condition, SelectorError> {
        match self.value {
            Value::Condition(condition) => Ok(condition),
            Value::Header(header) | Value::QuotedHeader(header) => Ok(Condition::Flag(header)),
            Value::Boolean(value) => Ok(Condition::Constant(value)),
            Value::Text(_) => self.wrong(SyntaxError::NoCondition(Kind::String)),
            Value::Number(_) => self.wrong(SyntaxError::NoCondition(Kind::Number)),
        }
    }

    pub(super) fn number(self) -> Result<NumberExpression, SelectorError> {
        match self.value {
            Value::Number(number) => Ok(number),
            Value::Header(header) | Value::QuotedHeader(header) => {
                Ok(NumberExpression::Header(header))
            }
            Value::Text(_) => self.wrong(SyntaxError::NoNumber(Kind::String)),
            Value::Boolean(_) => self.wrong(SyntaxError::NoNumber(Kind::Boolean)),
            Value::Condition(_) => self.wrong(SyntaxError::NoValue),
        }
    }

    pub(super) fn or(self, right: Self) -> Result<Self, SelectorError> {
        let start = self.start;
        let mut conditions = match self.condition()? {
            Condition::Any(conditions) => conditions,
            condition => vec![condition],
        };
        conditions.push(right.condition()?);
        Ok(Self::of(start, Condition::Any(conditions)))
    }

    pub(super) fn and(self, right: Self) -> Result<Self, SelectorError> {
        let start = self.start;
        let mut conditions = match self.condition()? {
            Condition::All(conditions) => conditions,
            condition => vec![condition],
        };
        conditions.push(right.condition()?);
        Ok(Self::of(start, Condition::All(conditions)))
    }

    pub(super) fn not(self, start: usize) -> Result<Self, SelectorError> {
        let condition = match self.condition()? {
            Condition::Not(opposite) => *opposite,
            condition => Condition::Not(Box::new(condition)),
        };
        Ok(Self::of(start, condition))
    }

    pub(super) fn compute(
        self,
        arithmetic: Arithmetic,
        right: Self,
    ) -> Result<Self, SelectorError> {
        let start = self.start;
        // From left to right, whatever the operators are: those that bind tighter have their operands already.
        let (first, mut rest) = match self.number()? {
            NumberExpression::Computed { first, rest } => (first, rest),
            number => (Box::new(number), Vec::new()),
        };
        rest.push((arithmetic, right.number()?));
        let value = Value::Number(NumberExpression::Computed { first, rest });
        Ok(Self { start, value })
    }

    pub(super) fn signed(self, start: usize, negative: bool) -> Result<Self, SelectorError> {
        let number = match self.number()? {
            number if !negative => number,
            NumberExpression::Literal(number) => NumberExpression::Literal(number.negate()),
            NumberExpression::Negated(opposite) => *opposite,
            number => NumberExpression::Negated(Box::new(number)),
        };
        let value = Value::Number(number);
        Ok(Self { start, value })
    }

    pub(super) fn between(
        self,
        negated: bool,
        low: Self,
        high: Self,
    ) -> Result<Self, SelectorError> {
        let start = self.start;
        for bound in [&low, &high] {
            bound.not_quoted()?;
            if let Value::Text(_) = bound.value {
                return bound.wrong(SyntaxError::OrderOfStrings);
            }
        }
        let operands = Box::new([self.number()?, low.number()?, high.number()?]);
        let condition = Condition::Between { operands, negated };
        Ok(Self::of(start, condition))
    }

    pub(super) fn compare(
        self,
        comparison: Comparison,
        right: Self,
    ) -> Result<Self, SelectorError> {
        let start = self.start;
        Ok(Self::of(start, self.comparison(comparison, right)?))
    }

    fn of(start: usize, condition: Condition) -> Self {
        let value = Value::Condition(condition);
        Self { start, value }
    }

    fn comparison(self, comparison: Comparison, right: Self) -> Result<Condition, SelectorError> {
        for side in [&self, &right] {
            if let Value::Condition(_) = side.value {
                return side.wrong(SyntaxError::NoValue);
            }
        }
        if self.is_header() {
            right.not_quoted()?;
        }
        if let (Some(left), Some(right_kind)) = (self.kind(), right.kind())
            && left != right_kind
        {
            let right = right_kind;
            return self.wrong(SyntaxError::DifferentKinds { left, right });
        }
        // Two headers are text, unless they are ordered.
        let negated = match comparison {
            Comparison::Equal => false,
            Comparison::NotEqual => true,
            _ => {
                for side in [&self, &right] {
                    match side.kind() {
                        Some(Kind::String) => return side.wrong(SyntaxError::OrderOfStrings),
                        Some(Kind::Boolean) => return side.wrong(SyntaxError::OrderOfBooleans),
                        Some(Kind::Number) | None => {}
                    }
                }
                return Ok(Condition::Numbers {
                    left: self.number()?,
                    comparison,
                    right: right.number()?,
                });
            }
        };
        match self.kind().or(right.kind()) {
            Some(Kind::Number) => Ok(Condition::Numbers {
                left: self.number()?,
                comparison,
                right: right.number()?,
            }),
            Some(Kind::Boolean) => Ok(Condition::Booleans {
                left: self.boolean()?,
                right: right.boolean()?,
                negated,
            }),
            Some(Kind::String) | None => Ok(Condition::Texts {
                left: self.text()?,
                right: right.text()?,
                negated,
            }),
        }
    }

    /// Fails if it looks like a string in double quotes. JavaScript has them; here it would be a header that no message
    /// has, and a subscription without any message.
    fn not_quoted(&self) -> Result<(), SelectorError> {
        match &self.value {
            Value::QuotedHeader(header) => {
                let name = Excerpt(header.name()).to_string();
                self.wrong(SyntaxError::QuotedValue(name))
            }
            _ => Ok(()),
        }
    }

    fn is_header(&self) -> bool {
        matches!(self.value, Value::Header(_) | Value::QuotedHeader(_))
    }

    /// What it is whatever stands beside it; `None` for a header.
    fn kind(&self) -> Option<Kind> {
        match self.value {
            Value::Text(_) => Some(Kind::String),
            Value::Boolean(_) => Some(Kind::Boolean),
            Value::Number(_) => Some(Kind::Number),
            Value::Header(_) | Value::QuotedHeader(_) | Value::Condition(_) => None,
        }
    }

    fn text(self) -> Result<Text, SelectorError> {
        match self.value {
            Value::Text(text) => Ok(Text::Literal(text)),
            Value::Header(header) | Value::QuotedHeader(header) => Ok(Text::Header(header)),
            _ => self.wrong(SyntaxError::NoValue),
        }
    }

    fn boolean(self) -> Result<Boolean, SelectorError> {
        match self.value {
            Value::Boolean(value) => Ok(Boolean::Literal(value)),
            Value::Header(header) | Value::QuotedHeader(header) => Ok(Boolean::Header(header)),
            _ => self.wrong(SyntaxError::NoValue),
        }
    }

    fn wrong<T>(&self, reason: SyntaxError) -> Result<T, SelectorError> {
        Err(SelectorError::at(self.start, reason))
    }
}
