//! Tokens to a tree, by operator precedence: with one stack of operators and one of operands, and without recursion, so
//! that no input can exhaust the stack of a thread (SEL-022).

mod predicates;

use std::borrow::Cow;

use super::{
    MAX_DEPTH, MAX_OPERANDS,
    error::{Excerpt, Place, SelectorError, SyntaxError},
    expression::{Condition, NumberExpression},
    header::{Header, NameError},
    keyword::{Keyword, instead_of},
    lexer::{Comparison, Lexer, Token, TokenKind},
    number::Number,
    operand::{Operand, Value},
    operator::{Operator, Precedence},
};

#[derive(Debug)]
pub(super) struct Parser<'t> {
    lexer: Lexer<'t>,
    /// The next token.
    token: Token<'t>,
    /// What was before it, and where that ended.
    previous: TokenKind<'t>,
    previous_end: usize,
    /// Each with its place in the text.
    operators: Vec<(Operator, usize)>,
    operands: Vec<Operand>,
    depth: usize,
    operand_count: usize,
    like_patterns: usize,
}

impl<'t> Parser<'t> {
    /// For a selector that begins at byte `start` of `text`.
    pub(super) fn new(
        text: &'t str,
        start: usize,
        hyphenated: bool,
    ) -> Result<Self, SelectorError> {
        let mut lexer = Lexer::new(text, start, hyphenated);
        Ok(Self {
            token: lexer.next()?,
            previous: TokenKind::End,
            previous_end: start,
            lexer,
            operators: Vec::new(),
            operands: Vec::new(),
            depth: 0,
            operand_count: 0,
            like_patterns: 0,
        })
    }

    pub(super) fn selector(&mut self) -> Result<Condition, SelectorError> {
        if self.token.kind == TokenKind::End {
            return Err(SelectorError::Empty);
        }
        loop {
            self.operand()?;
            if !self.operator()? {
                return self.pop().condition();
            }
        }
    }

    /// Reads a value with all that stands before it.
    fn operand(&mut self) -> Result<(), SelectorError> {
        loop {
            let operator = match self.token.kind {
                TokenKind::Open if self.depth == MAX_DEPTH => {
                    return self.wrong(SyntaxError::TooDeep);
                }
                TokenKind::Open => {
                    self.depth += 1;
                    Operator::Open
                }
                TokenKind::Keyword(Keyword::Not) if self.last() > Precedence::Negation => {
                    return self.wrong(SyntaxError::NoValue);
                }
                TokenKind::Keyword(Keyword::Not) => Operator::Not,
                TokenKind::Plus => Operator::Sign { negative: false },
                TokenKind::Minus => Operator::Sign { negative: true },
                _ => break,
            };
            self.push(operator)?;
        }
        if self.operand_count == MAX_OPERANDS {
            return self.wrong(SyntaxError::TooManyOperands);
        }
        self.operand_count += 1;
        let operand = match self.token.kind {
            TokenKind::Integer(magnitude) => self.integer(magnitude)?,
            _ => self.value()?,
        };
        self.operands.push(operand);
        self.advance()
    }

    /// Reads what stands behind a value, up to where the next one begins. Returns whether there is one.
    fn operator(&mut self) -> Result<bool, SelectorError> {
        loop {
            let operator = match self.token.kind {
                TokenKind::End => {
                    self.reduce(Precedence::Disjunction)?;
                    let Some((_, open)) = self.operators.pop() else {
                        return Ok(false);
                    };
                    let reason = SyntaxError::Unclosed(self.place());
                    return Err(SelectorError::at(open, reason));
                }
                TokenKind::Close => {
                    self.close()?;
                    continue;
                }
                TokenKind::Keyword(Keyword::Or) => Operator::Or,
                TokenKind::Keyword(Keyword::And) => {
                    self.reduce(Precedence::Sum)?;
                    if let Some((operator, _)) = self.operators.last_mut()
                        && let Operator::Between { negated } = *operator
                    {
                        *operator = Operator::BetweenAnd { negated };
                        self.advance()?;
                        return Ok(true);
                    }
                    Operator::And
                }
                TokenKind::Comparison(comparison) => {
                    self.begin_predicate()?;
                    Operator::Compare(comparison)
                }
                TokenKind::Keyword(Keyword::Is) => {
                    self.begin_predicate()?;
                    self.is_null()?;
                    continue;
                }
                TokenKind::Keyword(
                    Keyword::Not | Keyword::Between | Keyword::In | Keyword::Like,
                ) => {
                    self.begin_predicate()?;
                    let negated = self.take(TokenKind::Keyword(Keyword::Not))?;
                    match self.token.kind {
                        TokenKind::Keyword(Keyword::Between) => Operator::Between { negated },
                        TokenKind::Keyword(Keyword::In) => {
                            self.in_list(negated)?;
                            continue;
                        }
                        TokenKind::Keyword(Keyword::Like) => {
                            self.like(negated)?;
                            continue;
                        }
                        _ => return self.missing("BETWEEN, IN or LIKE"),
                    }
                }
                token => match token.arithmetic() {
                    Some(arithmetic) => Operator::Compute(arithmetic),
                    None => return self.operator_missing(),
                },
            };
            self.reduce(operator.precedence())?;
            self.push(operator)?;
            return Ok(true);
        }
    }

