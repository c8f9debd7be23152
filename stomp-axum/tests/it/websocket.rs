//! How frames and WebSocket messages map to each other (WS-007 to WS-021, WS-024, WS-026, WS-027), and limits.

use std::time::{Duration, Instant};

use futures_util::SinkExt;
use stomp_axum::{codec::Command, prelude::*, statistics::TransportKind};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::{
    Message as WsMessage,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{CloseCode, Data, OpCode},
        },
    },
};

use crate::support::{Client, decode, messaging, messaging_with, start, until, within};

const CONNECT: &str = "CONNECT\naccept-version:1.2\nhost:/\n\n\0";

fn binary(data: &[u8]) -> WsMessage {
    WsMessage::binary(data.to_vec())
}

/// One frame of a WebSocket message that comes in several.
fn fragment(data: &[u8], kind: Data, is_last: bool) -> WsMessage {
    WsMessage::Frame(Frame::message(data.to_vec(), OpCode::Data(kind), is_last))
}

#[tokio::test]
async fn ws_007_connect_as_text() {
    let address = start(&messaging()).await;
    let mut client = Client::open(address).await;
    client.send(CONNECT).await;
    let connected = client.expect(&Command::Connected).await;
    assert_eq!(connected.header("version"), Some("1.2"));
}

#[tokio::test]
async fn ws_008_connect_as_binary() {
    let address = start(&messaging()).await;
    let mut client = Client::open(address).await;
    client.send_message(binary(CONNECT.as_bytes())).await;
    client.expect(&Command::Connected).await;
}

#[tokio::test]
async fn ws_009_one_frame_in_three_messages() {
    let address = start(&messaging()).await;
    let mut client = Client::open(address).await;
    client.send(&CONNECT[..10]).await;
    client
        .send_message(binary(&CONNECT.as_bytes()[10..20]))
        .await;
    client.send(&CONNECT[20..]).await;
    client.expect(&Command::Connected).await;
}

/// IN-2.
#[tokio::test]
async fn ws_010_three_frames_and_eols_in_one_message() {
    let address = start(&messaging()).await;
    let mut client = Client::open(address).await;
    let subscribe = "SUBSCRIBE\nid:s\ndestination:/topic/a\nreceipt:r1\n\n\0\r\n\n";
    let unsubscribe = "UNSUBSCRIBE\nid:s\nreceipt:r2\n\n\0";
    client
        .send(format!("{CONNECT}\n\n{subscribe}{unsubscribe}\n"))
        .await;
    client.expect(&Command::Connected).await;
    for id in ["r1", "r2"] {
        let receipt = client.expect(&Command::Receipt).await;
        assert_eq!(receipt.header("receipt-id"), Some(id));
    }
}

#[tokio::test]
async fn ws_011_ws_012_empty_messages_and_heart_beats_are_no_frames() {
    let address = start(&messaging()).await;
    let mut client = Client::open(address).await;
    client.send("").await;
    client.send_message(binary(b"")).await;
    client.send("\n").await;
    client.stomp_connect("1.2").await;
    client.send("").await;
    client.send("\n").await;
    client.subscribe("s", "/topic/a").await;
}

/// SC-10.
#[tokio::test]
async fn ws_013_a_large_frame_is_one_message() {
    let mut limits = Limits::default();
    limits.outbound_bytes = 10_000;
    let messaging = messaging_with(StompEndpoint::new("/ws"), limits);
    let address = start(&messaging).await;
    let mut client = Client::connect(address).await;
    client.subscribe("s", "/topic/a").await;
    // Larger than all buffers, and than the queue: one frame always finds room.
    let large = "ü".repeat(500_000);
    messaging
        .template()
        .convert_and_send("/topic/a", &large)
        .await
        .unwrap();
    let message = client.receive().await.unwrap();
    assert!(message.is_text());
    assert_eq!(decode(&message.into_data()).body, large);
}

#[tokio::test]
async fn ws_014_a_heart_beat_is_a_message_of_one_byte() {
    let address = start(&messaging()).await;
    let mut client = Client::open(address).await;
    client
        .send("CONNECT\naccept-version:1.2\nhost:/\nheart-beat:0,1000\n\n\0")
        .await;
    let connected = client.receive().await.unwrap();
    assert_eq!(
        decode(&connected.into_data()).header("heart-beat"),
        Some("1000,0")
    );
    assert_eq!(client.receive().await, Some(WsMessage::text("\n")));
}

