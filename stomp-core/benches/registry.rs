//! What it costs to find the subscriber of a message among others: `cargo bench -p stomp-core --bench registry`.
//!
//! Measured is all of a publish, from the template to the queue of the session; the differences between the lines of
//! a group are what the others cost.

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use stomp_core::{message::Message, server::Messaging, session::Limits, testing::TestConnection};
use tokio::runtime::{Builder, Runtime};

const DESTINATION: &str = "/topic/rooms/rust/messages";

/// A server with subscribers of [`DESTINATION`], and a session with all the other subscriptions.
struct Server {
    runtime: Runtime,
    messaging: Messaging,
    subscribers: Vec<TestConnection>,
    /// The end of its connection would end its subscriptions.
    _others: TestConnection,
}

impl Server {
    fn new(subscribers: usize, others: impl Iterator<Item = String>) -> Self {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
        let (messaging, subscribers, others) = runtime.block_on(async {
            let mut limits = Limits::default();
            limits.subscriptions = usize::MAX;
            let messaging = Messaging::builder()
                .simple_broker(["/topic"])
                .limits(limits)
                .build()
                .expect("valid");
            let mut connections = Vec::new();
            for _ in 0..subscribers {
                let mut connection = TestConnection::connect(&messaging).await;
                connection.subscribe(DESTINATION).await;
                connections.push(connection);
            }
            let mut other = TestConnection::connect(&messaging).await;
            for destination in others {
                other.subscribe(&destination).await;
            }
            (messaging, connections, other)
        });
        Self {
            runtime,
            messaging,
            subscribers,
            _others: others,
        }
    }

    /// How long it takes to publish so many messages. What their receivers do with them is not in it.
    fn publish(&mut self, mut messages: u64) -> Duration {
        let template = self.messaging.template();
        let message = Message::new(DESTINATION, "hello, world");
        let mut spent = Duration::ZERO;
        while messages > 0 {
            let batch = messages.min(256);
            messages -= batch;
            let start = Instant::now();
            self.runtime.block_on(async {
                for _ in 0..batch {
                    template.send(message.clone()).await.expect("delivered");
                }
            });
            spent += start.elapsed();
            self.runtime.block_on(async {
                for subscriber in &mut self.subscribers {
                    for _ in 0..batch {
                        subscriber.expect_message().await;
                    }
                }
            });
        }
        spent
    }
}

fn other_destinations(c: &mut Criterion) {
    let mut group = c.benchmark_group("publish to 1 subscriber, other destinations");
    for others in [0, 1_000, 1_000_000] {
        let destinations = (0..others).map(|number| format!("/topic/rooms/{number}/messages"));
        let mut server = Server::new(1, destinations);
        group.bench_function(BenchmarkId::from_parameter(others), |b| {
            b.iter_custom(|messages| server.publish(messages));
        });
    }
    group.finish();
}

/// Each kind stands for a way in which a pattern may agree with a destination for a while.
fn patterns(c: &mut Criterion) {
    let mut group = c.benchmark_group("publish to 1 subscriber, patterns");
    for (kind, pattern) in [
        ("other rooms", "/topic/rooms/{}/*"),
        ("a wildcard before the rest", "/topic/*/{}/messages"),
        ("any segments before the rest", "/topic/**/{}"),
        ("text before a wildcard", "/topic/rooms/{}*/messages"),
        ("text behind a wildcard", "/topic/rooms/*{}/messages"),
        ("text between wildcards", "/topic/rooms/*{}*/messages"),
    ] {
        for others in [1, 10_000] {
            let patterns = (0..others).map(|number| pattern.replace("{}", &format!("r{number}")));
            let mut server = Server::new(1, patterns);
            group.bench_function(BenchmarkId::new(kind, others), |b| {
                b.iter_custom(|messages| server.publish(messages));
            });
        }
    }
    group.finish();
}

fn subscribers(c: &mut Criterion) {
    let mut group = c.benchmark_group("publish to many subscribers");
    for subscribers in [1, 100, 10_000] {
        let mut server = Server::new(subscribers, std::iter::empty());
        group.bench_function(BenchmarkId::from_parameter(subscribers), |b| {
            b.iter_custom(|messages| server.publish(messages));
        });
    }
    group.finish();
}

criterion_group!(benches, other_destinations, patterns, subscribers);
criterion_main!(benches);
