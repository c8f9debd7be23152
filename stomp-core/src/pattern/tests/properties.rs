use std::cmp::Ordering;

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

use super::super::syntax::{Regexes, parse};
use super::super::{DestinationPattern, Separator, is_pattern};
use super::oracle::{Pattern, Piece, Segment};

/// Few letters, so that patterns and destinations meet often.
fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        4 => "[abé]{1,2}".prop_map(Piece::Literal),
        1 => Just(Piece::AnyChar),
        2 => Just(Piece::AnyText),
        2 => Just(Piece::Variable),
        1 => prop_oneof![Just("[ab]+"), Just("a*"), Just("(?:ab|b)"), Just("b.")]
            .prop_map(Piece::RegexVariable),
    ]
}

fn segment() -> impl Strategy<Value = Segment> {
    let pieces = proptest::collection::vec(piece(), 1..5).prop_map(|pieces| {
        // Two stars alone are the other kind of segment, and three are not told from two by the oracle's text.
        if matches!(pieces.as_slice(), [Piece::AnyText, Piece::AnyText]) {
            Segment::AnySegments
        } else {
            Segment::Pieces(pieces)
        }
    });
    prop_oneof![
        2 => Just(Segment::AnySegments),
        2 => Just(Segment::Pieces(vec![Piece::AnyText])),
        2 => Just(Segment::Pieces(vec![Piece::Variable])),
        4 => pieces,
    ]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let segments = proptest::collection::vec(segment(), 0..6);
    (any::<bool>(), any::<bool>(), segments).prop_map(|(starts, ends, segments)| Pattern {
        starts_with_separator: starts,
        // Without a segment, start and end are the same separator.
        ends_with_separator: if segments.is_empty() { starts } else { ends },
        segments,
    })
}

/// A destination that fits the pattern in most cases, made of `fills`, so that matches are as frequent as failures.
fn fitting(pattern: &Pattern, fills: &[String]) -> String {
    let mut fills = fills.iter().cycle();
    let mut fill = || fills.next().map_or("", String::as_str);
    let mut segments: Vec<String> = Vec::new();
    for segment in &pattern.segments {
        match segment {
            Segment::AnySegments => segments.extend([fill(), fill()].map(str::to_owned)),
            Segment::Pieces(pieces) => segments.push(
                pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Literal(text) => text,
                        Piece::AnyChar => "b",
                        Piece::AnyText | Piece::Variable => fill(),
                        Piece::RegexVariable("a*") => "a",
                        Piece::RegexVariable(_) => "ab",
                    })
                    .collect(),
            ),
        }
    }
    let start = if pattern.starts_with_separator {
        "."
    } else {
        ""
    };
    let end = if pattern.ends_with_separator { "." } else { "" };
    format!("{start}{}{end}", segments.join("."))
}

fn destination(pattern: &Pattern) -> impl Strategy<Value = String> + use<> {
    let pattern = pattern.clone();
    prop_oneof![
        1 => "[.]?(?:[abé]{0,3}[.]){0,6}[abé]{0,3}",
        3 => proptest::collection::vec("[abé]{0,2}|[ab][.][ab]", 4..12)
            .prop_map(move |fills| fitting(&pattern, &fills)),
    ]
}

fn separator() -> impl Strategy<Value = Separator> {
    prop_oneof![Just(Separator::Slash), Just(Separator::Dot)]
}

fn compiled() -> impl Strategy<Value = DestinationPattern> {
    pattern().prop_map(|pattern| {
        DestinationPattern::parse(&pattern.to_text('/'), Separator::Slash).unwrap()
    })
}

/// The order of AP-30, or `None` for pairs about which it contradicts itself: those with a `**` that is not at the
/// end. Without its rule 2 (a literal that equals the destination) and the quirk AP-31.
fn spring_order(left: &str, right: &str) -> Option<Ordering> {
    struct Counts {
        catch_all: bool,
        prefix: bool,
        double: usize,
        stars: usize,
        variables: usize,
        length: usize,
    }
    fn counts(text: &str) -> Counts {
        let braces = regex::Regex::new(r"\{[^/]+?\}").unwrap();
        let double = text.matches("**").count();
        // For Spring only `/**` itself is, though `/**/**` matches the same.
        let catch_all = text.replace("/**", "").is_empty();
        Counts {
            catch_all,
            prefix: !catch_all && text.ends_with("/**"),
            double,
            stars: text.matches('*').count() - 2 * double,
            variables: text.matches('{').count(),
            length: braces.replace_all(text, "#").chars().count(),
        }
    }
    let (l, r) = (counts(left), counts(right));
    if l.catch_all || r.catch_all {
        return Some(l.catch_all.cmp(&r.catch_all));
    }
    if l.prefix && r.prefix {
        return Some(r.length.cmp(&l.length));
    }
    if l.prefix && r.double == 0 {
        return Some(Ordering::Greater);
    }
    if r.prefix && l.double == 0 {
        return Some(Ordering::Less);
    }
    let points = |c: &Counts| c.variables + c.stars + 2 * c.double;
    (l.double + r.double == 0).then(|| {
        points(&l)
            .cmp(&points(&r))
            .then(r.length.cmp(&l.length))
            .then(l.stars.cmp(&r.stars))
            .then(l.variables.cmp(&r.variables))
    })
}

