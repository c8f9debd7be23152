//! What is said about a header by a word: `IS NULL`, `IN` and `LIKE`.

use std::borrow::Cow;

use super::{
    super::{
        MAX_LIKE_PATTERNS,
        error::{SelectorError, SyntaxError},
        expression::Condition,
        header::Header,
        keyword::Keyword,
        lexer::TokenKind,
        like::LikePattern,
        operand::{Operand, Value},
    },
    Parser, unquoted,
};

impl<'t> Parser<'t> {
    pub(super) fn is_null(&mut self) -> Result<(), SelectorError> {
        self.advance()?;
        let negated = self.take(TokenKind::Keyword(Keyword::Not))?;
        self.expect(TokenKind::Keyword(Keyword::Null), "NULL")?;
        let (start, header) = self.named(Keyword::Is)?;
        self.predicate(start, Condition::IsNull { header, negated });
        Ok(())
    }

    pub(super) fn in_list(&mut self, negated: bool) -> Result<(), SelectorError> {
        self.advance()?;
        let (start, header) = self.named(Keyword::In)?;
        self.expect(TokenKind::Open, "`(`")?;
        let mut texts: Vec<Box<str>> = Vec::new();
        let mut numbers = Vec::new();
        loop {
            let item = self.token;
            let mut negative = false;
            while let TokenKind::Plus | TokenKind::Minus = self.token.kind {
                negative ^= self.token.kind == TokenKind::Minus;
                self.advance()?;
            }
            let is_signed = item.start != self.token.start;
            match self.token.kind {
                TokenKind::Text(text) if numbers.is_empty() && !is_signed => {
                    texts.push(unquoted(text, "''", "'").into());
                }
                TokenKind::Integer(magnitude) if texts.is_empty() => {
                    numbers.push(self.signed_integer(magnitude, negative)?);
                }
                TokenKind::Floating(number) if texts.is_empty() => {
                    numbers.push(if negative { number.negate() } else { number });
                }
                TokenKind::End => return self.missing("a string or a number"),
                _ => return Err(SelectorError::at(item.start, SyntaxError::ListItem)),
            }
            self.advance()?;
            if !self.take(TokenKind::Comma)? {
                break;
            }
        }
        self.expect(TokenKind::Close, "`)` or `,`")?;
        let condition = if texts.is_empty() {
            Condition::InNumbers {
                header,
                numbers: numbers.into(),
                negated,
            }
        } else {
            texts.sort_unstable();
            Condition::InTexts {
                header,
                texts: texts.into(),
                negated,
            }
        };
        self.predicate(start, condition);
        Ok(())
    }

    pub(super) fn like(&mut self, negated: bool) -> Result<(), SelectorError> {
        if self.like_patterns == MAX_LIKE_PATTERNS {
            return self.wrong(SyntaxError::TooManyPatterns);
        }
        self.like_patterns += 1;
        self.advance()?;
        let (start, header) = self.named(Keyword::Like)?;
        let pattern_start = self.token.start;
        let pattern = self.string()?;
        let mut escape = None;
        if self.take(TokenKind::Keyword(Keyword::Escape))? {
            let start = self.token.start;
            let text = self.string()?;
            let mut characters = text.chars();
            escape = characters.next();
            if escape.is_none() || characters.next().is_some() {
                return Err(SelectorError::at(start, SyntaxError::EscapeCharacter));
            }
        }
        let pattern = LikePattern::parse(&pattern, escape)
            .map_err(|reason| SelectorError::at(pattern_start, reason))?;
        let condition = Condition::Like {
            header,
            pattern,
            negated,
        };
        self.predicate(start, condition);
        Ok(())
    }

    fn string(&mut self) -> Result<Cow<'t, str>, SelectorError> {
        match self.token.kind {
            TokenKind::Text(text) => {
                self.advance()?;
                Ok(unquoted(text, "''", "'"))
            }
            TokenKind::End => self.missing("a string"),
            _ => self.wrong(SyntaxError::LikeString),
        }
    }

    /// The last operand, if it is the name of a header: of values, nothing of the kind can be said.
    fn named(&mut self, keyword: Keyword) -> Result<(usize, Header), SelectorError> {
        let Operand { start, value } = self.pop();
        match value {
            Value::Header(header) | Value::QuotedHeader(header) => Ok((start, header)),
            _ => Err(SelectorError::at(
                start,
                SyntaxError::NeedsName(keyword.as_str()),
            )),
        }
    }

    fn predicate(&mut self, start: usize, condition: Condition) {
        let value = Value::Condition(condition);
        self.operands.push(Operand { start, value });
    }
}
