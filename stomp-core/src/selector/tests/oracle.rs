//! Selectors as simple as can be: a tree that is written as text in some way, and evaluated by the definitions.

use std::sync::LazyLock;

use regex::Regex;

pub(super) const NAMES: [&str; 5] = ["a", "b", "C_1", "my-head", "JMSPriority"];

/// The values of headers by their place in [`NAMES`].
pub(super) type Values = [Option<String>; NAMES.len()];

/// A place in [`NAMES`].
pub(super) type Name = usize;

#[derive(Clone, Debug)]
pub(super) enum Condition {
    Or(Vec<Condition>),
    And(Vec<Condition>),
    Not(Box<Condition>),
    Numbers(Number, &'static str, Number),
    Texts(Text, bool, Text),
    Booleans(Boolean, bool, Boolean),
    Between(Number, bool, Number, Number),
    InTexts(Name, bool, Vec<String>),
    InNumbers(Name, bool, Vec<i64>),
    Like(Name, bool, Vec<Pattern>),
    IsNull(Name, bool),
    Flag(Name),
    Constant(bool),
}

#[derive(Clone, Debug)]
pub(super) enum Number {
    Integer(i64),
    Floating(f64),
    Header(Name),
    Negated(Box<Number>),
    Computed(Box<Number>, char, Box<Number>),
}

#[derive(Clone, Debug)]
pub(super) enum Text {
    Literal(String),
    Header(Name),
}

#[derive(Clone, Debug)]
pub(super) enum Boolean {
    Literal(bool),
    Header(Name),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pattern {
    Literal(char),
    One,
    Many,
}

// The text of a selector.

/// Writes trees with as few parentheses as the grammar asks for, and with some more where `choices` says so. They choose
/// blanks and the case of keywords, too.
pub(super) struct Writer<'c> {
    text: String,
    choices: std::iter::Cycle<std::slice::Iter<'c, u8>>,
}

impl<'c> Writer<'c> {
    pub(super) fn write(condition: &Condition, choices: &'c [u8]) -> String {
        let mut writer = Self {
            text: String::new(),
            choices: choices.iter().cycle(),
        };
        writer.condition(condition, 0);
        writer.text
    }

    fn chooses(&mut self, one_in: u8) -> bool {
        self.choices
            .next()
            .is_some_and(|choice| choice % one_in == 0)
    }

    fn blank(&mut self) {
        let blank = if self.chooses(8) { '\n' } else { ' ' };
        self.text.push(blank);
    }

    /// With a blank on both sides.
    fn word(&mut self, word: &str) {
        self.blank();
        if self.chooses(4) {
            self.text.push_str(&word.to_lowercase());
        } else {
            self.text.push_str(word);
        }
        self.blank();
    }

    fn not(&mut self, negated: bool) {
        if negated {
            self.word("NOT");
        }
    }

    fn in_parentheses(&mut self, needed: bool, write: impl FnOnce(&mut Self)) {
        let parentheses = needed || self.chooses(16);
        if parentheses {
            self.text.push('(');
        }
        write(self);
        if parentheses {
            self.text.push(')');
        }
    }

    fn joined(&mut self, conditions: &[Condition], word: &str, level: u8) {
        for (index, condition) in conditions.iter().enumerate() {
            if index > 0 {
                self.word(word);
            }
            self.condition(condition, level);
        }
    }

