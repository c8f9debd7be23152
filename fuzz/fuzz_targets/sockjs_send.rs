//! Any body to `xhr_send` and `jsonp_send`: it is refused, and the session is unharmed, or the application gets just what
//! `serde_json` finds in it, in order, and the client gets it back in a frame that says the same.

#![no_main]

mod server;

use std::time::Duration;

use arbitrary::Arbitrary;
use http::{HeaderMap, HeaderValue, Method, Uri, header::CONTENT_TYPE};
use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use serde::de::IgnoredAny;

use self::server::{
    MAX_BODY_BYTES, MAX_MESSAGE_BYTES, MAX_MESSAGES, Server, block_on, check_status, read,
};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    way: Way,
    content_type: &'a str,
    bodies: Vec<Json<'a>>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Way {
    Xhr,
    Jsonp,
    JsonpForm,
}

#[derive(Arbitrary, Debug)]
enum Json<'a> {
    Octets(&'a [u8]),
    /// An array of strings, which may be a little wrong.
    Array(Vec<Piece<'a>>),
}

#[derive(Arbitrary, Debug)]
enum Piece<'a> {
    Text(&'a str),
    /// Two of them may be a pair, or none.
    Escapes(u16, u16),
    Many(u8),
    Value(u8),
    Octets(&'a [u8]),
}

impl Json<'_> {
    fn octets(&self) -> Vec<u8> {
        let pieces = match self {
            Self::Octets(octets) => return octets.to_vec(),
            Self::Array(pieces) => pieces,
        };
        let mut json = b"[".to_vec();
        for (index, piece) in pieces.iter().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            match piece {
                Piece::Text(text) => {
                    serde_json::to_writer(&mut json, text).expect("a text is JSON");
                }
                Piece::Escapes(first, second) => {
                    json.extend(format!("\"\\u{first:04x}\\u{second:04X}\"").bytes());
                }
                Piece::Many(times) => {
                    json.extend(vec!["\"\""; usize::from(times % 20)].join(",").bytes());
                }
                Piece::Value(which) => {
                    let values = [
                        "1",
                        "null",
                        "[]",
                        "{}",
                        "\"",
                        " ",
                        "[[[[[[[[",
                        "{\"d\":\"\"}",
                    ];
                    json.extend(values[usize::from(*which) % values.len()].bytes());
                }
                Piece::Octets(octets) => json.extend_from_slice(octets),
            }
        }
        json.push(b']');
        json
    }
}

