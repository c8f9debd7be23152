//! How many instructions the steps of a message take, which is the same on a busy machine as on a quiet one:
//! `scripts/bench-instructions`.
//!
//! What is set up is not counted. `Cargo.toml` keeps this out of `cargo bench` and `cargo test`, because it needs valgrind.

#![expect(
    missing_docs,
    clippy::exit,
    reason = "the macros of gungraun make public items, and the `main` function"
)]

mod support {
    pub(crate) mod dispatching;
    pub(crate) mod publishing;
    pub(crate) mod server;
}

use std::hint::black_box;

use bytes::Bytes;
use gungraun::{
    Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};
use stomp_core::{
    codec::{
        Command, Decoder, DecoderLimits, EncodedFrame, Frame, Headers, SharedMessage, Version,
        encode,
    },
    pattern::{DestinationPattern, Separator},
};

use self::support::{dispatching::Dispatching, publishing::Publishing};

fn send() -> (Decoder, EncodedFrame) {
    let mut decoder = Decoder::new(DecoderLimits::default());
    decoder.set_version(Version::V1_2);
    let frame = Frame::new(Command::Send)
        .with_header("destination", "/app/trade/stocks")
        .with_header("content-type", "application/json")
        .with_body(vec![b'x'; 128]);
    let encoded = encode(&frame, Version::V1_2);
    // The first time, libraries find out what the processor can do.
    let decoded = decoder.decode(&mut encoded.bytes().as_ref());
    assert!(matches!(decoded, Ok(Some(_))), "{decoded:?}");
    (decoder, encoded)
}

#[library_benchmark(setup = send)]
#[bench::send()]
fn decode((mut decoder, encoded): (Decoder, EncodedFrame)) -> impl Sized {
    let mut input: &[u8] = black_box(encoded.bytes());
    let decoded = decoder.decode(&mut input);
    // All is dropped after it has been counted.
    (decoded, decoder, encoded)
}

fn message() -> SharedMessage {
    let message = SharedMessage::new(
        Version::V1_2,
        "1f3a-77",
        "/topic/stocks/ACME",
        Some("application/json"),
        &[],
        &Headers::new(),
        &Bytes::from(vec![b'x'; 128]),
    );
    black_box(message.for_subscription(Some("sub-0"), None));
    message
}

#[library_benchmark(setup = message)]
#[bench::message()]
fn encode_head(message: SharedMessage) -> impl Sized {
    let frame = message.for_subscription(black_box(Some("sub-0")), None);
    (frame, message)
}

/// Many at once, each at another place in memory: comparing bytes takes some instructions more at some places, which
/// would be several percent of a single match.
struct Destinations(String);

impl Destinations {
    const EACH: &str = "/topic/quotes/stock/a";
    const COUNT: usize = 64;

    fn iter(&self) -> impl Iterator<Item = &str> {
        (0..Self::COUNT).map(|index| &self.0[index * Self::EACH.len()..][..Self::EACH.len()])
    }
}

fn pattern(pattern: &str) -> (DestinationPattern, Destinations) {
    let pattern = DestinationPattern::parse(pattern, Separator::Slash);
    let pattern = pattern.unwrap_or_else(|error| panic!("{error}"));
    assert!(pattern.matches(Destinations::EACH));
    let destinations = Destinations(Destinations::EACH.repeat(Destinations::COUNT));
    (pattern, destinations)
}

#[library_benchmark(setup = pattern)]
#[bench::literal("/topic/quotes/stock/a")]
#[bench::wildcards("/topic/*/**")]
#[bench::variables("/topic/{kind}/{market}/{ticker}")]
fn matches_64((pattern, destinations): (DestinationPattern, Destinations)) -> impl Sized {
    let matching = |destination: &&str| pattern.matches(black_box(destination));
    let count = destinations.iter().filter(matching).count();
    (count, pattern, destinations)
}

#[library_benchmark(setup = Publishing::to_topic)]
#[bench::to_1(1)]
#[bench::to_100(100)]
#[bench::to_10000(10_000)]
fn publish(publishing: Publishing) -> Publishing {
    publishing.publish();
    publishing
}

#[library_benchmark(setup = Publishing::to_acknowledging)]
#[bench::to_100(100)]
fn publish_acknowledged(publishing: Publishing) -> Publishing {
    publishing.publish();
    publishing
}

#[library_benchmark(setup = Publishing::to_history)]
#[bench::to_100(100)]
fn publish_with_history(publishing: Publishing) -> Publishing {
    publishing.publish();
    publishing
}

#[library_benchmark(setup = Publishing::to_queue)]
#[bench::auto("auto")]
#[bench::client_individual("client-individual")]
fn publish_to_queue(publishing: Publishing) -> Publishing {
    publishing.publish();
    publishing
}

#[library_benchmark(setup = Dispatching::to)]
#[bench::bytes("/app/bytes")]
#[bench::json("/app/json")]
#[bench::bytes_with_reply("/app/bytes/reply")]
#[bench::json_with_reply("/app/json/reply")]
fn dispatch(dispatching: Dispatching) -> Dispatching {
    dispatching.dispatch();
    dispatching
}

library_benchmark_group!(name = codec, benchmarks = [decode, encode_head]);
library_benchmark_group!(name = patterns, benchmarks = [matches_64]);
library_benchmark_group!(
    name = broker,
    benchmarks = [
        publish,
        publish_acknowledged,
        publish_with_history,
        publish_to_queue
    ]
);
library_benchmark_group!(name = handlers, benchmarks = [dispatch]);
main!(
    // The model of the caches would take as long again, and is that of no real processor.
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"]));
    library_benchmark_groups = codec,
    patterns,
    broker,
    handlers
);
