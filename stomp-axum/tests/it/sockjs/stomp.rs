use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use http::StatusCode;
use stomp_axum::{codec::Command, endpoint::SockJsOptions, prelude::*, statistics::TransportKind};

use super::client::{Receiving, SockJsClient, SockJsFrame};
use crate::support::until;

#[message_mapping("/sockjs/echo")]
#[send_to_user("/queue/echo", broadcast = false)]
async fn echo(body: Bytes) -> Bytes {
    body
}

fn messaging(endpoint: StompEndpoint, limits: Limits) -> Messaging {
    Messaging::builder()
        .application_destination_prefixes(["/app"])
        .simple_broker(["/topic", "/queue"])
        .handlers(handlers![echo])
        .endpoint(endpoint)
        .limits(limits)
        .build()
        .unwrap()
}

fn server() -> (Messaging, Router) {
    let messaging = messaging(StompEndpoint::new("/ws").with_sockjs(), Limits::default());
    let router = messaging.router();
    (messaging, router)
}

const BOTH: [Receiving; 2] = [Receiving::Polling, Receiving::Streaming];

#[tokio::test]
async fn a_session_of_stomp_from_connect_to_disconnect() {
    for receiving in BOTH {
        let (messaging, router) = server();
        let mut client = SockJsClient::open(&router, "/ws", receiving).await;
        client.stomp_connect("0,0").await;
        assert_eq!(messaging.sessions().len(), 1);
        let kind = match receiving {
            Receiving::Polling => TransportKind::HttpPolling,
            Receiving::Streaming => TransportKind::HttpStreaming,
        };
        // SJ-SPR-05
        assert_eq!(messaging.statistics().connections.open.of(kind), 1);

        client.subscribe("/topic/a").await;
        client.subscribe("/user/queue/echo").await;
        client.send("SEND\ndestination:/topic/a\n\nto all\0").await;
        let message = client.expect(&Command::Message).await;
        assert_eq!(message.body, "to all");
        let text = "\u{e4} \"\\ \u{2028} \u{1f600} </script> %41";
        client
            .send(&format!("SEND\ndestination:/app/sockjs/echo\n\n{text}\0"))
            .await;
        let message = client.expect(&Command::Message).await;
        assert_eq!(message.header("destination"), Some("/user/queue/echo"));
        assert_eq!(message.body, text);

        client.send("DISCONNECT\nreceipt:bye\n\n\0").await;
        assert_eq!(
            client.expect(&Command::Receipt).await.header("receipt-id"),
            Some("bye")
        );
        let closed = SockJsFrame::Close(1000, "disconnected".to_owned());
        assert_eq!(client.receive_frame().await, closed);
        until(|| messaging.connection_count() == 0 && messaging.sessions().is_empty()).await;
        // Whoever asks is told again, and what comes is swallowed (SJ-SES-12, SJ-SES-14).
        assert_eq!(client.receive_frame().await, closed);
        client
            .send("SEND\ndestination:/topic/a\n\ntoo late\0")
            .await;
    }
}

#[tokio::test]
async fn sj_spr_02_frames_and_messages_need_not_begin_together() {
    let (_messaging, router) = server();
    let mut client = SockJsClient::open(&router, "/ws", Receiving::Polling).await;
    // Two frames in one message, and one in two.
    let status = client
        .send_all(&[
            "CONNECT\naccept-version:1.2\nhost:/\n\n\0SUBSCRIBE\nid:s\ndestination:/topic/a\n\n\0SEND\ndesti",
            "nation:/topic/a\n\n",
            "body\0",
        ])
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    client.expect(&Command::Connected).await;
    assert_eq!(client.expect(&Command::Message).await.body, "body");
}

/// Its `content-length` is that of what the client gets, since clients count on it.
#[tokio::test]
async fn sj_spr_02_a_body_that_is_no_text_is_made_one() {
    for receiving in BOTH {
        let (messaging, router) = server();
        let mut client = SockJsClient::open(&router, "/ws", receiving).await;
        client.stomp_connect("0,0").await;
        client.subscribe("/topic/a").await;
        let body = Bytes::from_static(b"a\xff\0b");
        let sent = messaging.template().convert_and_send("/topic/a", &body);
        sent.await.unwrap();
        let message = client.expect(&Command::Message).await;
        assert_eq!(message.header("content-length"), Some("6"));
        assert_eq!(message.body, "a\u{fffd}\0b");
    }
}