    /// Levels: disjunction, conjunction, negation, predicate.
    fn condition(&mut self, condition: &Condition, at_least: u8) {
        let level = match condition {
            Condition::Or(_) => 0,
            Condition::And(_) => 1,
            Condition::Not(_) => 2,
            _ => 3,
        };
        self.in_parentheses(level < at_least, |this| match condition {
            Condition::Or(conditions) => this.joined(conditions, "OR", 1),
            Condition::And(conditions) => this.joined(conditions, "AND", 2),
            Condition::Not(inner) => {
                this.word("NOT");
                let is_bare = matches!(
                    **inner,
                    Condition::Flag(_) | Condition::Constant(_) | Condition::Not(_)
                );
                this.in_parentheses(!is_bare, |this| this.condition(inner, 0));
            }
            Condition::Numbers(left, comparison, right) => {
                this.number(left, 0);
                this.text.push_str(comparison);
                this.number(right, 0);
            }
            Condition::Texts(left, negated, right) => {
                this.text(left);
                this.text.push_str(if *negated { "<>" } else { "=" });
                this.text(right);
            }
            Condition::Booleans(left, negated, right) => {
                this.boolean(left);
                this.text.push_str(if *negated { "<>" } else { "=" });
                this.boolean(right);
            }
            Condition::Between(value, negated, low, high) => {
                this.number(value, 0);
                this.not(*negated);
                this.word("BETWEEN");
                this.number(low, 0);
                this.word("AND");
                this.number(high, 0);
            }
            Condition::InTexts(name, negated, texts) => {
                let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
                this.list(*name, *negated, &texts);
            }
            Condition::InNumbers(name, negated, numbers) => {
                let numbers: Vec<_> = numbers.iter().map(i64::to_string).collect();
                this.list(*name, *negated, &numbers);
            }
            Condition::Like(name, negated, pattern) => {
                this.name(*name);
                this.not(*negated);
                this.word("LIKE");
                let (text, escapes) = pattern_text(pattern);
                this.text.push_str(&quoted(&text));
                if escapes || this.chooses(4) {
                    this.word("ESCAPE");
                    this.text.push_str("'!'");
                }
            }
            Condition::IsNull(name, negated) => {
                this.name(*name);
                this.word("IS");
                this.not(*negated);
                this.word("NULL");
            }
            Condition::Flag(name) => this.name(*name),
            Condition::Constant(value) => this.word(if *value { "TRUE" } else { "FALSE" }),
        });
    }

    fn list(&mut self, name: Name, negated: bool, items: &[String]) {
        self.name(name);
        self.not(negated);
        self.word("IN");
        self.text.push('(');
        let comma = if self.chooses(2) { "," } else { " , " };
        self.text.push_str(&items.join(comma));
        self.text.push(')');
    }

    /// Levels: sum, product, sign, primary.
    fn number(&mut self, number: &Number, at_least: u8) {
        let level = match number {
            Number::Computed(_, '+' | '-', _) => 0,
            Number::Computed(..) => 1,
            Number::Integer(..0) | Number::Negated(_) => 2,
            Number::Integer(_) | Number::Floating(_) | Number::Header(_) => 3,
        };
        self.in_parentheses(level < at_least, |this| match number {
            Number::Integer(value) => this.text.push_str(&value.to_string()),
            Number::Floating(value) => this.text.push_str(&format!("{value:?}")),
            Number::Header(name) => this.name(*name),
            Number::Negated(inner) => {
                // Two minus signs without a blank would be a comment.
                this.text.push_str("- ");
                this.number(inner, 2);
            }
            Number::Computed(left, operator, right) => {
                this.number(left, level);
                this.text.push_str(&format!(" {operator} "));
                this.number(right, level + 1);
            }
        });
    }

    fn text(&mut self, text: &Text) {
        match text {
            Text::Literal(text) => self.text.push_str(&quoted(text)),
            Text::Header(name) => self.name(*name),
        }
    }

    fn boolean(&mut self, boolean: &Boolean) {
        match boolean {
            Boolean::Literal(value) => self.word(if *value { "TRUE" } else { "FALSE" }),
            Boolean::Header(name) => self.name(*name),
        }
    }