/// MC-10, OUT-16.
#[tokio::test]
async fn ws_015_ws_016_text_if_it_is_utf_8_and_binary_otherwise() {
    let messaging = messaging();
    let address = start(&messaging).await;
    let mut client = Client::connect(address).await;
    client.subscribe("s", "/topic/a").await;
    for len in [2, 2000] {
        for (body, is_text) in [
            ("ü".repeat(len).into_bytes(), true),
            (vec![0xff; len], false),
        ] {
            messaging
                .template()
                .convert_and_send("/topic/a", &body)
                .await
                .unwrap();
            let message = client.receive().await.unwrap();
            assert_eq!(
                (message.is_text(), message.is_binary()),
                (is_text, !is_text)
            );
            assert_eq!(decode(&message.into_data()).body, body);
        }
    }
}

#[tokio::test]
async fn ws_017_text_that_is_not_utf_8() {
    let messaging = messaging();
    let address = start(&messaging).await;
    for connected in [false, true] {
        let mut client = Client::open(address).await;
        if connected {
            client.stomp_connect("1.2").await;
        }
        client
            .send_message(fragment(b"SEND\n\xff", Data::Text, true))
            .await;
        let error = client.expect(&Command::Error).await;
        assert_eq!(error.header("code"), Some("invalid-utf8"));
        let close = client.expect_close().await;
        assert_eq!(close.code, CloseCode::Invalid);
        assert_eq!(close.reason.as_str(), "a text message is not UTF-8");
    }
    until(|| messaging.connection_count() == 0).await;
}

#[tokio::test]
async fn ws_018_fragments_are_one_message() {
    let address = start(&messaging()).await;
    let mut client = Client::open(address).await;
    let (first, rest) = CONNECT.as_bytes().split_at(7);
    client
        .send_message(fragment(first, Data::Text, false))
        .await;
    client
        .send_message(fragment(b"", Data::Continue, false))
        .await;
    client.send_message(WsMessage::Ping("between".into())).await;
    client
        .send_message(fragment(rest, Data::Continue, true))
        .await;
    assert_eq!(
        client.receive().await,
        Some(WsMessage::Pong("between".into()))
    );
    client.expect(&Command::Connected).await;
}

#[tokio::test]
async fn ws_019_a_ping_is_answered() {
    let address = start(&messaging()).await;
    let mut client = Client::open(address).await;
    client.send_message(WsMessage::Ping("payload".into())).await;
    assert_eq!(
        client.receive().await,
        Some(WsMessage::Pong("payload".into()))
    );
    client.stomp_connect("1.2").await;
}

#[tokio::test]
async fn hb_026_pings_are_signs_of_life() {
    let mut limits = Limits::default();
    limits.heart_beat_min = Duration::from_millis(1);
    let messaging = messaging_with(StompEndpoint::new("/ws"), limits);
    let address = start(&messaging).await;
    let mut client = Client::open(address).await;
    client
        .send("CONNECT\naccept-version:1.2\nhost:/\nheart-beat:200,0\n\n\0")
        .await;
    client.expect(&Command::Connected).await;
    // Twice the interval would be the end without them.
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(1000) {
        client.send_message(WsMessage::Ping("".into())).await;
        assert_eq!(client.receive().await, Some(WsMessage::Pong("".into())));
        tokio::task::yield_now().await;
    }
    let error = client.expect(&Command::Error).await;
    assert_eq!(error.header("code"), Some("heart-beat-lost"));
}

#[tokio::test]
async fn ws_020_a_client_that_closes_gets_an_answer_and_its_session_ends() {
    let messaging = messaging();
    let address = start(&messaging).await;
    let mut client = Client::connect(address).await;
    client.subscribe("s", "/topic/a").await;
    assert_eq!(messaging.sessions().len(), 1);
    let connections = messaging.statistics().connections;
    assert_eq!(connections.open.of(TransportKind::WebSocket), 1);
    let close = CloseFrame {
        code: CloseCode::Normal,
        reason: "bye".into(),
    };
    client
        .send_message(WsMessage::Close(Some(close.clone())))
        .await;
    assert_eq!(client.receive().await, Some(WsMessage::Close(Some(close))));
    assert_eq!(client.receive().await, None);
    until(|| messaging.connection_count() == 0 && messaging.sessions().is_empty()).await;
}

