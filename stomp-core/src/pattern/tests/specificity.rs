use std::cmp::Ordering;

use super::super::DestinationPattern;
use super::{dot, slash};

/// Each inner list ties; each list is better than all that follow.
fn check(parse: fn(&str) -> DestinationPattern, destination: &str, order: &[&[&str]]) {
    for (left_rank, left) in order.iter().enumerate() {
        for (right_rank, right) in order.iter().enumerate() {
            for (left, right) in left.iter().flat_map(|l| right.iter().map(move |r| (l, r))) {
                let (left, right) = (parse(left), parse(right));
                assert!(left.matches(destination), "{}", left.as_str());
                assert_eq!(
                    left.compare_specificity(&right),
                    left_rank.cmp(&right_rank),
                    "`{}` against `{}`",
                    left.as_str(),
                    right.as_str()
                );
            }
        }
    }
}

#[test]
fn ap_33_hotels() {
    check(
        slash,
        "/hotels/new",
        &[
            &["/hotels/new"],
            &["/hotels/ne?"],
            &["/hotels/n*"],
            &["/hotels/{h}", "/hotels/{h:[a-z]+}"],
            &["/hotels/*"],
            &["/*/new"],
            &["/{a}/{b}"],
            &["/hotels/**"],
            &["/**"],
        ],
    );
}

#[test]
fn ap_33_three_segments() {
    check(
        slash,
        "/a/b/c",
        &[
            &["/a/{x}/c", "/a/b/{x}"],
            &["/a/*/c", "/a/b/*"],
            &["/a/b/**", "/a/**/c"],
            &["/a/**", "/**/c"],
        ],
    );
}

#[test]
fn ap_31_ours_dots_are_ordered_as_slashes() {
    check(
        dot,
        "a.b.c",
        &[
            &["a.b.c"],
            &["a.{x}.c", "a.b.{x}"],
            &["a.*.c", "a.b.*"],
            &["a.b.**", "a.**.c"],
            &["a.**", "**.c"],
            &["**"],
        ],
    );
}

#[test]
fn ap_30_1_catch_all_is_worst() {
    check(
        slash,
        "/a/b",
        &[&["/{a}/{b}"], &["/**/{b}"], &["/**", "/**/**", "/**/"]],
    );
}

#[test]
fn ap_30_3_prefix_patterns() {
    check(
        slash,
        "/a/b/c",
        &[&["/{x}/{y}/{z}"], &["/a/{y}/**"], &["/a/**"], &["/*/**"]],
    );
}

#[test]
fn ap_30_3_of_two_prefix_patterns_of_equal_length_ours_takes_the_one_with_fewer_points() {
    check(slash, "/a/bcde/b", &[&["/a/bcde/**"], &["/a/**/b/**"]]);
}

#[test]
fn ap_30_3_ours_where_spring_runs_in_a_circle() {
    check(
        slash,
        "/a/bc/c",
        &[&["/{x}/{y}/{z}"], &["/a/bc/**"], &["/a/**/c"]],
    );
}

#[test]
fn ap_32_a_regex_adds_nothing() {
    check(slash, "/h/a", &[&["/h/{x}", "/h/{y}", "/h/{x:[a-z]+}"]]);
}

#[test]
fn ours_question_marks_and_surplus_separators() {
    check(slash, "/h/ab", &[&["/h/a?"], &["/h/??"]]);
    check(slash, "/h/ab", &[&["/h/{x}", "//h//{x}"]]);
}

#[test]
fn tc_05_literal_then_star_then_catch_all() {
    let mut patterns = ["/**", "/foo/bar", "/foo/*"].map(slash);
    patterns.sort_by(DestinationPattern::compare_specificity);
    assert_eq!(
        patterns.each_ref().map(DestinationPattern::as_str),
        ["/foo/bar", "/foo/*", "/**"]
    );
}

#[test]
fn tc_06_best_match() {
    let better = slash("/bestmatch/{foo}/path");
    let worse = slash("/bestmatch/*/*");
    assert_eq!(better.compare_specificity(&worse), Ordering::Less);
    assert_eq!(
        better.captures("/bestmatch/bar/path").unwrap().get("foo"),
        Some("bar")
    );
}

#[test]
fn tc_16_mm_13_literal_then_variable_then_double_wildcard() {
    check(
        slash,
        "/both/a/lit",
        &[&["/both/a/lit"], &["/both/{x}/lit"], &["/both/**"]],
    );
}