#[tokio::test]
async fn sj_ses_10_what_waited_comes_in_one_frame() {
    let (messaging, router) = server();
    let mut client = SockJsClient::open(&router, "/ws", Receiving::Polling).await;
    client.stomp_connect("0,0").await;
    client.subscribe("/topic/a").await;
    let send = ["SEND\ndestination:/topic/a\n\nx\0"; 10];
    client.send_all(&send).await;
    // Written is what waits for the next request.
    until(|| messaging.statistics().outbound.frames.of(&Command::Message) == 10).await;
    match client.receive_frame().await {
        SockJsFrame::Messages(batch) => assert_eq!(batch.len(), 10),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_no_stomp_gets_an_error_and_then_the_good_bye() {
    for receiving in BOTH {
        let (_messaging, router) = server();
        let mut client = SockJsClient::open(&router, "/ws", receiving).await;
        client.send("NONSENSE\n\n\0").await;
        client.expect(&Command::Error).await;
        let SockJsFrame::Close(code, _) = client.receive_frame().await else {
            panic!("expected the good-bye");
        };
        assert_eq!(code, 1002);
    }
}

/// SJ-SES-16: the code of those that don't read is told to nobody.
#[tokio::test]
async fn ws_44_who_does_not_read_is_cut_off_without_a_frame() {
    let mut limits = Limits::default();
    limits.outbound_bytes = 64 * 1024;
    let options = SockJsOptions::default().stream_bytes_limit(1024 * 1024);
    let messaging = messaging(StompEndpoint::new("/ws").sockjs(options), limits);
    let router = messaging.router();
    let mut client = SockJsClient::open(&router, "/ws", Receiving::Streaming).await;
    client.stomp_connect("0,0").await;
    client.subscribe("/topic/a").await;
    // The response is there, and nobody reads it.
    client.attach().await;
    let body = "x".repeat(8 * 1024);
    while !messaging.sessions().is_empty() {
        messaging
            .template()
            .convert_and_send("/topic/a", &body)
            .await
            .unwrap();
    }
    let mut rest = Vec::new();
    while let Some(frame) = client.next_of_response().await {
        rest.push(frame);
    }
    assert!(
        rest.iter()
            .all(|frame| matches!(frame, SockJsFrame::Messages(_))),
        "{rest:?}"
    );
    until(|| messaging.connection_count() == 0).await;
}

#[tokio::test(start_paused = true)]
async fn sj_hb_07_heart_beats_of_stomp_replace_those_of_sockjs() {
    let (_messaging, router) = server();
    let mut client = SockJsClient::open(&router, "/ws", Receiving::Streaming).await;
    client.stomp_connect("0,10000").await;
    for _ in 0..5 {
        assert_eq!(
            client.receive_frame().await,
            SockJsFrame::Messages(vec!["\n".to_owned()])
        );
    }
}

#[tokio::test(start_paused = true)]
async fn sj_hb_01_without_those_of_stomp_there_are_those_of_sockjs() {
    let options = SockJsOptions::default().heartbeat_time(Duration::from_secs(3));
    let messaging = messaging(StompEndpoint::new("/ws").sockjs(options), Limits::default());
    for receiving in BOTH {
        let router = messaging.router();
        let mut client = SockJsClient::open(&router, "/ws", receiving).await;
        client.stomp_connect("0,0").await;
        for _ in 0..3 {
            let silent_since = tokio::time::Instant::now();
            assert_eq!(client.receive_frame().await, SockJsFrame::HeartBeat);
            assert_eq!(silent_since.elapsed().as_secs(), 3);
        }
    }
}

/// HB-020: with SockJS, too, a client that falls silent is gone.
#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_beat_is_taken_for_dead() {
    let (messaging, router) = server();
    let mut client = SockJsClient::open(&router, "/ws", Receiving::Streaming).await;
    client.stomp_connect("5000,0").await;
    let error = client.expect(&Command::Error).await;
    assert_eq!(error.header("code"), Some("heart-beat-lost"));
    let SockJsFrame::Close(..) = client.receive_frame().await else {
        panic!("expected the good-bye");
    };
    until(|| messaging.sessions().is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn sj_ses_09_a_client_that_does_not_come_back_is_disconnected() {
    let (messaging, router) = server();
    let mut client = SockJsClient::open(&router, "/ws", Receiving::Polling).await;
    client.stomp_connect("0,0").await;
    assert_eq!(messaging.sessions().len(), 1);
    tokio::time::sleep(Duration::from_secs(6)).await;
    until(|| messaging.sessions().is_empty() && messaging.connection_count() == 0).await;
}
