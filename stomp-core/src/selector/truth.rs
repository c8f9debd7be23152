use std::ops::Not;

/// The three values of SQL's logic, so ordered that AND is the least and OR the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Truth {
    False,
    /// About something that is missing.
    Unknown,
    True,
}

impl Truth {
    /// Of an answer that is known, with `NOT` before it if `negated`. Without an answer there is no opposite of it.
    pub(super) fn of(answer: Option<bool>, negated: bool) -> Self {
        answer.map_or(Self::Unknown, |answer| Self::from(answer != negated))
    }
}

impl From<bool> for Truth {
    fn from(known: bool) -> Self {
        if known { Self::True } else { Self::False }
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth;

    /// The tables of SQL-92.
    #[test]
    fn sel_015_three_valued_logic() {
        let (t, f, u) = (Truth::True, Truth::False, Truth::Unknown);
        for (left, right, and, or) in [
            (t, t, t, t),
            (t, f, f, t),
            (t, u, u, t),
            (f, f, f, f),
            (f, u, f, u),
            (u, u, u, u),
        ] {
            assert_eq!(left.min(right), and, "{left:?} AND {right:?}");
            assert_eq!(right.min(left), and, "{right:?} AND {left:?}");
            assert_eq!(left.max(right), or, "{left:?} OR {right:?}");
            assert_eq!(right.max(left), or, "{right:?} OR {left:?}");
        }
        assert_eq!([!t, !f, !u], [f, t, u]);
    }
}
