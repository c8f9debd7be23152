use bytes::Bytes;

use super::{Version, decode_whole, frame};
use crate::codec::{Command, EncodedFrame, Frame, FrameBuilder, Headers, SharedMessage, encode};
use Version::{V1_0, V1_1, V1_2};

fn text(encoded: &EncodedFrame) -> &str {
    std::str::from_utf8(encoded.bytes()).unwrap()
}

fn template(version: Version, headers: &[(&str, &str)], body: &'static [u8]) -> SharedMessage {
    let headers = headers.iter().copied().collect();
    SharedMessage::new(
        version,
        "m-1",
        "/topic/a",
        None,
        &[],
        &headers,
        &Bytes::from_static(body),
    )
}

#[test]
fn enc_001_to_enc_005_escapes_by_version() {
    let frame = frame("SEND", &[("a:b", "\r\n:\\")], "");
    let cases = [
        ("ENC-001 ENC-005", V1_2, "SEND\na\\cb:\\r\\n\\c\\\\\n\n\0"),
        ("ENC-002 ENC-005", V1_1, "SEND\na\\cb:\r\\n\\c\\\\\n\n\0"),
        ("ENC-003 ENC-004", V1_0, "SEND\na b:  :\\\n\n\0"),
    ];
    for (rule, version, expected) in cases {
        assert_eq!(text(&encode(&frame, version)), expected, "{rule}");
    }
}

#[test]
fn enc_004_a_1_0_receiver_gets_no_injected_header() {
    let hostile = [
        ("x", "1\r\nsubscription:evil\n\nbody\0ERROR\n"),
        ("\n", "y"),
        ("a\nb", "z"),
    ];
    let encoded = template(V1_0, &hostile, b"").for_subscription(None, None);
    let (frames, error) = decode_whole(Some(V1_0), encoded.bytes());
    assert_eq!(error, None);
    assert_eq!(
        frames,
        [frame(
            "MESSAGE",
            &[
                ("message-id", "m-1"),
                ("destination", "/topic/a"),
                ("x", "1  subscription:evil  body ERROR"),
                ("a b", "z"),
            ],
            ""
        )]
    );
}

#[test]
fn enc_006_connected_is_not_escaped_and_no_line_can_be_injected() {
    for version in Version::SUPPORTED {
        let connected = frame(
            "CONNECTED",
            &[("server", "a\\b:c\r\nversion:9.9"), ("", "x")],
            "",
        );
        assert_eq!(
            text(&encode(&connected, version)),
            "CONNECTED\nserver:a\\b:c  version:9.9\n\n\0"
        );
    }
}

#[test]
fn enc_007_to_enc_011_content_length() {
    for version in Version::SUPPORTED {
        for command in ["SEND", "MESSAGE", "ERROR"] {
            let expected = format!("{command}\ncontent-length:3\n\na\0b\0");
            assert_eq!(
                text(&encode(&frame(command, &[], "a\0b"), version)),
                expected,
                "ENC-007 ENC-008"
            );

            let lies = [("content-length", "1"), ("content-length", "9")];
            assert_eq!(
                text(&encode(&frame(command, &lies, "a\0b"), version)),
                expected,
                "ENC-009"
            );

            let empty = format!("{command}\n\n\0");
            assert_eq!(
                text(&encode(&frame(command, &lies, ""), version)),
                empty,
                "ENC-011"
            );
        }
    }
    let built = FrameBuilder::new(Command::Send, V1_2)
        .header("content-length", "9")
        .header("a", "b");
    assert_eq!(
        text(&built.body(b"xyz")),
        "SEND\na:b\ncontent-length:3\n\nxyz\0",
        "ENC-009"
    );
}

#[test]
fn cod_050_no_body_where_none_may_be() {
    let receipt = frame(
        "RECEIPT",
        &[("receipt-id", "1"), ("content-length", "4")],
        "body",
    );
    assert_eq!(text(&encode(&receipt, V1_2)), "RECEIPT\nreceipt-id:1\n\n\0");
}

