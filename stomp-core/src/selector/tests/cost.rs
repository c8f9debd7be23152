//! T-20, T-21, SEL-022 and SEL-024: what a client can make the server do.

use super::{super::*, delivers, parse, refusal};

/// What the server's threads have at least is 2 MiB.
const SMALL_STACK: usize = 256 * 1024;

fn on_a_small_stack(test: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(SMALL_STACK)
            .spawn_scoped(scope, test)
            .unwrap()
            .join()
            .unwrap();
    });
}

fn nested(open: &str, depth: usize, inner: &str) -> String {
    format!("{}{inner}{}", open.repeat(depth), ")".repeat(depth))
}

#[test]
fn sel_022_too_deep_and_too_long() {
    on_a_small_stack(|| {
        for open in ["(", "NOT (", "-(", "a AND (", "1 + (", "f("] {
            for selector in [open.repeat(10_000), nested(open, 10_000, "a")] {
                assert_eq!(
                    refusal(&selector),
                    "the selector has too many bytes (at most 1024)"
                );
            }
        }
        let megabyte = "a = 1 OR ".repeat(1 << 17);
        assert_eq!(
            refusal(&megabyte),
            "the selector has too many bytes (at most 1024)"
        );
        for open in ["(", "NOT (", "-("] {
            let opened = MAX_DEPTH * open.len();
            let place = opened + open.find('(').unwrap();
            let expected = format!(
                "invalid selector, at byte {place}: parentheses are nested too deeply (at most 32)"
            );
            assert_eq!(refusal(&nested(open, MAX_DEPTH + 1, "a")), expected);
            assert_eq!(refusal(&open.repeat(200)), expected);
        }
    });
}

#[test]
fn sel_022_as_deep_and_as_long_as_it_may_be() {
    on_a_small_stack(|| {
        let a = [("a", "true"), ("n", "1")];
        assert!(delivers(&nested("(", MAX_DEPTH, "a"), &a));
        assert!(delivers(&nested("NOT (", MAX_DEPTH, "a"), &a));
        let nothing_matters = nested("a OR NOT (", MAX_DEPTH, "a");
        assert!(delivers(&nothing_matters, &a));
        let sum = nested("-n * -(", MAX_DEPTH, "n");
        assert!(delivers(&format!("{sum} <> 0"), &a));
        for (part, last) in [("NOT NOT ", "a"), ("- +", " n >= -1")] {
            let count = (MAX_SELECTOR_BYTES - last.len()) / part.len();
            let selector = part.repeat(count) + last;
            assert!(delivers(&selector, &a), "{selector}");
        }
        // As many parentheses as one likes, one behind the other.
        assert!(delivers(&("(a) AND ".repeat(MAX_OPERANDS - 1) + "a"), &a));
    });
}

#[test]
fn sel_022_the_limit_counts_bytes_with_all_prefixes() {
    for prefix in ["", CONVERT_STRINGS] {
        let selector = |length: usize| {
            let text = format!("{prefix}a = ''");
            text.replace("''", &format!("'{}'", "x".repeat(length - text.len())))
        };
        let longest = selector(MAX_SELECTOR_BYTES);
        assert_eq!(longest.len(), 1024);
        parse(&longest);
        refusal(&selector(MAX_SELECTOR_BYTES + 1));
    }
}

/// Backtracking would take more steps than there are atoms: these tests would not end.
#[test]
fn sel_024_like_takes_linear_time() {
    let long = "a".repeat(1 << 20);
    let nearly = format!("{}b", &long[1..]);
    for (pattern, matches_nearly, matches_long) in [
        ("%a%a%a%a%b".to_owned(), true, false),
        (format!("{}b", "%a".repeat(16)), true, false),
        (format!("{}%c", "%a".repeat(15)), false, false),
        (format!("{}%c", "%a_a".repeat(15)), false, false),
        (format!("{}%c", "%a_é".repeat(15)), false, false),
        (format!("%{}b%", "a".repeat(900)), true, false),
        (format!("%{}c%", "a".repeat(900)), false, false),
        (format!("%{}_c%", "a".repeat(60)), false, false),
        (format!("%{}b%", "_a".repeat(31)), true, false),
        (format!("%c{}%", "_".repeat(60)), false, false),
        (format!("{}%", "_".repeat(900)), true, true),
        (format!("%{}", "_".repeat(900)), true, true),
        (format!("%{}", "_a".repeat(400)), false, true),
    ] {
        let selector = format!("h LIKE '{pattern}'");
        for (text, expected) in [(&nearly, matches_nearly), (&long, matches_long)] {
            assert_eq!(delivers(&selector, &[("h", text)]), expected, "{pattern}");
        }
    }
}

