//! Subscriptions and delivery: SUB.

use stomp_axum::testing::Sent;

use super::*;

#[tokio::test(start_paused = true)]
async fn sub_001_002_a_message_says_its_subscription() {
    let mut client = connect(&server(), "1.2").await;
    for (id, ack) in [("1", ""), ("2", "ack:auto\n")] {
        client.send(format!(
            "SUBSCRIBE\nid:{id}\ndestination:/topic/{id}\n{ack}\n\0"
        ));
        client.send(format!("SEND\ndestination:/topic/{id}\n\nhello {id}\0"));
        let message = client.expect_message().await;
        assert_eq!(message.header("subscription"), Some(id));
        assert_eq!(text(&message), format!("hello {id}"));
        // ACK-009: nothing to acknowledge.
        assert_eq!(message.header("ack"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn sub_003_to_018_what_is_refused() {
    let messaging = server();
    for (rule, version, frame, code) in [
        (
            "sub_003",
            "1.2",
            "SUBSCRIBE\ndestination:/topic/a\n\n\0",
            "missing-header",
        ),
        (
            "sub_003",
            "1.1",
            "SUBSCRIBE\ndestination:/topic/a\n\n\0",
            "missing-header",
        ),
        ("sub_006", "1.2", "SUBSCRIBE\nid:2\n\n\0", "missing-header"),
        (
            "sub_006",
            "1.2",
            "SUBSCRIBE\nid:2\ndestination:\n\n\0",
            "missing-header",
        ),
        ("sub_006", "1.0", "SUBSCRIBE\n\n\0", "missing-header"),
        (
            "sub_007",
            "1.2",
            "SUBSCRIBE\nid:1\ndestination:/topic/b\n\n\0",
            "duplicate-subscription",
        ),
        (
            "sub_007",
            "1.1",
            "SUBSCRIBE\nid:1\ndestination:/topic/a\n\n\0",
            "duplicate-subscription",
        ),
        (
            "sub_012",
            "1.2",
            "UNSUBSCRIBE\nid:2\n\n\0",
            "unknown-subscription",
        ),
        (
            "sub_012",
            "1.1",
            "UNSUBSCRIBE\nid:\n\n\0",
            "unknown-subscription",
        ),
        (
            "sub_013",
            "1.2",
            "UNSUBSCRIBE\ndestination:/topic/a\n\n\0",
            "missing-header",
        ),
        ("sub_013", "1.1", "UNSUBSCRIBE\n\n\0", "missing-header"),
        (
            "sub_014",
            "1.0",
            "UNSUBSCRIBE\ndestination:/topic/b\n\n\0",
            "unknown-subscription",
        ),
        ("sub_014", "1.0", "UNSUBSCRIBE\n\n\0", "missing-header"),
        (
            "sub_017",
            "1.2",
            "SUBSCRIBE\nid:2\ndestination:/topic/a\nack:bogus\n\n\0",
            "invalid-ack-mode",
        ),
        (
            "sub_017",
            "1.0",
            "SUBSCRIBE\nid:2\ndestination:/topic/a\nack:\n\n\0",
            "invalid-ack-mode",
        ),
    ] {
        let mut client = connect(&messaging, version).await;
        client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n\0");
        client.send(frame);
        let error = client.expect_error(code).await;
        assert!(error.header("message").is_some(), "{rule}");
        assert_eq!(messaging.broker_statistics().subscriptions, 0, "{rule}");
    }
}

#[tokio::test(start_paused = true)]
async fn sub_004_005_014_stomp_1_0_may_do_without_ids() {
    let messaging = server();
    let mut client = connect(&messaging, "1.0").await;
    client.send("SUBSCRIBE\ndestination:/topic/a\n\n\0SUBSCRIBE\nid:1\ndestination:/topic/a\n\n\0");
    send(&mut connect(&messaging, "1.2").await, "/topic/a", "both").await;
    let mut ids: Vec<_> = [client.expect_message().await, client.expect_message().await]
        .iter()
        .map(|message| message.header("subscription").map(str::to_owned))
        .collect();
    ids.sort();
    assert_eq!(ids, [None, Some("1".to_owned())]);
    client.send("UNSUBSCRIBE\ndestination:/topic/a\nreceipt:r\n\n\0");
    client.expect_receipt("r").await;
    send(&mut connect(&messaging, "1.2").await, "/topic/a", "one").await;
    assert_eq!(
        message(&mut client).await,
        ("1".to_owned(), "one".to_owned())
    );
    expect_nothing(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn sub_008_the_same_id_on_two_connections_is_two_subscriptions() {
    let messaging = server();
    let mut one = subscriber(&messaging, "/topic/a").await;
    let mut other = subscriber(&messaging, "/topic/b").await;
    send(&mut connect(&messaging, "1.2").await, "/topic/a", "a").await;
    assert_eq!(message(&mut one).await.1, "a");
    expect_nothing(&mut other).await;
}

#[tokio::test(start_paused = true)]
async fn sub_009_011_015_016_each_id_gets_its_message_until_it_unsubscribes() {
    let messaging = server();
    let mut client = connect(&messaging, "1.2").await;
    subscribe(&mut client, "1", "/topic/a").await;
    subscribe(&mut client, "2", "/topic/a").await;
    let mut sender = connect(&messaging, "1.2").await;
    send(&mut sender, "/topic/a", "x").await;
    let mut ids = [message(&mut client).await.0, message(&mut client).await.0];
    ids.sort();
    assert_eq!(ids, ["1", "2"]);

    // SUB-015: the id decides, whatever the destination says.
    client.send("UNSUBSCRIBE\nid:1\ndestination:/topic/b\nreceipt:r\n\n\0");
    client.expect_receipt("r").await;
    send(&mut sender, "/topic/a", "y").await;
    assert_eq!(message(&mut client).await, ("2".to_owned(), "y".to_owned()));
    expect_nothing(&mut client).await;

    // SUB-016: an id can be used again, for something else.
    subscribe(&mut client, "1", "/topic/b").await;
    send(&mut sender, "/topic/b", "z").await;
    assert_eq!(message(&mut client).await, ("1".to_owned(), "z".to_owned()));
    expect_nothing(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn sub_019_ids_come_back_as_they_were() {
    let long = "i".repeat(1024);
    for (version, sent, id) in [
        ("1.2", " a b ", " a b "),
        ("1.2", "ünï€", "ünï€"),
        ("1.2", "a\\cb\\nc\\\\d\\re", "a:b\nc\\d\re"),
        ("1.1", "a\\cb\\nc\\\\d", "a:b\nc\\d"),
        ("1.0", "a\\cb\\n", "a\\cb\\n"),
        ("1.2", "", ""),
        ("1.2", &long, &long),
    ] {
        let mut client = connect(&server(), version).await;
        client.send(format!(
            "SUBSCRIBE\nid:{sent}\ndestination:/topic/a\n\n\0SEND\ndestination:/topic/a\n\nx\0"
        ));
        assert_eq!(message(&mut client).await.0, id, "{version}");
        client.send(format!("UNSUBSCRIBE\nid:{sent}\nreceipt:r\n\n\0"));
        client.expect_receipt("r").await;
    }
}

#[tokio::test(start_paused = true)]
async fn sub_020_a_message_names_the_destination_that_was_sent_to() {
    let messaging = server();
    let mut client = subscriber(&messaging, "/topic/*/prices").await;
    send(
        &mut connect(&messaging, "1.2").await,
        "/topic/B\\cR %2F ü/prices",
        "x",
    )
    .await;
    let message = client.expect_message().await;
    assert_eq!(
        message.header("destination"),
        Some("/topic/B:R %2F ü/prices")
    );
}

/// OUT-03, OUT-15, HM-11.
#[tokio::test(start_paused = true)]
async fn sub_021_to_024_headers_of_the_sender_arrive_and_those_of_the_server_do_not() {
    let messaging = server();
    let mut client = subscriber(&messaging, "/topic/a").await;
    let sender = connect(&messaging, "1.2").await;
    sender.send(
        "SEND\ndestination:/topic/a\nPriority:9\nempty:\nx: padded \nx:again\ncorrelation-id:a\\cb\\n\n\
         content-type:text/x;charset=utf-8\ncontent-length:5\nreceipt:r\nmessage-id:mine\nsubscription:other\n\
         ack:mine\nredelivered:true\nsimpSessionId:x\n\nhello\0",
    );
    let message = client.expect_message().await;
    let headers: Vec<_> = message.headers.iter().collect();
    let message_id = message.header("message-id").unwrap();
    assert_ne!(message_id, "mine");
    assert_eq!(
        headers,
        [
            ("subscription", "s"),
            ("message-id", message_id),
            ("destination", "/topic/a"),
            ("content-type", "text/x;charset=utf-8"),
            ("content-length", "5"),
            ("Priority", "9"),
            ("empty", ""),
            ("x", " padded "),
            ("x", "again"),
            ("correlation-id", "a:b\n"),
        ]
    );
    sender.send("SEND\ndestination:/topic/a\n\nx\0");
    assert_eq!(
        client.expect_message().await.header("content-type"),
        None,
        "sub_024"
    );
}

#[tokio::test(start_paused = true)]
async fn sub_025_026_the_sender_gets_its_own_message_even_in_one_packet() {
    let mut client = connect(&server(), "1.2").await;
    client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n\0SEND\ndestination:/topic/a\n\nmine\0");
    assert_eq!(message(&mut client).await.1, "mine");
}

#[tokio::test(start_paused = true)]
async fn sub_027_nobody_listens_and_that_is_fine() {
    let mut client = connect(&server(), "1.2").await;
    send(&mut client, "/topic/nobody", "x").await;
    subscribe(&mut client, "1", "/topic/nobody").await;
    expect_nothing(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn sub_032_the_limit_counts_subscriptions_that_are_there() {
    let messaging = server_with(|limits| limits.subscriptions = 2);
    let mut client = connect(&messaging, "1.2").await;
    for round in 0..10 {
        subscribe(&mut client, "1", "/topic/a").await;
        subscribe(&mut client, "2", "/topic/a").await;
        assert_eq!(messaging.broker_statistics().subscriptions, 2, "{round}");
        client.send("UNSUBSCRIBE\nid:1\n\n\0UNSUBSCRIBE\nid:2\nreceipt:r\n\n\0");
        client.expect_receipt("r").await;
    }
}

#[tokio::test(start_paused = true)]
async fn sub_034_035_any_body_arrives_unchanged() {
    let messaging = server();
    let mut client = subscriber(&messaging, "/topic/a").await;
    let sender = connect(&messaging, "1.2").await;
    for (body, is_text) in [
        (&b"a\0b\0"[..], true),
        (b"", true),
        ("ü€\u{1F600}".as_bytes(), true),
        (b"\xff\xfe\0\x80", false),
        (b"\n\n\0\n", true),
    ] {
        let head = format!(
            "SEND\ndestination:/topic/a\ncontent-length:{}\n\n",
            body.len()
        );
        sender.send([head.as_bytes(), body, b"\0"].concat());
        let sent = client.receive().await.unwrap();
        // WS-015, WS-016: text if it can be text.
        let bytes = match &sent {
            Sent::Text(text) if is_text => text.as_bytes(),
            Sent::Binary(bytes) if !is_text => bytes,
            other => panic!("{body:?} was sent as {other:?}"),
        };
        let body_and_nul = [b"\n\n", body, b"\0"].concat();
        assert!(bytes.ends_with(&body_and_nul), "{bytes:?}");
        let content_length = format!("content-length:{}\n", body.len());
        let has_length = bytes
            .windows(content_length.len())
            .any(|w| w == content_length.as_bytes());
        assert_eq!(has_length, !body.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn sub_036_each_subscriber_gets_its_own_version() {
    let messaging = server();
    let mut clients = Vec::new();
    for version in ["1.0", "1.1", "1.2"] {
        let mut client = connect(&messaging, version).await;
        subscribe(&mut client, "s", "/topic/a").await;
        clients.push(client);
    }
    let sender = connect(&messaging, "1.2").await;
    sender.send("SEND\ndestination:/topic/a\nh\\c1:a\\cb\\nc\\rd\\\\e\n\nx\0");
    for (client, header) in clients.iter_mut().zip([
        "h 1:a:b c d\\e",
        "h\\c1:a\\cb\\nc\rd\\\\e",
        "h\\c1:a\\cb\\nc\\rd\\\\e",
    ]) {
        let Some(Sent::Text(frame)) = client.receive().await else {
            panic!("a text frame")
        };
        let line = frame.split('\n').find(|line| line.starts_with('h'));
        assert_eq!(line, Some(header));
    }
}

#[tokio::test(start_paused = true)]
async fn sub_037_038_message_ids_are_unique_for_each_message() {
    let messaging = server();
    let mut client = subscriber(&messaging, "/topic/a").await;
    let mut sender = connect(&messaging, "1.2").await;
    let mut ids = std::collections::HashSet::new();
    for _ in 0..200 {
        send(&mut sender, "/topic/a", "x").await;
        let message = client.expect_message().await;
        assert!(ids.insert(message.header("message-id").unwrap().to_owned()));
    }
}
