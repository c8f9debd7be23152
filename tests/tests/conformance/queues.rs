//! Queues: SUB-010, SUB-028 to SUB-030, and what receipts, order and heart-beats have to do with them.

use stomp_axum::session::CloseReason;

use super::{consumer::*, *};

const QUEUE: &str = "/queue/a";

#[tokio::test(start_paused = true)]
async fn sub_010_two_ids_of_one_session_share() {
    for version in VERSIONS {
        for mode in ["auto", "client", "client-individual"] {
            let messaging = queue_server();
            let mut client = Consumer::new(&messaging, version, QUEUE, mode).await;
            client.subscribe("t", QUEUE, mode).await;
            publish_all(&messaging, QUEUE, ["1", "2", "3", "4"]).await;
            let subscriptions: Vec<_> = client
                .expect_all(["1", "2", "3", "4"])
                .await
                .iter()
                .map(|message| message.header("subscription").unwrap().to_owned())
                .collect();
            assert_eq!(subscriptions, ["s", "t", "s", "t"], "{version} {mode}");
            assert!(client.all().await.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sub_028_what_nobody_takes_is_kept_in_order() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut sender = connect(&messaging, version).await;
        for body in ["1", "2", "3"] {
            send(&mut sender, QUEUE, body).await;
        }
        let statistics = messaging.broker_statistics();
        assert_eq!((statistics.subscriptions, statistics.destinations), (0, 1));
        assert_eq!(statistics.waiting_messages, 3);
        let mut client = Consumer::connect(&messaging, version).await;
        client.send(format!("SUBSCRIBE\nid:s\ndestination:{QUEUE}\n\n\0"));
        for message in client.expect_all(["1", "2", "3"]).await {
            assert_eq!(message.header("redelivered"), None);
        }
        publish(&messaging, QUEUE, "4").await;
        client.expect("4").await;
        client.unsubscribe("s").await;
        assert_eq!(messaging.broker_statistics(), Default::default());
    }
}

#[tokio::test(start_paused = true)]
async fn sub_029_two_connections_share_in_turns() {
    for mode in ["auto", "client", "client-individual"] {
        let messaging = queue_server();
        let mut one = Consumer::new(&messaging, "1.2", QUEUE, mode).await;
        let mut other = Consumer::new(&messaging, "1.1", QUEUE, mode).await;
        for number in 0..10 {
            publish(&messaging, QUEUE, &number.to_string()).await;
        }
        assert_eq!(one.all_bodies().await, ["0", "2", "4", "6", "8"]);
        assert_eq!(other.all_bodies().await, ["1", "3", "5", "7", "9"]);
    }
}

/// What comes back from a lost client is shared, too, and comes before what is newer.
#[tokio::test(start_paused = true)]
async fn sub_029_ord_007_what_comes_back_is_shared_in_turns() {
    let messaging = queue_server();
    let mut lost = Consumer::new(&messaging, "1.2", QUEUE, "client").await;
    publish_all(&messaging, QUEUE, ["1", "2", "3", "4", "5"]).await;
    lost.expect_all(["1", "2", "3", "4", "5"]).await;
    let mut one = Consumer::new(&messaging, "1.2", QUEUE, "client\nprefetch-count:2").await;
    let mut other = Consumer::new(&messaging, "1.2", QUEUE, "client\nprefetch-count:2").await;
    lose(lost).await;
    publish(&messaging, QUEUE, "6").await;
    let (of_one, of_other) = (one.all().await, other.all().await);
    let mut both = [bodies(&of_one), bodies(&of_other)];
    both.sort();
    assert_eq!(both, [["1", "3"], ["2", "4"]]);
    one.send(format!("ACK\n{}\n\n\0", one.name(&of_one[1])));
    one.expect_again("5", 2).await;
    assert_eq!(one.expect("6").await.header("redelivered"), None);
}

/// ACK-026: in their order, although several subscriptions of the lost client had them, and little can be taken at once.
#[tokio::test(start_paused = true)]
async fn ack_026_ord_007_what_several_subscriptions_had_comes_back_in_order() {
    for _ in 0..5 {
        let messaging = queue_server();
        let mut lost = Consumer::connect(&messaging, "1.2").await;
        for id in 0..4 {
            lost.subscribe(&id.to_string(), QUEUE, "client").await;
        }
        let all: Vec<_> = (0..12).map(|number| number.to_string()).collect();
        for body in &all {
            publish(&messaging, QUEUE, body).await;
        }
        assert_eq!(lost.all_bodies().await, all);
        let mut other = Consumer::new(&messaging, "1.2", QUEUE, "client\nprefetch-count:1").await;
        lose(lost).await;
        for body in &all {
            let message = other.expect_again(body, 2).await;
            other.send(format!("ACK\n{}\n\n\0", other.name(&message)));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sub_030_unsubscribe_gives_back_at_once() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut one = Consumer::new(&messaging, version, QUEUE, "client").await;
        publish_all(&messaging, QUEUE, ["1", "2"]).await;
        one.expect_all(["1", "2"]).await;
        let mut other = Consumer::new(&messaging, version, QUEUE, "client").await;
        one.unsubscribe("s").await;
        other.expect_again("1", 2).await;
        other.expect_again("2", 2).await;
        // SUB-011.
        publish(&messaging, QUEUE, "3").await;
        other.expect("3").await;
        assert!(one.all().await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn sub_004_stomp_1_0_without_an_id() {
    let messaging = queue_server();
    let mut client = Consumer::connect(&messaging, "1.0").await;
    client
        .confirmed(&format!("SUBSCRIBE\ndestination:{QUEUE}\nack:client"))
        .await;
    publish_all(&messaging, QUEUE, ["1", "2"]).await;
    let [first, _] = client.expect_all(["1", "2"]).await;
    assert_eq!(first.header("subscription"), None);
    client.ack(&first).await;
    client
        .confirmed(&format!("UNSUBSCRIBE\ndestination:{QUEUE}"))
        .await;
    assert_eq!(what_waits(&messaging, QUEUE).await, again(["2"]));
}

/// A queue has a name, and a pattern has none; what is below another prefix is a topic.
#[tokio::test(start_paused = true)]
async fn sr_003_patterns_of_queues_are_refused() {
    let messaging = queue_server();
    for pattern in ["/queue/*", "/queue/**", "/queue/{a}", "/queue/a?"] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(format!(
            "SUBSCRIBE\nid:1\ndestination:{pattern}\nreceipt:r\n\n\0"
        ));
        let error = client.expect_error("invalid-destination").await;
        assert_eq!(error.header("receipt-id"), Some("r"), "{pattern}");
        assert!(text(&error).contains(pattern), "{error:?}");
        settled().await;
        assert_eq!(messaging.broker_statistics(), Default::default());
    }
    // A broker for everything: a pattern that is no queue gets nothing of queues.
    let messaging = Messaging::builder()
        .application_destination_prefixes(["/app"])
        .handlers(Handlers::none())
        .queue_semantics(["/queue"])
        .build()
        .unwrap();
    let mut client = subscriber(&messaging, "/**").await;
    send(&mut connect(&messaging, "1.2").await, QUEUE, "x").await;
    expect_nothing(&mut client).await;
    assert_eq!(
        what_waits(&messaging, QUEUE).await,
        [("x".to_owned(), false)]
    );
}

#[tokio::test(start_paused = true)]
async fn rcp_001_one_receipt_for_each_command() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::connect(&messaging, version).await;
        let mut frames = vec![
            "SUBSCRIBE\nid:s\ndestination:/queue/a\nack:client-individual".to_owned(),
            "SUBSCRIBE\nid:t\ndestination:/topic/a\nack:client".to_owned(),
        ];
        client.send("SEND\ndestination:/queue/a\n\n1\0SEND\ndestination:/queue/a\n\n2\0");
        for frame in frames.drain(..) {
            client.send(format!("{frame}\n\n\0"));
        }
        let [first, second] = client.expect_all(["1", "2"]).await;
        let ack = |message| client.name(message);
        frames.push("BEGIN\ntransaction:t".to_owned());
        frames.push("SEND\ndestination:/queue/b\ntransaction:t".to_owned());
        frames.push(format!("ACK\n{}\ntransaction:t", ack(&first)));
        if version != "1.0" {
            frames.push(format!(
                "NACK\n{}\nrequeue:false\ntransaction:t",
                ack(&second)
            ));
        }
        frames.push("COMMIT\ntransaction:t".to_owned());
        frames.push("BEGIN\ntransaction:t".to_owned());
        frames.push("ABORT\ntransaction:t".to_owned());
        frames.push("SEND\ndestination:/queue/b".to_owned());
        frames.push("UNSUBSCRIBE\nid:s".to_owned());
        frames.push("SUBSCRIBE\nid:s\ndestination:/queue/c\nack:client".to_owned());
        frames.push("DISCONNECT".to_owned());
        let all: String = frames
            .iter()
            .enumerate()
            .map(|(number, frame)| format!("{frame}\nreceipt:r{number}\n\n\0"))
            .collect();
        client.send(all);
        for number in 0..frames.len() {
            client.expect_receipt(&format!("r{number}")).await;
        }
        client.expect_closed(CloseReason::Disconnected).await;
    }
}

/// RCP-003: behind the RECEIPT, a message from anywhere reaches the subscriber.
#[tokio::test(start_paused = true)]
async fn rcp_003_rcp_014_receipts_of_subscribe_send_and_disconnect() {
    for mode in ["auto", "client"] {
        let messaging = queue_server();
        let mut client = Consumer::new(&messaging, "1.2", QUEUE, mode).await;
        let mut sender = connect(&messaging, "1.2").await;
        for number in 0..100 {
            sender.send(format!("SEND\ndestination:{QUEUE}\n\n{number}\0"));
        }
        sender.send("DISCONNECT\nreceipt:bye\n\n\0");
        sender.expect_receipt("bye").await;
        let expected: Vec<_> = (0..100).map(|number| number.to_string()).collect();
        assert_eq!(client.all_bodies().await, expected);
    }
    // And if nobody takes them.
    let messaging = queue_server();
    let mut sender = connect(&messaging, "1.2").await;
    for number in 0..100 {
        sender.send(format!("SEND\ndestination:{QUEUE}\n\n{number}\0"));
    }
    sender.send("DISCONNECT\nreceipt:bye\n\n\0");
    sender.expect_receipt("bye").await;
    assert_eq!(messaging.broker_statistics().waiting_messages, 100);
}

#[tokio::test(start_paused = true)]
async fn ord_002_order_is_kept_for_each_subscription() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::connect(&messaging, version).await;
        let destinations = ["/queue/a", "/topic/a", "/queue/b", "/topic/b"];
        for (id, destination) in destinations.into_iter().enumerate() {
            let mode = ["client", "auto"][id / 2];
            client.subscribe(&id.to_string(), destination, mode).await;
        }
        let sender = connect(&messaging, version).await;
        for number in 0..40 {
            let destination = destinations[number * 7 % 4];
            sender.send(format!("SEND\ndestination:{destination}\n\n{number}\0"));
        }
        let mut last = [None; 4];
        for _ in 0..40 {
            let (id, body) = message(&mut client).await;
            let (id, number): (usize, usize) = (id.parse().unwrap(), body.parse().unwrap());
            assert_eq!(number * 7 % 4, id);
            assert!(last[id] < Some(number));
            last[id] = Some(number);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn hb_010_a_client_that_falls_silent_gives_back() {
    let messaging = queue_server();
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:5000,0\n\n\0");
    client.expect_connected().await;
    client.send(format!(
        "SUBSCRIBE\nid:s\ndestination:{QUEUE}\nack:client\nreceipt:r\n\n\0"
    ));
    client.expect_receipt("r").await;
    publish(&messaging, QUEUE, "x").await;
    client.expect_message().await;
    let mut other = Consumer::new(&messaging, "1.2", QUEUE, "client").await;
    other
        .expect_silence(10 * SECOND - Duration::from_millis(5))
        .await;
    client.expect_error("heart-beat-lost").await;
    other.expect_again("x", 2).await;
    assert_eq!(messaging.broker_statistics().subscriptions, 1);
}
