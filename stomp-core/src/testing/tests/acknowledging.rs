//! Queues, acknowledgements, histories and transactions, in all versions.

use super::*;
use crate::{broker::History, codec::Frame};

const QUEUE: &str = "/queue/a";
const INDIVIDUALLY: [(&str, &str); 2] = [("ack", "client-individual"), ("prefetch-count", "1")];

fn server() -> Messaging {
    let builder = Messaging::builder()
        .simple_broker(["/topic", "/queue"])
        .queue_semantics(["/queue"])
        .history("/topic/*", History::last(10));
    builder.handlers(Handlers::none()).build().unwrap()
}

async fn connect(messaging: &Messaging, version: &str) -> TestConnection {
    let mut client = TestConnection::open(messaging);
    let connected = client.send_connect(version).await;
    // STOMP 1.0 has no header for it.
    assert_eq!(connected.header("version").unwrap_or("1.0"), version);
    client
}

async fn expect_body(client: &mut TestConnection, body: &str) -> Frame {
    let message = client.expect_message().await;
    assert_eq!(message.text(), body);
    message
}

/// ACK-007, ACK-010, ACK-013.
#[tokio::test(start_paused = true)]
async fn an_ack_names_its_message_as_the_version_demands() {
    for version in ["1.0", "1.1", "1.2"] {
        let messaging = server();
        let mut client = connect(&messaging, version).await;
        for body in ["1", "2"] {
            client.send_to(QUEUE, body);
        }
        client.subscribe_with_headers(QUEUE, INDIVIDUALLY).await;
        let first = expect_body(&mut client, "1").await;
        client.expect_silence(Duration::from_secs(60)).await;
        client.ack(&first);
        let second = expect_body(&mut client, "2").await;
        client.ack_with_headers(&second, [("receipt", "r")]);
        client.expect_receipt("r").await;
        client.expect_silence(Duration::from_secs(60)).await;
        assert_eq!(messaging.broker_statistics().waiting_messages, 0);
        // Nothing is left to be given back.
        let mut other = connect(&messaging, version).await;
        drop(client);
        other.subscribe(QUEUE).await;
        other.expect_silence(Duration::from_secs(60)).await;
    }
}

/// STOMP 1.0 subscribes without an id, too.
#[tokio::test(start_paused = true)]
async fn an_ack_of_a_subscription_without_an_id() {
    let mut client = connect(&server(), "1.0").await;
    client.send(format!(
        "SUBSCRIBE\ndestination:{QUEUE}\nack:client\nprefetch-count:1\n\n\0"
    ));
    client.send_to(QUEUE, "1");
    client.send_to(QUEUE, "2");
    let first = expect_body(&mut client, "1").await;
    assert_eq!(first.header("subscription"), None);
    client.ack(&first);
    expect_body(&mut client, "2").await;
}

#[tokio::test(start_paused = true)]
async fn a_nack_delivers_again_unless_it_says_otherwise() {
    for version in ["1.1", "1.2"] {
        let mut client = connect(&server(), version).await;
        client.subscribe_with_headers(QUEUE, INDIVIDUALLY).await;
        client.send_to(QUEUE, "1");
        client.send_to(QUEUE, "2");
        let first = expect_body(&mut client, "1").await;
        assert_eq!(first.header("redelivered"), None);
        client.nack(&first);
        let again = expect_body(&mut client, "1").await;
        assert_eq!(again.header("redelivered"), Some("true"));
        client.nack_with_headers(&again, [("requeue", "false"), ("receipt", "r")]);
        // There is room for it as soon as the other one is settled, which the RECEIPT says afterwards.
        expect_body(&mut client, "2").await;
        client.expect_receipt("r").await;
    }
    let mut client = connect(&server(), "1.0").await;
    client.subscribe_with_headers(QUEUE, INDIVIDUALLY).await;
    client.send_to(QUEUE, "1");
    let message = client.expect_message().await;
    client.nack(&message);
    client.expect_error("unknown-command").await;
}

