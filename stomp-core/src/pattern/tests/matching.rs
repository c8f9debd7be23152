use super::super::{DestinationPattern, Separator, is_pattern, normalize};
use super::{dot, slash};

/// `matches` and `captures` have to agree, so both are asked.
fn check(pattern: &DestinationPattern, table: &[(&str, bool)]) {
    for (destination, expected) in table {
        let text = pattern.as_str();
        assert_eq!(
            pattern.matches(destination),
            *expected,
            "`{text}` on `{destination}`"
        );
        assert_eq!(
            pattern.captures(destination).is_some(),
            *expected,
            "captures of `{text}` on `{destination}`"
        );
    }
}

#[test]
fn ap_1_empty_segments_are_dropped() {
    check(
        &slash("/a//b"),
        &[
            ("/a/b", true),
            ("/a///b", true),
            ("//a/b", true),
            ("/ab", false),
        ],
    );
    check(&slash("/a/b"), &[("/a//b", true), ("//a//b", true)]);
    check(
        &slash("/"),
        &[("/", true), ("//", true), ("", false), ("/a", false)],
    );
    check(&slash(""), &[("", true), ("/", false), ("a", false)]);
}

#[test]
fn ap_2_both_start_with_the_separator_or_neither() {
    check(
        &slash("**"),
        &[("/x", false), ("x", true), ("x/y", true), ("", true)],
    );
    check(
        &slash("/**"),
        &[("/x", true), ("x", false), ("/", true), ("/x/y/", true)],
    );
    check(&slash("/a"), &[("a", false)]);
    check(&slash("a"), &[("/a", false), ("a", true)]);
}

#[test]
fn ap_3_within_a_segment() {
    check(
        &slash("/a?c"),
        &[
            ("/abc", true),
            ("/aéc", true),
            ("/ac", false),
            ("/abbc", false),
            ("/a/c", false),
        ],
    );
    check(
        &slash("/a*c"),
        &[
            ("/ac", true),
            ("/abc", true),
            ("/abcbc", true),
            ("/abcd", false),
            ("/a/c", false),
        ],
    );
    check(
        &slash("/*a*b*"),
        &[
            ("/ab", true),
            ("/xaxbx", true),
            ("/ba", false),
            ("/bab", true),
        ],
    );
    check(
        &slash("/??"),
        &[("/ab", true), ("/äö", true), ("/a", false), ("/abc", false)],
    );
    check(&slash("/*?"), &[("/a", true), ("/abc", true), ("/", false)]);
    check(
        &slash("/a{x}"),
        &[("/a", true), ("/ab", true), ("/b", false)],
    );
    check(
        &slash("/{x}"),
        &[("/a", true), ("/", false), ("/a/b", false)],
    );
    check(
        &slash("/{x:[a-z]+}"),
        &[
            ("/abc", true),
            ("/abc1", false),
            ("/1abc", false),
            ("/", false),
        ],
    );
    check(
        &slash("/v{x:[0-9]+}.?"),
        &[
            ("/v12.a", true),
            ("/v12", false),
            ("/v12a", false),
            ("/v.a", false),
        ],
    );
    check(
        &slash("/(a|b)+.$"),
        &[("/(a|b)+.$", true), ("/a", false), ("/(a|b)+x$", false)],
    );
    check(&slash("/a.{x:b}"), &[("/a.b", true), ("/axb", false)]);
}

#[test]
fn ap_3_wildcards_match_line_feeds() {
    check(&slash("/a?b"), &[("/a\nb", true)]);
    check(&slash("/a*b"), &[("/a\n\nb", true)]);
    check(&slash("/{x:a.b}"), &[("/a\nb", true)]);
    check(&slash("/{x:(?-s)a.b}"), &[("/a\nb", false), ("/a-b", true)]);
    check(&slash("/?{x:b}*"), &[("/\nb\n", true)]);
}

#[test]
fn ap_3_an_anchored_alternative_matches_the_whole_segment() {
    check(
        &slash("/{x:a|b}"),
        &[("/a", true), ("/b", true), ("/ab", false), ("/ac", false)],
    );
    check(&slash("/x{x:a|ab}y"), &[("/xay", true), ("/xaby", true)]);
}

#[test]
fn ap_3_flags_and_comments_of_a_regex_end_with_it() {
    check(
        &slash("/{x:(?i)a}b"),
        &[("/Ab", true), ("/ab", true), ("/aB", false)],
    );
    check(
        &slash("/{x:(?x) a # the first letter}b"),
        &[("/ab", true), ("/a b", false)],
    );
}

#[test]
fn ap_4_double_wildcard() {
    check(
        &slash("/a/**"),
        &[
            ("/a", true),
            ("/a/", true),
            ("/a/b", true),
            ("/a/b/c", true),
            ("/a/b/", true),
            ("/ab", false),
        ],
    );
    check(
        &slash("/a**"),
        &[("/abc", true), ("/a", true), ("/abc/d", false)],
    );
    check(
        &slash("/***"),
        &[("/a", true), ("/a/b", false), ("/", false)],
    );
    check(
        &slash("/**/b"),
        &[
            ("/b", true),
            ("/a/b", true),
            ("/a/b/b", true),
            ("/a/b/c", false),
            ("/ab", false),
        ],
    );
    check(
        &slash("/a/**/**/b"),
        &[
            ("/a/b", true),
            ("/a/x/b", true),
            ("/a/x/y/b", true),
            ("/a", false),
        ],
    );
    check(
        &slash("/a/**/b/c/**/d"),
        &[
            ("/a/b/c/d", true),
            ("/a/b/b/c/d", true),
            ("/a/b/x/b/c/x/d", true),
            ("/a/b/c", false),
            ("/a/c/b/d", false),
            ("/a/b/c/d/e", false),
        ],
    );
    // Two parts between `**` do not share a segment.
    check(
        &slash("/**/b/**/b/**"),
        &[("/b", false), ("/b/b", true), ("/b/x/b/x", true)],
    );
    // A prefix and a suffix do not share a segment.
    check(
        &slash("/a/b/**/b/c"),
        &[("/a/b/c", false), ("/a/b/b/c", true)],
    );
    // The first place of `b` is the wrong one.
    check(
        &slash("/**/b/{x:c}/**"),
        &[("/b/b/c", true), ("/b/b/d", false)],
    );
}

