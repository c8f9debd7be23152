//! Transactions: TX-001 to TX-024, in all versions.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use stomp_axum::{
    channel::MessageRejected,
    endpoint::{InboundMessage, InboundService},
    message::Message,
    prelude::*,
    session::CloseReason,
};
use tower::{Service, layer::layer_fn, service_fn};

use super::{consumer::*, *};

const QUEUE: &str = "/queue/a";
const DESTINATIONS: [&str; 2] = ["/topic/a", QUEUE];

/// A SEND of a transaction.
fn joined(destination: &str, transaction: &str, body: &str) -> String {
    format!(
        "SEND\ndestination:{destination}\ntransaction:{transaction}\nreceipt:joined\n\n{body}\0"
    )
}

async fn join(client: &mut TestConnection, destination: &str, transaction: &str, body: &str) {
    client.send(joined(destination, transaction, body));
    client.expect_receipt("joined").await;
}

/// TX-018: our choice is that the RECEIPT of a joined SEND says that it is in the transaction.
#[tokio::test(start_paused = true)]
async fn tx_001_002_018_019_sent_at_commit_and_never_after_abort() {
    for version in VERSIONS {
        for destination in DESTINATIONS {
            let messaging = queue_server();
            let mut watcher = Consumer::new(&messaging, version, destination, "auto").await;
            let mut client = Consumer::connect(&messaging, version).await;
            for end in ["COMMIT", "ABORT"] {
                client.confirmed("BEGIN\ntransaction:t").await;
                for body in ["1", "2"] {
                    join(&mut client, destination, "t", body).await;
                }
                assert!(watcher.all().await.is_empty());
                client.confirmed(&format!("{end}\ntransaction:t")).await;
                // TX-019: behind the RECEIPT, it has happened.
                let expected: &[&str] = if end == "COMMIT" { &["1", "2"] } else { &[] };
                assert_eq!(
                    watcher.all_bodies().await,
                    expected,
                    "{version} {destination}"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tx_003_004_what_is_not_joined_goes_at_once() {
    for version in VERSIONS {
        for destination in DESTINATIONS {
            let messaging = queue_server();
            let mut watcher = Consumer::new(&messaging, version, destination, "auto").await;
            let mut client = Consumer::connect(&messaging, version).await;
            client.confirmed("BEGIN\ntransaction:t").await;
            join(&mut client, destination, "t", "1").await;
            send(&mut client, destination, "outside").await;
            join(&mut client, destination, "t", "2").await;
            assert_eq!(watcher.all_bodies().await, ["outside"]);
            client.confirmed("COMMIT\ntransaction:t").await;
            let messages = watcher.all().await;
            assert_eq!(bodies(&messages), ["1", "2"]);
            assert_eq!(messages[0].header("transaction"), None);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tx_005_006_007_008_mistakes() {
    let messaging = queue_server();
    for version in VERSIONS {
        let mut frames = vec![
            ("BEGIN", "missing-header"),
            ("BEGIN\ntransaction:", "missing-header"),
            ("COMMIT", "missing-header"),
            ("ABORT", "missing-header"),
            ("ABORT\ntransaction:", "missing-header"),
            ("COMMIT\ntransaction:x", "unknown-transaction"),
            ("ABORT\ntransaction:x", "unknown-transaction"),
            (
                "SEND\ndestination:/topic/a\ntransaction:x",
                "unknown-transaction",
            ),
            (
                "SEND\ndestination:/topic/a\ntransaction:",
                "unknown-transaction",
            ),
            (
                "ACK\nid:0-0\nsubscription:s\nmessage-id:x\ntransaction:x",
                "unknown-transaction",
            ),
            // TX-008.
            ("BEGIN\ntransaction:open", "duplicate-transaction"),
            (
                "ACK\nid:0-0\nsubscription:s\nmessage-id:x\ntransaction:open",
                "unknown-message",
            ),
        ];
        if version != "1.0" {
            let nack = "NACK\nid:0-0\nsubscription:s\nmessage-id:x\ntransaction:x";
            frames.push((nack, "unknown-transaction"));
        }
        for (frame, code) in frames {
            let mut client = Consumer::connect(&messaging, version).await;
            client.confirmed("BEGIN\ntransaction:open").await;
            join(&mut client, "/queue/never", "open", "x").await;
            client.send(format!("{frame}\nreceipt:r\n\n\0"));
            let error = client.expect_error(code).await;
            assert_eq!(error.header("receipt-id"), Some("r"), "{version} {frame:?}");
        }
    }
    settled().await;
    assert_eq!(messaging.broker_statistics(), Default::default());
}

#[tokio::test(start_paused = true)]
async fn tx_009_010_ids_are_free_again_and_transactions_independent() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut watcher = Consumer::new(&messaging, version, QUEUE, "auto").await;
        let mut client = Consumer::connect(&messaging, version).await;
        for _ in 0..2 {
            for id in ["a", "b", "c"] {
                client.confirmed(&format!("BEGIN\ntransaction:{id}")).await;
            }
            for (id, body) in [("a", "1"), ("b", "2"), ("c", "3"), ("a", "4"), ("b", "5")] {
                join(&mut client, QUEUE, id, body).await;
            }
            client.confirmed("COMMIT\ntransaction:b").await;
            assert_eq!(watcher.all_bodies().await, ["2", "5"]);
            client.confirmed("ABORT\ntransaction:c").await;
            client.confirmed("COMMIT\ntransaction:a").await;
            assert_eq!(watcher.all_bodies().await, ["1", "4"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tx_011_012_013_acknowledgements_take_effect_at_commit() {
    for version in VERSIONS {
        for mode in ["client", "client-individual"] {
            for command in ["ACK", "NACK", "NACK\nrequeue:false"] {
                if command != "ACK" && version == "1.0" {
                    continue;
                }
                let messaging = queue_server();
                let mut client = Consumer::new(&messaging, version, QUEUE, mode).await;
                publish(&messaging, QUEUE, "x").await;
                let message = client.expect("x").await;
                for end in ["ABORT", "COMMIT"] {
                    client.confirmed("BEGIN\ntransaction:t").await;
                    let acknowledge =
                        format!("{command}\n{}\ntransaction:t", client.name(&message));
                    client.confirmed(&acknowledge).await;
                    // Nothing has happened yet.
                    assert!(client.all().await.is_empty());
                    client.send(format!("{end}\ntransaction:t\n\n\0"));
                }
                let returned = client.all_bodies().await;
                let expected: &[&str] = if command == "NACK" { &["x"] } else { &[] };
                assert_eq!(returned, expected, "{version} {mode} {command}");
                let left = left_behind(&messaging, client, QUEUE).await;
                assert_eq!(left.len(), expected.len());
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tx_011_aborted_by_abort_the_message_counts_as_unacknowledged() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client =
            Consumer::new(&messaging, version, QUEUE, "client\nprefetch-count:1").await;
        publish_all(&messaging, QUEUE, ["1", "2"]).await;
        let message = client.expect("1").await;
        client.confirmed("BEGIN\ntransaction:t").await;
        let ack = format!("ACK\n{}\ntransaction:t", client.name(&message));
        client.confirmed(&ack).await;
        // T-24: no room for another one.
        assert!(client.all().await.is_empty());
        client.confirmed("ABORT\ntransaction:t").await;
        assert!(client.all().await.is_empty());
        client.send(format!("ACK\n{}\n\n\0", client.name(&message)));
        client.expect("2").await;
    }
}

#[tokio::test(start_paused = true)]
async fn tx_014_015_a_session_that_ends_aborts() {
    for version in VERSIONS {
        for end in ["lost", "DISCONNECT\n\n\0", "nonsense\n\n\0"] {
            let messaging = queue_server();
            let mut watcher = Consumer::new(&messaging, version, "/topic/a", "auto").await;
            let mut client = Consumer::new(&messaging, version, QUEUE, "client").await;
            publish_all(&messaging, QUEUE, ["1", "2"]).await;
            let [_, second] = client.expect_all(["1", "2"]).await;
            client.confirmed("BEGIN\ntransaction:t").await;
            join(&mut client, "/topic/a", "t", "x").await;
            join(&mut client, QUEUE, "t", "x").await;
            let ack = format!("ACK\n{}\ntransaction:t", client.name(&second));
            client.confirmed(&ack).await;
            if end != "lost" {
                client.send(end);
                while client.receive().await.is_some() {}
            }
            let left = left_behind(&messaging, client, QUEUE).await;
            assert_eq!(left, again(["1", "2"]), "{version} {end}");
            assert!(watcher.all().await.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tx_016_the_scope_of_a_cumulative_ack_is_that_of_its_time() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::new(&messaging, version, QUEUE, "client").await;
        publish_all(&messaging, QUEUE, ["1", "2"]).await;
        let [_, second] = client.expect_all(["1", "2"]).await;
        client.confirmed("BEGIN\ntransaction:t").await;
        let ack = format!("ACK\n{}\ntransaction:t", client.name(&second));
        client.confirmed(&ack).await;
        publish(&messaging, QUEUE, "3").await;
        client.expect("3").await;
        client.confirmed("COMMIT\ntransaction:t").await;
        let left = left_behind(&messaging, client, QUEUE).await;
        assert_eq!(left, again(["3"]), "{version}");
    }
}

#[tokio::test(start_paused = true)]
async fn tx_017_what_is_settled_already_is_no_mistake() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::new(&messaging, version, QUEUE, "client").await;
        publish_all(&messaging, QUEUE, ["1", "2", "3", "4"]).await;
        let [first, second, third, _] = client.expect_all(["1", "2", "3", "4"]).await;
        client.confirmed("BEGIN\ntransaction:t").await;
        for message in [&third, &first, &third] {
            let ack = format!("ACK\n{}\ntransaction:t", client.name(message));
            client.confirmed(&ack).await;
        }
        // One of them meanwhile without it.
        client.ack(&second).await;
        client.confirmed("COMMIT\ntransaction:t").await;
        let left = left_behind(&messaging, client, QUEUE).await;
        assert_eq!(left, again(["4"]), "{version}");
    }
}

/// An acknowledgement whose subscription ends before COMMIT says nothing, and one whose message was returned meanwhile
/// does not touch its next delivery.
#[tokio::test(start_paused = true)]
async fn tx_012_acknowledgements_that_are_outdated_at_commit() {
    for version in ["1.2", "1.1"] {
        let messaging = queue_server();
        let mut client = Consumer::new(&messaging, version, QUEUE, "client").await;
        publish(&messaging, QUEUE, "x").await;
        let message = client.expect("x").await;
        client.confirmed("BEGIN\ntransaction:t").await;
        let ack = format!("ACK\n{}\ntransaction:t", client.name(&message));
        client.confirmed(&ack).await;
        client.nack(&message);
        client.expect_again("x", 2).await;
        client.confirmed("COMMIT\ntransaction:t").await;
        client.confirmed("BEGIN\ntransaction:t").await;
        let again_unsettled = client.all().await;
        assert!(again_unsettled.is_empty());
        client.unsubscribe("s").await;
        client.confirmed("COMMIT\ntransaction:t").await;
        assert_eq!(left_behind(&messaging, client, QUEUE).await, again(["x"]));
    }
}

#[tokio::test(start_paused = true)]
async fn tx_020_nothing_of_a_transaction_that_fails() {
    let change = |limits: &mut Limits| limits.queue_bytes = 1000;
    for version in VERSIONS {
        let messaging = queue_server_with(change);
        let mut watcher = Consumer::new(&messaging, version, "/topic/a", "auto").await;
        let mut client = Consumer::new(&messaging, version, QUEUE, "client").await;
        publish(&messaging, QUEUE, "1").await;
        let message = client.expect("1").await;
        client.confirmed("BEGIN\ntransaction:t").await;
        let ack = format!("ACK\n{}\ntransaction:t", client.name(&message));
        client.confirmed(&ack).await;
        join(&mut client, "/topic/a", "t", "x").await;
        join(&mut client, "/queue/other", "t", "x").await;
        let big = "x".repeat(600);
        for _ in 0..2 {
            join(&mut client, "/queue/full", "t", &big).await;
        }
        client.send("COMMIT\ntransaction:t\nreceipt:r\n\n\0");
        let error = client.expect_error("queue-full").await;
        assert_eq!(error.header("receipt-id"), Some("r"));
        assert!(watcher.all().await.is_empty());
        // Nothing is reserved any more, and the acknowledgement was not done.
        let left = left_behind(&messaging, client, QUEUE).await;
        assert_eq!(left, again(["1"]));
        lose(watcher).await;
        assert_eq!(messaging.broker_statistics(), Default::default());
        publish(&messaging, "/queue/full", &big).await;
    }
}

/// A bad destination is found out when it is sent to, and not at COMMIT.
#[tokio::test(start_paused = true)]
async fn tx_020_a_destination_that_nothing_serves() {
    let messaging = queue_server();
    let mut client = Consumer::connect(&messaging, "1.2").await;
    client.confirmed("BEGIN\ntransaction:t").await;
    join(&mut client, QUEUE, "t", "x").await;
    client.send(joined("/nowhere", "t", "x"));
    let error = client.expect_error("unknown-destination").await;
    assert_eq!(error.header("receipt-id"), Some("joined"));
    assert_eq!(messaging.broker_statistics(), Default::default());
    // One that is refused by an interceptor of the broker channel, though.
    let messaging = queue_builder()
        .broker_interceptor(|message: Message| match &message.payload()[..] {
            b"reject" => Err(MessageRejected::new("no-thanks", "no")),
            b"swallow" => Ok(None),
            _ => Ok(Some(message)),
        })
        .build()
        .unwrap();
    let mut watcher = Consumer::new(&messaging, "1.2", QUEUE, "auto").await;
    let mut client = Consumer::connect(&messaging, "1.2").await;
    client.confirmed("BEGIN\ntransaction:t").await;
    for body in ["1", "swallow", "2"] {
        join(&mut client, QUEUE, "t", body).await;
    }
    client.confirmed("COMMIT\ntransaction:t").await;
    assert_eq!(watcher.all_bodies().await, ["1", "2"]);
    client.confirmed("BEGIN\ntransaction:t").await;
    for body in ["3", "reject", "4"] {
        join(&mut client, QUEUE, "t", body).await;
    }
    client.send("COMMIT\ntransaction:t\nreceipt:r\n\n\0");
    client.expect_error("no-thanks").await;
    assert!(watcher.all().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn tx_021_t_37_bounds() {
    let messaging = queue_server_with(|limits| {
        limits.transactions = 2;
        limits.transaction_actions = 3;
        limits.transaction_bytes = 1000;
    });
    let expect = async |frames: &[String], code: &str, setting: &str| {
        let mut client = Consumer::new(&messaging, "1.2", "/queue/acknowledged", "client").await;
        publish(&messaging, "/queue/acknowledged", "x").await;
        client.expect("x").await;
        client.confirmed("BEGIN\ntransaction:t").await;
        let (last, before) = frames.split_last().unwrap();
        for frame in before {
            client.send(frame.clone());
            client.expect_receipt("joined").await;
        }
        client.send(last.clone());
        let error = client.expect_error(code).await;
        assert!(text(&error).contains(setting), "{error:?}");
        lose(client).await;
        assert_eq!(
            what_waits(&messaging, "/queue/acknowledged").await,
            again(["x"])
        );
        assert_eq!(messaging.broker_statistics(), Default::default());
    };
    let begin = |id| format!("BEGIN\ntransaction:{id}\nreceipt:joined\n\n\0");
    expect(
        &[begin("u"), begin("v")],
        "too-many-transactions",
        "transactions",
    )
    .await;
    let small = || joined(QUEUE, "t", "x");
    let actions = [small(), small(), small(), small()];
    expect(&actions, "transaction-too-large", "transaction_actions").await;
    let ack = "ACK\nid:0-0\ntransaction:t\nreceipt:joined\n\n\0".to_owned();
    let actions = [ack.clone(), ack.clone(), ack.clone(), ack];
    expect(&actions, "transaction-too-large", "transaction_actions").await;
    let big = joined(QUEUE, "t", &"x".repeat(500));
    let actions = [big.clone(), big];
    expect(&actions, "transaction-too-large", "transaction_bytes").await;
}

#[tokio::test(start_paused = true)]
async fn tx_022_ids_are_those_of_a_session() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut watcher = Consumer::new(&messaging, version, QUEUE, "auto").await;
        let mut one = Consumer::connect(&messaging, version).await;
        let mut other = Consumer::connect(&messaging, version).await;
        one.confirmed("BEGIN\ntransaction:t").await;
        // T-26.
        let mut thief = Consumer::connect(&messaging, version).await;
        thief.send(joined(QUEUE, "t", "stolen"));
        thief.expect_error("unknown-transaction").await;
        other.confirmed("BEGIN\ntransaction:t").await;
        join(&mut one, QUEUE, "t", "1").await;
        join(&mut other, QUEUE, "t", "2").await;
        one.confirmed("ABORT\ntransaction:t").await;
        assert!(watcher.all().await.is_empty());
        other.confirmed("COMMIT\ntransaction:t").await;
        assert_eq!(watcher.all_bodies().await, ["2"]);
    }
}

#[tokio::test(start_paused = true)]
async fn tx_023_all_of_it_comes_before_what_is_sent_later() {
    for version in VERSIONS {
        for destination in DESTINATIONS {
            let messaging = queue_server();
            let mut watcher = Consumer::new(&messaging, version, destination, "auto").await;
            let client = connect(&messaging, version).await;
            client.send("BEGIN\ntransaction:t\n\n\0");
            for number in 0..100 {
                client.send(joined(destination, "t", &number.to_string()));
            }
            client.send("COMMIT\ntransaction:t\n\n\0");
            client.send(format!("SEND\ndestination:{destination}\n\nlater\0"));
            for number in 0..100 {
                watcher.expect(&number.to_string()).await;
            }
            watcher.expect("later").await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tx_024_subscribe_ignores_the_header() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::new(&messaging, version, QUEUE, "auto\ntransaction:x").await;
        publish(&messaging, QUEUE, "x").await;
        client.expect("x").await;
        client.confirmed("UNSUBSCRIBE\nid:s\ntransaction:x").await;
    }
}

/// User destinations are resolved at COMMIT: for who is there then.
#[tokio::test(start_paused = true)]
async fn tx_001_user_destinations() {
    let messaging = queue_server();
    let mut client = Consumer::connect(&messaging, "1.2").await;
    client.confirmed("BEGIN\ntransaction:t").await;
    for user in ["joe", "nobody"] {
        join(&mut client, &format!("/user/{user}/queue/a"), "t", "x").await;
    }
    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    subscribe(&mut joe, "s", "/user/queue/a").await;
    client.confirmed("COMMIT\ntransaction:t").await;
    assert_eq!(message(&mut joe).await.1, "x");
    expect_nothing(&mut joe).await;
    // Nobody else's queue of that name.
    assert_eq!(what_waits(&messaging, QUEUE).await, nothing());
}

#[derive(Clone, Default)]
struct Calls(Arc<AtomicUsize>);

mod annotated {
    use super::*;

    #[message_mapping("/count")]
    #[send_to("/queue/a")]
    async fn count(text: String, State(calls): State<Calls>) -> Result<String, &'static str> {
        calls.0.fetch_add(1, Ordering::Relaxed);
        if text == "fail" {
            return Err("on purpose");
        }
        Ok(text)
    }
}

#[tokio::test(start_paused = true)]
async fn tx_001_002_handlers_run_at_commit() {
    for version in VERSIONS {
        let calls = Calls::default();
        let count = || calls.0.load(Ordering::Relaxed);
        let messaging = queue_builder()
            .handlers(Handlers::in_module(concat!(module_path!(), "::annotated")))
            .state(calls.clone())
            .build()
            .unwrap();
        let mut watcher = Consumer::new(&messaging, version, QUEUE, "auto").await;
        let mut client = Consumer::connect(&messaging, version).await;
        for end in ["ABORT", "COMMIT"] {
            client.confirmed("BEGIN\ntransaction:t").await;
            join(&mut client, "/app/count", "t", "handled").await;
            join(&mut client, QUEUE, "t", "sent").await;
            assert_eq!(count(), 0);
            client.confirmed(&format!("{end}\ntransaction:t")).await;
        }
        assert_eq!(count(), 1);
        let mut received = watcher.all_bodies().await;
        received.sort();
        assert_eq!(received, ["handled", "sent"]);
        // A handler that fails: the transaction was not processed as a whole, and there is no RECEIPT.
        client.confirmed("BEGIN\ntransaction:t").await;
        join(&mut client, "/app/count", "t", "fail").await;
        join(&mut client, "/app/count", "t", "handled").await;
        client.send("COMMIT\ntransaction:t\nreceipt:r\n\n\0");
        assert!(client.all().await.is_empty());
        assert_eq!(watcher.all_bodies().await, ["handled"]);
        assert_eq!(count(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn tx_001_through_interceptors_and_layers() {
    fn change(message: Message) -> Result<Option<Message>, MessageRejected> {
        match &message.payload()[..] {
            b"swallow" => Ok(None),
            b"change" => Ok(Some(message.with_payload("changed"))),
            b"reject" => Err(MessageRejected::new("no-thanks", "no")),
            _ => Ok(Some(message)),
        }
    }
    let layer = || {
        layer_fn(|inner: InboundService| {
            service_fn(move |mut message: InboundMessage| {
                let mut inner = inner.clone();
                async move {
                    // Some of them slowly.
                    tokio::time::sleep(SECOND).await;
                    let changed = change(message.message().clone())?;
                    let Some(changed) = changed else {
                        return Ok(stomp_axum::endpoint::InboundOutcome::swallowed());
                    };
                    *message.message_mut() = changed;
                    inner.call(message).await
                }
            })
        })
    };
    for messaging in [
        queue_builder().inbound_interceptor(change).build().unwrap(),
        queue_builder().inbound_layer(layer()).build().unwrap(),
    ] {
        let mut watcher = Consumer::new(&messaging, "1.2", QUEUE, "auto").await;
        let mut client = Consumer::connect(&messaging, "1.2").await;
        client.send("BEGIN\ntransaction:t\n\n\0");
        for body in ["1", "change", "swallow", "2"] {
            client.send(joined(QUEUE, "t", body));
        }
        client.send("COMMIT\ntransaction:t\nreceipt:done\n\n\0");
        // What was swallowed has no RECEIPT.
        for receipt in ["joined", "joined", "joined", "done"] {
            client.expect_receipt(receipt).await;
        }
        assert_eq!(watcher.all_bodies().await, ["1", "changed", "2"]);
        client.confirmed("BEGIN\ntransaction:t").await;
        join(&mut client, QUEUE, "t", "3").await;
        client.send(joined(QUEUE, "t", "reject"));
        let error = client.expect_error("no-thanks").await;
        assert_eq!(error.header("receipt-id"), Some("joined"));
        assert!(watcher.all().await.is_empty());
    }
}

/// A layer that answers before it passes a SEND on: what comes too late for its transaction is not sent at all.
#[tokio::test(start_paused = true)]
async fn tx_001_002_a_layer_that_lets_go_too_late() {
    let outcomes = Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = outcomes.clone();
    let layer = layer_fn(move |inner: InboundService| {
        let log = log.clone();
        service_fn(move |message: InboundMessage| {
            let (mut inner, log) = (inner.clone(), log.clone());
            async move {
                if message.message().payload() != "late" {
                    return inner.call(message).await;
                }
                tokio::spawn(async move {
                    tokio::time::sleep(SECOND).await;
                    let outcome = inner.call(message).await;
                    log.lock()
                        .unwrap()
                        .push(outcome.map_err(|error| error.to_string()));
                });
                Ok(stomp_axum::endpoint::InboundOutcome::processed())
            }
        })
    });
    let messaging = queue_builder().inbound_layer(layer).build().unwrap();
    let mut watcher = Consumer::new(&messaging, "1.2", QUEUE, "auto").await;
    for end in ["COMMIT", "ABORT"] {
        let mut client = Consumer::connect(&messaging, "1.2").await;
        client.confirmed("BEGIN\ntransaction:t").await;
        join(&mut client, QUEUE, "t", "1").await;
        join(&mut client, QUEUE, "t", "late").await;
        client.confirmed(&format!("{end}\ntransaction:t")).await;
        settled().await;
        let expected: &[&str] = if end == "COMMIT" { &["1"] } else { &[] };
        assert_eq!(watcher.all_bodies().await, expected);
        let outcome = outcomes.lock().unwrap().pop().unwrap();
        assert!(
            outcome.unwrap_err().contains("no open transaction"),
            "{end}"
        );
    }
}

/// RCP-013: a COMMIT that came before the connection was lost is done.
#[tokio::test(start_paused = true)]
async fn rcp_013_a_commit_that_was_sent_counts() {
    let messaging = queue_server();
    let client = connect(&messaging, "1.2").await;
    client.send("BEGIN\ntransaction:t\n\n\0");
    client.send(joined(QUEUE, "t", "x"));
    client.send("COMMIT\ntransaction:t\n\n\0BEGIN\ntransaction:t\n\n\0");
    client.send(joined(QUEUE, "t", "y"));
    drop(client);
    settled().await;
    assert_eq!(
        what_waits(&messaging, QUEUE).await,
        [("x".to_owned(), false)]
    );
    let mut client = connect(&messaging, "1.2").await;
    client.send("DISCONNECT\n\n\0");
    client.expect_closed(CloseReason::Disconnected).await;
}
