//! Over real sockets: WebSockets, and what of a response is seen on the wire.

use std::{net::SocketAddr, time::Duration};

use stomp_axum::{codec::Command, endpoint::SockJsOptions, prelude::*};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::tungstenite::{Message as WsMessage, protocol::frame::coding::CloseCode};

use super::client::SockJsFrame;
use crate::support::{Client, decode, http, messaging_with, start_app, until, within};

async fn start() -> (Messaging, SocketAddr) {
    let endpoint = StompEndpoint::new("/ws").with_sockjs();
    let messaging = messaging_with(endpoint, Limits::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = messaging.router::<()>();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, app).into_future());
    (messaging, address)
}

async fn receive(client: &mut Client) -> SockJsFrame {
    match client.receive().await {
        Some(WsMessage::Text(text)) => SockJsFrame::parse(&text),
        other => panic!("expected a frame, got {other:?}"),
    }
}

fn messages(message: &str) -> String {
    serde_json::to_string(&[message]).unwrap()
}

const CONNECT: &str = "CONNECT\naccept-version:1.2\nhost:/\n\n\0";

#[tokio::test]
async fn sj_ws_01_stomp_in_frames_of_sockjs() {
    let (messaging, address) = start().await;
    let path = "/ws/000/abc/websocket";
    let offer = [("sec-websocket-protocol", "v12.stomp")];
    // SJ-WS-11: none is chosen, and so the client breaks off.
    assert!(Client::try_open_path(address, path, &offer).await.is_err());

    // SJ-SES-05: the id is no session's.
    let mut clients = Vec::new();
    for _ in 0..2 {
        let mut client = Client::try_open_path(address, path, &[]).await.unwrap();
        assert_eq!(receive(&mut client).await, SockJsFrame::Open);
        client.send(messages(CONNECT)).await;
        let SockJsFrame::Messages(frames) = receive(&mut client).await else {
            panic!("expected CONNECTED");
        };
        assert!(frames[0].starts_with("CONNECTED\n"), "{frames:?}");
        clients.push(client);
    }
    until(|| messaging.sessions().len() == 2).await;
    let none = http(
        address,
        "POST /ws/000/abc/xhr_send HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n[]",
    );
    assert!(none.await.starts_with("HTTP/1.1 404 "));

    let client = &mut clients[0];
    client.send(messages("DISCONNECT\n\n\0")).await;
    assert_eq!(
        receive(client).await,
        SockJsFrame::Close(1000, "disconnected".to_owned())
    );
    assert_eq!(client.expect_close().await.code, CloseCode::Normal);
    until(|| messaging.sessions().len() == 1).await;
}

#[tokio::test]
async fn sj_spr_02_a_body_that_is_no_text_is_made_one_in_a_websocket_too() {
    let (messaging, address) = start().await;
    let path = "/ws/000/abc/websocket";
    let mut client = Client::try_open_path(address, path, &[]).await.unwrap();
    assert_eq!(receive(&mut client).await, SockJsFrame::Open);
    client.send(messages(CONNECT)).await;
    receive(&mut client).await;
    client
        .send(messages(
            "SUBSCRIBE\nid:s\ndestination:/topic/a\nreceipt:r\n\n\0",
        ))
        .await;
    receive(&mut client).await;
    let template = messaging.template();
    let body = b"\xffa\0b".to_vec();
    template.convert_and_send("/topic/a", &body).await.unwrap();
    let SockJsFrame::Messages(frames) = receive(&mut client).await else {
        panic!("expected a message");
    };
    assert_eq!(decode(frames[0].as_bytes()).body, "\u{fffd}a\0b");
}