    /// What comes next is said about the value that is read now. It stands alone: `NOT a = 1` is the opposite of the
    /// comparison in SQL, and compares the opposite of `a` in ActiveMQ; and `a < b < c` means something else in each
    /// language.
    fn begin_predicate(&mut self) -> Result<(), SelectorError> {
        self.reduce(Precedence::Sum)?;
        match self.operators.last() {
            Some((Operator::Not, start)) => Err(SelectorError::at(*start, SyntaxError::Not)),
            Some((Operator::Between { .. }, _)) => self.missing("AND"),
            Some((Operator::Compare(_) | Operator::BetweenAnd { .. }, _)) => {
                self.wrong(SyntaxError::Chained)
            }
            _ => Ok(()),
        }
    }

    fn close(&mut self) -> Result<(), SelectorError> {
        self.reduce(Precedence::Disjunction)?;
        let Some((_, start)) = self.operators.pop() else {
            return self.wrong(SyntaxError::Unopened);
        };
        self.depth -= 1;
        let value = match self.pop().value {
            Value::QuotedHeader(header) => Value::Header(header),
            value => value,
        };
        self.operands.push(Operand { start, value });
        self.advance()
    }

    /// Gives all operators their operands that bind at least as tight as this.
    fn reduce(&mut self, precedence: Precedence) -> Result<(), SelectorError> {
        while self.last() >= precedence
            && let Some((operator, start)) = self.operators.pop()
        {
            let right = self.pop();
            let operand = match operator {
                Operator::Open => right,
                Operator::Or => self.pop().or(right)?,
                Operator::And => self.pop().and(right)?,
                Operator::Not => right.not(start)?,
                Operator::Compare(comparison) => self.pop().compare(comparison, right)?,
                Operator::Between { .. } => return self.missing("AND"),
                Operator::BetweenAnd { negated } => {
                    let low = self.pop();
                    self.pop().between(negated, low, right)?
                }
                Operator::Compute(arithmetic) => self.pop().compute(arithmetic, right)?,
                Operator::Sign { negative } => right.signed(start, negative)?,
            };
            self.operands.push(operand);
        }
        Ok(())
    }

    /// With the signs before it: the least integer, -2^63, has no opposite, so its sign belongs to it.
    fn integer(&mut self, magnitude: u64) -> Result<Operand, SelectorError> {
        let mut start = self.token.start;
        let mut negative = false;
        while let Some((Operator::Sign { negative: minus }, place)) = self.operators.last() {
            negative ^= minus;
            start = *place;
            self.operators.pop();
        }
        let number = self.signed_integer(magnitude, negative)?;
        let value = Value::Number(NumberExpression::Literal(number));
        Ok(Operand { start, value })
    }

    fn signed_integer(&self, magnitude: u64, negative: bool) -> Result<Number, SelectorError> {
        let value = if negative {
            0_i64.checked_sub_unsigned(magnitude)
        } else {
            i64::try_from(magnitude).ok()
        };
        match value {
            Some(value) => Ok(Number::Integer(value)),
            None => self.wrong(SyntaxError::TooLarge(self.excerpt())),
        }
    }

