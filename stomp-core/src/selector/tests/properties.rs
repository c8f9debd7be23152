use proptest::{
    collection::vec,
    option,
    prelude::{
        Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_assume, proptest,
    },
    prop_oneof,
    sample::select,
    test_runner::TestCaseError,
};

use super::super::{MAX_SELECTOR_BYTES, Selector, SelectorError, error::SyntaxError};
use super::oracle::{
    Boolean, Condition, NAMES, Name, Number, Pattern, Text, Values, Writer, evaluate,
};

fn name() -> impl Strategy<Value = Name> {
    0..NAMES.len()
}

/// Few texts, so that headers and selectors meet often.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        select(&["", "a", "ab", "10", "true", "O'Hara", "é%", "a!b_"]).prop_map(str::to_owned),
        "[ab%_!]{0,4}",
    ]
}

fn value() -> impl Strategy<Value = Option<String>> {
    let numbers = select(&[
        "0",
        "-0",
        "1",
        "-3",
        "+4",
        "007",
        "9.5",
        ".5",
        "5.",
        "1e1",
        "1E-2",
        "-0.0",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "1e308",
        "1e999",
        "1e",
        "-",
        "0x10",
        " 1",
        "NaN",
        "inf",
    ]);
    let booleans = select(&["true", "TRUE", "False", "false", "yes"]);
    prop_oneof![
        2 => Just(None),
        3 => option::of(word()),
        5 => prop_oneof![numbers, booleans].prop_map(|value| Some(value.to_owned())),
        4 => (-3_i64..12).prop_map(|value| Some(value.to_string())),
    ]
}

fn values() -> impl Strategy<Value = Values> {
    [value(), value(), value(), value(), value()]
}

fn number() -> impl Strategy<Value = Number> {
    let leaf = prop_oneof![
        4 => (-3_i64..12).prop_map(Number::Integer),
        1 => select(&[i64::MAX, i64::MAX - 1, -i64::MAX]).prop_map(Number::Integer),
        2 => select(&[0.0, 0.5, 2.0, 9.5, 1e16, 1e308, 5e-324]).prop_map(Number::Floating),
        6 => name().prop_map(Number::Header),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let operator = select(&['+', '-', '*', '/', '%']);
        prop_oneof![
            1 => inner.clone().prop_map(|inner| Number::Negated(inner.into())),
            3 => (inner.clone(), operator, inner)
                .prop_map(|(left, operator, right)| Number::Computed(left.into(), operator, right.into())),
        ]
    })
}

fn text() -> impl Strategy<Value = Text> {
    prop_oneof![
        word().prop_map(Text::Literal),
        name().prop_map(Text::Header)
    ]
}

fn boolean() -> impl Strategy<Value = Boolean> {
    prop_oneof![
        any::<bool>().prop_map(Boolean::Literal),
        name().prop_map(Boolean::Header)
    ]
}

fn pattern() -> impl Strategy<Value = Vec<Pattern>> {
    let piece = prop_oneof![
        4 => select(&['a', 'b', 'é', '1', '%', '_', '!', '\'']).prop_map(Pattern::Literal),
        2 => Just(Pattern::One),
        3 => Just(Pattern::Many),
    ];
    vec(piece, 0..7)
}

