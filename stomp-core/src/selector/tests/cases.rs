use super::{delivers, parse, refusal};
use crate::codec::{Decoder, DecoderLimits, Version};

/// Which of the values of the header `h` are delivered; `None` is a message without it.
fn delivered<'v>(selector: &str, values: &[Option<&'v str>]) -> Vec<Option<&'v str>> {
    let selector = parse(selector);
    let wanted = |value: &&Option<&'v str>| {
        selector.matches(|name| if name == "h" { **value } else { None })
    };
    values.iter().filter(wanted).copied().collect()
}

const NUMBERS: [Option<&str>; 7] = [
    None,
    Some("5"),
    Some("10"),
    Some("9.5"),
    Some("abc"),
    Some("1e1"),
    Some("-3"),
];

#[test]
fn sel_001_equality() {
    let colors = [Some("red"), Some("blue"), Some("Red"), Some("")];
    assert_eq!(delivered("h = 'red'", &colors), [Some("red")]);
    assert_eq!(delivered("'red' = h", &colors), [Some("red")]);
    assert_eq!(delivered("h <> 'red'", &colors), &colors[1..]);
    assert_eq!(delivered("h = ''", &colors), [Some("")]);
}

#[test]
fn sel_002_nothing_is_known_about_a_missing_header() {
    for selector in [
        "h = 'red'",
        "h <> 'red'",
        "h = h",
        "h <> h",
        "h = other",
        "h > 5",
        "h <= 5",
        "h + 1 = h + 1",
        "-h < 0",
        "h",
        "h = TRUE",
        "h <> TRUE",
        "h LIKE '%'",
        "h NOT LIKE 'a'",
        "h IN ('a')",
        "h NOT IN ('a')",
        "h BETWEEN 1 AND 2",
        "h NOT BETWEEN 1 AND 2",
        "5 BETWEEN h AND 6",
    ] {
        assert!(!delivers(selector, &[]), "{selector}");
    }
}

#[test]
fn sel_003_not_of_the_unknown_is_unknown() {
    let colors = [None, Some("red"), Some("blue")];
    assert_eq!(delivered("NOT (h = 'red')", &colors), [Some("blue")]);
    assert_eq!(delivered("NOT NOT (h = 'red')", &colors), [Some("red")]);
    assert_eq!(delivered("NOT (NOT (h = 'red'))", &colors), [Some("red")]);
    let flags = [None, Some("true"), Some("false"), Some("yes")];
    assert_eq!(delivered("NOT h", &flags), [Some("false")]);
    assert_eq!(delivered("NOT NOT NOT (h)", &flags), [Some("false")]);
}

#[test]
fn sel_004_presence() {
    let values = [None, Some(""), Some("red")];
    assert_eq!(delivered("h IS NULL", &values), [None]);
    assert_eq!(delivered("h IS NOT NULL", &values), &values[1..]);
    assert_eq!(delivered("NOT (h IS NULL)", &values), &values[1..]);
}

#[test]
fn sel_005_to_007_text_is_read_as_a_number() {
    let more_than_five = [Some("10"), Some("9.5"), Some("1e1")];
    for selector in [
        "h > 5",
        "h > 5.0",
        "5 < h",
        "h >= 5 AND NOT (h = 5)",
        "h > 2 + 3",
        "h > 0x5",
        "h > 05",
        "h > 5L",
        "h > +5",
        "h > - -5",
    ] {
        assert_eq!(delivered(selector, &NUMBERS), more_than_five, "{selector}");
    }
    let ten = [Some("10"), Some("1e1")];
    for selector in [
        "h = 10",
        "h = 10.0",
        "10. = h",
        "h = 1e1",
        "h IN (7, 10)",
        "h IN (1E+1)",
    ] {
        assert_eq!(delivered(selector, &NUMBERS), ten, "{selector}");
    }
    assert_eq!(delivered("h IN (-3)", &NUMBERS), [Some("-3")]);
    // `abc` is neither different nor outside.
    let others = [Some("5"), Some("9.5"), Some("-3")];
    for selector in ["h <> 10", "h NOT IN (10)", "NOT (h = 10)"] {
        assert_eq!(delivered(selector, &NUMBERS), others, "{selector}");
    }
}

#[test]
fn integers_keep_all_their_digits() {
    let near = [
        Some("9007199254740992"),
        Some("9007199254740993"),
        Some("9223372036854775807"),
        Some("-9223372036854775808"),
    ];
    assert_eq!(delivered("h = 9007199254740993", &near), &near[1..2]);
    assert_eq!(delivered("h = 9223372036854775807", &near), &near[2..3]);
    assert_eq!(delivered("h = -9223372036854775808", &near), &near[3..]);
    assert_eq!(delivered("h = -0x8000000000000000", &near), &near[3..]);
    assert_eq!(delivered("h > 9007199254740992", &near), &near[1..3]);
}

