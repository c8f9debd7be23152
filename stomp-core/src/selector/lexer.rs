//! Text to tokens.

use super::{
    error::{Excerpt, SelectorError, SyntaxError},
    expression::Arithmetic,
    header::{continues_name, starts_name},
    keyword::Keyword,
    number::Number,
};

#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: TokenKind<'t>,
    /// In bytes from the start of the header's value.
    pub(super) start: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum TokenKind<'t> {
    Name(&'t str),
    /// What stands between the double quotes, as it is.
    QuotedName(&'t str),
    /// What stands between the single quotes, as it is.
    Text(&'t str),
    /// Up to 2^63: only a minus sign before it makes that an integer.
    Integer(u64),
    Floating(Number),
    Keyword(Keyword),
    Comparison(Comparison),
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Open,
    Close,
    Comma,
    End,
}

impl TokenKind<'_> {
    pub(super) fn arithmetic(self) -> Option<Arithmetic> {
        match self {
            Self::Plus => Some(Arithmetic::Add),
            Self::Minus => Some(Arithmetic::Subtract),
            Self::Star => Some(Arithmetic::Multiply),
            Self::Slash => Some(Arithmetic::Divide),
            Self::Percent => Some(Arithmetic::Remainder),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What people write who know other languages, longest first.
const INSTEAD: [(&str, &str); 12] = [
    ("===", "="),
    ("!==", "<>"),
    ("==", "="),
    ("!=", "<>"),
    ("=<", "<="),
    ("=>", ">="),
    ("&&", "AND"),
    ("||", "OR"),
    ("!", "NOT"),
    ("&", "AND"),
    ("|", "OR"),
    ("^=", "<>"),
];

#[derive(Debug)]
pub(super) struct Lexer<'t> {
    text: &'t str,
    /// Where the next token begins, or the blanks before it.
    position: usize,
    /// Whether names may have hyphens, without quotes.
    hyphenated: bool,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str, position: usize, hyphenated: bool) -> Self {
        Self {
            text,
            position,
            hyphenated,
        }
    }

    /// Where the last token ends.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// The text from `start` to where the last token ends.
    pub(super) fn text_from(&self, start: usize) -> &'t str {
        &self.text[start..self.position]
    }

    pub(super) fn next(&mut self) -> Result<Token<'t>, SelectorError> {
        self.take_while(|character| matches!(character, ' ' | '\t' | '\r' | '\n' | '\x0c'));
        let start = self.position;
        let rest = self.rest();
        let mut characters = rest.chars();
        let Some(first) = characters.next() else {
            return Ok(self.token(0, TokenKind::End));
        };
        let second = characters.next();
        match first {
            '\'' => {
                let text = self.quoted('\'', SyntaxError::UnclosedString)?;
                Ok(Token {
                    kind: TokenKind::Text(text),
                    start,
                })
            }
            '"' => {
                let text = self.quoted('"', SyntaxError::UnclosedName)?;
                Ok(Token {
                    kind: TokenKind::QuotedName(text),
                    start,
                })
            }
            _ if starts_name(first) => self.word(),
            '0'..='9' => self.number(),
            '.' if second.is_some_and(|second| second.is_ascii_digit()) => self.number(),
            _ => self.symbol(first, second),
        }
    }

    fn symbol(&mut self, first: char, second: Option<char>) -> Result<Token<'t>, SelectorError> {
        let wrong = |reason| Err(SelectorError::at(self.position, reason));
        let rest = self.rest();
        if let Some((found, instead)) = INSTEAD
            .into_iter()
            .find(|(found, _)| rest.starts_with(found))
        {
            return wrong(SyntaxError::Operator { found, instead });
        }
        let (length, kind) = match (first, second) {
            ('-', Some('-')) | ('/', Some('*')) => return wrong(SyntaxError::Comment),
            ('<', Some('>')) => (2, TokenKind::Comparison(Comparison::NotEqual)),
            ('<', Some('=')) => (2, TokenKind::Comparison(Comparison::LessOrEqual)),
            ('>', Some('=')) => (2, TokenKind::Comparison(Comparison::GreaterOrEqual)),
            ('<', _) => (1, TokenKind::Comparison(Comparison::Less)),
            ('>', _) => (1, TokenKind::Comparison(Comparison::Greater)),
            ('=', _) => (1, TokenKind::Comparison(Comparison::Equal)),
            ('+', _) => (1, TokenKind::Plus),
            ('-', _) => (1, TokenKind::Minus),
            ('*', _) => (1, TokenKind::Star),
            ('/', _) => (1, TokenKind::Slash),
            ('%', _) => (1, TokenKind::Percent),
            ('(', _) => (1, TokenKind::Open),
            (')', _) => (1, TokenKind::Close),
            (',', _) => (1, TokenKind::Comma),
            ('\u{2018}'..='\u{201f}' | '`' | '\u{b4}', _) => {
                return wrong(SyntaxError::TypographicQuote(first));
            }
            _ => {
                let excerpt = Excerpt(&rest[..first.len_utf8()]).to_string();
                return wrong(SyntaxError::Character(excerpt));
            }
        };
        Ok(self.token(length, kind))
    }

    /// A quote within is written twice. Returns what is between the quotes, with those that are.
    fn quoted(&mut self, quote: char, unclosed: SyntaxError) -> Result<&'t str, SelectorError> {
        let inner = &self.rest()[1..];
        let mut end = 0;
        loop {
            let Some(length) = inner[end..].find(quote) else {
                return Err(SelectorError::at(self.position, unclosed));
            };
            end += length;
            if !inner[end + 1..].starts_with(quote) {
                break;
            }
            end += 2;
        }
        self.position += 1 + end + 1;
        Ok(&inner[..end])
    }

    fn word(&mut self) -> Result<Token<'t>, SelectorError> {
        let start = self.position;
        let hyphenated = self.hyphenated;
        self.take_while(|next| continues_name(next) || (hyphenated && next == '-'));
        let word = self.text_from(start);
        if let Some(keyword) = Keyword::find(word) {
            return Ok(Token {
                kind: TokenKind::Keyword(keyword),
                start,
            });
        }
        let reason = match self.rest().chars().next() {
            Some('.' | '[') if matches!(word, "headers" | "nativeHeaders" | "payload") => {
                Some(SyntaxError::Spring(word.to_owned()))
            }
            Some('.') => {
                self.take_while(|next| continues_name(next) || next == '.');
                let name = Excerpt(self.text_from(start)).to_string();
                Some(SyntaxError::Dots(name))
            }
            Some('(') => Some(SyntaxError::Call(Excerpt(word).to_string())),
            _ => None,
        };
        match reason {
            Some(reason) => Err(SelectorError::at(start, reason)),
            None => Ok(Token {
                kind: TokenKind::Name(word),
                start,
            }),
        }
    }

    /// Java's literals: decimal, hexadecimal (`0x1f`) and octal (`017`) integers with or without `L`, and floating numbers.
    fn number(&mut self) -> Result<Token<'t>, SelectorError> {
        let start = self.position;
        let mut previous = ' ';
        let is_hexadecimal = self.rest().starts_with("0x") || self.rest().starts_with("0X");
        self.take_while(|next| {
            let is_sign_of_exponent =
                !is_hexadecimal && matches!((previous, next), ('e' | 'E', '+' | '-'));
            previous = next;
            continues_name(next) || next == '.' || is_sign_of_exponent
        });
        let text = self.text_from(start);
        let kind = literal(text)
            .map_err(|reason| SelectorError::at(start, reason(Excerpt(text).to_string())))?;
        Ok(Token { kind, start })
    }

    fn token(&mut self, length: usize, kind: TokenKind<'t>) -> Token<'t> {
        let start = self.position;
        self.position += length;
        Token { kind, start }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.position..]
    }

    fn take_while(&mut self, mut accept: impl FnMut(char) -> bool) {
        let rest = self.rest();
        self.position += rest
            .find(|character| !accept(character))
            .unwrap_or(rest.len());
    }
}

/// Reads a number without a sign.
fn literal(text: &str) -> Result<TokenKind<'static>, fn(String) -> SyntaxError> {
    let digits = text.strip_suffix(['l', 'L']).unwrap_or(text);
    let (digits, radix) = if let Some(hexadecimal) = digits.strip_prefix("0x") {
        (hexadecimal, 16)
    } else if let Some(hexadecimal) = digits.strip_prefix("0X") {
        (hexadecimal, 16)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (&digits[1..], 8)
    } else {
        (digits, 10)
    };
    let is_integer = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    if is_integer {
        return match u64::from_str_radix(digits, radix) {
            Ok(magnitude) if magnitude <= i64::MIN.unsigned_abs() => {
                Ok(TokenKind::Integer(magnitude))
            }
            _ => Err(SyntaxError::TooLarge),
        };
    }
    if radix == 8 && digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(SyntaxError::Octal);
    }
    let is_floating = radix != 16
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    match text.parse() {
        Ok(value) if is_floating => {
            let number = Number::finite(value).ok_or(SyntaxError::TooLarge as fn(String) -> _)?;
            Ok(TokenKind::Floating(number))
        }
        _ => Err(SyntaxError::Number),
    }
}
