//! SEL-018: everything that is no selector is refused, and the error says where it is wrong, and what to write instead.

use super::super::{Selector, SelectorError};
use super::refusal;

/// Pairs of lines: a selector, and a `^` under the place of the mistake with the text behind it.
const REFUSALS: &str = include_str!("refusals.txt");

/// A selector and its refusal as they stand in [`REFUSALS`].
fn marked(selector: &str) -> String {
    match Selector::parse(selector) {
        Ok(parsed) => panic!("{selector}: {parsed:?}"),
        Err(SelectorError::Syntax { offset, reason }) => {
            let column = selector[..offset].chars().count();
            format!("{selector}\n{}^ {reason}", " ".repeat(column))
        }
        Err(error) => panic!("{selector}: {error}"),
    }
}

#[test]
fn sel_018_refusals() {
    let lines: Vec<_> = REFUSALS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("## "))
        .collect();
    let (pairs, rest) = lines.as_chunks();
    assert!(rest.is_empty() && pairs.len() > 100);
    for [selector, expected] in pairs {
        assert_eq!(marked(selector), format!("{selector}\n{expected}"));
    }
}

#[test]
fn sel_018_the_whole_text() {
    assert_eq!(
        refusal("price > 5 AND color == 'red'"),
        "invalid selector, at byte 20: write `=` instead of `==`"
    );
    assert_eq!(
        refusal("gr\u{f6}\u{df}e = 'l' \n&& a"),
        "invalid selector, at byte 15: write `AND` instead of `&&`"
    );
    for empty in [
        "",
        " \n ",
        "convert_string_expressions:",
        "hyphenated_props: ",
    ] {
        assert_eq!(
            refusal(empty),
            "the selector is empty; leave the header out to get every message"
        );
    }
}

/// Spring's simple broker evaluated selectors as programs, and matched regular expressions in them.
#[test]
fn cve_2018_1270_and_cve_2018_1257_selectors_run_no_code_and_no_regexes() {
    for selector in [
        "T(java.lang.Runtime).getRuntime().exec('calc')",
        "new java.lang.ProcessBuilder('calc').start()",
        "''.getClass().forName('java.lang.Runtime') != null",
        "headers.a matches '(a+)+b'",
        "a matches '(a+)+b'",
    ] {
        assert!(refusal(selector).starts_with("invalid selector, at byte "));
    }
}
