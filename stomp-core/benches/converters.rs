//! What it costs to convert a payload: by the default converters, which are monomorphic, and by one of the application.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use serde::{Deserialize, Serialize};
use stomp_core::{
    codec::Headers,
    message::{JsonMessageConverter, MessageConverters, from_payload, to_payload},
};

#[derive(Deserialize, Serialize)]
struct Trade {
    ticker: String,
    shares: u32,
    price: f64,
    limits: Vec<u32>,
}

const TRADE: &str = r#"{"ticker":"VMW","shares":25,"price":24.5,"limits":[1,20,300]}"#;

fn convert(c: &mut Criterion) {
    let payload = Bytes::from(TRADE);
    let content_type = Some("application/json;charset=utf-8");
    let trade: Trade = from_payload(&payload, None).unwrap_or_else(|error| panic!("{error}"));
    let default = MessageConverters::default();
    let of_application = MessageConverters::default().with(JsonMessageConverter::new());

    let mut group = c.benchmark_group("converters");
    group.bench_function("read, from_payload", |b| {
        b.iter(|| from_payload::<Trade>(black_box(&payload), black_box(content_type)));
    });
    group.bench_function("read, default", |b| {
        b.iter(|| default.read::<Trade>(black_box(&payload), black_box(content_type)));
    });
    group.bench_function("read, of the application", |b| {
        b.iter(|| of_application.read::<Trade>(black_box(&payload), black_box(content_type)));
    });
    group.bench_function("write, to_payload", |b| {
        b.iter(|| to_payload(black_box(&trade)));
    });
    group.bench_function("write, default", |b| {
        b.iter(|| default.write(black_box(&trade), Headers::new()));
    });
    group.bench_function("write, of the application", |b| {
        b.iter(|| of_application.write(black_box(&trade), Headers::new()));
    });
    group.finish();
}

criterion_group!(benches, convert);
criterion_main!(benches);
