//! What it costs to match a destination, by the kind of pattern.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use stomp_core::pattern::{DestinationPattern, Separator};

fn matches(c: &mut Criterion) {
    let mut group = c.benchmark_group("matches");
    for (name, pattern, destination) in [
        ("literal", "/topic/quotes/IBM", "/topic/quotes/IBM"),
        (
            "literal, other destination",
            "/topic/quotes/IBM",
            "/topic/quotes/SAP",
        ),
        ("star segment", "/topic/*/x", "/topic/quotes/x"),
        (
            "star segment, other destination",
            "/topic/*/x",
            "/queue/quotes/x",
        ),
        ("double wildcard at the end", "/a/**", "/a/b/c/d/e/f"),
        ("double wildcards inside", "/**/c/**/f", "/a/b/c/d/e/f"),
        (
            "wildcards within a segment",
            "/topic/price.*.?-{ticker}",
            "/topic/price.stock.a-IBM",
        ),
        ("regex", "/topic/{ticker:[A-Z]+}", "/topic/IBM"),
    ] {
        let compiled = DestinationPattern::parse(pattern, Separator::Slash)
            .unwrap_or_else(|error| panic!("{error}"));
        group.bench_function(name, |b| {
            b.iter(|| compiled.matches(black_box(destination)));
        });
    }
    group.finish();
}

fn captures(c: &mut Criterion) {
    let mut group = c.benchmark_group("captures");
    for (name, pattern, destination) in [
        ("one variable", "/rooms/{room}", "/rooms/rust"),
        (
            "two variables",
            "/rooms/{room}/users/{user}",
            "/rooms/rust/users/ferris",
        ),
        ("two variables in a segment", "/{from}-{to}", "/1-2-3"),
        ("regex", "/rooms/{room:[0-9]+}", "/rooms/12"),
        ("other destination", "/rooms/{room}", "/users/ferris"),
    ] {
        let compiled = DestinationPattern::parse(pattern, Separator::Slash)
            .unwrap_or_else(|error| panic!("{error}"));
        group.bench_function(name, |b| {
            b.iter(|| compiled.captures(black_box(destination)));
        });
    }
    group.finish();
}

fn parse(c: &mut Criterion) {
    c.bench_function("parse_from_client", |b| {
        b.iter(|| {
            DestinationPattern::parse_from_client(
                black_box("/topic/price.*.{ticker}/**"),
                Separator::Slash,
            )
        });
    });
}

criterion_group!(benches, matches, captures, parse);
criterion_main!(benches);