#[test]
fn two_headers_are_text_unless_they_are_ordered() {
    let headers = [("a", "10"), ("b", "10.0"), ("c", "9"), ("d", "x")];
    assert!(!delivers("a = b", &headers));
    assert!(delivers("a <> b", &headers));
    assert!(delivers("a + 0 = b", &headers));
    assert!(delivers("a <= b AND a >= b", &headers));
    assert!(delivers("a > c", &headers));
    assert!(!delivers("a < c", &headers));
    assert!(!delivers("a > d OR a <= d", &headers));
    assert!(delivers("c BETWEEN 9 AND a", &headers));
}

#[test]
fn sel_008_both_ends_belong_to_between() {
    let between = [Some("5"), Some("10"), Some("9.5"), Some("1e1")];
    assert_eq!(delivered("h BETWEEN 5 AND 10", &NUMBERS), between);
    assert_eq!(delivered("h between 2 + 3 and 20 / 2", &NUMBERS), between);
    assert_eq!(delivered("h NOT BETWEEN 5 AND 10", &NUMBERS), [Some("-3")]);
    assert_eq!(delivered("h BETWEEN 10 AND 5", &NUMBERS), []);
    // Too much for one end is outside, whatever the other is.
    assert_eq!(
        delivered("h NOT BETWEEN other AND 5", &NUMBERS),
        [Some("10"), Some("9.5"), Some("1e1")]
    );
    assert!(delivers(
        "a BETWEEN 1 AND 2 AND b BETWEEN 3 AND 4",
        &[("a", "1"), ("b", "4")]
    ));
}

#[test]
fn sel_009_in() {
    let colors = [None, Some("red"), Some("blue"), Some("green"), Some("")];
    for list in [
        "('red', 'blue')",
        "('blue','red','red')",
        "( 'blue' , 'red' )",
    ] {
        assert_eq!(
            delivered(&format!("h IN {list}"), &colors),
            [Some("red"), Some("blue")]
        );
        assert_eq!(
            delivered(&format!("h NOT IN {list}"), &colors),
            [Some("green"), Some("")]
        );
    }
}

#[test]
fn sel_010_like() {
    for (pattern, matching, others) in [
        (
            "'a_b'",
            vec!["axb", "a_b", "aéb", "a\nb"],
            vec!["ab", "axxb", "Axb", "xaxb", "axbx"],
        ),
        ("'%'", vec!["", "a", "%"], vec![]),
        ("''", vec![""], vec!["a"]),
        ("'_'", vec!["a", "é", "🦀"], vec!["", "ab"]),
        ("'__%'", vec!["ab", "éé", "abc"], vec!["", "a", "é"]),
        ("'%__'", vec!["ab", "éé", "abc"], vec!["", "a", "é"]),
        ("'a%'", vec!["a", "ab"], vec!["", "ba", "A"]),
        ("'%a'", vec!["a", "ba"], vec!["", "ab"]),
        ("'%a%'", vec!["a", "bac"], vec!["", "b"]),
        ("'a%a'", vec!["aa", "aba"], vec!["a", "ab"]),
        ("'ab%ba'", vec!["abba", "abxba"], vec!["aba", "abb"]),
        ("'%ab%bc%'", vec!["abbc", "xabxbcx"], vec!["abc", "bcab"]),
        ("'a%_%b'", vec!["axb", "axyb"], vec!["ab"]),
        (
            "'%a_c%a_c'",
            vec!["abcabc", "xabcxaéc"],
            vec!["abc", "abcac", "abcabcx"],
        ),
        (
            "'%a_a_b%'",
            vec!["aaaab", "acaaaab", "aéaéb!"],
            vec!["aaab", "aaaa"],
        ),
        ("'a!%b' ESCAPE '!'", vec!["a%b"], vec!["axb", "a!%b"]),
        ("'%!_%' ESCAPE '!'", vec!["_", "a_b"], vec!["", "a"]),
        (
            "'a!!b%' escape '!'",
            vec!["a!b", "a!bc"],
            vec!["ab", "a!!b"],
        ),
        ("'50%%' ESCAPE '%'", vec!["50%"], vec!["50", "50%%"]),
        ("'a''''_'  ESCAPE ''''", vec!["a'x"], vec!["a''x", "a'_x"]),
    ] {
        let pattern = format!("h LIKE {pattern}");
        for text in matching {
            assert!(delivers(&pattern, &[("h", text)]), "{text} {pattern}");
            let not = pattern.replace("LIKE", "NOT LIKE");
            assert!(!delivers(&not, &[("h", text)]), "{text} {not}");
        }
        for text in others {
            assert!(!delivers(&pattern, &[("h", text)]), "{text} {pattern}");
            let not = pattern.replace("LIKE", "NOT LIKE");
            assert!(delivers(&not, &[("h", text)]), "{text} {not}");
        }
    }
}

