//! The embedded broker: SB, SR, PX-6 and TC-80 to TC-92, where the design does not decide otherwise.

use super::*;

#[tokio::test(start_paused = true)]
async fn tc_080_sr_004_one_message_for_each_subscription_that_matches() {
    let messaging = server();
    let mut clients = Vec::new();
    for _ in 0..2 {
        let mut client = connect(&messaging, "1.2").await;
        for (id, destination) in [("1", "/topic/a"), ("2", "/topic/a"), ("3", "/topic/b")] {
            subscribe(&mut client, id, destination).await;
        }
        clients.push(client);
    }
    let mut sender = connect(&messaging, "1.2").await;
    send(&mut sender, "/topic/a", "a").await;
    send(&mut sender, "/topic/b", "b").await;
    for client in &mut clients {
        let mut received = Vec::new();
        for _ in 0..3 {
            received.push(message(client).await);
        }
        received.sort();
        let expected = [("1", "a"), ("2", "a"), ("3", "b")];
        assert_eq!(
            received,
            expected.map(|(id, body)| (id.to_owned(), body.to_owned()))
        );
        expect_nothing(client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn tc_081_who_disconnects_gets_nothing_and_the_others_do() {
    let messaging = server();
    let mut leaving = subscriber(&messaging, "/topic/a").await;
    let mut staying = subscriber(&messaging, "/topic/a").await;
    leaving.send("DISCONNECT\nreceipt:bye\n\n\0");
    leaving.expect_receipt("bye").await;
    messaging
        .template()
        .convert_and_send("/topic/a", "x")
        .await
        .unwrap();
    assert_eq!(message(&mut staying).await.1, "x");
    leaving
        .expect_closed(stomp_axum::session::CloseReason::Disconnected)
        .await;
    assert_eq!(leaving.receive().await, None);
}

/// SR-2 and SR-5; that a second subscription of one id is refused instead of ignored is SUB-007.
#[tokio::test(start_paused = true)]
async fn tc_087_unsubscribing_one_of_two_ids_leaves_the_other() {
    let messaging = server();
    for destination in ["/topic/a", "/topic/*"] {
        let mut client = connect(&messaging, "1.2").await;
        let mut other = subscriber(&messaging, destination).await;
        subscribe(&mut client, "1", destination).await;
        subscribe(&mut client, "2", destination).await;
        client.send("UNSUBSCRIBE\nid:1\nreceipt:r\n\n\0");
        client.expect_receipt("r").await;
        send(&mut connect(&messaging, "1.2").await, "/topic/a", "x").await;
        assert_eq!(message(&mut client).await.0, "2", "{destination}");
        expect_nothing(&mut client).await;
        assert_eq!(message(&mut other).await.0, "s", "{destination}");
    }
}

#[tokio::test(start_paused = true)]
async fn sr_003_patterns() {
    let messaging = server();
    for (pattern, matching, others) in [
        (
            "/topic/*",
            &["/topic/a", "/topic/b"][..],
            &["/topic/a/b", "/topic", "/queue/a"][..],
        ),
        (
            "/topic/**",
            &["/topic/a", "/topic/a/b/c"],
            &["/queue/a", "/topicx"],
        ),
        ("/topic/?", &["/topic/a"], &["/topic/ab"]),
        ("/topic/price.*", &["/topic/price.x"], &["/topic/price"]),
        (
            "/topic/{room}/chat",
            &["/topic/1/chat"],
            &["/topic/chat", "/topic/1/2/chat"],
        ),
    ] {
        let mut client = subscriber(&messaging, pattern).await;
        let mut sender = connect(&messaging, "1.2").await;
        for destination in others.iter().chain(matching) {
            send(&mut sender, destination, destination).await;
        }
        for destination in matching {
            assert_eq!(message(&mut client).await.1, *destination, "{pattern}");
        }
        expect_nothing(&mut client).await;
        client.send("UNSUBSCRIBE\nid:s\nreceipt:r\n\n\0");
        client.expect_receipt("r").await;
        send(&mut sender, matching[0], "x").await;
        expect_nothing(&mut client).await;
        assert_eq!(messaging.broker_statistics().destinations, 0, "{pattern}");
    }
}

/// TC-88 with its regex is refused: clients don't get to run regexes on the server (GS-19).
#[tokio::test(start_paused = true)]
async fn tc_088_sr_003_patterns_of_clients_have_no_regexes() {
    let messaging = server();
    for pattern in [
        "/topic/PRICE.STOCK.*.{ticker\\c(IBM|MSFT)}",
        "/user/queue/{ticker\\c(a+)+}",
        "/topic/{a}/{a}",
    ] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(format!(
            "SUBSCRIBE\nid:1\ndestination:{pattern}\nreceipt:r\n\n\0"
        ));
        let error = client.expect_error("invalid-destination").await;
        assert_eq!(error.header("receipt-id"), Some("r"), "{pattern}");
        assert_eq!(messaging.broker_statistics().subscriptions, 0, "{pattern}");
    }
    let mut client = subscriber(&messaging, "/topic/PRICE.STOCK.*.{ticker}").await;
    send(
        &mut connect(&messaging, "1.2").await,
        "/topic/PRICE.STOCK.NYSE.IBM",
        "x",
    )
    .await;
    assert_eq!(message(&mut client).await.1, "x");
}

#[tokio::test(start_paused = true)]
async fn px_006_tc_092_prefixes_are_plain_text() {
    let messaging = server();
    let mut client = connect(&messaging, "1.2").await;
    for destination in ["/topicfoo", "/topic", "/queue.a"] {
        subscribe(&mut client, destination, destination).await;
        send(&mut connect(&messaging, "1.2").await, destination, "x").await;
        assert_eq!(message(&mut client).await.0, destination);
    }
    for destination in ["/Topic/a", "topic/a", "/top", "//topic/a", "/top*/a", "/**"] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(format!("SUBSCRIBE\nid:1\ndestination:{destination}\n\n\0"));
        client.expect_error("unknown-destination").await;
    }
    let template = messaging.template();
    let error = template
        .convert_and_send("/other/a", "x")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no broker serves \"/other/a\": its prefixes are [\"/topic\", \"/queue\"], see `simple_broker`"
    );
}