fn condition() -> impl Strategy<Value = Condition> {
    let comparison = select(&["=", "<>", "<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        4 => (number(), comparison, number())
            .prop_map(|(left, comparison, right)| Condition::Numbers(left, comparison, right)),
        3 => (text(), any::<bool>(), text())
            .prop_map(|(left, negated, right)| Condition::Texts(left, negated, right)),
        2 => (boolean(), any::<bool>(), boolean())
            .prop_map(|(left, negated, right)| Condition::Booleans(left, negated, right)),
        2 => (number(), any::<bool>(), number(), number())
            .prop_map(|(value, negated, low, high)| Condition::Between(value, negated, low, high)),
        2 => (name(), any::<bool>(), vec(word(), 1..5))
            .prop_map(|(name, negated, texts)| Condition::InTexts(name, negated, texts)),
        2 => (name(), any::<bool>(), vec(-3_i64..12, 1..5))
            .prop_map(|(name, negated, numbers)| Condition::InNumbers(name, negated, numbers)),
        3 => (name(), any::<bool>(), pattern())
            .prop_map(|(name, negated, pattern)| Condition::Like(name, negated, pattern)),
        1 => (name(), any::<bool>()).prop_map(|(name, negated)| Condition::IsNull(name, negated)),
        1 => name().prop_map(Condition::Flag),
        1 => any::<bool>().prop_map(Condition::Constant),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Condition::Or),
            vec(inner.clone(), 2..4).prop_map(Condition::And),
            inner.prop_map(|inner| Condition::Not(inner.into())),
        ]
    })
}

/// Text that is nearly a selector.
fn soup() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        4 => select(&[
            "AND", "OR", "NOT", "IN", "LIKE", "BETWEEN", "IS", "NULL", "ESCAPE", "TRUE", "FALSE", "a",
            "b", "JMSPriority", "simpUser", "XPATH", "headers.", "\"my-head\"", "\"", "'", "'a%_'", "''",
            "'é'", "0", "7", "0x1f", "017", "08", "1.5", "1e3", "9223372036854775808", "5L", "=", "<>",
            "<", "<=", ">", ">=", "==", "!=", "(", ")", ",", "+", "-", "*", "/", "%", ".", "--", "!", "&&",
            "convert_string_expressions:", "hyphenated_props:", "’",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,3}",
    ];
    (vec(token, 0..24), any::<bool>())
        .prop_map(|(tokens, apart)| tokens.join(if apart { " " } else { "" }))
}

fn names_of(name: &str) -> Option<Name> {
    let name = if name == "priority" {
        "JMSPriority"
    } else {
        name
    };
    NAMES.iter().position(|known| *known == name)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn sel_001_to_023_as_the_oracle(
        condition in condition(),
        choices in vec(any::<u8>(), 1..40),
        messages in vec(values(), 1..6),
    ) {
        let text = Writer::write(&condition, &choices);
        prop_assume!(text.len() <= MAX_SELECTOR_BYTES);
        let selector = match Selector::parse(&text) {
            Ok(selector) => selector,
            Err(SelectorError::Syntax { reason: SyntaxError::TooManyOperands, .. }) => {
                return Err(TestCaseError::reject("too large"));
            }
            Err(error) => panic!("{text}: {error}"),
        };
        for values in &messages {
            let delivered = selector.matches(|name| values[names_of(name).unwrap()].as_deref());
            let expected = evaluate(&condition, values) == Some(true);
            prop_assert_eq!(delivered, expected, "{} of {:?}", text, values);
        }
    }

    #[test]
    fn t_20_any_text_is_a_selector_or_is_refused_at_a_place_in_it(
        text in prop_oneof![3 => soup(), 1 => "\\PC{0,80}", 1 => any::<String>()],
        values in values(),
    ) {
        let lookup = |name: &str| values[names_of(name).unwrap_or(0)].as_deref();
        match Selector::parse(&text) {
            Ok(selector) => {
                let delivered = selector.matches(lookup);
                if text.len() + "NOT ()".len() <= MAX_SELECTOR_BYTES && !text.contains(':')
                    && let Ok(opposite) = Selector::parse(&format!("NOT ({text})"))
                {
                    prop_assert!(!delivered || !opposite.matches(lookup));
                }
            }
            Err(error @ SelectorError::Syntax { offset, .. }) => {
                prop_assert!(text.is_char_boundary(offset), "{}", error);
                prop_assert!(error.to_string().len() < 400);
            }
            Err(SelectorError::TooLong) => prop_assert!(text.len() > MAX_SELECTOR_BYTES),
            Err(SelectorError::Empty) => {
                let blank = text.trim().is_empty() || text.trim_end().ends_with(':');
                prop_assert!(blank);
            }
        }
    }
}
