//! Any octets, requests that are nearly right, and WebSocket frames behind them, over HTTP/1.1 to a whole server: never a
//! server error but those of the rules, an upgrade only for what is one, whole frames and nothing behind the close
//! frame, and nothing is left when the client has gone (T-11, T-16).

#![no_main]

mod server;

use std::{sync::Arc, time::Duration};

use arbitrary::Arbitrary;
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use libfuzzer_sys::fuzz_target;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex, split},
    sync::Notify,
    time::{sleep, timeout},
};

use self::server::{Server, block_on, check_status};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    for_all_origins: bool,
    /// A handshake that succeeds comes first.
    opened: Option<u8>,
    actions: Vec<Action<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Action<'a> {
    Octets(&'a [u8]),
    Request {
        method: u8,
        path: u8,
        version: u8,
        lines: Vec<Line<'a>>,
    },
    Frame {
        /// Its first octet: the last of a message or not, reserved bits, and the kind.
        first: u8,
        is_masked: bool,
        /// How its length is written, and by how much it is wrong.
        length: Length,
        payload: &'a [u8],
    },
    /// A text that STOMP or SockJS understands.
    Text(u8, &'a str),
    Pause(u8),
}

#[derive(Arbitrary, Debug)]
enum Line<'a> {
    Known(u8),
    Octets(&'a [u8]),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Length {
    Right,
    Short(u8),
    Long(u64),
}

const METHODS: [&str; 6] = ["GET", "POST", "CONNECT", "HEAD", "OPTIONS", "BREW"];

const PATHS: [&str; 12] = [
    "/echo",
    "/stomp",
    "/echo-sockjs/websocket",
    "/stomp-sockjs/websocket",
    "/echo-sockjs/0/a/websocket",
    "/stomp-sockjs/0/a/websocket",
    "/echo-sockjs/0/a/xhr",
    "/echo-sockjs/0/a/xhr_send",
    "/echo-sockjs/0/a/eventsource",
    "/stomp-sockjs/info",
    "http://server.example/echo",
    "*",
];

/// The first five make a handshake.
const LINES: [&str; 24] = [
    "Host: server.example",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Version: 8",
    "Sec-WebSocket-Key:",
    "Upgrade: h2c, websocket",
    "Connection: keep-alive, upgrade",
    "Connection: close",
    "Origin: http://server.example",
    "Origin: https://evil.example",
    "Origin: null",
    "Sec-WebSocket-Protocol: v12.stomp, v11.stomp",
    "Sec-WebSocket-Protocol: mqtt,,V10.STOMP",
    "Sec-WebSocket-Extensions: permessage-deflate",
    "Content-Length: 5",
    "Content-Length: 0",
    "Content-Length: -1",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip",
    "Expect: 100-continue",
    "Host: evil.example",
    "Cookie: JSESSIONID=a",
];

const TEXTS: [&str; 8] = [
    "CONNECT\naccept-version:1.2\nheart-beat:3000,3000\n\n\0",
    "SUBSCRIBE\nid:1\ndestination:/topic/a\n\n\0",
    "SEND\ndestination:/topic/a\n\nx\0",
    "DISCONNECT\nreceipt:1\n\n\0",
    "[\"CONNECT\\naccept-version:1.2\\n\\n\\u0000\"]",
    "[\"a\",\"\\ud83d\\ude00\",\"\\ud800\"]",
    "\"a\"",
    "\n",
];

impl Action<'_> {
    fn octets(&self) -> Vec<u8> {
        match self {
            Self::Octets(octets) => octets.to_vec(),
            Self::Request {
                method,
                path,
                version,
                lines,
            } => {
                let method = METHODS[usize::from(*method) % METHODS.len()];
                let path = PATHS[usize::from(*path) % PATHS.len()];
                let version = ["1.1", "1.1", "1.1", "1.0", "2.0"][usize::from(version % 5)];
                let mut request = format!("{method} {path} HTTP/{version}\r\n").into_bytes();
                for line in lines {
                    match line {
                        Line::Known(line) => {
                            request.extend(LINES[usize::from(*line) % LINES.len()].bytes());
                        }
                        Line::Octets(octets) => request.extend_from_slice(octets),
                    }
                    request.extend(b"\r\n");
                }
                request.extend(b"\r\n");
                request
            }
            Self::Frame {
                first,
                is_masked,
                length,
                payload,
            } => frame(*first, *is_masked, *length, payload),
            Self::Text(which, more) => {
                let text = TEXTS[usize::from(*which) % TEXTS.len()];
                let text = if *which >= 128 { more } else { text };
                frame(0x81, true, Length::Right, text.as_bytes())
            }
            Self::Pause(_) => Vec::new(),
        }
    }
}

/// As a client sends it, masked with something that changes nothing.
fn frame(first: u8, is_masked: bool, length: Length, payload: &[u8]) -> Vec<u8> {
    let mask = if is_masked { 0x80 } else { 0 };
    let mut frame = vec![first];
    match (length, u64::try_from(payload.len()).unwrap_or(u64::MAX)) {
        (Length::Short(length), _) => frame.push(mask | (length & 0x7F)),
        (Length::Long(length), _) => {
            frame.push(mask | 127);
            frame.extend(length.to_be_bytes());
        }
        (Length::Right, length) => match (u8::try_from(length), u16::try_from(length)) {
            (Ok(length @ ..126), _) => frame.push(mask | length),
            (_, Ok(length)) => {
                frame.push(mask | 126);
                frame.extend(length.to_be_bytes());
            }
            _ => {
                frame.push(mask | 127);
                frame.extend(length.to_be_bytes());
            }
        },
    }
    if is_masked {
        frame.extend([0; 4]);
    }
    frame.extend_from_slice(payload);
    frame
}

