//! What the server counts of queues, acknowledgements and transactions: MON-01.

use stomp_axum::broker::History;

use super::{consumer::*, *};

const QUEUE: &str = "/queue/a";

/// Published, delivered, delivered again, dead letters, and what waits.
#[track_caller]
fn assert_counts(messaging: &Messaging, expected: (u64, u64, u64, u64, usize)) {
    let statistics = messaging.statistics();
    let counts = (
        statistics.publishes,
        statistics.deliveries,
        statistics.redeliveries,
        statistics.dead_letters,
        statistics.broker.waiting_messages,
    );
    assert_eq!(counts, expected);
}

#[tokio::test(start_paused = true)]
async fn mon_01_what_waits_in_queues_and_is_delivered_out_of_them() {
    let messaging = queue_server_with(|limits| limits.deliveries = 2);
    publish_all(&messaging, QUEUE, ["1", "2", "3"]).await;
    assert_counts(&messaging, (3, 0, 0, 0, 3));
    let mut client = Consumer::new_late(&messaging, QUEUE, "client-individual").await;
    let [one, two, three] = client.expect_all(["1", "2", "3"]).await;
    assert_counts(&messaging, (3, 3, 0, 0, 0));

    client.nack(&one);
    let one = client.expect_again("1", 2).await;
    assert_counts(&messaging, (3, 4, 1, 0, 0));
    client.ack(&two).await;
    // Nobody is subscribed to the dead letters, which are published all the same.
    let rejected = format!("NACK\n{}\nrequeue:false", client.name(&three));
    client.confirmed(&rejected).await;
    assert_counts(&messaging, (4, 4, 1, 1, 0));
    assert_eq!(messaging.statistics().limits, [].into());
    client.nack(&one);
    settled().await;
    assert_counts(&messaging, (5, 4, 1, 2, 0));
    assert_eq!(messaging.statistics().limits, [("deliveries", 1)].into());

    // What comes when there is a consumer does not wait.
    publish(&messaging, QUEUE, "4").await;
    client.expect("4").await;
    assert_counts(&messaging, (6, 5, 1, 2, 0));
    // It comes back when the client is lost.
    lose(client).await;
    assert_counts(&messaging, (6, 5, 1, 2, 1));
    let line = messaging.statistics().to_string();
    let expected = "6 published, 5 delivered, 1 redelivered, 2 dead letters, 1 waiting]";
    assert!(line.contains(expected), "{line}");
}

#[tokio::test(start_paused = true)]
async fn mon_01_a_message_to_a_topic_is_published_once_whoever_acknowledges_it() {
    let messaging = queue_server();
    let mut acknowledging = Consumer::new(&messaging, "1.2", "/topic/a", "client").await;
    let mut simple = Consumer::new(&messaging, "1.2", "/topic/a", "auto").await;
    publish(&messaging, "/topic/a", "x").await;
    let message = acknowledging.expect("x").await;
    simple.expect("x").await;
    assert_counts(&messaging, (1, 2, 0, 0, 0));
    acknowledging.nack(&message);
    acknowledging.expect_again("x", 2).await;
    assert_counts(&messaging, (1, 3, 1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn mon_01_what_a_history_delivers() {
    let messaging = builder()
        .history("/topic/*", History::default())
        .build()
        .unwrap();
    publish_all(&messaging, "/topic/a", ["1", "2", "3"]).await;
    assert_counts(&messaging, (3, 0, 0, 0, 0));
    let client = connect(&messaging, "1.2").await;
    let mut client = Consumer::of(client, "1.2");
    client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\nhistory:2\n\n\0");
    client.expect_all(["2", "3"]).await;
    assert_counts(&messaging, (3, 2, 0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn mon_01_messages_of_transactions_are_published_at_commit() {
    let messaging = queue_server();
    let mut client = Consumer::connect(&messaging, "1.2").await;
    client.confirmed("BEGIN\ntransaction:t").await;
    for destination in [QUEUE, QUEUE, "/topic/a"] {
        let send = format!("SEND\ndestination:{destination}\ntransaction:t");
        client.confirmed(&send).await;
    }
    assert_counts(&messaging, (0, 0, 0, 0, 0));
    client.confirmed("COMMIT\ntransaction:t").await;
    assert_counts(&messaging, (3, 0, 0, 0, 2));
}

#[tokio::test(start_paused = true)]
async fn lim_011_limits_of_queues_that_clients_and_the_application_reach() {
    type Change = fn(&mut Limits);
    let changes: [(&str, &str, Change); 3] = [
        ("queue_bytes", "queue-full", |limits| limits.queue_bytes = 1),
        ("queues_bytes", "queue-full", |limits| {
            limits.queues_bytes = 600;
        }),
        ("queues", "too-many-queues", |limits| limits.queues = 1),
    ];
    for (limit, code, change) in changes {
        let messaging = queue_server_with(change);
        publish(&messaging, QUEUE, "x").await;
        let destination = if limit == "queues" { "/queue/b" } else { QUEUE };
        let body = "x".repeat(500);
        let template = messaging.template();
        let sent = template.convert_and_send(destination, &body).await;
        assert_eq!(sent.unwrap_err().code(), code);
        assert_eq!(messaging.statistics().limits, [(limit, 1)].into());
        let mut client = connect(&messaging, "1.2").await;
        client.send(format!("SEND\ndestination:{destination}\n\n{body}\0"));
        client.expect_error(code).await;
        let mut client = Consumer::connect(&messaging, "1.2").await;
        client.confirmed("BEGIN\ntransaction:t").await;
        client.send(format!(
            "SEND\ndestination:{destination}\ntransaction:t\n\n{body}\0COMMIT\ntransaction:t\n\n\0"
        ));
        client.expect_error(code).await;
        let statistics = messaging.statistics();
        assert_eq!(statistics.limits, [(limit, 3)].into());
        assert_eq!(statistics.errors, [(code, 2)].into());
        assert_counts(&messaging, (1, 0, 0, 0, 1));
    }
}

/// Also behind layers, through which only code and text pass.
#[tokio::test(start_paused = true)]
async fn mon_01_limits_of_transactions() {
    for has_layer in [false, true] {
        let mut limits = Limits::default();
        limits.transactions = 1;
        limits.transaction_bytes = 1000;
        let mut builder = builder().limits(limits);
        if has_layer {
            builder = builder.inbound_layer(tower::layer::util::Identity::new());
        }
        let messaging = builder.build().unwrap();
        let mut client = Consumer::connect(&messaging, "1.2").await;
        client.confirmed("BEGIN\ntransaction:t").await;
        client.send("BEGIN\ntransaction:u\n\n\0");
        client.expect_error("too-many-transactions").await;
        let mut client = Consumer::connect(&messaging, "1.2").await;
        client.confirmed("BEGIN\ntransaction:t").await;
        let body = "x".repeat(2000);
        client.send(format!(
            "SEND\ndestination:/topic/a\ntransaction:t\n\n{body}\0"
        ));
        client.expect_error("transaction-too-large").await;
        let expected = [("transactions", 1), ("transaction_bytes", 1)];
        assert_eq!(messaging.statistics().limits, expected.into());
    }
}