#[tokio::test]
async fn ws_021_an_abrupt_loss_ends_the_session() {
    let messaging = messaging();
    let address = start(&messaging).await;
    for reset in [false, true] {
        let mut client = Client::connect(address).await;
        client.subscribe("s", "/topic/a").await;
        assert_eq!(messaging.sessions().len(), 1);
        let mut stream = client.socket.into_inner();
        let still_open = if reset {
            stream.set_zero_linger().unwrap();
            drop(stream);
            None
        } else {
            // The end of the input, without a close frame.
            stream.shutdown().await.unwrap();
            Some(stream)
        };
        until(|| messaging.connection_count() == 0 && messaging.sessions().is_empty()).await;
        drop(still_open);
    }
}

#[tokio::test]
async fn ws_024_close_codes() {
    let address = start(&messaging()).await;

    let mut client = Client::connect(address).await;
    client.send("DISCONNECT\nreceipt:bye\n\n\0").await;
    client.expect(&Command::Receipt).await;
    assert_eq!(client.expect_close().await.code, CloseCode::Normal);

    let mut client = Client::connect(address).await;
    client.send("NONSENSE\n\n\0").await;
    client.expect(&Command::Error).await;
    assert_eq!(client.expect_close().await.code, CloseCode::Protocol);

    // A STOMP frame above its limit, in messages below theirs.
    let mut client = Client::connect(address).await;
    let head = "SEND\ndestination:/topic/a\n\n";
    client.send(format!("{head}{}", "x".repeat(40_000))).await;
    client.send("x".repeat(40_000)).await;
    client.expect(&Command::Error).await;
    assert_eq!(client.expect_close().await.code, CloseCode::Size);
}

/// IN-17.
#[tokio::test]
async fn lim_009_a_message_over_the_limit() {
    let address = start(&messaging()).await;
    let mut client = Client::connect(address).await;
    client.send("\n".repeat(64 * 1024)).await;
    client.send("x".repeat(70_000)).await;
    let error = client.expect(&Command::Error).await;
    assert_eq!(error.header("code"), Some("frame-too-large"));
    let close = client.expect_close().await;
    assert_eq!(
        (close.code, close.reason.as_str()),
        (CloseCode::Size, "message too big")
    );
}

#[tokio::test]
async fn lim_010_a_client_that_does_not_read_is_cut_off_and_others_are_not() {
    let messaging = messaging();
    let address = start(&messaging).await;
    let mut slow = Client::connect(address).await;
    slow.subscribe("s", "/topic/a").await;
    let mut other = Client::connect(address).await;
    other.subscribe("s", "/topic/a").await;

    // What the sockets of both sides take has to be filled first.
    let body = "x".repeat(100_000);
    let mut sent = 0;
    within(async {
        while messaging.sessions().len() == 2 {
            let template = messaging.template();
            template.convert_and_send("/topic/a", &body).await.unwrap();
            sent += 1;
            assert_eq!(other.receive_frame().await.body.len(), body.len());
        }
    })
    .await;
    assert!(sent > 5, "{sent} messages fit into the queue");
    until(|| messaging.connection_count() == 1).await;
    drop(slow);
}

#[tokio::test]
async fn t_11_endless_fragments_are_cut_off_at_the_limit() {
    let address = start(&messaging()).await;
    let mut client = Client::connect(address).await;
    client
        .send_message(fragment(b"S", Data::Binary, false))
        .await;
    let all = 64 * 1024 + 1024;
    let mut sent = 1;
    while sent <= all {
        let piece = fragment(&[b'x'; 100], Data::Continue, false);
        // The server closes when it has seen enough, and then takes no more.
        if within(client.socket.send(piece)).await.is_err() {
            break;
        }
        sent += 100;
    }
    let error = client.expect(&Command::Error).await;
    assert_eq!(error.header("code"), Some("frame-too-large"));
    assert_eq!(client.expect_close().await.code, CloseCode::Size);
}

#[tokio::test]
async fn t_11_endless_empty_fragments_are_cut_off() {
    let messaging = messaging();
    let address = start(&messaging).await;
    let mut client = Client::connect(address).await;
    client
        .send_message(fragment(b"", Data::Binary, false))
        .await;
    let mut sent = 0;
    while within(client.socket.send(fragment(b"", Data::Continue, false)))
        .await
        .is_ok()
    {
        sent += 1;
        assert!(sent < 10_000_000, "the server takes any number of them");
    }
    until(|| messaging.connection_count() == 0).await;
}

