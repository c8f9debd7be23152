use super::super::DestinationPattern;
use super::{dot, slash};

fn check(pattern: &DestinationPattern, destination: &str, expected: &[(&str, &str)]) {
    let variables = pattern.captures(destination).unwrap();
    let found: Vec<_> = variables.iter().collect();
    assert_eq!(found, expected, "`{}` on `{destination}`", pattern.as_str());
    assert_eq!(variables.len(), expected.len());
    assert_eq!(variables.is_empty(), expected.is_empty());
    for (name, value) in expected {
        assert_eq!(variables.get(name), Some(*value));
    }
    assert_eq!(variables.get("no such variable"), None);
}

#[test]
fn mm_17_values_in_the_order_of_the_pattern() {
    check(&slash("/{b}/{a}"), "/1/2", &[("b", "1"), ("a", "2")]);
    check(&slash("/a/*"), "/a/b", &[]);
    check(&slash("/a"), "/a", &[]);
    check(&dot("{x}.{y}"), "1/2.3", &[("x", "1/2"), ("y", "3")]);
}

#[test]
fn tc_03_class_and_method_pattern_with_a_variable() {
    check(
        &slash("/pre/binding/id/{id}"),
        "/pre/binding/id/12",
        &[("id", "12")],
    );
}

#[test]
fn ap_3_a_glued_variable_may_be_empty() {
    check(&slash("/a{x}"), "/a", &[("x", "")]);
    check(&slash("/{x}a{y}"), "/a", &[("x", ""), ("y", "")]);
    check(&slash("/{x}{y}"), "/ab", &[("x", "ab"), ("y", "")]);
}

#[test]
fn ap_7_greedy_from_left_to_right() {
    check(
        &slash("/a/{x}-{y}"),
        "/a/1-2-3",
        &[("x", "1-2"), ("y", "3")],
    );
    check(
        &slash("/{x}-{y}-{z}"),
        "/1-2-3-4",
        &[("x", "1-2"), ("y", "3"), ("z", "4")],
    );
    check(&slash("/*-{y}"), "/1-2-3", &[("y", "3")]);
    check(&slash("/{x}?-{y}"), "/1-é-3", &[("x", "1-"), ("y", "3")]);
    check(&slash("/{x}ab{y}b"), "/ababb", &[("x", "ab"), ("y", "")]);
    check(
        &slash("/{x:[0-9-]+}-{y}"),
        "/1-2-3",
        &[("x", "1-2"), ("y", "3")],
    );
    check(
        &slash("/{x:[0-9-]+?}-{y}"),
        "/1-2-3",
        &[("x", "1"), ("y", "2-3")],
    );
    check(&slash("/{x}{y:[0-9]*}"), "/a12", &[("x", "a12"), ("y", "")]);
}

#[test]
fn ap_8_non_capturing_groups() {
    check(
        &slash("/{x:(?:a|b)+}{y:(?:c)?}"),
        "/abac",
        &[("x", "aba"), ("y", "c")],
    );
}

#[test]
fn ap_4_around_double_wildcards() {
    check(&slash("/{a}/**/{z}"), "/1/2/3/4", &[("a", "1"), ("z", "4")]);
    check(
        &slash("/{a}/**/{y}/{z}"),
        "/1/2/3",
        &[("a", "1"), ("y", "2"), ("z", "3")],
    );
    // `**` takes as few segments as possible, so `b` is found at its first place.
    check(&slash("/**/b/{x}/**"), "/a/b/1/b/2", &[("x", "1")]);
    // A failed attempt leaves nothing behind: `{x}` was tried on 1 first.
    check(
        &slash("/**/{x}/b/**/{z}"),
        "/1/2/b/c",
        &[("x", "2"), ("z", "c")],
    );
    check(
        &slash("/**/{x:[0-9]}b/**/{z}"),
        "/1/2b/c",
        &[("x", "2"), ("z", "c")],
    );
}

#[test]
fn variables_are_listed() {
    let pattern = slash("/{b}/x{a:[0-9]+}{c}/**/{d}");
    assert_eq!(
        pattern.variables().collect::<Vec<_>>(),
        ["b", "a", "c", "d"]
    );
    assert_eq!(slash("/a/*").variables().len(), 0);
}
