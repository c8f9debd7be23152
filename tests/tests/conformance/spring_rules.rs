//! Rules of Spring's runtime that the tests of STOMP's rules don't have: IN, OUT, SPH, UD, EP.

use stomp_axum::{
    message::{Message, MessageType},
    pattern::Separator,
    session::CloseReason,
};

use super::*;

#[tokio::test(start_paused = true)]
async fn in_2_the_limit_counts_for_each_frame_and_not_for_what_comes_at_once() {
    let messaging = server();
    let mut client = subscriber(&messaging, "/topic/a").await;
    let body = "x".repeat(30 * 1024);
    let frame = format!("SEND\ndestination:/topic/a\n\n{body}\0");
    // Twice the limit in one piece, and then cut in the middle of a frame.
    let sender = connect(&messaging, "1.2").await;
    let four = frame.repeat(4);
    sender.send(four.clone());
    let (start, end) = four.split_at(70_000);
    sender.send(start.to_owned());
    sender.send(end.to_owned());
    for _ in 0..8 {
        assert_eq!(message(&mut client).await.1, body);
    }
}

#[tokio::test(start_paused = true)]
async fn in_4_line_ends_before_connect_are_ignored_and_other_frames_refused() {
    let messaging = server();
    let mut client = TestConnection::open(&messaging);
    client.send("\n");
    client.send("\r\n\n");
    client.send_connect("1.2").await;
    for frame in [
        "SEND\ndestination:/topic/a\n\nx\0",
        "SUBSCRIBE\nid:1\ndestination:/topic/a\n\n\0",
        "DISCONNECT\n\n\0",
    ] {
        refused(&messaging, frame, "not-connected").await;
    }
}

#[tokio::test(start_paused = true)]
async fn in_6_heart_beats_are_read_from_connect_alone() {
    let messaging = server();
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nheart-beat: 10000 , 20000 \n\n\0");
    let connected = client.expect_connected().await;
    assert_eq!(connected.header("heart-beat"), Some("20000,10000"));
    let mut client = subscriber(&messaging, "/topic/a").await;
    client.send("SEND\ndestination:/topic/a\nheart-beat:nonsense\n\nx\0");
    assert_eq!(message(&mut client).await.1, "x");
}

#[tokio::test(start_paused = true)]
async fn in_11_an_error_has_a_code_a_text_and_the_receipt() {
    let messaging = server();
    for receipt in [None, Some("r-1")] {
        let mut client = connect(&messaging, "1.2").await;
        let line = receipt.map_or_else(String::new, |receipt| format!("receipt:{receipt}\n"));
        client.send(format!("SEND\ndestination:/nowhere\n{line}\nx\0"));
        let error = client.expect_error("unknown-destination").await;
        assert_eq!(error.header("receipt-id"), receipt);
        assert_eq!(error.header("message"), Some(text(&error)));
    }
}

