//! T-51: the same bytes have the same effects, whatever carries them, and however they are divided.

use std::net::SocketAddr;

use axum::Router;
use stomp_axum::{endpoint::SockJsOptions, prelude::*};
use tokio_tungstenite::tungstenite::Message as WsMessage;

use super::client::{Receiving, SockJsClient, SockJsFrame};
use crate::support::{Client, messaging_with, start_app};

const SCRIPTS: [&str; 12] = [
    "CONNECT\naccept-version:1.2\nhost:/\n\n\0\
     SUBSCRIBE\nid:s\ndestination:/topic/*\nreceipt:1\n\n\0\
     SEND\ndestination:/topic/a\nx\\cy:\\n\\\\\n\n\u{e4}\u{1f600}\0\
     SEND\ndestination:/topic/a\ncontent-length:3\n\na\0b\0\
     \n\r\n\n\
     SEND\ndestination:/topic/b\ncontent-type:text/plain\n\n</script>%41\u{2028}\0\
     UNSUBSCRIBE\nid:s\nreceipt:2\n\n\0\
     SEND\ndestination:/topic/a\n\nnot heard\0\
     DISCONNECT\nreceipt:3\n\n\0",
    "CONNECT\naccept-version:1.0,1.1\nhost:/\nheart-beat:0,0\n\n\0\
     SUBSCRIBE\nid:s\ndestination:/topic/a\n\n\0\
     BEGIN\ntransaction:t\n\n\0\
     SEND\ndestination:/topic/a\ntransaction:t\n\n1\0\
     SEND\ndestination:/topic/a\n\n2\0\
     COMMIT\ntransaction:t\nreceipt:c\n\n\0\
     BEGIN\ntransaction:t\n\n\0\
     SEND\ndestination:/topic/a\ntransaction:t\n\n3\0\
     ABORT\ntransaction:t\n\n\0\
     DISCONNECT\nreceipt:d\n\n\0",
    "CONNECT\n\n\0DISCONNECT\nreceipt:d\n\n\0SEND\ndestination:/topic/a\n\nlate\0",
    "STOMP\naccept-version:1.2\nhost:/\n\n\0DISCONNECT\n\n\0",
    "SEND\ndestination:/topic/a\n\nx\0",
    "CONNECT\naccept-version:3.0\nhost:/\n\n\0",
    "NONSENSE\n\n\0",
    "CONNECT\naccept-version:1.2\nhost:/\n\n\0CONNECT\naccept-version:1.2\nhost:/\n\n\0",
    "CONNECT\naccept-version:1.2\nhost:/\n\n\0SEND\nno header\n\n\0",
    "CONNECT\naccept-version:1.2\nhost:/\n\n\0SEND\ndestination:/topic/a\na:\\x\n\n\0",
    "CONNECT\naccept-version:1.2\nhost:/\n\n\0SEND\ndestination:/topic/a\ncontent-length:1\n\nab\0",
    "CONNECT\naccept-version:1.2\nhost:/\n\n\0SUBSCRIBE\ndestination:/topic/a\nreceipt:r\n\n\0",
];

/// All that a client gets until the end, and how it ends.
#[derive(Debug, PartialEq, Eq)]
struct Effects {
    messages: Vec<String>,
    close: (u16, String),
}

/// Without what is another one each time.
fn comparable(message: &str) -> String {
    let lines = message.split_inclusive('\n');
    lines
        .filter(|line| !line.starts_with("message-id:") && !line.starts_with("session:"))
        .collect()
}

/// The script in so many messages, or a few less.
fn divide(script: &str, pieces: usize) -> Vec<&str> {
    let size = script.len().div_ceil(pieces);
    let mut rest = script;
    let mut divided = Vec::new();
    while !rest.is_empty() {
        let piece;
        (piece, rest) = rest.split_at(rest.ceil_char_boundary(size.min(rest.len())));
        divided.push(piece);
    }
    divided
}

async fn over_websocket(address: SocketAddr, script: &[&str]) -> Effects {
    let mut client = Client::try_open_path(address, "/ws/websocket", &[])
        .await
        .unwrap();
    for piece in script {
        client.send(*piece).await;
    }
    let mut messages = Vec::new();
    loop {
        match client.receive().await.unwrap() {
            WsMessage::Text(text) => messages.push(comparable(&text)),
            WsMessage::Close(Some(close)) => {
                let close = (close.code.into(), close.reason.to_string());
                return Effects { messages, close };
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn over_sockjs_websocket(address: SocketAddr, script: &[&str]) -> Effects {
    let mut client = Client::try_open_path(address, "/ws/000/a/websocket", &[])
        .await
        .unwrap();
    // Two by two, and the last by itself.
    for pieces in script.chunks(2) {
        client.send(serde_json::to_string(pieces).unwrap()).await;
    }
    let mut effects = None;
    let mut messages = Vec::new();
    loop {
        match client.receive().await.unwrap() {
            WsMessage::Text(text) => match SockJsFrame::parse(&text) {
                SockJsFrame::Open | SockJsFrame::HeartBeat => {}
                SockJsFrame::Messages(batch) => {
                    messages.extend(batch.iter().map(|message| comparable(message)));
                }
                SockJsFrame::Close(code, reason) => {
                    let messages = std::mem::take(&mut messages);
                    let close = (code, reason);
                    assert!(effects.replace(Effects { messages, close }).is_none());
                }
            },
            WsMessage::Close(Some(close)) => {
                let effects = effects.unwrap();
                assert_eq!(effects.close.0, u16::from(close.code));
                return effects;
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn over_http(router: &Router, receiving: Receiving, script: &[&str]) -> Effects {
    let mut client = SockJsClient::open(router, "/ws", receiving).await;
    for pieces in script.chunks(3) {
        // What comes behind the end is swallowed (SJ-SES-14).
        assert_eq!(client.send_all(pieces).await, 204);
    }
    let mut messages = Vec::new();
    loop {
        match client.receive_frame().await {
            SockJsFrame::Open => panic!("it was opened before"),
            SockJsFrame::HeartBeat => {}
            SockJsFrame::Messages(batch) => {
                messages.extend(batch.iter().map(|message| comparable(message)));
            }
            SockJsFrame::Close(code, reason) => {
                let close = (code, reason);
                return Effects { messages, close };
            }
        }
    }
}

#[tokio::test]
async fn t_51_what_carries_a_session_makes_no_difference() {
    let options = SockJsOptions::default().unattached_sessions_per_address(1000);
    let messaging = messaging_with(StompEndpoint::new("/ws").sockjs(options), Limits::default());
    let router = messaging.router();
    let address = start_app(messaging.router()).await;
    for script in SCRIPTS {
        let expected = over_websocket(address, &[script]).await;
        assert!(!expected.messages.is_empty() || script.starts_with("STOMP"));
        for pieces in [1, 2, 7, 50] {
            let script = divide(script, pieces);
            assert_eq!(over_websocket(address, &script).await, expected);
            assert_eq!(over_sockjs_websocket(address, &script).await, expected);
            for receiving in [Receiving::Polling, Receiving::Streaming] {
                let effects = over_http(&router, receiving, &script).await;
                assert_eq!(effects, expected, "{receiving:?}");
            }
        }
    }
}