#[tokio::test(start_paused = true)]
async fn an_ack_of_what_has_no_name_names_the_line() {
    let mut client = connect(&server(), "1.2").await;
    let (_id, receipt) = client.subscribe_with_headers(QUEUE, []).await;
    client.send_to(QUEUE, "automatic");
    let message = client.expect_message().await;
    let place = |line: u32| format!("{}:{line}:", file!());

    const ACK: u32 = line!() + 2;
    let client_of_ack = connect(&server(), "1.2").await;
    let text = panic_message(async move { client_of_ack.ack(&message) }).await;
    assert!(text.starts_with(&place(ACK)), "{text}");
    assert!(text.contains("the header \"ack\""), "{text}");

    const NACK: u32 = line!() + 1;
    let text = panic_message(async move { client.nack(&receipt) }).await;
    assert!(text.starts_with(&place(NACK)), "{text}");
    assert!(text.contains("NACK is for a MESSAGE"), "{text}");
}

/// What comes before the RECEIPT of SUBSCRIBE is not lost, and stands before what comes later.
#[tokio::test(start_paused = true)]
async fn what_a_queue_has_kept_is_received_after_its_subscription() {
    for version in ["1.0", "1.1", "1.2"] {
        let mut client = connect(&server(), version).await;
        for body in ["1", "2", "3"] {
            client.send_to(QUEUE, body);
        }
        let id = client.subscribe(QUEUE).await;
        client.send_to(QUEUE, "4");
        for body in ["1", "2", "3", "4"] {
            let message = expect_body(&mut client, body).await;
            assert_eq!(message.header("subscription"), Some(&*id));
        }
        client.expect_silence(Duration::from_secs(60)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_receipt_of_a_subscription_says_what_was_recovered() {
    for version in ["1.0", "1.1", "1.2"] {
        let messaging = server();
        let mut sender = connect(&messaging, version).await;
        let mut client = connect(&messaging, version).await;
        let (id, receipt) = client.subscribe_with_headers("/topic/a", []).await;
        let epoch = receipt.header("epoch").unwrap().to_owned();
        assert_eq!(receipt.header("offset"), Some("0"));
        client.unsubscribe(&id).await;
        for body in ["1", "2"] {
            sender.send_with_headers("/topic/a", [("receipt", body)], body);
            sender.expect_receipt(body).await;
        }

        let recover = [("recover-epoch", &*epoch), ("recover-offset", "0")];
        let (_id, receipt) = client.subscribe_with_headers("/topic/a", recover).await;
        assert_eq!(receipt.header("recovered"), Some("true"));
        assert_eq!(receipt.header("offset"), Some("2"));
        expect_body(&mut client, "1").await;
        expect_body(&mut client, "2").await;
        client.expect_silence(Duration::from_secs(60)).await;

        let recover = [("recover-epoch", "another"), ("recover-offset", "2")];
        let (_id, receipt) = client.subscribe_with_headers("/topic/a", recover).await;
        assert_eq!(receipt.header("recovered"), Some("false"));
        expect_body(&mut client, "1").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_transaction_happens_at_commit_and_never_after_abort() {
    for version in ["1.0", "1.1", "1.2"] {
        let mut client = connect(&server(), version).await;
        client.subscribe_with_headers(QUEUE, INDIVIDUALLY).await;
        client.subscribe("/topic/a").await;
        client.send_to(QUEUE, "order");
        client.send_to(QUEUE, "next order");
        let order = expect_body(&mut client, "order").await;
        for commits in [false, true] {
            client.begin("t");
            client.send_with_headers("/topic/a", [("transaction", "t")], "bill");
            client.ack_with_headers(&order, [("transaction", "t")]);
            client.expect_silence(Duration::from_secs(60)).await;
            if commits {
                client.commit("t");
            } else {
                client.abort("t");
                client.expect_silence(Duration::from_secs(60)).await;
            }
        }
        expect_body(&mut client, "bill").await;
        expect_body(&mut client, "next order").await;
        // It has ended.
        client.commit("t");
        client.expect_error("unknown-transaction").await;
    }
}
