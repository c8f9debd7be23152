//! T-21: what a client can make the server do by a pattern or a destination. Steps are counted, not time.

use super::super::observer::Observer;
use super::super::{DestinationPattern, Separator};

#[derive(Default)]
struct Steps(usize);

impl Observer<'_> for Steps {
    const WANTS_VARIABLES: bool = true;

    fn variable(&mut self, _: usize, _: &str) {}

    fn compared(&mut self) {
        self.0 += 1;
    }
}

fn steps(pattern: &str, destination: &str) -> (bool, usize) {
    let pattern = DestinationPattern::parse_from_client(pattern, Separator::Slash).unwrap();
    let mut steps = Steps::default();
    let matched = pattern.walk(destination, &mut steps);
    (matched, steps.0)
}

/// AP-14.
#[test]
fn t_21_many_double_wildcards() {
    for repeated in [50, 100, 200] {
        let destination = "/a".repeat(10 * repeated);
        let segments = 10 * repeated;
        for (pattern, pattern_segments, expected) in [
            ("/**/a".repeat(repeated) + "/**/b/**", repeated + 1, false),
            ("/**/a".repeat(repeated) + "/b", repeated + 1, false),
            ("/**/a/a/b".repeat(repeated) + "/**", 3 * repeated, false),
            ("/**/a/*".repeat(repeated) + "/**", 2 * repeated, true),
        ] {
            let (matched, steps) = steps(&pattern, &destination);
            assert_eq!(matched, expected, "{pattern}");
            assert!(
                steps <= pattern_segments + 3 * segments,
                "{steps} steps for {repeated}"
            );
        }
    }
}

#[test]
fn t_21_one_long_block_between_double_wildcards() {
    let pattern = format!("/**{}/b/**", "/a".repeat(100));
    let (matched, steps) = steps(&pattern, &"/a".repeat(1000));
    assert!(!matched);
    assert!(steps <= 101 * 1000, "{steps}");
}

#[test]
fn t_21_many_wildcards_in_one_segment() {
    for length in [100, 1000, 10_000] {
        let destination = format!("/{}", "a".repeat(length));
        let (matched, steps_taken) = steps(&format!("/{}b*", "*a".repeat(50)), &destination);
        assert!(!matched);
        assert!(
            steps_taken <= 2 * length,
            "{steps_taken} steps for {length}"
        );
        let (matched, steps_taken) = steps(&format!("/b{}", "*a?a".repeat(20)), &destination);
        assert!(!matched);
        assert!(
            steps_taken <= 2 * length,
            "{steps_taken} steps for {length}"
        );
        let (matched, steps_taken) = steps(&format!("/*b{}*", "?a".repeat(50)), &destination);
        assert!(!matched);
        assert!(
            steps_taken <= 101 * (length + 1) + 1,
            "{steps_taken} steps for {length}"
        );
    }
}
