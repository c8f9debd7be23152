//! How ACK and NACK name a message, and which names are a mistake: ACK-010 to ACK-019, ACK-031 to ACK-033.

use super::{consumer::*, *};

const QUEUE: &str = "/queue/a";

/// A subscriber of `version` that has got one message; it acknowledges with these headers, and is refused. The message
/// is there for others then.
async fn expect_refused(version: &'static str, mode: &str, ack: &str, code: &str) {
    let messaging = queue_server();
    for command in ["ACK", "NACK"] {
        if command == "NACK" && version == "1.0" {
            continue;
        }
        let mut client = Consumer::new(&messaging, version, QUEUE, mode).await;
        client.subscribe("other", "/queue/other", "client").await;
        publish(&messaging, QUEUE, "x").await;
        let message = client.expect("x").await;
        let ack = ack
            .replace("{message-id}", message.header("message-id").unwrap())
            .replace("{ack}", message.header("ack").unwrap_or("0-0"));
        client.send(format!("{command}\n{ack}\nreceipt:r\n\n\0"));
        let error = client.expect_error(code).await;
        assert_eq!(error.header("receipt-id"), Some("r"), "{version} {ack}");
        let expected = if mode == "auto" {
            nothing()
        } else {
            again(["x"])
        };
        assert_eq!(left_behind(&messaging, client, QUEUE).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn ack_011_012_014_headers_that_are_missing_or_of_another_subscription() {
    let modes = ["client", "client-individual"];
    for mode in modes {
        // ACK-011.
        expect_refused("1.1", mode, "message-id:{message-id}", "missing-header").await;
        expect_refused("1.1", mode, "subscription:s", "missing-header").await;
        // ACK-012.
        let other = "subscription:other\nmessage-id:{message-id}";
        expect_refused("1.1", mode, other, "unknown-message").await;
        let nobody = "subscription:nobody\nmessage-id:{message-id}";
        expect_refused("1.1", mode, nobody, "unknown-message").await;
        expect_refused("1.0", mode, other, "unknown-message").await;
        // ACK-014.
        let old = "subscription:s\nmessage-id:{message-id}";
        expect_refused("1.2", mode, old, "missing-header").await;
        expect_refused("1.0", mode, "id:{ack}", "missing-header").await;
    }
}

#[tokio::test(start_paused = true)]
async fn ack_015_an_extra_subscription_header_is_accepted() {
    let messaging = queue_server();
    let mut client = Consumer::new(&messaging, "1.2", QUEUE, "client").await;
    for command in ["ACK", "NACK\nrequeue:false"] {
        publish(&messaging, QUEUE, "x").await;
        let message = client.expect("x").await;
        let (id, message_id) = (
            message.header("ack").unwrap(),
            message.header("message-id").unwrap(),
        );
        // As `@stomp/stompjs` sends it, and even one that names something else.
        let ack = format!("{command}\nid:{id}\nsubscription:zzz\nmessage-id:{message_id}");
        client.confirmed(&ack).await;
    }
    assert_eq!(left_behind(&messaging, client, QUEUE).await, nothing());
}

#[tokio::test(start_paused = true)]
async fn ack_016_018_ids_that_name_nothing() {
    for mode in ["client", "client-individual"] {
        for id in [
            "0-1",
            "1-0",
            "7-0",
            "x",
            "",
            "0",
            "-",
            "{ack}-0",
            "{message-id}",
        ] {
            expect_refused("1.2", mode, &format!("id:{id}"), "unknown-message").await;
        }
        let unknown = "subscription:s\nmessage-id:x";
        for version in ["1.1", "1.0"] {
            expect_refused(version, mode, unknown, "unknown-message").await;
        }
    }
    // ACK-018.
    expect_refused("1.2", "auto", "id:0-0", "unknown-message").await;
    let name = "subscription:s\nmessage-id:{message-id}";
    expect_refused("1.1", "auto", name, "unknown-message").await;
    expect_refused("1.0", "auto", name, "unknown-message").await;
    expect_refused("1.0", "auto", "message-id:{message-id}", "unknown-message").await;
}

#[tokio::test(start_paused = true)]
async fn ack_017_twice() {
    for version in VERSIONS {
        for mode in ["client", "client-individual"] {
            for command in ["ACK", "NACK"] {
                if command == "NACK" && version == "1.0" {
                    continue;
                }
                let messaging = queue_server();
                let mut client = Consumer::new(&messaging, version, QUEUE, mode).await;
                publish_all(&messaging, QUEUE, ["1", "2"]).await;
                let [first, _] = client.expect_all(["1", "2"]).await;
                client.ack(&first).await;
                client.send(format!("{command}\n{}\n\n\0", client.name(&first)));
                client.expect_error("unknown-message").await;
                let left = left_behind(&messaging, client, QUEUE).await;
                assert_eq!(left, again(["2"]));
            }
        }
    }
}

/// T-26: whatever a client writes, it is about its own messages.
#[tokio::test(start_paused = true)]
async fn ack_019_t_26_another_sessions_message() {
    for version in VERSIONS {
        for command in ["ACK", "NACK", "NACK\nrequeue:false"] {
            if command != "ACK" && version == "1.0" {
                continue;
            }
            let messaging = queue_server();
            let mut owner = Consumer::new(&messaging, version, QUEUE, "client").await;
            publish(&messaging, QUEUE, "x").await;
            let message = owner.expect("x").await;
            // Of the same subscription id and the same queue.
            let mut thief = Consumer::new(&messaging, version, QUEUE, "client").await;
            thief.send(format!("{command}\n{}\n\n\0", owner.name(&message)));
            thief.expect_error("unknown-message").await;
            assert!(owner.all().await.is_empty());
            owner.ack(&message).await;
            lose(thief).await;
            assert_eq!(left_behind(&messaging, owner, QUEUE).await, nothing());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ack_031_sub_030_an_ack_that_crosses_an_unsubscribe() {
    for version in VERSIONS {
        for command in ["ACK", "NACK", "NACK\nrequeue:false"] {
            if command != "ACK" && version == "1.0" {
                continue;
            }
            for is_subscribed_again in [false, true] {
                let messaging = queue_server();
                let mut watcher = subscriber(&messaging, "/topic/dead").await;
                let mut client = Consumer::new(&messaging, version, QUEUE, "client").await;
                publish_all(&messaging, QUEUE, ["1", "2"]).await;
                let [first, _] = client.expect_all(["1", "2"]).await;
                client.unsubscribe("s").await;
                assert_eq!(messaging.broker_statistics().waiting_messages, 2);
                if is_subscribed_again {
                    // To something else, under the same id.
                    client.subscribe("s", "/queue/b", "client").await;
                }
                let crossing = format!("{command}\n{}", client.name(&first));
                client.confirmed(&crossing).await;
                expect_nothing(&mut watcher).await;
                let left = what_waits(&messaging, QUEUE).await;
                assert_eq!(left, again(["1", "2"]), "{version} {command}");
                // Any ACK of what never was is still a mistake.
                let unknown = match version {
                    "1.2" => "ACK\nid:99-0\n\n\0",
                    "1.1" => "ACK\nsubscription:z\nmessage-id:z\n\n\0",
                    _ => continue,
                };
                client.send(unknown);
                client.expect_error("unknown-message").await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ack_032_ids_that_are_escaped() {
    let messaging = queue_server();
    let mut client = Consumer::connect(&messaging, "1.1").await;
    client.subscribe("a\\cb\\\\c\\nd", QUEUE, "client").await;
    publish(&messaging, QUEUE, "x").await;
    let message = client.expect("x").await;
    assert_eq!(message.header("subscription"), Some("a:b\\c\nd"));
    let id = message.header("message-id").unwrap();
    client
        .confirmed(&format!(
            "ACK\nsubscription:a\\cb\\\\c\\nd\nmessage-id:{id}"
        ))
        .await;
    assert_eq!(left_behind(&messaging, client, QUEUE).await, nothing());
}

/// The client can't have read it yet, and is not asked how it knows.
#[tokio::test(start_paused = true)]
async fn ack_033_an_ack_that_comes_before_its_message_is_written() {
    let messaging = queue_server();
    let mut slow = TestConnection::open_slow(&messaging, 1);
    slow.send_connect("1.2").await;
    subscribe(&mut slow, "auto", "/queue/b").await;
    slow.send(format!(
        "SUBSCRIBE\nid:s\ndestination:{QUEUE}\nack:client-individual\nreceipt:r\n\n\0"
    ));
    slow.expect_receipt("r").await;
    publish_all(&messaging, QUEUE, ["0", "1", "2", "3"]).await;
    slow.send("ACK\nid:1-3\n\n\0ACK\nid:1-1\n\n\0ACK\nid:1-0\n\n\0ACK\nid:1-2\nreceipt:all\n\n\0");
    for body in ["0", "1", "2", "3"] {
        assert_eq!(message(&mut slow).await.1, body);
    }
    slow.expect_receipt("all").await;
    drop(slow);
    settled().await;
    assert_eq!(messaging.broker_statistics(), Default::default());
}

#[tokio::test(start_paused = true)]
async fn sub_017_ack_modes_that_do_not_exist() {
    let messaging = queue_server();
    for version in VERSIONS {
        for mode in ["", "Client", "client_individual", "none"] {
            let mut client = connect(&messaging, version).await;
            client.send(format!(
                "SUBSCRIBE\nid:s\ndestination:{QUEUE}\nack:{mode}\nreceipt:r\n\n\0"
            ));
            let error = client.expect_error("invalid-ack-mode").await;
            assert_eq!(error.header("receipt-id"), Some("r"), "{mode}");
        }
    }
}