#[test]
fn sel_011_like_knows_no_regular_expressions() {
    for special in [
        "a.b", "(", "[", "[a-z]", "a*", "a+", "^a$", "\\d", "a|b", "a{2}", "?",
    ] {
        for (selector, header) in [
            (format!("h LIKE '{special}'"), special.to_owned()),
            (format!("h LIKE '%{special}%'"), format!("x{special}y")),
            (format!("h LIKE '%_{special}%'"), format!("x{special}y")),
        ] {
            assert!(delivers(&selector, &[("h", &header)]), "{selector}");
            for other in ["axb", "", "a", "aa", "b", "1"] {
                if other != special {
                    assert!(!delivers(&selector, &[("h", other)]), "{other} {selector}");
                }
            }
        }
    }
}

#[test]
fn sel_012_a_quote_within_a_string_is_written_twice() {
    assert!(delivers("name = 'O''Hara'", &[("name", "O'Hara")]));
    assert!(delivers("name = ''''", &[("name", "'")]));
    assert!(delivers("name = ''''''", &[("name", "''")]));
    assert!(delivers("name IN ('O''Hara', 'x')", &[("name", "O'Hara")]));
    assert!(delivers("name LIKE 'O''%'", &[("name", "O'Hara")]));
    assert!(delivers("name = 'a\"b\\n'", &[("name", "a\"b\\n")]));
}

#[test]
fn sel_013_booleans() {
    let flags = [
        None,
        Some("true"),
        Some("TRUE"),
        Some("false"),
        Some("yes"),
        Some("1"),
        Some(""),
    ];
    for selector in [
        "h = TRUE",
        "TRUE = h",
        "h <> FALSE",
        "h",
        "(h)",
        "h AND h",
        "NOT (NOT h)",
    ] {
        assert_eq!(delivered(selector, &flags), &flags[1..3], "{selector}");
    }
    for selector in ["h = false", "h <> TRUE", "NOT h", "NOT (h = TRUE)"] {
        assert_eq!(delivered(selector, &flags), [Some("false")], "{selector}");
    }
    assert_eq!(delivered("h = 'true'", &flags), [Some("true")]);
    assert!(delivers("TRUE", &[]));
    assert!(!delivers("FALSE", &[]));
    assert!(delivers("TRUE <> FALSE", &[]));
}

#[test]
fn sel_014_what_binds_tighter() {
    let abc = |a, b, c| [("a", a), ("b", b), ("c", c)];
    let selector = "a = 1 OR b = 2 AND c = 3";
    assert!(delivers(selector, &abc("1", "0", "0")));
    assert!(!delivers("(a = 1 OR b = 2) AND c = 3", &abc("1", "0", "0")));
    assert!(delivers(selector, &abc("0", "2", "3")));
    assert!(!delivers(selector, &abc("0", "2", "0")));
    assert!(delivers("NOT a AND b", &abc("false", "true", "")));
    assert!(!delivers("NOT (a AND b)", &abc("true", "true", "")));
    assert!(delivers("NOT a OR b", &abc("true", "true", "")));
    assert!(delivers("c = 'x' AND NOT a", &abc("false", "", "x")));
}

#[test]
fn sel_015_what_is_unknown_may_not_matter() {
    assert!(delivers("nosuch = 1 OR TRUE", &[]));
    assert!(delivers("TRUE OR nosuch = 1", &[]));
    assert!(delivers("NOT (nosuch = 1 AND FALSE)", &[]));
    assert!(delivers("NOT (FALSE AND nosuch = 1)", &[]));
    for unknown in [
        "nosuch = 1 OR FALSE",
        "nosuch = 1 AND TRUE",
        "nosuch = 1 AND nosuch = 1",
        "nosuch = nosuch",
    ] {
        assert!(!delivers(unknown, &[]), "{unknown}");
        assert!(!delivers(&format!("NOT ({unknown})"), &[]), "{unknown}");
    }
}

