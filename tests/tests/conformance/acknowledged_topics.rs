//! Acknowledgements where every subscriber gets every message: topics, patterns and user destinations. What is not
//! acknowledged waits for its subscriber alone, and is gone with it.

use stomp_axum::session::CloseReason;

use super::{consumer::*, *};

/// Where a client subscribes, and where is sent to.
const PLACES: [(&str, &str); 3] = [
    ("/topic/a", "/topic/a"),
    ("/topic/*", "/topic/a"),
    ("/user/queue/a", "/user/joe/queue/a"),
];

async fn joe(messaging: &Messaging, version: &'static str) -> Consumer {
    let mut connection = TestConnection::open_as(messaging, "joe");
    connection.send_connect(version).await;
    Consumer::of(connection, version)
}

#[tokio::test(start_paused = true)]
async fn ack_004_005_lim_014_a_window_for_each_subscription() {
    for version in VERSIONS {
        for (subscribed, sent) in PLACES {
            for mode in ["client", "client-individual"] {
                let messaging = queue_server();
                let mut client = joe(&messaging, version).await;
                let mut other = joe(&messaging, "1.2").await;
                client
                    .subscribe("s", subscribed, &format!("{mode}\nprefetch-count:2"))
                    .await;
                other.subscribe("s", subscribed, "auto").await;
                let bodies = ["1", "2", "3", "4", "5"];
                publish_all(&messaging, sent, bodies).await;
                // Nobody else waits for it.
                other.expect_all(bodies).await;
                let messages = client.all().await;
                assert_eq!(messages.len(), 2, "{version} {subscribed}");
                let destination = messages[0].header("destination");
                assert_eq!(
                    destination,
                    Some(if sent == "/topic/a" { sent } else { subscribed })
                );
                client.send(format!("ACK\n{}\n\n\0", client.name(&messages[1])));
                let next = client.all_bodies().await;
                let expected: &[&str] = if mode == "client" {
                    &["3", "4"]
                } else {
                    &["3"]
                };
                assert_eq!(next, expected, "{version} {subscribed} {mode}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ack_020_022_nack_returns_a_message_to_its_subscriber_before_newer_ones() {
    for version in ["1.2", "1.1"] {
        for (subscribed, sent) in PLACES {
            let messaging = queue_server();
            let mut client = joe(&messaging, version).await;
            let mut other = joe(&messaging, version).await;
            for client in [&mut client, &mut other] {
                client
                    .subscribe("s", subscribed, "client\nprefetch-count:2")
                    .await;
            }
            publish_all(&messaging, sent, ["1", "2", "3"]).await;
            let [_, second] = client.expect_all(["1", "2"]).await;
            client.nack(&second);
            client.expect_again("1", 2).await;
            let second = client.expect_again("2", 2).await;
            client.send(format!("ACK\n{}\n\n\0", client.name(&second)));
            assert_eq!(client.expect("3").await.header("redelivered"), None);
            // The other one has its own.
            assert_eq!(other.all_bodies().await, ["1", "2"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ack_023_025_dead_letters_of_each_subscriber() {
    for (subscribed, sent) in PLACES {
        // A pattern would get the dead letters, too.
        let builder = builder().dead_letters("/queue/dead");
        let mut limits = Limits::default();
        limits.deliveries = 2;
        let messaging = builder.limits(limits).build().unwrap();
        let mut watcher = subscriber(&messaging, "/queue/dead").await;
        let mut client = joe(&messaging, "1.2").await;
        client.subscribe("s", subscribed, "client").await;
        publish(&messaging, sent, "x").await;
        let message = client.expect("x").await;
        client.nack(&message);
        let message = client.expect_again("x", 2).await;
        client.nack(&message);
        let letter = watcher.expect_message().await;
        assert_eq!(letter.header("dead-letter-reason"), Some("max-deliveries"));
        let original = if sent == "/topic/a" { sent } else { subscribed };
        assert_eq!(letter.header("original-destination"), Some(original));
        publish(&messaging, sent, "y").await;
        let message = client.expect("y").await;
        client
            .confirmed(&format!("NACK\n{}\nrequeue:false", client.name(&message)))
            .await;
        let letter = watcher.expect_message().await;
        assert_eq!(letter.header("dead-letter-reason"), Some("rejected"));
        assert!(client.all().await.is_empty());
    }
}

/// A dead letter that is rejected is not sent to where it is.
#[tokio::test(start_paused = true)]
async fn ack_023_dead_letters_make_no_dead_letters() {
    let messaging = queue_server();
    let mut client = Consumer::new(&messaging, "1.2", "/topic/*", "client").await;
    publish(&messaging, "/topic/a", "x").await;
    for destination in ["/topic/a", "/topic/dead"] {
        let message = client.expect("x").await;
        assert_eq!(message.header("destination"), Some(destination));
        client.send(format!(
            "NACK\n{}\nrequeue:false\n\n\0",
            client.name(&message)
        ));
    }
    assert!(client.all().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn ack_002_what_a_subscriber_of_a_topic_leaves_is_gone() {
    for version in VERSIONS {
        for (subscribed, sent) in PLACES {
            let messaging = queue_server();
            let mut client = joe(&messaging, version).await;
            client.subscribe("s", subscribed, "client").await;
            publish_all(&messaging, sent, ["1", "2"]).await;
            let [first, _] = client.expect_all(["1", "2"]).await;
            client.unsubscribe("s").await;
            // ACK-031.
            let ack = format!("ACK\n{}", client.name(&first));
            client.confirmed(&ack).await;
            client.subscribe("s", subscribed, "client").await;
            publish(&messaging, sent, "3").await;
            client.expect("3").await;
            lose(client).await;
            assert_eq!(messaging.broker_statistics(), Default::default());
        }
    }
}

/// LIM-010, LIM-014: what waits for a subscriber that never acknowledges is bounded as what waits to be written.
#[tokio::test(start_paused = true)]
async fn t_24_a_subscriber_that_never_acknowledges_is_cut_off_at_last() {
    for (subscribed, sent) in PLACES {
        let mut limits = Limits::default();
        limits.outbound_bytes = 20_000;
        let messaging = queue_builder().limits(limits).build().unwrap();
        let mut client = joe(&messaging, "1.2").await;
        client
            .subscribe("s", subscribed, "client\nprefetch-count:2")
            .await;
        let body = "x".repeat(1000);
        for _ in 0..10 {
            publish(&messaging, sent, &body).await;
        }
        assert_eq!(client.all().await.len(), 2);
        for _ in 0..10 {
            publish(&messaging, sent, &body).await;
        }
        client.expect_error("slow-consumer").await;
        settled().await;
        assert_eq!(messaging.broker_statistics(), Default::default());
    }
}

/// ACK-009, SUB-023: what only the server says is not taken from a sender.
#[tokio::test(start_paused = true)]
async fn sub_023_headers_of_deliveries_are_not_the_senders() {
    for version in VERSIONS {
        let messaging = queue_server();
        for (destination, mode) in [
            ("/queue/a", "client"),
            ("/queue/a", "auto"),
            ("/topic/a", "client"),
            ("/topic/a", "auto"),
        ] {
            let mut client = Consumer::new(&messaging, version, destination, mode).await;
            connect(&messaging, "1.2").await.send(format!(
                "SEND\ndestination:{destination}\nack:1\nredelivered:true\ndelivery-count:9\n\
                 message-id:1\nsubscription:1\ntransaction-id:1\n\nx\0"
            ));
            let message = client.expect("x").await;
            for name in ["redelivered", "delivery-count"] {
                assert_eq!(message.header(name), None, "{destination} {mode} {name}");
            }
            assert_eq!(message.header("subscription"), Some("s"));
            assert_ne!(message.header("message-id"), Some("1"));
            assert_ne!(message.header("ack"), Some("1"));
            if mode != "auto" {
                client.ack(&message).await;
            }
        }
    }
}