#[test]
fn t_21_how_often_and_how_long_a_header_is_searched() {
    let like = |count: usize| vec!["h LIKE '%a%'"; count].join(" OR ");
    parse(&like(MAX_LIKE_PATTERNS));
    assert_eq!(
        refusal(&like(MAX_LIKE_PATTERNS + 1)),
        "invalid selector, at byte 130: there are too many LIKE (at most 8)"
    );
    parse(&format!("h LIKE '%_{}%'", "a".repeat(63)));
    assert_eq!(
        refusal(&format!("h LIKE '%_{}%'", "a".repeat(64))),
        "invalid selector, at byte 7: a pattern has too many characters between two `%`, with `_` among them (at most 64)"
    );
    parse(&format!("h LIKE '{}'", "%a".repeat(16)));
    assert_eq!(
        refusal(&format!("h LIKE '{}%'", "%a".repeat(16))),
        "invalid selector, at byte 7: a pattern has too many `%` (at most 16)"
    );
    // At the ends of a pattern nothing is searched.
    assert!(delivers(
        &format!("h LIKE '{}%{}'", "_".repeat(100), "_a".repeat(100)),
        &[("h", &"a".repeat(300))]
    ));
}

#[test]
fn t_20_how_many_names_and_values_there_may_be() {
    let a = [("a", "true"), ("n", "1")];
    for (part, last, operands_of_last) in [
        ("a AND ", "a", 1),
        ("NOT a OR ", "a", 1),
        ("n+", "0 > 1", 2),
        ("n BETWEEN 0 AND 1 AND ", "n IN (1, 2, 3)", 1),
    ] {
        let operands = if part.contains("BETWEEN") { 3 } else { 1 };
        let count = (MAX_OPERANDS - operands_of_last) / operands;
        let selector = part.repeat(count) + last;
        assert!(delivers(&selector, &a), "{selector}");
        let error = refusal(&(part.repeat(count + 1) + last));
        let reason = ": there are too many names and values (at most 64); write IN for several of one header";
        assert!(error.ends_with(reason), "{error}");
    }
    assert_eq!(
        refusal(&("a AND ".repeat(64) + "b")),
        "invalid selector, at byte 384: there are too many names and values (at most 64); write IN for several of one header"
    );
    parse(&format!("a IN ({}1)", "1, ".repeat(300)));
}

#[test]
fn t_20_long_texts_are_no_numbers() {
    for text in [
        "9".repeat(8000),
        format!("1{}", "e".repeat(8000)),
        "-".repeat(8000),
    ] {
        assert!(!delivers("h > 1 OR h <= 1", &[("h", &text)]));
    }
}

/// An error names what a client wrote, but no more of it than people read.
#[test]
fn errors_are_short_and_show_no_control_characters() {
    let long = "x".repeat(900);
    for selector in [
        format!("{long}("),
        format!("{long}.y"),
        format!("a {long}"),
        format!("a = \"-{long}\""),
        format!("a = 1{long}"),
        format!("a = 9{}", "9".repeat(900)),
        format!("simp{}", long.to_uppercase()),
        format!("\"{long}\" = 1"),
        "a = \"\u{1b}[31m\u{7}\"".to_owned(),
        "\u{1b} = 1".to_owned(),
        "a 'line\nend'".to_owned(),
    ] {
        let error = refusal(&selector);
        assert!(error.len() < 300, "{error}");
        assert!(!error.contains(char::is_control), "{error}");
    }
}