#[test]
fn sel_016_arithmetic() {
    let price =
        |selector: &str| delivers(selector, &[("price", "10"), ("half", "0.5"), ("text", "x")]);
    for selector in [
        "price * 2 + 1 > 20",
        "1 + 2 * price = 21",
        "(1 + 2) * price = 30",
        "-price = -10",
        "- - price = 10",
        "+price = 10",
        "-(price + 1) = -11",
        "price - 1 - 2 = 7",
        "price - (1 - 2) = 11",
        "100 / price / 5 = 2",
        "100 / (price / 5) = 50",
        "price / 4 = 2.5",
        "price % 4 = 2",
        "-price % 4 = -2",
        "7 * 2 % 4 = 2",
        "price * half = 5",
        "price + 5 = 15",
        "price*2>15",
        "price-1=9",
        "price - -1 = 11",
        "2 * -price = -20",
        "price + 9223372036854775807 > 9.2e18",
    ] {
        assert!(price(selector), "{selector}");
    }
    for selector in [
        "price + text > 0",
        "price + text <= 0",
        "price * nosuch = 0",
        "-text = 0",
    ] {
        assert!(!price(selector), "{selector}");
        let opposite = format!("NOT ({selector})");
        assert!(!price(&opposite), "{opposite}");
    }
}

#[test]
fn sel_017_keywords_in_any_case_and_names_as_they_are() {
    let headers = [("color", "red"), ("price", "10")];
    assert!(delivers("color = 'red' or price = 11", &headers));
    assert!(delivers(
        "not (color iN ('blue')) aNd price BeTwEeN 1 and 10",
        &headers
    ));
    assert!(delivers("color like 'r%' and nosuch is null", &headers));
    assert!(delivers("nosuch Is Not Null oR tRUE", &headers));
    assert!(!delivers("COLOR = 'red'", &headers));
    assert!(delivers("COLOR IS NULL", &headers));
    let names = [
        ("_a", "1"),
        ("$b1", "2"),
        ("größe", "3"),
        ("android", "4"),
        ("notes", "5"),
    ];
    assert!(delivers(
        "_a = 1 AND $b1 = 2 AND größe = 3 AND android = 4 AND notes = 5",
        &names
    ));
}

#[test]
fn sel_020_a_selector_is_read_behind_the_escapes_of_its_frame() {
    let mut decoder = Decoder::new(DecoderLimits::default());
    decoder.set_version(Version::V1_2);
    let mut octets: &[u8] =
        b"SUBSCRIBE\nid:1\nselector:url = 'http\\c//a\\\\b'\\nOR\\r\\n\"x\\cy\" = 'l\\nm'\n\n\0";
    let frame = decoder.decode(&mut octets).unwrap().unwrap();
    let selector = frame.header("selector").unwrap();
    assert!(delivers(selector, &[("url", "http://a\\b")]));
    assert!(delivers(selector, &[("x:y", "l\nm")]));
    assert!(!delivers(
        selector,
        &[("url", "http://a\\\\b"), ("x:y", "l\\nm")]
    ));
}

#[test]
fn sel_023_division_by_zero_is_unknown() {
    let headers = [("a", "5"), ("zero", "0"), ("small", "0.0")];
    for division in [
        "a / zero",
        "a / 0",
        "a / small",
        "a % zero",
        "a % 0.0",
        "0 / zero",
        "1 / (a - 5)",
    ] {
        for selector in [
            format!("{division} = 0"),
            format!("{division} <> 0"),
            format!("NOT ({division} > 1)"),
            format!("a BETWEEN {division} AND 10"),
        ] {
            assert!(!delivers(&selector, &headers), "{selector}");
        }
        assert!(delivers(&format!("{division} = 0 OR a = 5"), &headers));
    }
    assert!(!delivers(
        "a * 1e308 * 1e308 > 0 OR a * 1e308 * 1e308 <= 0",
        &headers
    ));
}

#[test]
fn sel_025_prefixes_of_other_brokers() {
    for prefix in [
        "convert_string_expressions:",
        "hyphenated_props:",
        "convert_string_expressions:hyphenated_props:",
        "hyphenated_props:convert_string_expressions:",
        "convert_string_expressions:convert_string_expressions:",
        "convert_string_expressions: ",
    ] {
        assert!(delivers(&format!("{prefix}price > 5"), &[("price", "10")]));
    }
    let hyphens = [("my-head", "v"), ("my", "5"), ("head", "3")];
    assert!(delivers("hyphenated_props:my-head = 'v'", &hyphens));
    assert!(delivers("my-head = 2", &hyphens));
    assert!(delivers("convert_string_expressions:my-head = 2", &hyphens));
    // Offsets count from the start of the header.
    assert_eq!(
        refusal("convert_string_expressions:a == 1"),
        "invalid selector, at byte 29: write `=` instead of `==`"
    );
}

#[test]
fn blanks_and_line_ends_separate() {
    let headers = [("a", "1"), ("b", "x")];
    assert!(delivers("\r\n\ta=1\nAND\tb='x' \x0c", &headers));
    assert!(delivers("(a=2)OR(b='x'AND a IN(1,2))", &headers));
}