fuzz_target!(|input: Input<'_>| block_on(run(input)));

async fn run(input: Input<'_>) {
    let server = Server::start(true);
    assert_eq!(receive(&server).await, "o\n");
    for json in input.bodies.iter().take(8) {
        let json = json.octets();
        let body = match input.way {
            Way::Xhr | Way::Jsonp => json.clone(),
            Way::JsonpForm => {
                let mut form = b"e=1&d=".to_vec();
                let encoded = percent_encode(&json, NON_ALPHANUMERIC);
                form.extend(encoded.to_string().bytes());
                form
            }
        };
        let is_too_large = body.len() > MAX_BODY_BYTES;
        let accepted = send(&server, &input, body).await;
        match accepted {
            Err(413) if is_too_large => {}
            _ if is_too_large => panic!("too large, and {accepted:?}"),
            Err(status) => {
                assert!(matches!(status, 413 | 500), "{status}");
                // Only what is too much, or broken, is refused.
                if let Ok(messages) = serde_json::from_slice::<Vec<String>>(&json) {
                    let is_long = |message: &String| message.len() > MAX_MESSAGE_BYTES;
                    let is_too_much = messages.len() > MAX_MESSAGES || messages.iter().any(is_long);
                    assert!(status == 413 && is_too_much, "{status}: {messages:?}");
                }
            }
            Ok(()) => {
                let expected = messages(&json);
                assert!(expected.len() <= MAX_MESSAGES);
                let mut received = Vec::new();
                while received.len() < expected.len() {
                    received.extend(frame(&receive(&server).await));
                }
                assert_eq!(received, expected);
            }
        }
        // Nothing else has come, and the session lives.
        assert_eq!(receive(&server).await, "h\n");
    }
    server.end().await;
}

/// What should arrive. A surrogate alone is none of Unicode, and becomes U+FFFD (SJ-ESC-06).
fn messages(json: &[u8]) -> Vec<String> {
    if let Ok(messages) = serde_json::from_slice(json) {
        return messages;
    }
    serde_json::from_slice::<Vec<IgnoredAny>>(json).expect("it is JSON nevertheless");
    let text = std::str::from_utf8(json).expect("it is UTF-8 nevertheless");
    serde_json::from_str(&replace_lone_surrogates(text)).expect("it is nothing but surrogates")
}

/// As a reader that knows only escapes would do it.
fn replace_lone_surrogates(json: &str) -> String {
    let escape = |at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut result = String::new();
    let mut at = 0;
    while at < json.len() {
        let is_high = |unit: u16| (0xD800..0xDC00).contains(&unit);
        let is_low = |unit: u16| (0xDC00..0xE000).contains(&unit);
        let length = match escape(at) {
            Some(unit) if is_high(unit) && escape(at + 6).is_some_and(is_low) => 12,
            Some(unit) if is_high(unit) || is_low(unit) => {
                result.push_str("\\ufffd");
                at += 6;
                continue;
            }
            Some(_) => 6,
            // Any other escape, such as that of a backslash.
            None if json[at..].starts_with('\\') => {
                let escaped = json[at + 1..].chars().next();
                1 + escaped.map_or(0, char::len_utf8)
            }
            None => json[at..].chars().next().map_or(1, char::len_utf8),
        };
        result.push_str(&json[at..at + length]);
        at += length;
    }
    result
}

async fn send(server: &Server, input: &Input<'_>, body: Vec<u8>) -> Result<(), u16> {
    let (path, content_type) = match input.way {
        Way::Xhr => ("/echo-sockjs/0/a/xhr_send", input.content_type),
        Way::Jsonp => ("/echo-sockjs/0/a/jsonp_send", "text/plain"),
        Way::JsonpForm => (
            "/echo-sockjs/0/a/jsonp_send",
            "application/x-www-form-urlencoded",
        ),
    };
    let mut headers = HeaderMap::new();
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        headers.insert(CONTENT_TYPE, content_type);
    }
    let (head, mut body) = server
        .request(Method::POST, Uri::from_static(path), headers, body, 0)
        .await;
    let (body, has_ended) = read(&mut body, Duration::from_secs(1)).await;
    assert!(has_ended);
    check_status(head.status, &body);
    match (head.status.as_u16(), &body[..]) {
        (204, b"") | (200, b"ok") => Ok(()),
        (status, _) => Err(status),
    }
}

/// The next frame.
async fn receive(server: &Server) -> String {
    let path = Uri::from_static("/echo-sockjs/0/a/xhr");
    let (head, mut body) = server
        .request(Method::POST, path, HeaderMap::new(), "", 0)
        .await;
    assert_eq!(head.status, 200);
    let (body, has_ended) = read(&mut body, Duration::from_secs(60)).await;
    assert!(has_ended);
    String::from_utf8(body).expect("frames are text")
}

fn frame(frame: &str) -> Vec<String> {
    let json = frame
        .strip_prefix('a')
        .and_then(|frame| frame.strip_suffix('\n'));
    // SJ-ESC-02: what old browsers lose.
    let is_lost = |character| matches!(character, '\0'..='\u{1F}' | '\u{200C}'..='\u{200F}' | '\u{2028}'..='\u{202F}' | '\u{2060}'..='\u{206F}' | '\u{FFF0}'..='\u{FFFF}');
    let json = json.expect("a frame of messages");
    assert!(!json.contains(is_lost), "{json:?}");
    serde_json::from_str(json).expect("an array of strings")
}