#[test]
fn enc_010_lf_line_ends_and_one_nul_at_the_end() {
    let encoded = encode(&frame("ERROR", &[("message", "a\r\nb")], "text"), V1_2);
    assert_eq!(
        text(&encoded),
        "ERROR\nmessage:a\\r\\nb\ncontent-length:4\n\ntext\0"
    );
    let unknown = encode(&Frame::new(Command::Unknown("A\r\nb:c\0".into())), V1_2);
    assert_eq!(text(&unknown), "A  b:c \n\n\0");
}

#[test]
fn enc_012_enc_016_the_senders_headers_cannot_pass_for_the_servers() {
    let spoofed = [
        ("subscription", "x"),
        ("message-id", "x"),
        ("destination", "x"),
        ("ack", "x"),
        ("redelivered", "x"),
        ("content-length", "99"),
        ("content-type", "x"),
        ("receipt", "x"),
        ("transaction", "x"),
        ("simpSessionId", "x"),
        ("simpUser", "x"),
        // What a client that trims, drops CR, or speaks 1.0 would read as one of them.
        (" ack", "x"),
        ("a\rck", "x"),
        ("ack\n", "x"),
        ("ack:", "x"),
        ("\0ack\t", "x"),
    ];
    let kept = [
        ("simple", "s"),
        ("Destination", "odd case"),
        ("empty", ""),
        ("acknowledge", "a"),
    ];
    let headers: Headers = spoofed.into_iter().chain(kept).collect();
    for version in Version::SUPPORTED {
        let template = SharedMessage::new(
            version,
            "m-1",
            "/topic/a",
            Some("text/plain"),
            &[],
            &headers,
            &Bytes::from_static(b"hi"),
        );
        assert_eq!(
            text(&template.for_subscription(Some("s-1"), Some("a-1"))),
            "MESSAGE\nsubscription:s-1\nack:a-1\nmessage-id:m-1\ndestination:/topic/a\n\
             content-type:text/plain\ncontent-length:2\nsimple:s\nDestination:odd case\nempty:\nacknowledge:a\n\
             \nhi\0"
        );
    }
}

#[test]
fn enc_014_canonical_frames_come_back_octet_for_octet() {
    let canonical = [
        "SEND\ndestination:/q\ncontent-length:2\n\nhi\0",
        "MESSAGE\nsubscription:a\\cb\nmessage-id:1\ncontent-length:2\nx:y\nx:z\n\nhi\0",
        "RECEIPT\nreceipt-id:\\r\\n\\\\\n\n\0",
        "CONNECTED\nversion:1.2\nheart-beat:0,0\nserver:a\\b:c\n\n\0",
    ];
    for canonical in canonical {
        let (frames, error) = decode_whole(Some(V1_2), canonical.as_bytes());
        assert_eq!(error, None);
        assert_eq!(text(&encode(&frames[0], V1_2)), canonical);
    }
}

#[test]
fn enc_015_no_blank_behind_the_colon() {
    let receipt = FrameBuilder::new(Command::Receipt, V1_1)
        .header("receipt-id", "r 1")
        .finish();
    assert_eq!(text(&receipt), "RECEIPT\nreceipt-id:r 1\n\n\0");
}

#[test]
fn hb_015_a_heart_beat_is_one_lf() {
    let heart_beat = EncodedFrame::heart_beat();
    assert_eq!(heart_beat.bytes(), "\n");
    assert!(heart_beat.is_text());
}

#[test]
fn ws_015_ws_016_text_is_what_is_utf_8() {
    for (body, is_text) in [
        ("grüße".as_bytes(), true),
        (b"", true),
        (b"a\0b", true),
        (b"\xff", false),
    ] {
        assert_eq!(
            encode(&frame("SEND", &[("ü", "ö")], body), V1_2).is_text(),
            is_text
        );
        assert_eq!(
            template(V1_2, &[], body)
                .for_subscription(None, None)
                .is_text(),
            is_text
        );
    }
    // A body that is left out does not count.
    assert!(encode(&frame("RECEIPT", &[], b"\xff"), V1_2).is_text());
}

