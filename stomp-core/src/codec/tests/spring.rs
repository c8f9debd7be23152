//! Spring's rules of the codec, SC, as far as those of STOMP agree; the tests beside this one have the details.

use super::{Version, decode_whole, decoder, drain, frame};
use crate::codec::{DecodeErrorKind, Decoder, DecoderLimits, encode};
use Version::{V1_0, V1_1, V1_2};

/// What is wrong with the input, of which nothing may come out.
fn mistake(version: Version, input: &[u8]) -> DecodeErrorKind {
    let (frames, error) = decode_whole(Some(version), input);
    assert_eq!(frames, [], "\"{}\"", input.escape_ascii());
    error.expect("a mistake").kind()
}

#[test]
fn sc_1_line_ends_around_frames_belong_to_none() {
    let disconnect = frame("DISCONNECT", &[], "");
    for (input, frames) in [
        ("\n\r\n\nDISCONNECT\n\n\0", vec![disconnect.clone()]),
        ("DISCONNECT\n\n\0\n\n\r\n", vec![disconnect.clone()]),
        (
            "DISCONNECT\n\n\0\n\nDISCONNECT\n\n\0",
            vec![disconnect.clone(), disconnect],
        ),
        ("\n", vec![]),
        ("\r\n\n\r\n", vec![]),
    ] {
        assert_eq!(
            decode_whole(Some(V1_2), input.as_bytes()),
            (frames, None),
            "{input:?}"
        );
    }
}

#[test]
fn sc_2_line_ends_are_lf_or_crlf() {
    let subscribe = frame("SUBSCRIBE", &[("id", "1")], "");
    for input in ["SUBSCRIBE\nid:1\n\n\0", "SUBSCRIBE\r\nid:1\r\n\r\n\0"] {
        assert_eq!(
            decode_whole(Some(V1_2), input.as_bytes()),
            (vec![subscribe.clone()], None)
        );
    }
    assert_eq!(
        mistake(V1_2, b"SUBSCRIBE\rid:1\n\n\0"),
        DecodeErrorKind::StrayCarriageReturn
    );
    // Spring's decoder fails if CR and LF come in two chunks.
    let (frames, error) = drain(
        &mut decoder(Some(V1_2)),
        [&b"SUBSCRIBE\r"[..], b"\nid:1\r", b"\n\r", b"\n\0"],
    );
    assert_eq!((frames, error), (vec![subscribe], None));
}

#[test]
fn sc_3_a_header_line_needs_a_name_and_a_colon_and_is_not_trimmed() {
    assert_eq!(
        decode_whole(Some(V1_2), b"SEND\nempty:\n two : a:b \n\n\0"),
        (
            vec![frame("SEND", &[("empty", ""), (" two ", " a:b ")], "")],
            None
        )
    );
    assert_eq!(
        mistake(V1_2, b"SEND\n:x\n\n\0"),
        DecodeErrorKind::EmptyHeaderName
    );
    assert_eq!(
        mistake(V1_2, b"SEND\nx\n\n\0"),
        DecodeErrorKind::HeaderWithoutColon
    );
}

#[test]
fn sc_4_escapes_are_those_of_the_version_and_repeated_headers_are_kept() {
    assert_eq!(
        decode_whole(Some(V1_2), b"SEND\na\\cb:\\r\\n\\c\\\\\na\\cb:2\n\n\0"),
        (
            vec![frame("SEND", &[("a:b", "\r\n:\\"), ("a:b", "2")], "")],
            None
        )
    );
    for malformed in ["SEND\na:\\t\n\n\0", "SEND\na:\\\n\n\0"] {
        assert_eq!(
            mistake(V1_2, malformed.as_bytes()),
            DecodeErrorKind::InvalidEscape
        );
    }
    // Spring has no versions here: 1.0 has no escapes, 1.1 has no `\r`.
    assert_eq!(
        decode_whole(Some(V1_0), b"SEND\na:\\t\n\n\0").0,
        [frame("SEND", &[("a", "\\t")], "")]
    );
    assert_eq!(
        mistake(V1_1, b"SEND\na:\\r\n\n\0"),
        DecodeErrorKind::InvalidEscape
    );
    let connect = b"CONNECT\naccept-version:1.2\nlogin:a\\cb\n\n\0";
    assert_eq!(
        decode_whole(None, connect).0[0].header("login"),
        Some("a\\cb")
    );
}

