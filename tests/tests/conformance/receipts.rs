//! Receipts and DISCONNECT: RCP.

use stomp_axum::session::CloseReason;

use super::*;

#[tokio::test(start_paused = true)]
async fn rcp_001_002_005_007_one_receipt_for_each_frame_that_asks_in_that_order() {
    let mut client = connect(&server(), "1.2").await;
    client.send(
        "SUBSCRIBE\nid:1\ndestination:/queue/a\nreceipt:subscribe\n\n\0\
         SEND\ndestination:/topic/a\nreceipt:send\n\n\0\
         SEND\ndestination:/topic/a\n\n\0\
         UNSUBSCRIBE\nid:1\nreceipt:unsubscribe\n\n\0\
         SEND\ndestination:/topic/a\nreceipt:send\n\n\0\
         DISCONNECT\nreceipt:disconnect\n\n\0",
    );
    for receipt in ["subscribe", "send", "unsubscribe", "send", "disconnect"] {
        client.expect_receipt(receipt).await;
    }
    client.expect_closed(CloseReason::Disconnected).await;
}

#[tokio::test(start_paused = true)]
async fn rcp_003_behind_the_receipt_of_subscribe_no_message_is_missed() {
    let messaging = server();
    for destination in ["/topic/a", "/topic/*", "/user/queue/a"] {
        let mut client = TestConnection::connect_as(&messaging, "joe").await;
        subscribe(&mut client, "1", destination).await;
        let template = messaging.template();
        match destination {
            "/user/queue/a" => {
                template
                    .convert_and_send_to_user("joe", "/queue/a", "x")
                    .await
            }
            _ => template.convert_and_send("/topic/a", "x").await,
        }
        .unwrap();
        assert_eq!(message(&mut client).await.1, "x", "{destination}");
    }
}

#[tokio::test(start_paused = true)]
async fn rcp_004_014_a_receipt_covers_all_frames_before_it() {
    let messaging = server();
    let mut client = subscriber(&messaging, "/topic/a").await;
    let mut sender = connect(&messaging, "1.2").await;
    for number in 0..100 {
        sender.send(format!("SEND\ndestination:/topic/a\n\n{number}\0"));
    }
    sender.send("DISCONNECT\nreceipt:bye\n\n\0");
    sender.expect_receipt("bye").await;
    sender.expect_closed(CloseReason::Disconnected).await;
    for number in 0..100 {
        assert_eq!(message(&mut client).await.1, number.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn rcp_006_receipt_ids_come_back_as_they_were() {
    let long = "r".repeat(1024);
    for (version, sent, id) in [
        ("1.2", "a\\cb\\nc\\\\d\\re", "a:b\nc\\d\re"),
        ("1.1", "a\\cb\\nc\\\\d", "a:b\nc\\d"),
        ("1.0", "a\\cb:c", "a\\cb:c"),
        ("1.2", "", ""),
        ("1.2", "ünï€ x", "ünï€ x"),
        ("1.2", &long, &long),
    ] {
        let mut client = connect(&server(), version).await;
        client.send(format!("SEND\ndestination:/topic/a\nreceipt:{sent}\n\n\0"));
        client.expect_receipt(id).await;
    }
}

#[tokio::test(start_paused = true)]
async fn rcp_008_err_003_a_frame_that_fails_has_its_receipt_in_the_error() {
    let messaging = server();
    for (frame, code) in [
        ("SEND\nreceipt:r\\c1\n\n\0", "missing-header"),
        (
            "SEND\ndestination:/nowhere\nreceipt:r\\c1\n\n\0",
            "unknown-destination",
        ),
        ("ACK\nid:1\nreceipt:r\\c1\n\n\0", "unknown-message"),
        (
            "UNSUBSCRIBE\nid:1\nreceipt:r\\c1\n\n\0",
            "unknown-subscription",
        ),
        ("HELLO\nreceipt:r\\c1\n\n\0", "unknown-command"),
        (
            "SEND\nreceipt:r\\c1\ncontent-length:x\n\n\0",
            "invalid-content-length",
        ),
    ] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(frame);
        let error = client.expect_error(code).await;
        assert_eq!(error.header("receipt-id"), Some("r:1"), "{frame:?}");
    }
}

/// OUT-02, SPH-50.
#[tokio::test(start_paused = true)]
async fn rcp_009_010_011_015_disconnect_is_a_clean_end() {
    let messaging = server();
    for (disconnect, receipt) in [
        ("DISCONNECT\nreceipt:bye\n\n\0", Some("bye")),
        ("DISCONNECT\n\n\0", None),
        (
            "DISCONNECT\nfoo:bar\ndestination:/topic/a\nreceipt:bye\n\n\0",
            Some("bye"),
        ),
    ] {
        let mut client = subscriber(&messaging, "/topic/a").await;
        let sent = Instant::now();
        client.send(disconnect);
        if let Some(receipt) = receipt {
            client.expect_receipt(receipt).await;
        }
        client.expect_closed(CloseReason::Disconnected).await;
        assert_passed(sent, Duration::ZERO);
        assert!(messaging.sessions().is_empty());
        assert_eq!(messaging.broker_statistics().subscriptions, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn rcp_012_frames_behind_disconnect_are_ignored() {
    let messaging = server();
    let mut watcher = subscriber(&messaging, "/topic/a").await;
    let mut client = connect(&messaging, "1.2").await;
    client
        .send("DISCONNECT\nreceipt:bye\n\n\0SEND\ndestination:/topic/a\nreceipt:r\n\nx\0garbage\0");
    client.send("SEND\ndestination:/topic/a\nreceipt:r\n\nx\0");
    client.expect_receipt("bye").await;
    client.expect_closed(CloseReason::Disconnected).await;
    client.send("SEND\ndestination:/topic/a\nreceipt:r\n\nx\0");
    assert_eq!(client.receive().await, None);
    expect_nothing(&mut watcher).await;
}

#[tokio::test(start_paused = true)]
async fn rcp_013_what_came_before_the_client_left_is_still_done() {
    let messaging = server();
    let mut watcher = subscriber(&messaging, "/topic/a").await;
    let client = subscriber(&messaging, "/topic/b").await;
    client.send("SEND\ndestination:/topic/a\n\n1\0");
    client.send("SEND\ndestination:/topic/a\n\n2\0SEND\ndestination:/topic/a\n\n3");
    drop(client);
    assert_eq!(message(&mut watcher).await.1, "1");
    assert_eq!(message(&mut watcher).await.1, "2");
    // The third was not complete.
    expect_nothing(&mut watcher).await;
    assert_eq!(messaging.sessions().len(), 1);
    assert_eq!(messaging.broker_statistics().subscriptions, 1);
}

#[tokio::test(start_paused = true)]
async fn rcp_016_a_client_that_does_not_close_is_left_after_a_second() {
    let messaging = server();
    let mut client = connect(&messaging, "1.2").await;
    client.send("DISCONNECT\nreceipt:bye\n\n\0");
    client.expect_receipt("bye").await;
    client.expect_closed(CloseReason::Disconnected).await;
    let closed = Instant::now();
    assert_eq!(messaging.connection_count(), 1);
    assert_eq!(client.receive().await, None);
    assert_passed(closed, SECOND);
    assert_eq!(messaging.connection_count(), 0);
}