#[test]
fn sj_spr_02_what_carries_only_text_gets_text() {
    let headers = [("content-length", "7"), ("a", "ü"), ("b", "c")];
    let binary = encode(&frame("MESSAGE", &headers, b"x\n\n\xffy\0\xfe"), V1_2);
    let expected = "MESSAGE\ncontent-length:11\na:ü\nb:c\n\nx\n\n\u{fffd}y\0\u{fffd}\0";
    assert_eq!(text(&binary.to_text()), expected);
    assert!(binary.to_text().is_text());

    let message = template(V1_2, &[("a", "b")], b"\xff").for_subscription(None, None);
    let as_text = text(&message.to_text()).to_owned();
    assert!(as_text.contains("\ncontent-length:3\n"), "{as_text}");
    assert!(as_text.ends_with("\n\n\u{fffd}\0"), "{as_text}");

    let is_text = encode(&frame("MESSAGE", &[], b"as it is"), V1_2);
    assert_eq!(is_text.to_text(), is_text);
}

#[test]
fn a_message_is_built_for_each_subscription_and_version() {
    let cases = [
        (
            V1_0,
            "MESSAGE\nsubscription:s: \nmessage-id:m-1\ndestination:/topic/a\ncontent-length:2\nc:\\\n\nhi\0",
        ),
        (
            V1_1,
            "MESSAGE\nsubscription:s\\c\\n\nmessage-id:m-1\ndestination:/topic/a\ncontent-length:2\nc:\\\\\n\nhi\0",
        ),
    ];
    for (version, expected) in cases {
        let template = template(version, &[("c", "\\")], b"hi");
        assert_eq!(
            text(&template.for_subscription(Some("s:\n"), None)),
            expected,
            "SUB-036"
        );
    }
    // SUB-004: a 1.0 subscription without an id; ENC-011: no body.
    assert_eq!(
        text(&template(V1_0, &[], b"").for_subscription(None, None)),
        "MESSAGE\nmessage-id:m-1\ndestination:/topic/a\n\n\0"
    );
    assert_eq!(
        text(&template(V1_2, &[], b"").for_subscription(Some("s"), Some("k"))),
        "MESSAGE\nsubscription:s\nack:k\nmessage-id:m-1\ndestination:/topic/a\n\n\0"
    );
}

#[test]
fn frames_are_allocated_exactly() {
    // `try_into_mut` gives the buffer back, which shows its capacity.
    let capacity = |encoded: EncodedFrame| {
        let len = encoded.len();
        (encoded.into_bytes().try_into_mut().unwrap().capacity(), len)
    };
    let headers = [
        ("a:b", "\r\n"),
        ("content-length", "7"),
        ("\n", "x"),
        ("plain", "value"),
    ];
    for version in Version::SUPPORTED {
        let (capacity_of, len) = capacity(encode(&frame("SEND", &headers, [b'x'; 200]), version));
        assert_eq!(capacity_of, len);
        let message = template(version, &headers, b"hi").for_subscription(Some("s:1"), Some("a\n"));
        let (capacity_of, len) = capacity(message);
        assert_eq!(capacity_of, len);
    }
}

#[test]
fn err_014_debug_of_encoded_frames_shows_no_content() {
    let builder = FrameBuilder::new(Command::Connect, V1_2).header("passcode", "s3cret");
    assert!(!format!("{builder:?}").contains("s3cret"));
    assert!(!format!("{:?}", builder.finish()).contains("s3cret"));
    assert!(!format!("{:?}", template(V1_2, &[("a", "s3cret")], b"s3cret")).contains("s3cret"));
}
