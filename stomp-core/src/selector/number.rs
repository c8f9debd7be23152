use std::cmp::Ordering;

/// A number of a selector or of a header. Operations that have no number as result have none at all: to the selector, it
/// is as if a header were missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Integer(i64),
    /// Never infinite, and never NaN.
    Floating(f64),
}

/// How long the text of a number may be in a header, in bytes. Every 64-bit number can be written in 400 digits, however
/// it is written; longer texts are no numbers, and cost nothing.
const MAX_NUMBER_BYTES: usize = 400;

impl Number {
    /// Reads the text of a header: an integer if it is one, or a floating number (SEL-005 to SEL-007). Blanks are no part
    /// of a number, and neither are words such as `NaN`.
    pub(super) fn from_header(text: &str) -> Option<Self> {
        let is_numeric = |byte: u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        if text.len() > MAX_NUMBER_BYTES || !text.bytes().all(is_numeric) {
            return None;
        }
        match text.parse() {
            Ok(integer) => Some(Self::Integer(integer)),
            Err(_) => text.parse().ok().and_then(Self::finite),
        }
    }

    pub(super) fn finite(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self::Floating(value))
    }

    pub(super) fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => left.cmp(&right),
            // There is an order, because neither is NaN.
            _ => self
                .widened()
                .partial_cmp(&other.widened())
                .unwrap_or(Ordering::Equal),
        }
    }

    pub(super) fn negate(self) -> Self {
        match self {
            Self::Integer(value) => value
                .checked_neg()
                .map_or(Self::Floating(-(value as f64)), Self::Integer),
            Self::Floating(value) => Self::Floating(-value),
        }
    }

    pub(super) fn add(self, other: Self) -> Option<Self> {
        self.compute(other, i64::checked_add, |left, right| left + right)
    }

    pub(super) fn subtract(self, other: Self) -> Option<Self> {
        self.compute(other, i64::checked_sub, |left, right| left - right)
    }

    pub(super) fn multiply(self, other: Self) -> Option<Self> {
        self.compute(other, i64::checked_mul, |left, right| left * right)
    }

    /// Of integers an integer if it comes out even. Java cuts the rest off, but whether `7` is an integer would then hang
    /// on how a client writes its headers.
    pub(super) fn divide(self, other: Self) -> Option<Self> {
        let even = |left: i64, right: i64| match left.checked_rem(right) {
            Some(0) => left.checked_div(right),
            _ => None,
        };
        self.compute(other.not_zero()?, even, |left, right| left / right)
    }

    /// With the sign of the dividend, as in Java.
    pub(super) fn remainder(self, other: Self) -> Option<Self> {
        // The only quotient that overflows, -2^63 / -1, leaves nothing.
        let rest = |left: i64, right: i64| Some(left.wrapping_rem(right));
        self.compute(other.not_zero()?, rest, |left, right| left % right)
    }

    /// With integers as long as the result is one of 64 bits.
    fn compute(
        self,
        other: Self,
        integer: impl Fn(i64, i64) -> Option<i64>,
        floating: impl Fn(f64, f64) -> f64,
    ) -> Option<Self> {
        if let (Self::Integer(left), Self::Integer(right)) = (self, other)
            && let Some(result) = integer(left, right)
        {
            return Some(Self::Integer(result));
        }
        Self::finite(floating(self.widened(), other.widened()))
    }

    fn not_zero(self) -> Option<Self> {
        (self.widened() != 0.0).then_some(self)
    }

    fn widened(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Floating(value) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_NUMBER_BYTES, Number};

    const MIN: Number = Number::Integer(i64::MIN);
    const TWO_63: f64 = -(i64::MIN as f64);

    #[test]
    fn sel_005_to_007_numbers_in_headers() {
        for (text, number) in [
            ("10", Some(Number::Integer(10))),
            ("010", Some(Number::Integer(10))),
            ("+10", Some(Number::Integer(10))),
            ("-9223372036854775808", Some(MIN)),
            ("9223372036854775808", Some(Number::Floating(TWO_63))),
            ("9.5", Some(Number::Floating(9.5))),
            ("1e1", Some(Number::Floating(10.0))),
            (".5", Some(Number::Floating(0.5))),
            ("5.", Some(Number::Floating(5.0))),
            ("1e400", None),
            ("", None),
            ("-", None),
            (".", None),
            ("e5", None),
            ("1e", None),
            ("abc", None),
            (" 10", None),
            ("10 ", None),
            ("0x10", None),
            ("1_000", None),
            ("NaN", None),
            ("inf", None),
            ("-Infinity", None),
            ("\u{663}", None),
        ] {
            assert_eq!(Number::from_header(text), number, "{text}");
        }
    }

    #[test]
    fn every_number_can_be_written_and_longer_texts_are_none() {
        for number in [f64::MAX, f64::MIN, 5e-324, f64::MIN_POSITIVE, 1.0 / 3.0] {
            let text = number.to_string();
            assert_eq!(
                Number::from_header(&text),
                Some(Number::Floating(number)),
                "{text}"
            );
        }
        let zeros = |count| Number::from_header(&"0".repeat(count));
        assert_eq!(zeros(MAX_NUMBER_BYTES), Some(Number::Integer(0)));
        assert_eq!(zeros(MAX_NUMBER_BYTES + 1), None);
    }

    #[test]
    fn sel_016_arithmetic_neither_wraps_nor_panics() {
        let (max, one) = (Number::Integer(i64::MAX), Number::Integer(1));
        let minus_one = Number::Integer(-1);
        let two_63 = Some(Number::Floating(TWO_63));
        assert_eq!(max.add(one), two_63);
        assert_eq!(MIN.subtract(one).map(Number::negate), two_63);
        assert_eq!(MIN.multiply(minus_one), two_63);
        assert_eq!(MIN.divide(minus_one), two_63);
        assert_eq!(Some(MIN.negate()), two_63);
        assert_eq!(MIN.remainder(minus_one), Some(Number::Integer(0)));
        let huge = Number::Floating(f64::MAX);
        assert_eq!(huge.add(huge), None);
        assert_eq!(huge.multiply(Number::Floating(-2.0)), None);
        assert_eq!(huge.divide(Number::Floating(0.5)), None);
    }

    #[test]
    fn division_does_not_depend_on_how_a_header_is_written() {
        let divide = |left, right| Number::from_header(left)?.divide(Number::from_header(right)?);
        assert_eq!(divide("7", "2"), Some(Number::Floating(3.5)));
        assert_eq!(divide("7.0", "2"), Some(Number::Floating(3.5)));
        assert_eq!(divide("-8", "2"), Some(Number::Integer(-4)));
    }

    #[test]
    fn sel_023_nothing_is_divided_by_zero() {
        for dividend in [
            Number::Integer(5),
            Number::Integer(0),
            Number::Floating(5.0),
        ] {
            for zero in [
                Number::Integer(0),
                Number::Floating(0.0),
                Number::Floating(-0.0),
            ] {
                assert_eq!(dividend.divide(zero), None);
                assert_eq!(dividend.remainder(zero), None);
            }
        }
    }
}