#[test]
fn sc_5_content_length_counts_or_is_an_error() {
    assert_eq!(
        decode_whole(Some(V1_2), b"SEND\ncontent-length:3\n\na\0b\0").0[0].body[..],
        b"a\0b"[..]
    );
    assert_eq!(
        decode_whole(Some(V1_2), b"SEND\ncontent-length:3\n\na\0"),
        (vec![], None),
        "it waits"
    );
    assert_eq!(
        mistake(V1_2, b"SEND\ncontent-length:1\n\nab\0"),
        DecodeErrorKind::MissingNul
    );
    // Spring reads to the first NUL here.
    for length in ["-1", "x", ""] {
        let input = format!("SEND\ncontent-length:{length}\n\nab\0");
        assert_eq!(
            mistake(V1_2, input.as_bytes()),
            DecodeErrorKind::InvalidContentLength
        );
    }
}

#[test]
fn sc_6_only_some_frames_may_have_a_body() {
    for command in ["SUBSCRIBE", "UNSUBSCRIBE", "DISCONNECT", "ACK", "BEGIN"] {
        let input = format!("{command}\n\nbody\0");
        assert_eq!(
            mistake(V1_2, input.as_bytes()),
            DecodeErrorKind::BodyNotAllowed
        );
    }
    for command in ["SEND", "MESSAGE", "ERROR"] {
        let input = format!("{command}\n\nbody\0");
        assert_eq!(
            decode_whole(Some(V1_2), input.as_bytes()).0,
            [frame(command, &[], "body")]
        );
    }
}

#[test]
fn sc_7_an_announced_length_over_the_limit_fails_before_the_body_is_there() {
    let limits = DecoderLimits {
        frame_bytes: 100,
        ..DecoderLimits::default()
    };
    let mut decoder = Decoder::new(limits);
    decoder.set_version(V1_2);
    let (frames, error) = drain(&mut decoder, [&b"SEND\ncontent-length:200\n\n"[..]]);
    assert_eq!(frames, []);
    assert_eq!(
        error.unwrap().kind(),
        DecodeErrorKind::FrameTooLarge { limit: 100 }
    );
}

#[test]
fn sc_8_headers_in_order_and_a_content_length_of_our_own() {
    let encoded = |headers: &[(&str, &str)]| encode(&frame("SEND", headers, "body"), V1_2);
    assert_eq!(
        encoded(&[("b", "1"), ("a", "x:y"), ("b", "2")]).bytes()[..],
        b"SEND\nb:1\na:x\\cy\nb:2\ncontent-length:4\n\nbody\0"[..]
    );
    // One that is there is put right in its place; Spring moves it to the end.
    assert_eq!(
        encoded(&[("b", "1"), ("content-length", "99"), ("b", "2")]).bytes()[..],
        b"SEND\nb:1\ncontent-length:4\nb:2\n\nbody\0"[..]
    );
    let connected = frame("CONNECTED", &[("server", "a:b"), ("version", "1.2")], "");
    assert_eq!(
        encode(&connected, V1_2).bytes()[..],
        b"CONNECTED\nserver:a:b\nversion:1.2\n\n\0"[..]
    );
}

#[test]
fn sc_9_a_content_type_is_any_text() {
    let send = frame("SEND", &[("content-type", "this is none")], "body");
    let input = b"SEND\ncontent-type:this is none\n\nbody\0";
    assert_eq!(decode_whole(Some(V1_2), input), (vec![send], None));
}