/// A pattern without regexes and without glued `**`, which Spring counts from the text.
fn simple_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![Just("a"), Just("bc"), Just("*"), Just("{v}"), Just("?")];
    let segment = proptest::collection::vec(piece, 1..3)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("two stars are a segment of their own", |text| {
            !text.contains("**")
        });
    let segment = prop_oneof![4 => segment, 1 => Just("**".to_owned())];
    (proptest::collection::vec(segment, 0..4), any::<bool>()).prop_map(|(mut segments, prefix)| {
        if prefix || segments.is_empty() {
            segments.push("**".to_owned());
        }
        let mut text = String::new();
        for (index, segment) in segments.iter().enumerate() {
            text.push('/');
            // Each variable gets a name of its own, of one letter.
            for (place, part) in segment.split("{v}").enumerate() {
                if place > 0 {
                    text.push_str(&format!(
                        "{{{}}}",
                        char::from(b'a' + (3 * index + place) as u8)
                    ));
                }
                text.push_str(part);
            }
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn ap_1_to_ap_7_as_the_oracle(
        (pattern, destination) in pattern().prop_flat_map(|pattern| {
            let destination = destination(&pattern);
            (Just(pattern), destination)
        }),
        separator in separator(),
    ) {
        let destination = destination.replace('.', &separator.as_char().to_string());
        let text = pattern.to_text(separator.as_char());
        // `b.` has a dot, which must not cut the regex either (AP-9).
        let compiled = DestinationPattern::parse(&text, separator).unwrap();
        let expected = pattern.captures(&destination, separator.as_char());
        let found = compiled.captures(&destination).map(|variables| {
            variables.iter().map(|(_, value)| value.to_owned()).collect::<Vec<_>>()
        });
        prop_assert_eq!(compiled.matches(&destination), expected.is_some(), "{} on {}", &text, &destination);
        prop_assert_eq!(found, expected, "{} on {}", text, destination);
    }

    #[test]
    fn any_text_is_parsed_or_refused_at_a_place_in_it(text in r"[/.ab?*{}:()\[\\+é]{0,20}") {
        if let Err(error) = parse(&text, '/', Regexes::Allowed) {
            prop_assert!(text.get(error.span).is_some());
        }
        if let Ok(pattern) = DestinationPattern::parse_from_client(&text, Separator::Slash) {
            prop_assert_eq!(pattern.is_literal(), !is_pattern(&text));
            prop_assert_eq!(pattern.matches(&text), pattern.captures(&text).is_some());
            if pattern.is_literal() {
                prop_assert!(pattern.matches(&text));
            }
        }
    }

    #[test]
    fn ap_30_ours_a_total_order(a in compiled(), b in compiled(), c in compiled()) {
        let order = DestinationPattern::compare_specificity;
        prop_assert_eq!(order(&a, &a), Ordering::Equal);
        prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
        if order(&a, &b) != Ordering::Greater && order(&b, &c) != Ordering::Greater {
            prop_assert!(order(&a, &c) != Ordering::Greater);
            let both_equal = order(&a, &b).is_eq() && order(&b, &c).is_eq();
            prop_assert_eq!(order(&a, &c).is_eq(), both_equal);
        }
    }

    #[test]
    fn ap_30_where_spring_decides_we_decide_alike(left in simple_text(), right in simple_text()) {
        let parse = |text| DestinationPattern::parse(text, Separator::Slash).unwrap();
        let (left_pattern, right_pattern) = (parse(&left), parse(&right));
        // Two literals never match the same destination, and a literal wins by rule 2.
        if !left_pattern.is_literal() && !right_pattern.is_literal() {
            let ours = left_pattern.compare_specificity(&right_pattern);
            if let Some(spring @ (Ordering::Less | Ordering::Greater)) = spring_order(&left, &right) {
                prop_assert_eq!(ours, spring, "{} against {}", left, right);
            }
        }
    }

    #[test]
    fn a_literal_is_better_than_everything_else(literal in "(/[ab]{1,3}){0,4}", other in compiled()) {
        let literal = DestinationPattern::parse(&literal, Separator::Slash).unwrap();
        let expected = if other.is_literal() { Ordering::Equal } else { Ordering::Less };
        prop_assert_eq!(literal.compare_specificity(&other), expected);
    }
}