    fn name(&mut self, name: Name) {
        match NAMES[name] {
            // Quotes may be meant for a string, unless parentheses say otherwise.
            hyphenated if hyphenated.contains('-') => {
                self.text.push_str(&format!("(\"{hyphenated}\")"));
            }
            plain => self.in_parentheses(false, |this| this.text.push_str(plain)),
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The pattern with `!` as escape character, and whether it needs that.
fn pattern_text(pattern: &[Pattern]) -> (String, bool) {
    let mut text = String::new();
    let escapes = pattern
        .iter()
        .any(|piece| matches!(piece, Pattern::Literal('%' | '_' | '!')));
    for piece in pattern {
        match piece {
            Pattern::One => text.push('_'),
            Pattern::Many => text.push('%'),
            Pattern::Literal(literal @ ('%' | '_' | '!')) => {
                text.push('!');
                text.push(*literal);
            }
            Pattern::Literal(literal) => text.push(*literal),
        }
    }
    (text, escapes)
}

// What it says about headers.

/// `None` is unknown.
pub(super) fn evaluate(condition: &Condition, values: &Values) -> Option<bool> {
    let negate = |answer: Option<bool>, negated: bool| answer.map(|answer| answer ^ negated);
    match condition {
        Condition::Or(conditions) => {
            let all: Vec<_> = conditions.iter().map(|c| evaluate(c, values)).collect();
            if all.contains(&Some(true)) {
                Some(true)
            } else if all.contains(&None) {
                None
            } else {
                Some(false)
            }
        }
        Condition::And(conditions) => {
            let all: Vec<_> = conditions.iter().map(|c| evaluate(c, values)).collect();
            if all.contains(&Some(false)) {
                Some(false)
            } else if all.contains(&None) {
                None
            } else {
                Some(true)
            }
        }
        Condition::Not(inner) => negate(evaluate(inner, values), true),
        Condition::Numbers(
            Number::Header(left),
            comparison @ ("=" | "<>"),
            Number::Header(right),
        ) => {
            let texts = Condition::Texts(
                Text::Header(*left),
                *comparison == "<>",
                Text::Header(*right),
            );
            evaluate(&texts, values)
        }
        Condition::Numbers(left, comparison, right) => {
            compare(number(left, values), comparison, number(right, values))
        }
        Condition::Texts(left, negated, right) => {
            let equal = text(left, values)
                .zip(text(right, values))
                .map(|(l, r)| l == r);
            negate(equal, *negated)
        }
        Condition::Booleans(Boolean::Header(left), negated, Boolean::Header(right)) => {
            let texts = Condition::Texts(Text::Header(*left), *negated, Text::Header(*right));
            evaluate(&texts, values)
        }
        Condition::Booleans(left, negated, right) => {
            let equal = boolean(left, values)
                .zip(boolean(right, values))
                .map(|(l, r)| l == r);
            negate(equal, *negated)
        }
        Condition::Between(value, negated, low, high) => {
            let between = Condition::And(vec![
                Condition::Numbers(value.clone(), ">=", low.clone()),
                Condition::Numbers(value.clone(), "<=", high.clone()),
            ]);
            negate(evaluate(&between, values), *negated)
        }
        Condition::InTexts(name, negated, texts) => negate(
            header(*name, values).map(|value| texts.contains(&value)),
            *negated,
        ),
        Condition::InNumbers(name, negated, numbers) => {
            let equals = numbers.iter().map(|item| {
                compare(
                    number(&Number::Header(*name), values),
                    "=",
                    Some(Value::Integer(*item)),
                )
            });
            let all: Vec<_> = equals.collect();
            negate(
                if all.contains(&None) {
                    None
                } else {
                    Some(all.contains(&Some(true)))
                },
                *negated,
            )
        }
        Condition::Like(name, negated, pattern) => {
            let matches = header(*name, values).map(|value| {
                let characters: Vec<char> = value.chars().collect();
                like(pattern, &characters)
            });
            negate(matches, *negated)
        }
        Condition::IsNull(name, negated) => Some(header(*name, values).is_none() ^ negated),
        Condition::Flag(name) => boolean(&Boolean::Header(*name), values),
        Condition::Constant(value) => Some(*value),
    }
}

fn header(name: Name, values: &Values) -> Option<String> {
    let default = (NAMES[name] == "JMSPriority").then(|| "4".to_owned());
    values[name].clone().or(default)
}

fn text(text: &Text, values: &Values) -> Option<String> {
    match text {
        Text::Literal(text) => Some(text.clone()),
        Text::Header(name) => header(*name, values),
    }
}

fn boolean(boolean: &Boolean, values: &Values) -> Option<bool> {
    match boolean {
        Boolean::Literal(value) => Some(*value),
        Boolean::Header(name) => match header(*name, values)?.to_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
    }
}

#[derive(Clone, Copy, Debug)]
enum Value {
    Integer(i64),
    Floating(f64),
}

impl Value {
    fn floating(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Floating(value) => value,
        }
    }
}

fn compare(left: Option<Value>, comparison: &str, right: Option<Value>) -> Option<bool> {
    let (less, equal) = match (left?, right?) {
        (Value::Integer(left), Value::Integer(right)) => (left < right, left == right),
        (left, right) => (
            left.floating() < right.floating(),
            left.floating() == right.floating(),
        ),
    };
    Some(match comparison {
        "=" => equal,
        "<>" => !equal,
        "<" => less,
        "<=" => less || equal,
        ">" => !less && !equal,
        ">=" => !less,
        other => panic!("{other}"),
    })
}

fn number(expression: &Number, values: &Values) -> Option<Value> {
    static FLOATING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$").unwrap()
    });
    match expression {
        Number::Integer(value) => Some(Value::Integer(*value)),
        Number::Floating(value) => Some(Value::Floating(*value)),
        Number::Header(name) => {
            let text = header(*name, values)?;
            if let Ok(value) = text.parse() {
                return Some(Value::Integer(value));
            }
            if !FLOATING.is_match(&text) {
                return None;
            }
            finite(text.parse().unwrap())
        }
        Number::Negated(inner) => {
            let zero = Number::Integer(0);
            match number(inner, values)? {
                // Not 0 - x, which is 0.0 for -0.0; no comparison can tell.
                Value::Floating(value) => Some(Value::Floating(-value)),
                Value::Integer(_) => number(
                    &Number::Computed(Box::new(zero), '-', inner.clone()),
                    values,
                ),
            }
        }
        Number::Computed(left, operator, right) => {
            let (left, right) = (number(left, values)?, number(right, values)?);
            if matches!(operator, '/' | '%') && right.floating() == 0.0 {
                return None;
            }
            if let (Value::Integer(left), Value::Integer(right)) = (left, right) {
                let (left, right) = (i128::from(left), i128::from(right));
                let result = match operator {
                    '+' => Some(left + right),
                    '-' => Some(left - right),
                    '*' => Some(left * right),
                    '/' if left % right == 0 => Some(left / right),
                    '/' => None,
                    '%' => Some(left % right),
                    other => panic!("{other}"),
                };
                if let Some(result) = result.and_then(|result| i64::try_from(result).ok()) {
                    return Some(Value::Integer(result));
                }
            }
            let (left, right) = (left.floating(), right.floating());
            finite(match operator {
                '+' => left + right,
                '-' => left - right,
                '*' => left * right,
                '/' => left / right,
                '%' => left % right,
                other => panic!("{other}"),
            })
        }
    }
}

fn finite(value: f64) -> Option<Value> {
    value.is_finite().then_some(Value::Floating(value))
}

/// By definition, and so in exponential time.
fn like(pattern: &[Pattern], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [Pattern::Many, rest @ ..] => (0..=text.len()).any(|skipped| like(rest, &text[skipped..])),
        [Pattern::One, rest @ ..] => !text.is_empty() && like(rest, &text[1..]),
        [Pattern::Literal(literal), rest @ ..] => {
            text.first() == Some(literal) && like(rest, &text[1..])
        }
    }
}