#[tokio::test(start_paused = true)]
async fn out_4_messages_show_what_the_client_subscribed_to() {
    let messaging = server();
    let mut old = TestConnection::open_as(&messaging, "joe");
    old.send_connect("1.0").await;
    for destination in ["/topic/a", "/user/queue/a"] {
        old.send(format!(
            "SUBSCRIBE\ndestination:{destination}\nreceipt:r\n\n\0"
        ));
        old.expect_receipt("r").await;
    }
    let mut new = TestConnection::connect_as(&messaging, "joe").await;
    subscribe(&mut new, "1", "/topic/a").await;
    subscribe(&mut new, "2", "/user/queue/a").await;
    let template = messaging.template();
    template.convert_and_send("/topic/a", "x").await.unwrap();
    template
        .convert_and_send_to_user("joe", "/queue/a", "x")
        .await
        .unwrap();
    for (client, subscriptions) in [(&mut old, [None, None]), (&mut new, [Some("1"), Some("2")])] {
        for (destination, subscription) in
            ["/topic/a", "/user/queue/a"].into_iter().zip(subscriptions)
        {
            let message = client.expect_message().await;
            assert_eq!(message.header("destination"), Some(destination));
            assert_eq!(message.header("subscription"), subscription);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn out_10_without_a_common_version_there_is_an_error_and_without_a_list_it_is_1_0() {
    let messaging = server();
    let mut client = TestConnection::open_as(&messaging, "joe");
    client.send("CONNECT\n\n\0");
    let connected = client.expect_connected().await;
    let headers: Vec<_> = connected.headers.iter().map(|(name, _)| name).collect();
    assert_eq!(
        headers,
        ["version", "heart-beat", "session", "server", "user-name"]
    );
    assert_eq!(connected.header("version"), Some("1.0"));
    assert_eq!(connected.header("user-name"), Some("joe"));
    refused(
        &messaging,
        "CONNECT\naccept-version:9.9\n\n\0",
        "unsupported-version",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn sph_51_what_follows_disconnect_ends_nothing_twice() {
    let messaging = server();
    let mut leaving = TestConnection::connect_as(&messaging, "joe").await;
    subscribe(&mut leaving, "s", "/user/queue/a").await;
    let mut staying = TestConnection::connect_as(&messaging, "joe").await;
    subscribe(&mut staying, "s", "/user/queue/a").await;
    leaving.send("DISCONNECT\nreceipt:bye\n\n\0");
    leaving.expect_receipt("bye").await;
    leaving.expect_closed(CloseReason::Disconnected).await;
    drop(leaving);
    staying.expect_silence(2 * SECOND).await;
    assert_eq!(messaging.connection_count(), 1);
    assert_eq!(messaging.sessions().len(), 1);
    assert_eq!(messaging.users().user("joe").unwrap().sessions().len(), 1);
    messaging
        .template()
        .convert_and_send_to_user("joe", "/queue/a", "x")
        .await
        .unwrap();
    assert_eq!(message(&mut staying).await.1, "x");
}

#[tokio::test(start_paused = true)]
async fn ud_15_ep_9_user_destinations_need_no_prefix_of_the_broker() {
    let messaging = Messaging::builder()
        .simple_broker(["/topic"])
        .handlers(Handlers::none())
        .build()
        .unwrap();
    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    subscribe(&mut joe, "s", "/user/queue/a").await;
    messaging
        .template()
        .convert_and_send_to_user("joe", "/queue/a", "x")
        .await
        .unwrap();
    assert_eq!(message(&mut joe).await.1, "x");
}

#[tokio::test(start_paused = true)]
async fn ud_9_a_user_message_is_one_message_for_all_sessions() {
    let messaging = server();
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = TestConnection::connect_as(&messaging, "joe").await;
        subscribe(&mut client, "s", "/user/queue/a").await;
        clients.push(client);
    }
    messaging
        .template()
        .convert_and_send_to_user("joe", "/queue/a", "x")
        .await
        .unwrap();
    let mut ids = std::collections::HashSet::new();
    for client in &mut clients {
        let message = client.expect_message().await;
        ids.insert(message.header("message-id").unwrap().to_owned());
        // No helper header of the resolution is left on it.
        assert!(
            message
                .headers
                .iter()
                .all(|(name, _)| !name.starts_with("simp"))
        );
        expect_nothing(client).await;
    }
    assert_eq!(ids.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn ep_6_without_prefixes_the_broker_serves_everything() {
    let messaging = Messaging::builder()
        .handlers(Handlers::none())
        .build()
        .unwrap();
    let mut client = subscriber(&messaging, "/anything/at/all").await;
    send(
        &mut connect(&messaging, "1.2").await,
        "/anything/at/all",
        "x",
    )
    .await;
    assert_eq!(message(&mut client).await.1, "x");
    // With prefixes it serves those, and no others.
    let messaging = server();
    let mut client = connect(&messaging, "1.2").await;
    client.send("SUBSCRIBE\nid:1\ndestination:/anything\n\n\0");
    client.expect_error("unknown-destination").await;
}

#[tokio::test(start_paused = true)]
async fn ep_8_prefixes_and_separator_count_for_the_broker() {
    let messaging = builder()
        .user_destination_prefix("/people")
        .separator(Separator::Dot)
        .build()
        .unwrap();
    let mut client = TestConnection::connect_as(&messaging, "joe").await;
    subscribe(&mut client, "1", "/topic/*.b").await;
    subscribe(&mut client, "2", "/people/queue.a").await;
    let template = messaging.template();
    template
        .convert_and_send("/topic/x/y.b", "1")
        .await
        .unwrap();
    template
        .convert_and_send("/topic/x.y.b", "-")
        .await
        .unwrap();
    template
        .convert_and_send_to_user("joe", "/queue.a", "2")
        .await
        .unwrap();
    for expected in ["1", "2"] {
        let (id, body) = message(&mut client).await;
        assert_eq!((&*id, &*body), (expected, expected));
    }
    expect_nothing(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn ep_3_each_channel_has_its_own_interceptors() {
    let mark = |mark: &'static str| {
        move |message: Message| {
            let is_marked = message.message_type() == MessageType::Message;
            Ok(Some(if is_marked {
                message.with_header("seen-by", mark)
            } else {
                message
            }))
        }
    };
    let messaging = builder()
        .outbound_interceptor(mark("outbound"))
        .broker_interceptor(mark("broker"))
        .inbound_interceptor(mark("inbound 1"))
        .inbound_interceptor(mark("inbound 2"))
        .build()
        .unwrap();
    let mut client = subscriber(&messaging, "/topic/a").await;
    connect(&messaging, "1.2")
        .await
        .send("SEND\ndestination:/topic/a\n\nx\0");
    let message = client.expect_message().await;
    assert_eq!(
        message.headers.get_all("seen-by").collect::<Vec<_>>(),
        ["inbound 1", "inbound 2", "broker", "outbound"]
    );
    // What the server publishes itself never was inbound.
    messaging
        .template()
        .convert_and_send("/topic/a", "y")
        .await
        .unwrap();
    let message = client.expect_message().await;
    assert_eq!(
        message.headers.get_all("seen-by").collect::<Vec<_>>(),
        ["broker", "outbound"]
    );
}