#[test]
fn ap_5_a_final_star() {
    check(
        &slash("/a/*"),
        &[
            ("/a/b", true),
            ("/a/", true),
            ("/a", false),
            ("/a/b/", false),
            ("/a/b/c", false),
        ],
    );
    check(&slash("/*"), &[("/", true), ("/a", true)]);
    check(
        &slash("/a/*/"),
        &[("/a/", true), ("/a/b/", true), ("/a/b", false)],
    );
    check(&slash("/a/{x}"), &[("/a/", false)]);
    check(&slash("/a/*/*"), &[("/a/", false), ("/a/b/", true)]);
    check(&slash("/**/*"), &[("/a/", false), ("/", false)]);
}

#[test]
fn ap_6_tc_15_both_end_with_the_separator_or_neither() {
    check(&slash("/a/b"), &[("/a/b/", false), ("/a/b", true)]);
    check(&slash("/a/b/"), &[("/a/b", false), ("/a/b/", true)]);
    check(&slash("/{x}/"), &[("/a", false), ("/a/", true)]);
    check(&slash("/**/b"), &[("/a/b/", false)]);
    check(&slash("/**/b/"), &[("/a/b/", true), ("/a/b", false)]);
    check(
        &slash("/a/**/"),
        &[("/a", true), ("/a/b", true), ("/a/b/", true)],
    );
    // TC-15, behind the application prefix `/app`.
    check(
        &slash("/c/echo"),
        &[("/c/echo/", false), ("/c//echo", true)],
    );
}

#[test]
fn ap_9_ours_a_separator_inside_braces_does_not_cut_the_regex() {
    check(&dot("{x:[^.]+}.y"), &[("a.y", true), ("a.b.y", false)]);
    check(&dot("{x:a.b}.y"), &[("a.b.y", false), ("a-b.y", true)]);
    check(&slash("/{x:[^/]+}/y"), &[("/a/y", true)]);
}

#[test]
fn ap_12_mm_19_nothing_is_decoded_trimmed_or_folded() {
    check(
        &slash("/a b"),
        &[
            ("/a%20b", false),
            ("/a b", true),
            ("/a b ", false),
            ("/ a b", false),
        ],
    );
    check(&slash("/a/{x}"), &[("/a/ ", true), ("/A/x", false)]);
}

#[test]
fn ap_13_is_pattern() {
    for text in ["/a/*", "/a/?", "/{x}", "{}", "/{a/b}", "**"] {
        assert!(is_pattern(text), "{text}");
    }
    for text in ["", "/", "/a/b", "/{a", "/a}", "}{", "/a.b:c"] {
        assert!(!is_pattern(text), "{text}");
    }
}

#[test]
fn ap_15_with_dots_a_slash_is_an_ordinary_character() {
    check(
        &dot("/topic/*"),
        &[
            ("/topic/a/b", true),
            ("/topic/a.b", false),
            ("/topic/", true),
        ],
    );
    check(
        &dot("/topic/**"),
        &[("/topic/red.blue", false), ("/topic/red/blue", true)],
    );
    check(
        &dot("/topic/red.**"),
        &[
            ("/topic/red.blue", true),
            ("/topic/red.blue.green", true),
            ("/topic/red", true),
        ],
    );
    check(
        &dot("a.*"),
        &[("a.b", true), ("a.", true), ("a", false), ("a.b.c", false)],
    );
    check(&dot("a..b"), &[("a.b", true)]);
}

#[test]
fn tc_88_a_regex_within_a_segment() {
    check(
        &slash("/topic/PRICE.STOCK.*.{ticker:(?:IBM|MSFT)}"),
        &[
            ("/topic/PRICE.STOCK.NASDAQ.MSFT", true),
            ("/topic/PRICE.STOCK.NYSE.IBM", true),
            ("/topic/PRICE.STOCK.NYSE.VMW", false),
        ],
    );
}

#[test]
fn is_literal() {
    for text in ["", "/", "/a/b", "/a.b"] {
        assert!(slash(text).is_literal(), "{text}");
    }
    for text in ["/*", "/?", "/**", "/{x}", "/a{x:b}"] {
        assert!(!slash(text).is_literal(), "{text}");
    }
}

#[test]
fn mm_8_normalize() {
    for (text, with_slash) in [
        ("a", "/a"),
        ("/a", "/a"),
        ("", ""),
        ("{x}", "/{x}"),
        ("**", "/**"),
    ] {
        assert_eq!(normalize(text, Separator::Slash), with_slash);
        assert_eq!(normalize(text, Separator::Dot), text);
    }
}