fuzz_target!(|input: Input<'_>| block_on(run(input)));

async fn run(input: Input<'_>) {
    let server = Server::start(input.for_all_origins);
    let (client, connection) = duplex(16 * 1024);
    let service = TowerToHyperService::new(server.router());
    let connection = http1::Builder::new()
        .serve_connection(TokioIo::new(connection), service)
        .with_upgrades();
    // An error is what the client has got, too.
    let connection = tokio::spawn(async { drop(connection.await) });
    let (mut reader, mut writer) = split(client);
    let client_goes = Arc::new(Notify::new());
    let goes = Arc::clone(&client_goes);
    let reading = tokio::spawn(async move {
        let mut received = Vec::new();
        let read_all = async {
            // The other side may break off; what has come counts.
            while matches!(reader.read_buf(&mut received).await, Ok(1..)) {}
            true
        };
        let has_ended =
            tokio::select! { biased; ended = read_all => ended, () = goes.notified() => false };
        (received, has_ended)
    });

    let opening = input.opened.map(|path| Action::Request {
        method: 0,
        path: path % 6,
        version: 0,
        lines: (0..5).map(Line::Known).collect(),
    });
    for action in opening.iter().chain(input.actions.iter().take(64)) {
        if let Action::Pause(seconds) = action {
            sleep(Duration::from_secs(u64::from(seconds / 8))).await;
        }
        // A server that does not read any more has said why, and closes soon.
        let octets = action.octets();
        let written = writer.write_all(&octets);
        if !matches!(timeout(Duration::from_secs(60), written).await, Ok(Ok(()))) {
            break;
        }
    }
    drop(writer.shutdown().await);
    // Whatever is left of its work: the server closes for its part, unless there are octets behind a request for a stream,
    // which keep it from seeing that nothing more comes.
    sleep(Duration::from_secs(60)).await;
    client_goes.notify_one();
    let (received, has_ended) = reading.await.expect("nothing panics");
    drop(writer);
    // It sees it with the next heart-beat, at the latest.
    timeout(Duration::from_secs(60), connection)
        .await
        .expect("the connection ends")
        .expect("nothing panics");
    check(&received, input.opened.is_some(), has_ended);
    server.end().await;
}

/// What the server has sent, if anything.
fn check(received: &[u8], is_opened: bool, has_ended: bool) {
    let mut rest = received;
    let mut is_first = true;
    while let Some(end) = find(rest, b"\r\n\r\n") {
        let (head, behind) = (&rest[..end + 2], &rest[end + 4..]);
        let head = std::str::from_utf8(head).expect("a head is text");
        let status = head
            .strip_prefix("HTTP/1.1 ")
            .or_else(|| head.strip_prefix("HTTP/1.0 "));
        let status = status.and_then(|rest| rest.get(..3)?.parse().ok());
        let status = http::StatusCode::from_u16(status.expect("a status")).expect("a status");
        assert!(!is_opened || !is_first || status == 101, "{head}");
        if status == 101 {
            assert!(
                head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
                    || !is_opened
            );
            // A WebSocket has ended by now.
            assert!(has_ended);
            check_frames(behind);
            return;
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let Some(length) = length.and_then(|length| length.parse().ok()) else {
            // Chunks, or none: what is behind is not worth a parser of its own.
            check_status(status, b"");
            return;
        };
        // The answer to HEAD has none of it.
        let body = behind.get(..length).unwrap_or_default();
        if body.len() < length || body.starts_with(b"HTTP/1.") {
            check_status(status, b"Payload expected.");
            return;
        }
        check_status(status, body);
        rest = &behind[length..];
        is_first = false;
    }
}

/// Whole frames, and nothing behind one that closes.
fn check_frames(mut frames: &[u8]) {
    let mut is_closed = false;
    let mut is_in_message = false;
    while let [first, second, rest @ ..] = frames {
        assert!(!is_closed, "a frame behind the last one");
        assert_eq!(first & 0x70, 0, "no extension was agreed on");
        let (length, rest) = match (second, rest) {
            (126, [high, low, rest @ ..]) => (u64::from(u16::from_be_bytes([*high, *low])), rest),
            (127, rest) if rest.len() >= 8 => {
                let (length, rest) = rest.split_at(8);
                (
                    u64::from_be_bytes(length.try_into().expect("8 octets")),
                    rest,
                )
            }
            (126.., _) => panic!("a masked frame, or less than one"),
            (length, rest) => (u64::from(*length), rest),
        };
        let length = usize::try_from(length).expect("it is not that large");
        let (payload, rest) = rest.split_at_checked(length).expect("a whole frame");
        let (is_last, kind) = (first & 0x80 != 0, first & 0x0F);
        match kind {
            1 | 2 => assert!(!std::mem::replace(&mut is_in_message, !is_last)),
            0 => assert!(std::mem::replace(&mut is_in_message, !is_last)),
            8 => {
                assert!(is_last && length != 1 && length <= 125);
                is_closed = true;
            }
            9 | 10 => assert!(is_last && length <= 125),
            _ => panic!("{kind} is no kind of frames"),
        }
        if kind == 1 && is_last {
            std::str::from_utf8(payload).expect("a text");
        }
        frames = rest;
    }
    assert!(frames.is_empty(), "less than a frame");
}

fn find(octets: &[u8], what: &[u8]) -> Option<usize> {
    octets.windows(what.len()).position(|window| window == what)
}