#[tokio::test]
async fn sj_ws_04_broken_frames_end_the_websocket() {
    let (_messaging, address) = start().await;
    for (broken, code) in [
        (WsMessage::text("[\"a"), CloseCode::Invalid),
        (WsMessage::binary("[]".as_bytes()), CloseCode::Unsupported),
    ] {
        let mut client = Client::try_open_path(address, "/ws/000/a/websocket", &[])
            .await
            .unwrap();
        assert_eq!(receive(&mut client).await, SockJsFrame::Open);
        client.send(messages(CONNECT)).await;
        receive(&mut client).await;
        client.send_message(broken).await;
        // What went wrong, in the words of STOMP.
        let SockJsFrame::Messages(frames) = receive(&mut client).await else {
            panic!("expected an ERROR");
        };
        assert!(frames[0].starts_with("ERROR\n"), "{frames:?}");
        assert_eq!(client.expect_close().await.code, code);
    }
}

#[message_mapping("/sockjs/never")]
async fn never() {
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn sj_hb_01_a_client_that_sends_too_fast_for_its_handlers_gets_heart_beats() {
    let options = SockJsOptions::default().heartbeat_time(Duration::from_millis(20));
    let mut limits = Limits::default();
    limits.inbound_frames = 1;
    let messaging = Messaging::builder()
        .application_destination_prefixes(["/app"])
        .simple_broker(["/topic"])
        .handlers(handlers![never])
        .endpoint(StompEndpoint::new("/ws").sockjs(options))
        .limits(limits)
        .build()
        .unwrap();
    let address = start_app(messaging.router()).await;
    let path = "/ws/000/abc/websocket";
    let mut client = Client::try_open_path(address, path, &[]).await.unwrap();
    client.send(messages(CONNECT)).await;
    for _ in 0..10 {
        client
            .send(messages("SEND\ndestination:/app/sockjs/never\n\n\0"))
            .await;
    }
    let mut beats = 0;
    while beats < 10 {
        beats += usize::from(receive(&mut client).await == SockJsFrame::HeartBeat);
    }
}

#[tokio::test]
async fn ep_11_sj_raw_04_clients_without_sockjs_have_a_url_of_their_own() {
    let (_messaging, address) = start().await;
    let offer = [("sec-websocket-protocol", "v11.stomp, v12.stomp")];
    let mut client = Client::try_open_path(address, "/ws/websocket", &offer)
        .await
        .unwrap();
    assert_eq!(
        client.response.headers()["sec-websocket-protocol"],
        "v12.stomp"
    );
    client.stomp_connect("1.2").await;
    client.subscribe("s", "/topic/a").await;
    client.send("SEND\ndestination:/topic/a\n\nx\0").await;
    client.expect(&Command::Message).await;
    // SJ-SPR-01: the path itself is SockJS's (SJ-GREET-02).
    assert!(Client::try_open_path(address, "/ws", &[]).await.is_err());
}

/// Reads until so much has come.
async fn read_until(stream: &mut TcpStream, received: &mut String, end: &str) {
    while !received.ends_with(end) {
        let mut buffer = [0; 4096];
        let read = within(stream.read(&mut buffer)).await.unwrap();
        assert!(read > 0, "the end came after {received:?}");
        received.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
}

#[tokio::test]
async fn sj_frm_06_each_frame_is_a_chunk_of_its_own() {
    let (messaging, address) = start().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"POST /ws/000/a/xhr_streaming HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut received = String::new();
    let prelude = format!("801\r\n{}\n\r\n", "h".repeat(2048));
    read_until(&mut stream, &mut received, "\r\n2\r\no\n\r\n").await;
    let (head, chunks) = received.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    assert_eq!(chunks, format!("{prelude}2\r\no\n\r\n"));

    // SJ-SES-08: whoever goes, is gone.
    until(|| messaging.connection_count() == 1).await;
    drop(stream);
    until(|| messaging.connection_count() == 0).await;
}

/// SJ-XS-03
#[tokio::test]
async fn over_http_1_0_a_stream_ends_with_its_connection() {
    let (_messaging, address) = start().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"POST /ws/000/a/xhr HTTP/1.0\r\nhost: a\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut received = String::new();
    within(stream.read_to_string(&mut received)).await.unwrap();
    let (head, body) = received.split_once("\r\n\r\n").unwrap();
    assert!(!head.contains("transfer-encoding"), "{head}");
    assert_eq!(body, "o\n");
}