    /// The next token as a value.
    fn value(&self) -> Result<Operand, SelectorError> {
        let start = self.token.start;
        let name_error = |error: NameError| SelectorError::at(start, error);
        let value = match self.token.kind {
            TokenKind::Name(name) => Value::Header(Header::named(name).map_err(name_error)?),
            TokenKind::QuotedName(name) => {
                let name = unquoted(name, "\"\"", "\"");
                Value::QuotedHeader(Header::quoted(&name).map_err(name_error)?)
            }
            TokenKind::Text(text) => Value::Text(unquoted(text, "''", "'").into()),
            TokenKind::Floating(number) => Value::Number(NumberExpression::Literal(number)),
            TokenKind::Keyword(Keyword::True) => Value::Boolean(true),
            TokenKind::Keyword(Keyword::False) => Value::Boolean(false),
            TokenKind::Keyword(Keyword::Null) => {
                return self.wrong(match self.operators.last() {
                    Some((Operator::Compare(Comparison::NotEqual), _)) => {
                        SyntaxError::ComparedWithNull("IS NOT NULL")
                    }
                    Some((Operator::Compare(_), _)) => SyntaxError::ComparedWithNull("IS NULL"),
                    _ => SyntaxError::Null,
                });
            }
            TokenKind::Keyword(
                Keyword::Between | Keyword::Escape | Keyword::In | Keyword::Is | Keyword::Like,
            ) => return self.wrong(SyntaxError::Reserved(self.excerpt())),
            _ => return self.wrong(SyntaxError::ValueMissing(self.place())),
        };
        Ok(Operand { start, value })
    }

    /// The next token is this operator.
    fn push(&mut self, operator: Operator) -> Result<(), SelectorError> {
        self.operators.push((operator, self.token.start));
        self.advance()
    }

    /// How tight the last operator binds.
    fn last(&self) -> Precedence {
        self.operators
            .last()
            .map_or(Precedence::Parentheses, |(operator, _)| {
                operator.precedence()
            })
    }

    fn pop(&mut self) -> Operand {
        self.operands
            .pop()
            .expect("an operator comes behind a value, and a value behind each operator")
    }

    fn advance(&mut self) -> Result<(), SelectorError> {
        self.previous = self.token.kind;
        self.previous_end = self.lexer.position();
        self.token = self.lexer.next()?;
        Ok(())
    }

    fn take(&mut self, kind: TokenKind<'_>) -> Result<bool, SelectorError> {
        let found = self.token.kind == kind;
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, kind: TokenKind<'_>, expected: &'static str) -> Result<(), SelectorError> {
        if self.take(kind)? {
            Ok(())
        } else {
            self.missing(expected)
        }
    }

    /// Something stands where the parser is done with a condition or a value.
    fn operator_missing<T>(&self) -> Result<T, SelectorError> {
        let is_glued = self.previous_end == self.token.start;
        self.wrong(match (self.previous, self.token.kind) {
            (TokenKind::Text(_), TokenKind::Name(_)) if is_glued => SyntaxError::QuoteNotDoubled,
            (_, TokenKind::Name(word)) if let Some((found, instead)) = instead_of(word) => {
                SyntaxError::Operator { found, instead }
            }
            (TokenKind::Name(name), TokenKind::Text(_))
                if name.eq_ignore_ascii_case("XPATH") || name.eq_ignore_ascii_case("XQUERY") =>
            {
                SyntaxError::Body
            }
            _ => SyntaxError::OperatorMissing(self.place()),
        })
    }

    fn missing<T>(&self, expected: &'static str) -> Result<T, SelectorError> {
        let place = self.place();
        self.wrong(SyntaxError::Missing { expected, place })
    }

    fn wrong<T>(&self, reason: SyntaxError) -> Result<T, SelectorError> {
        Err(SelectorError::at(self.token.start, reason))
    }

    /// Where the next token is.
    fn place(&self) -> Place {
        match self.token.kind {
            TokenKind::End => Place::AtTheEnd,
            _ => Place::Before(self.excerpt()),
        }
    }

    /// The next token as it is written.
    fn excerpt(&self) -> String {
        Excerpt(self.lexer.text_from(self.token.start)).to_string()
    }
}

/// The text between quotes, in which they are written twice.
fn unquoted<'t>(text: &'t str, twice: &str, once: &str) -> Cow<'t, str> {
    if text.contains(twice) {
        Cow::Owned(text.replace(twice, once))
    } else {
        Cow::Borrowed(text)
    }
}
