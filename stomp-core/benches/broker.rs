//! What one message costs that the application publishes, without sockets: `cargo bench -p stomp-core --bench broker`.
//!
//! One iteration ends when the message has been handed to the transports of all receivers: it contains the work of their
//! connections, and entering the runtime.

mod support {
    pub(crate) mod publishing;
    pub(crate) mod server;
}

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use self::support::publishing::Publishing;

fn publish(c: &mut Criterion) {
    let mut group = c.benchmark_group("publish");
    let mut bench = |id: BenchmarkId, receivers: usize, publishing: &dyn Fn() -> Publishing| {
        group.throughput(Throughput::Elements(receivers as u64));
        // Made only if it is among those that are asked for.
        let mut made = None;
        group.bench_function(id, |b| {
            let publishing = made.get_or_insert_with(publishing);
            b.iter(|| publishing.publish());
        });
    };
    for subscribers in [1, 100, 10_000] {
        let id = BenchmarkId::new("topic", subscribers);
        bench(id, subscribers, &|| Publishing::to_topic(subscribers));
    }
    let id = BenchmarkId::new("topic, client-individual", 100);
    bench(id, 100, &|| Publishing::to_acknowledging(100));
    let id = BenchmarkId::new("topic with history", 100);
    bench(id, 100, &|| Publishing::to_history(100));
    for ack in ["auto", "client-individual"] {
        let id = BenchmarkId::new("queue with one consumer", ack);
        bench(id, 1, &|| Publishing::to_queue(ack));
    }
    group.finish();
}

criterion_group!(benches, publish);
criterion_main!(benches);