#[tokio::test]
async fn t_11_a_client_that_only_pings_and_does_not_read_is_no_burden_for_others() {
    let messaging = messaging();
    let address = start(&messaging).await;
    let mut other = Client::connect(address).await;
    let mut flooding = Client::connect(address).await;
    // More answers than the sockets of both sides take, in an input that the server takes nevertheless.
    for _ in 0..100_000 {
        let ping = WsMessage::Frame(Frame::ping(vec![b'x'; 125]));
        within(flooding.socket.feed(ping)).await.unwrap();
    }
    within(flooding.socket.flush()).await.unwrap();
    other.subscribe("s", "/topic/a").await;

    // Its last ping has an answer, and the connection works.
    flooding.send_message(WsMessage::Ping("last".into())).await;
    let mut pongs = 0;
    while flooding.receive().await != Some(WsMessage::Pong("last".into())) {
        pongs += 1;
        assert!(pongs <= 100_000, "more answers than pings");
    }
    flooding.subscribe("s", "/topic/a").await;
}

#[tokio::test]
async fn a_frame_that_breaks_the_websocket_protocol() {
    let address = start(&messaging()).await;
    let mut client = Client::connect(address).await;
    client
        .send_message(fragment(b"x", Data::Continue, true))
        .await;
    let error = client.expect(&Command::Error).await;
    assert_eq!(error.header("code"), Some("transport-protocol"));
    let close = client.expect_close().await;
    assert_eq!(
        (close.code, close.reason.as_str()),
        (CloseCode::Protocol, "protocol error")
    );
}

#[tokio::test]
async fn ws_026_many_connects_and_disconnects_leave_nothing_behind() {
    let messaging = messaging();
    let address = start(&messaging).await;
    for round in 0..200 {
        let start = Instant::now();
        let mut client = Client::connect(address).await;
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{:?}",
            start.elapsed()
        );
        client.subscribe("s", "/topic/a").await;
        match round % 3 {
            0 => {
                client.send("DISCONNECT\n\n\0").await;
                assert_eq!(client.expect_close().await.code, CloseCode::Normal);
            }
            1 => {
                client.send_message(WsMessage::Close(None)).await;
                assert_eq!(client.receive().await, Some(WsMessage::Close(None)));
            }
            _ => drop(client),
        }
    }
    until(|| messaging.connection_count() == 0).await;
    assert!(messaging.sessions().is_empty());
}

#[tokio::test]
async fn ws_027_stomp_py() {
    let messaging = messaging();
    let address = start(&messaging).await;
    let mut client = Client::open(address).await;
    client
        .send("STOMP\naccept-version:1.1\nhost:/\nlogin:\npasscode:\n\n\0")
        .await;
    let connected = client.expect(&Command::Connected).await;
    assert_eq!(connected.header("version"), Some("1.1"));
    client.subscribe("1", "/topic/a").await;
    client
        .send("SEND\ndestination:/topic/a\ncontent-length:2\n\nhi\0")
        .await;
    assert_eq!(client.expect(&Command::Message).await.body, "hi");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ord_001_a_hundred_subscribers_get_a_thousand_messages_in_order() {
    const SUBSCRIBERS: usize = 100;
    const MESSAGES: usize = 1000;

    let messaging = messaging();
    let address = start(&messaging).await;
    let mut subscribers = tokio::task::JoinSet::new();
    let ready = std::sync::Arc::new(tokio::sync::Barrier::new(SUBSCRIBERS + 1));
    for _ in 0..SUBSCRIBERS {
        let ready = ready.clone();
        subscribers.spawn(async move {
            let mut client = Client::connect(address).await;
            client.subscribe("sub-0", "/topic/a").await;
            ready.wait().await;
            for number in 0..MESSAGES {
                let message = client.expect(&Command::Message).await;
                assert_eq!(message.body, number.to_string());
            }
        });
    }
    within(ready.wait()).await;
    for number in 0..MESSAGES {
        let template = messaging.template();
        template
            .convert_and_send("/topic/a", &number)
            .await
            .unwrap();
    }
    within(subscribers.join_all()).await;
}
