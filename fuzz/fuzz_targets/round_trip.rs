//! Any frame in any version: what is encoded is one valid frame, it holds what the version can express, and
//! encoding it again changes nothing.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use stomp_core::codec::{
    Command, Decoder, DecoderLimits, EncodedFrame, Frame, Headers, SharedMessage, Version, encode,
};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    version: u8,
    command: u8,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a [u8],
}

const COMMANDS: [&str; 16] = [
    "CONNECT",
    "STOMP",
    "SEND",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "ACK",
    "NACK",
    "BEGIN",
    "COMMIT",
    "ABORT",
    "DISCONNECT",
    "CONNECTED",
    "MESSAGE",
    "RECEIPT",
    "ERROR",
    "X-UNKNOWN",
];

/// Decodes what must be exactly one frame.
fn decode(encoded: &EncodedFrame, version: Version) -> Frame {
    let mut decoder = Decoder::new(DecoderLimits {
        headers: usize::MAX,
        header_line_bytes: usize::MAX,
        headers_bytes: usize::MAX,
        frame_bytes: usize::MAX,
        command_bytes: 32,
    });
    decoder.set_version(version);
    let mut octets: &[u8] = encoded.bytes();
    let frame = decoder
        .decode(&mut octets)
        .expect("valid")
        .expect("complete");
    assert!(octets.is_empty(), "nothing behind NUL");
    assert_eq!(
        encoded.is_text(),
        std::str::from_utf8(encoded.bytes()).is_ok()
    );
    frame
}

/// The headers that a frame with all escapes carries: all with a name, with a blank for NUL. Those that read as
/// the length of the body are none of the sender's business.
fn expressible(headers: &Headers) -> Vec<(String, String)> {
    let without_nul = |text: &str| text.replace('\0', " ");
    headers
        .iter()
        .filter(|(name, _)| !name.is_empty() && !name.replace('\r', "").contains("content-length"))
        .map(|(name, value)| (without_nul(name), without_nul(value)))
        .collect()
}

/// STOMP 1.1 has no escape for CR, and a CR at the end of a line belongs to the line end.
fn without_final_cr(frame: &Frame) -> Frame {
    let headers = frame
        .headers
        .iter()
        .map(|(name, value)| (name, value.trim_end_matches('\r')));
    Frame {
        headers: headers.collect(),
        ..frame.clone()
    }
}

fuzz_target!(|input: Input<'_>| {
    let version = Version::SUPPORTED[usize::from(input.version) % 3];
    let sent = Frame {
        command: Command::from(COMMANDS[usize::from(input.command) % COMMANDS.len()]),
        headers: input.headers.iter().copied().collect(),
        body: input.body.to_vec().into(),
    };

    let encoded = encode(&sent, version);
    let received = decode(&encoded, version);
    assert_eq!(received.command, sent.command);
    let body: &[u8] = if sent.command.may_have_body() {
        &sent.body
    } else {
        &[]
    };
    assert_eq!(received.body, body);
    let lengths: Vec<_> = received.headers.get_all("content-length").collect();
    if body.is_empty() {
        assert!(lengths.iter().all(|length| length.trim().is_empty()) || lengths.is_empty());
    } else {
        assert_eq!(
            lengths.first().copied(),
            Some(body.len().to_string().as_str())
        );
    }
    let has_escapes = !matches!(
        sent.command,
        Command::Connect | Command::Stomp | Command::Connected
    );
    if version == Version::V1_2 && has_escapes {
        assert_eq!(expressible(&received.headers), expressible(&sent.headers));
    }
    let again = decode(&encode(&received, version), version);
    assert_eq!(
        without_final_cr(&again),
        without_final_cr(&received),
        "encoding is idempotent"
    );

    let template = SharedMessage::new(
        version,
        "m-1",
        "/topic/a",
        None,
        &[("offset", "7")],
        &sent.headers,
        &sent.body,
    );
    let message = decode(&template.for_subscription(Some("sub-0"), None), version);
    assert_eq!(
        message.headers.get_all("subscription").collect::<Vec<_>>(),
        ["sub-0"]
    );
    assert_eq!(
        message.headers.get_all("message-id").collect::<Vec<_>>(),
        ["m-1"]
    );
    assert_eq!(
        message.headers.get_all("destination").collect::<Vec<_>>(),
        ["/topic/a"]
    );
    assert_eq!(message.headers.get_all("offset").collect::<Vec<_>>(), ["7"]);
    assert!(!message.headers.contains("ack"));
    assert_eq!(message.body, sent.body);
});
