use super::{Version, decode_whole, frame};
use Expected::{Frames, Malformed, Waits};
use Version::{V1_0, V1_1, V1_2};

const ALL: &[Option<Version>] = &[Some(V1_0), Some(V1_1), Some(V1_2)];
const OLD: &[Option<Version>] = &[Some(V1_0), Some(V1_1)];
const NEW: &[Option<Version>] = &[Some(V1_1), Some(V1_2)];
const ONLY_1_0: &[Option<Version>] = &[Some(V1_0)];
const ONLY_1_1: &[Option<Version>] = &[Some(V1_1)];
const ONLY_1_2: &[Option<Version>] = &[Some(V1_2)];
/// Before CONNECTED.
const UNKNOWN: &[Option<Version>] = &[None];
const ANY: &[Option<Version>] = &[None, Some(V1_0), Some(V1_1), Some(V1_2)];

type ExpectedFrame<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [u8]);

enum Expected<'a> {
    Frames(&'a [ExpectedFrame<'a>]),
    /// Ends with this code, without a frame.
    Malformed(&'a str),
    Waits,
}

/// Rule, versions, input, outcome.
type Case<'a> = (&'a str, &'a [Option<Version>], &'a [u8], Expected<'a>);

/// Decodes each input under each version and compares.
fn check(cases: &[Case<'_>]) {
    for (rule, versions, input, expected) in cases {
        for &version in *versions {
            let context = format!("{rule} {version:?} \"{}\"", input.escape_ascii());
            let (frames, error) = decode_whole(version, input);
            let code = error.as_ref().map(super::DecodeError::code);
            match expected {
                Frames(expected) => {
                    let expected: Vec<_> = expected
                        .iter()
                        .map(|(command, headers, body)| frame(command, headers, body))
                        .collect();
                    assert_eq!(code, None, "{context}");
                    assert_eq!(frames, expected, "{context}");
                }
                Malformed(expected) => {
                    assert_eq!(frames, [], "{context}");
                    assert_eq!(code, Some(*expected), "{context}");
                }
                Waits => {
                    assert_eq!(frames, [], "{context}");
                    assert_eq!(code, None, "{context}");
                }
            }
        }
    }
}

#[test]
fn frames_and_line_ends() {
    check(&[
        (
            "COD-001",
            ALL,
            b"SEND\ndestination:/q\n\nhi\0",
            Frames(&[("SEND", &[("destination", "/q")], b"hi")]),
        ),
        (
            "COD-002",
            ANY,
            b"DISCONNECT\n\n\0",
            Frames(&[("DISCONNECT", &[], b"")]),
        ),
        // COD-003 for 1.2, COD-005 for the others.
        (
            "COD-003 COD-005",
            ALL,
            b"SEND\r\na:b\r\nc:d\r\n\r\n\r\nhi\r\n\0\r\n",
            Frames(&[("SEND", &[("a", "b"), ("c", "d")], b"\r\nhi\r\n")]),
        ),
        (
            "COD-004",
            ALL,
            b"SEND\na:b\r\nc:d\n\r\nhi\0",
            Frames(&[("SEND", &[("a", "b"), ("c", "d")], b"hi")]),
        ),
        (
            "COD-006",
            UNKNOWN,
            b"CONNECT\r\naccept-version:1.2\r\n\r\n\0",
            Frames(&[("CONNECT", &[("accept-version", "1.2")], b"")]),
        ),
        (
            "COD-007",
            ONLY_1_2,
            b"SEND\na:b\rc\n\n\0",
            Malformed("malformed-frame"),
        ),
        (
            "COD-007",
            ONLY_1_2,
            b"SEND\na:b\r\r\n\n\0",
            Malformed("malformed-frame"),
        ),
        (
            "COD-007",
            ONLY_1_2,
            b"SE\rND\n\n\0",
            Malformed("malformed-frame"),
        ),
        (
            "COD-008",
            OLD,
            b"SEND\na:b\rc\n\n\0",
            Frames(&[("SEND", &[("a", "b\rc")], b"")]),
        ),
        (
            "COD-009",
            ANY,
            b"\rSEND\n\n\0",
            Malformed("malformed-frame"),
        ),
        (
            "COD-009",
            ANY,
            b"\n\r\r\nSEND\n\n\0",
            Malformed("malformed-frame"),
        ),
        (
            "COD-010",
            ALL,
            b"SEND\n\n\0SEND\n\n\0",
            Frames(&[("SEND", &[], b""), ("SEND", &[], b"")]),
        ),
        (
            "COD-010",
            ALL,
            b"SEND\n\n\0\nSEND\n\n\0",
            Frames(&[("SEND", &[], b""), ("SEND", &[], b"")]),
        ),
        (
            "COD-010",
            ALL,
            &[
                b"SEND\n\n\0".as_slice(),
                &[b'\n'; 50],
                b"\r\n\r\nSEND\n\n\0",
            ]
            .concat(),
            Frames(&[("SEND", &[], b""), ("SEND", &[], b"")]),
        ),
        (
            "COD-011",
            ANY,
            b"\n\r\n\nDISCONNECT\n\n\0",
            Frames(&[("DISCONNECT", &[], b"")]),
        ),
        (
            "COD-012",
            ANY,
            b"\0DISCONNECT\n\n\0\0\0\n\0DISCONNECT\n\n\0\0",
            Frames(&[("DISCONNECT", &[], b""), ("DISCONNECT", &[], b"")]),
        ),
        (
            "NUL in the command",
            ANY,
            b"SEND\0",
            Malformed("malformed-frame"),
        ),
        (
            "NUL in a header",
            ANY,
            b"SEND\na:b\0\n\n\0",
            Malformed("malformed-frame"),
        ),
    ]);
}

#[test]
fn header_lines() {
    check(&[
        (
            "COD-013",
            UNKNOWN,
            b"CONNECT\naccept-version:1.2\npasscode:a:b:c\n\n\0",
            Frames(&[(
                "CONNECT",
                &[("accept-version", "1.2"), ("passcode", "a:b:c")],
                b"",
            )]),
        ),
        (
            "COD-014",
            ALL,
            b"SEND\nk:a:b\n\n\0",
            Frames(&[("SEND", &[("k", "a:b")], b"")]),
        ),
        (
            "COD-015 COD-016",
            ANY,
            b"SEND\nk:\n\n\0",
            Frames(&[("SEND", &[("k", "")], b"")]),
        ),
        (
            "COD-017",
            ANY,
            b"SEND\n:v\n\n\0",
            Malformed("malformed-frame"),
        ),
        (
            "COD-017",
            ONLY_1_0,
            b"SEND\n \t:v\n\n\0",
            Malformed("malformed-frame"),
        ),
        (
            "COD-017",
            UNKNOWN,
            b"CONNECT\n :v\n\n\0",
            Malformed("malformed-frame"),
        ),
        (
            "COD-018",
            ANY,
            b"SEND\ndestination\n\n\0",
            Malformed("malformed-frame"),
        ),
        (
            "COD-029",
            NEW,
            b"SEND\n a\t: \tb \n\n\0",
            Frames(&[("SEND", &[(" a\t", " \tb ")], b"")]),
        ),
        (
            "COD-030",
            ONLY_1_0,
            b"SEND\n destination : /queue/a \t\n\n\0",
            Frames(&[("SEND", &[("destination", "/queue/a")], b"")]),
        ),
        (
            "COD-031",
            UNKNOWN,
            b"CONNECT\nlogin: guest\npasscode: a b \n\n\0",
            Frames(&[("CONNECT", &[("login", "guest"), ("passcode", "a b")], b"")]),
        ),
        (
            "COD-031",
            UNKNOWN,
            b"STOMP\naccept-version:1.0\nlogin: guest\n\n\0",
            Frames(&[(
                "STOMP",
                &[("accept-version", "1.0"), ("login", "guest")],
                b"",
            )]),
        ),
        (
            "NEG-024",
            UNKNOWN,
            b"CONNECT\naccept-version:1.0,1.1\nlogin: guest \n\n\0",
            Frames(&[(
                "CONNECT",
                &[("accept-version", "1.0,1.1"), ("login", " guest ")],
                b"",
            )]),
        ),
        (
            "COD-031 for a client",
            UNKNOWN,
            b"CONNECTED\nsession: s\n\n\0",
            Frames(&[("CONNECTED", &[("session", "s")], b"")]),
        ),
        (
            "COD-032 COD-033",
            ALL,
            b"SEND\nfoo:World\nfoo:Hello\n\n\0",
            Frames(&[("SEND", &[("foo", "World"), ("foo", "Hello")], b"")]),
        ),
        (
            "COD-035",
            ALL,
            "SEND\nschlüssel:größe 🦀\n\n\0".as_bytes(),
            Frames(&[("SEND", &[("schlüssel", "größe 🦀")], b"")]),
        ),
        (
            "COD-036",
            ANY,
            b"SEND\nk:\xff\n\n\0",
            Malformed("invalid-utf8"),
        ),
        (
            "COD-036",
            ANY,
            b"SEND\nk\xc3:v\n\n\0",
            Malformed("invalid-utf8"),
        ),
        ("COD-036", ANY, b"SE\xffND\n\n\0", Malformed("invalid-utf8")),
        ("COD-037", ANY, b"send\n\n\0", Frames(&[("send", &[], b"")])),
        (
            "COD-038",
            ALL,
            b"SEND\nDestination:/q\n\n\0",
            Frames(&[("SEND", &[("Destination", "/q")], b"")]),
        ),
        (
            "COD-039",
            ANY,
            b"SEND \n\n\0",
            Frames(&[("SEND ", &[], b"")]),
        ),
        (
            "COD-053",
            ANY,
            b"FOO\na:b\n\nbody\0",
            Frames(&[("FOO", &[("a", "b")], b"body")]),
        ),
    ]);
    assert_eq!(
        decode_whole(Some(V1_2), b"SEND\nfoo:World\nfoo:Hello\n\n\0").0[0].header("foo"),
        Some("World")
    );
}

#[test]
fn escapes() {
    check(&[
        (
            "COD-019",
            NEW,
            b"SEND\nk:a\\nb\\cc\\\\d\n\n\0",
            Frames(&[("SEND", &[("k", "a\nb:c\\d")], b"")]),
        ),
        (
            "COD-020",
            NEW,
            b"SEND\na\\nb\\cc\\\\d:v\n\n\0",
            Frames(&[("SEND", &[("a\nb:c\\d", "v")], b"")]),
        ),
        (
            "COD-021",
            ONLY_1_2,
            b"SEND\nk\\r:\\r\n\n\0",
            Frames(&[("SEND", &[("k\r", "\r")], b"")]),
        ),
        (
            "COD-022",
            ONLY_1_1,
            b"SEND\nk:\\r\n\n\0",
            Malformed("invalid-escape"),
        ),
        (
            "COD-023",
            NEW,
            b"SEND\nk:\\t\n\n\0",
            Malformed("invalid-escape"),
        ),
        (
            "COD-023",
            NEW,
            b"SEND\nk\\x:v\n\n\0",
            Malformed("invalid-escape"),
        ),
        (
            "COD-023",
            NEW,
            b"SEND\nk:\\C\n\n\0",
            Malformed("invalid-escape"),
        ),
        (
            "COD-023",
            NEW,
            b"SEND\nk:\\0\n\n\0",
            Malformed("invalid-escape"),
        ),
        (
            "COD-024",
            NEW,
            b"SEND\nk:a\\\n\n\0",
            Malformed("invalid-escape"),
        ),
        (
            "COD-024",
            NEW,
            b"SEND\nk:a\\\r\n\n\0",
            Malformed("invalid-escape"),
        ),
        (
            "COD-024",
            NEW,
            b"SEND\nk\\:a\n\n\0",
            Malformed("invalid-escape"),
        ),
        (
            "COD-025",
            ONLY_1_0,
            b"SEND\nk:a\\nb\\c\n\n\0",
            Frames(&[("SEND", &[("k", "a\\nb\\c")], b"")]),
        ),
        (
            "COD-027",
            NEW,
            b"SEND\nk:\\\\n\n\n\0",
            Frames(&[("SEND", &[("k", "\\n")], b"")]),
        ),
        (
            "COD-028",
            NEW,
            b"SEND\na\\cb:c\n\n\0",
            Frames(&[("SEND", &[("a:b", "c")], b"")]),
        ),
    ]);
}

#[test]
fn cod_026_the_frames_that_open_a_session_have_no_escapes() {
    for command in ["CONNECT", "STOMP", "CONNECTED"] {
        for accept_version in ["1.0", "1.1", "1.2", "1.0,1.1,1.2"] {
            let input =
                format!("{command}\naccept-version:{accept_version}\nlogin:a\\nb\\\\c\\t\\\n\n\0");
            let expected = frame(
                command,
                &[
                    ("accept-version", accept_version),
                    ("login", "a\\nb\\\\c\\t\\"),
                ],
                "",
            );
            for &version in ANY {
                assert_eq!(
                    decode_whole(version, input.as_bytes()),
                    (vec![expected.clone()], None)
                );
            }
        }
    }
}

#[test]
fn content_length() {
    check(&[
        (
            "COD-034",
            ALL,
            b"SEND\ncontent-length:1\ncontent-length:3\n\na\0",
            Frames(&[(
                "SEND",
                &[("content-length", "1"), ("content-length", "3")],
                b"a",
            )]),
        ),
        (
            "COD-040",
            ALL,
            b"SEND\ncontent-length:5\n\na\0b\0c\0",
            Frames(&[("SEND", &[("content-length", "5")], b"a\0b\0c")]),
        ),
        (
            "COD-041",
            ALL,
            b"SEND\ncontent-length:0\n\n\0",
            Frames(&[("SEND", &[("content-length", "0")], b"")]),
        ),
        (
            "COD-042",
            ALL,
            b"SEND\ncontent-length:3\n\nhello\0",
            Malformed("malformed-frame"),
        ),
        (
            "COD-042",
            ALL,
            b"SEND\ncontent-length:0\n\nhello\0",
            Malformed("malformed-frame"),
        ),
        ("COD-043", ALL, b"SEND\ncontent-length:9\n\n12345", Waits),
        ("COD-043", ALL, b"SEND\ncontent-length:5\n\n12345", Waits),
        (
            "COD-044",
            ALL,
            b"SEND\n\nhello\0",
            Frames(&[("SEND", &[], b"hello")]),
        ),
        (
            "COD-045",
            ALL,
            b"SEND\ncontent-length:abc\n\n\0",
            Malformed("invalid-content-length"),
        ),
        (
            "COD-045",
            ALL,
            b"SEND\ncontent-length:\n\n\0",
            Malformed("invalid-content-length"),
        ),
        (
            "COD-045",
            ALL,
            b"SEND\ncontent-length: \n\n\0",
            Malformed("invalid-content-length"),
        ),
        (
            "COD-045",
            ALL,
            b"SEND\ncontent-length:0x5\n\n\0",
            Malformed("invalid-content-length"),
        ),
        (
            "COD-045",
            ALL,
            b"SEND\ncontent-length:1e3\n\n\0",
            Malformed("invalid-content-length"),
        ),
        (
            "COD-045",
            ALL,
            b"SEND\ncontent-length:+5\n\n\0",
            Malformed("invalid-content-length"),
        ),
        (
            "COD-045",
            ALL,
            "SEND\ncontent-length:٣\n\n\0".as_bytes(),
            Malformed("invalid-content-length"),
        ),
        (
            "COD-046",
            ALL,
            b"SEND\ncontent-length:-1\n\n\0",
            Malformed("invalid-content-length"),
        ),
        (
            "COD-047",
            NEW,
            b"SEND\ncontent-length: 5 \n\nhello\0",
            Frames(&[("SEND", &[("content-length", " 5 ")], b"hello")]),
        ),
        (
            "COD-047",
            ONLY_1_0,
            b"SEND\ncontent-length: 5 \n\nhello\0",
            Frames(&[("SEND", &[("content-length", "5")], b"hello")]),
        ),
        (
            "COD-048",
            ALL,
            b"SEND\ncontent-length:18446744073709551615\n\n\0",
            Malformed("invalid-content-length"),
        ),
        (
            "COD-048",
            ALL,
            b"SEND\ncontent-length:99999999999999999999\n\n\0",
            Malformed("invalid-content-length"),
        ),
        (
            "COD-048",
            ALL,
            b"SEND\ncontent-length:9999999999999999999\n\n\0",
            Malformed("frame-too-large"),
        ),
        (
            "COD-049",
            ALL,
            b"SUBSCRIBE\ncontent-length:0\n\n\0",
            Frames(&[("SUBSCRIBE", &[("content-length", "0")], b"")]),
        ),
        (
            "COD-055",
            ALL,
            b"SEND\nContent-Length:9\n\nhi\0",
            Frames(&[("SEND", &[("Content-Length", "9")], b"hi")]),
        ),
    ]);
}

#[test]
fn bodies() {
    check(&[
        (
            "COD-050",
            NEW,
            b"SUBSCRIBE\nid:0\n\nbody\0",
            Malformed("body-not-allowed"),
        ),
        (
            "COD-050",
            NEW,
            b"SUBSCRIBE\ncontent-length:4\n\n",
            Malformed("body-not-allowed"),
        ),
        (
            "COD-050",
            NEW,
            b"ACK\n\n\n\0",
            Malformed("body-not-allowed"),
        ),
        ("COD-050", NEW, b"BEGIN\n\nx", Malformed("body-not-allowed")),
        (
            "COD-050",
            ANY,
            b"CONNECT\naccept-version:1.2\n\nbody\0",
            Malformed("body-not-allowed"),
        ),
        (
            "COD-050",
            ANY,
            b"STOMP\ncontent-length:4\n\nbody\0",
            Malformed("body-not-allowed"),
        ),
        (
            "COD-051",
            ONLY_1_0,
            b"SUBSCRIBE\ndestination:/q\n\nbody\0SEND\n\nhi\0",
            Frames(&[
                ("SUBSCRIBE", &[("destination", "/q")], b""),
                ("SEND", &[], b"hi"),
            ]),
        ),
        (
            "COD-051",
            ONLY_1_0,
            b"ACK\ncontent-length:3\n\na\0b\0SEND\n\nhi\0",
            Frames(&[
                ("ACK", &[("content-length", "3")], b""),
                ("SEND", &[], b"hi"),
            ]),
        ),
        (
            "COD-052",
            ALL,
            b"SEND\n\n\n\r\nSEND\ndestination:\\x\n\n\xff\r\0",
            Frames(&[("SEND", &[], b"\n\r\nSEND\ndestination:\\x\n\n\xff\r")]),
        ),
    ]);

    let octets: Vec<u8> = (0..=255).collect();
    let input = [
        b"MESSAGE\ncontent-length:256\n\n".as_slice(),
        &octets,
        b"\0",
    ]
    .concat();
    for &version in ALL {
        let expected = frame("MESSAGE", &[("content-length", "256")], &octets);
        assert_eq!(
            decode_whole(version, &input),
            (vec![expected], None),
            "COD-054"
        );
    }
}

#[test]
fn err_003_the_error_knows_the_receipt_that_was_already_read() {
    let receipt = |input: &[u8]| {
        let error = decode_whole(Some(V1_2), input).1.expect("malformed");
        error.receipt().map(str::to_owned)
    };
    assert_eq!(
        receipt(b"SEND\nreceipt:r\\c1\nbad\n\n\0"),
        Some("r:1".to_owned())
    );
    assert_eq!(receipt(b"SEND\nbad\nreceipt:r\n\n\0"), None);
    assert_eq!(
        receipt(b"SEND\nreceipt:r\n\n\0SEND\nbad\n\n\0"),
        None,
        "another frame's"
    );
    assert_eq!(receipt(b"ACK\nreceipt:r\n\nbody\0"), Some("r".to_owned()));
}
