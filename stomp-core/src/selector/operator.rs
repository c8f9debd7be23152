use super::{expression::Arithmetic, lexer::Comparison};

/// An operator that waits for its right operand, or for what binds tighter than it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// An open parenthesis, which nothing binds across.
    Open,
    Or,
    And,
    Not,
    Compare(Comparison),
    /// Behind `BETWEEN`, before its `AND`.
    Between {
        negated: bool,
    },
    BetweenAnd {
        negated: bool,
    },
    Compute(Arithmetic),
    Sign {
        negative: bool,
    },
}

/// How tight an operator binds, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precedence {
    Parentheses,
    Disjunction,
    Conjunction,
    Negation,
    Predicate,
    Sum,
    Product,
    Sign,
}

impl Operator {
    pub(super) fn precedence(self) -> Precedence {
        match self {
            Self::Open => Precedence::Parentheses,
            Self::Or => Precedence::Disjunction,
            Self::And => Precedence::Conjunction,
            Self::Not => Precedence::Negation,
            Self::Compare(_) | Self::Between { .. } | Self::BetweenAnd { .. } => {
                Precedence::Predicate
            }
            Self::Compute(Arithmetic::Add | Arithmetic::Subtract) => Precedence::Sum,
            Self::Compute(_) => Precedence::Product,
            Self::Sign { .. } => Precedence::Sign,
        }
    }
}
