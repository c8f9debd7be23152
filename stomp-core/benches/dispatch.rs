//! What one SEND to an annotated handler costs, without sockets: `cargo bench -p stomp-core --bench dispatch`.
//!
//! One iteration contains decoding the frame, routing, the arguments and the reply, up to the transport of the sender.

mod support {
    pub(crate) mod dispatching;
    pub(crate) mod server;
}

use criterion::{Criterion, criterion_group, criterion_main};

use self::support::dispatching::Dispatching;

fn dispatch(c: &mut Criterion) {
    let mut group = c.benchmark_group("dispatch");
    for (name, destination) in [
        ("bytes", "/app/bytes"),
        ("JSON", "/app/json"),
        ("bytes, with a reply", "/app/bytes/reply"),
        ("JSON, with a reply", "/app/json/reply"),
    ] {
        let dispatching = Dispatching::to(destination);
        group.bench_function(name, |b| b.iter(|| dispatching.dispatch()));
    }
    group.finish();
}

criterion_group!(benches, dispatch);
criterion_main!(benches);