/// A destination that looks like a pattern is no pattern when it is sent to.
#[tokio::test(start_paused = true)]
async fn a_message_to_a_pattern_is_not_multiplied() {
    let messaging = server();
    let mut client = subscriber(&messaging, "/topic/a").await;
    send(&mut connect(&messaging, "1.2").await, "/topic/*", "x").await;
    expect_nothing(&mut client).await;
}

/// SB-17: without acknowledgements, a queue is a topic.
#[tokio::test(start_paused = true)]
async fn sb_017_every_subscriber_of_a_queue_gets_every_message() {
    let messaging = server();
    let mut clients = [
        subscriber(&messaging, "/queue/a").await,
        subscriber(&messaging, "/queue/a").await,
    ];
    send(&mut connect(&messaging, "1.2").await, "/queue/a", "x").await;
    for client in &mut clients {
        assert_eq!(message(client).await.1, "x");
    }
}

/// SB-11 is better here: message ids neither name a session nor come from a client.
#[tokio::test(start_paused = true)]
async fn sb_010_011_gs_013_017_nothing_of_the_senders_session_is_relayed() {
    let messaging = server();
    let mut client = subscriber(&messaging, "/topic/a").await;
    let mut sender = TestConnection::open_as(&messaging, "joe");
    let session = sender
        .send_connect("1.2")
        .await
        .header("session")
        .unwrap()
        .to_owned();
    sender.send("SEND\ndestination:/topic/a\nsimpOrigDestination:/topic/bank\nreceipt:r\n\nx\0");
    let message = client.expect_message().await;
    assert_eq!(message.header("destination"), Some("/topic/a"));
    for (name, value) in &message.headers {
        assert!(
            !value.contains(&session) && !value.contains("joe"),
            "{name}:{value}"
        );
    }
    assert_eq!(message.header("simpOrigDestination"), None);
}

/// Many subscription ids of several versions on one destination: more than share an encoded frame.
#[tokio::test(start_paused = true)]
async fn frames_are_shared_only_by_those_to_whom_they_belong() {
    let messaging = server();
    let mut clients = Vec::new();
    for number in 0..30 {
        let version = ["1.2", "1.1", "1.0"][number % 3];
        let mut client = connect(&messaging, version).await;
        let id = format!("sub-{}", number / 2);
        subscribe(&mut client, &id, "/topic/a").await;
        clients.push((client, id, version));
    }
    for round in 0..3 {
        let sender = connect(&messaging, "1.2").await;
        sender.send(format!(
            "SEND\ndestination:/topic/a\ntext:a\\nb\n\n{round}\0"
        ));
        for (client, id, version) in &mut clients {
            let message = client.expect_message().await;
            assert_eq!(message.header("subscription"), Some(&**id));
            let expected = if *version == "1.0" { "a b" } else { "a\nb" };
            assert_eq!(message.header("text"), Some(expected));
            assert_eq!(text(&message), round.to_string());
        }
    }
}
