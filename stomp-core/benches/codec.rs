//! How long one frame takes: `cargo bench -p stomp-core --bench codec`.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use stomp_core::codec::{
    Command, Decoder, DecoderLimits, Frame, Headers, SharedMessage, Version, encode,
};

const BODIES: [usize; 3] = [16, 1024, 64 * 1024];

fn body(len: usize) -> Bytes {
    Bytes::from(b"x".repeat(len))
}

fn send(len: usize) -> Frame {
    Frame::new(Command::Send)
        .with_header("destination", "/app/trade/stocks")
        .with_header("content-type", "application/json")
        .with_body(body(len))
}

fn decoder() -> Decoder {
    // The largest body is as long as the default limit, and headers come on top.
    let limits = DecoderLimits {
        frame_bytes: 128 * 1024,
        ..DecoderLimits::default()
    };
    let mut decoder = Decoder::new(limits);
    decoder.set_version(Version::V1_2);
    decoder
}

fn decode(c: &mut Criterion) {
    let mut group = c.benchmark_group("decode SEND");
    for len in BODIES {
        let encoded = encode(&send(len), Version::V1_2);
        group.throughput(Throughput::Bytes(encoded.len() as u64));
        group.bench_with_input(BenchmarkId::new("whole", len), &encoded, |b, encoded| {
            let mut decoder = decoder();
            b.iter(|| {
                let mut input: &[u8] = black_box(encoded.bytes());
                decoder.decode(&mut input).expect("valid").expect("whole")
            });
        });
    }

    let encoded = encode(&send(64 * 1024), Version::V1_2);
    group.bench_with_input(
        BenchmarkId::new("chunks of 4096", 64 * 1024),
        &encoded,
        |b, encoded| {
            let mut decoder = decoder();
            b.iter(|| {
                let mut decoded = None;
                for mut input in black_box(encoded.bytes()).chunks(4096) {
                    decoded = decoder.decode(&mut input).expect("valid");
                }
                decoded.expect("whole")
            });
        },
    );
    group.finish();
}

fn encode_message(c: &mut Criterion) {
    let mut group = c.benchmark_group("encode MESSAGE");
    for len in BODIES {
        let frame = Frame::new(Command::Message)
            .with_header("subscription", "sub-0")
            .with_header("message-id", "1f3a-77")
            .with_header("destination", "/topic/stocks/ACME")
            .with_header("content-type", "application/json")
            .with_body(body(len));
        group.throughput(Throughput::Bytes(encode(&frame, Version::V1_2).len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(len), &frame, |b, frame| {
            b.iter(|| encode(black_box(frame), Version::V1_2));
        });
    }
    group.finish();
}

fn message_template(c: &mut Criterion) {
    let mut group = c.benchmark_group("SharedMessage");
    let user: Headers = [("color", "red"), ("correlation-id", "42")]
        .into_iter()
        .collect();
    for len in [128, 1024] {
        let body = body(len);
        let new = || {
            SharedMessage::new(
                Version::V1_2,
                "1f3a-77",
                "/topic/stocks/ACME",
                Some("application/json"),
                &[],
                &user,
                &body,
            )
        };
        let template = new();
        group.bench_function(BenchmarkId::new("new", len), |b| b.iter(new));
        group.bench_with_input(
            BenchmarkId::new("for_subscription", len),
            &template,
            |b, template| {
                b.iter(|| template.for_subscription(black_box(Some("sub-0")), None));
            },
        );
    }
    group.finish();
}

criterion_group!(benches, decode, encode_message, message_template);
criterion_main!(benches);
