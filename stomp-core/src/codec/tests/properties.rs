//! Properties over random frames, octets and chunks (STR-003, ENC-013).

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Decoder, DecoderLimits, Frame, Version, decoder, drain, frame};
use crate::codec::encode;

fn version() -> impl Strategy<Value = Version> {
    prop_oneof![
        Just(Version::V1_0),
        Just(Version::V1_1),
        Just(Version::V1_2)
    ]
}

fn command() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("CONNECT"),
        Just("STOMP"),
        Just("SEND"),
        Just("SUBSCRIBE"),
        Just("ACK"),
        Just("CONNECTED"),
        Just("MESSAGE"),
        Just("RECEIPT"),
        Just("ERROR"),
        Just("X-UNKNOWN"),
    ]
}

/// Text in which everything that matters to the codec is frequent.
fn header_text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        '\\', ':', '\n', '\r', ' ', '\t', 'n', 'r', 'c', 'ü', '🦀', '\u{a0}',
    ]);
    let any = any::<char>().prop_filter("NUL cannot be expressed", |c| *c != '\0');
    vec(prop_oneof![3 => special, 1 => any], 0..12).prop_map(String::from_iter)
}

/// What of a header this version can express; `None` if nothing is left of its name.
fn express(version: Version, command: &str, name: &str, value: &str) -> Option<(String, String)> {
    let never_escaped = matches!(command, "CONNECT" | "STOMP" | "CONNECTED");
    let (name, value) = match version {
        _ if never_escaped => (
            name.replace(['\r', '\n', ':'], ""),
            value.replace(['\r', '\n'], ""),
        ),
        Version::V1_0 => (
            name.replace(['\r', '\n', ':'], ""),
            value.replace(['\r', '\n'], ""),
        ),
        // A CR is not escaped, and the last one would belong to the line end (COD-005).
        Version::V1_1 => (name.to_owned(), value.trim_end_matches('\r').to_owned()),
        Version::V1_2 => (name.to_owned(), value.to_owned()),
    };
    let blanks = [' ', '\t'];
    let (name, value) = match version {
        _ if never_escaped && name.trim_matches(blanks).is_empty() => return None,
        Version::V1_0 => (
            name.trim_matches(blanks).to_owned(),
            value.trim_matches(blanks).to_owned(),
        ),
        Version::V1_1 | Version::V1_2 => (name, value),
    };
    (!name.is_empty() && name != "content-length").then_some((name, value))
}

fn frame_of(version: Version) -> impl Strategy<Value = Frame> {
    let headers = vec((header_text(), header_text()), 0..6);
    (command(), headers, vec(any::<u8>(), 0..40)).prop_map(move |(command, headers, body)| {
        let headers: Vec<_> = headers
            .iter()
            .filter_map(|(name, value)| express(version, command, name, value))
            .collect();
        let mut frame = frame(command, &[], "");
        frame.headers.extend(headers);
        if frame.command.may_have_body() && !body.is_empty() {
            frame
                .headers
                .append("content-length", &body.len().to_string());
            frame.body = body.into();
        }
        frame
    })
}

fn versioned_frames() -> impl Strategy<Value = (Version, Vec<Frame>)> {
    version().prop_flat_map(|version| (Just(version), vec(frame_of(version), 1..5)))
}

/// Octets of which many are nearly STOMP.
fn nearly_stomp() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            "SEND", "CONNECT", "ACK", "\n", "\n", "\r\n", "\n\n", "\0", "\0", ":", "a:b\n", "\\", "\\n",
            "content-length:", "3", "accept-version:1.2\n", "receipt:r\n", " ", "\r", "body", "ü",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..4),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Cuts the input behind each of these shares of what is left.
fn cut<'a>(mut input: &'a [u8], cuts: &[u8]) -> Vec<&'a [u8]> {
    let mut chunks = Vec::new();
    for cut in cuts {
        let (chunk, rest) = input.split_at(usize::from(*cut).min(input.len()));
        chunks.push(chunk);
        input = rest;
    }
    chunks.push(input);
    chunks
}

fn tight_limits() -> impl Strategy<Value = DecoderLimits> {
    (0..6usize, 0..40usize, 0..60usize, 0..80usize, 0..12usize).prop_map(
        |(headers, header_line_bytes, headers_bytes, frame_bytes, command_bytes)| DecoderLimits {
            headers,
            header_line_bytes,
            headers_bytes,
            frame_bytes,
            command_bytes,
        },
    )
}

proptest! {
    #[test]
    fn enc_013_decoding_undoes_encoding((version, frames) in versioned_frames(), cuts in vec(0u8..20, 0..20)) {
        let encoded: Vec<u8> = frames.iter().flat_map(|frame| encode(frame, version).into_bytes()).collect();
        let decoded = drain(&mut decoder(Some(version)), cut(&encoded, &cuts));
        prop_assert_eq!(decoded, (frames, None));
    }

    #[test]
    fn enc_010_an_encoded_frame_has_one_nul_and_nothing_behind_it((version, frames) in versioned_frames()) {
        for frame in frames {
            let encoded = encode(&frame, version);
            let head = &encoded.bytes()[..encoded.len() - frame.body.len() - 1];
            prop_assert!(!head.contains(&0));
            prop_assert!(encoded.bytes().ends_with(b"\0"));
            prop_assert_eq!(encoded.is_text(), std::str::from_utf8(encoded.bytes()).is_ok());

            // SJ-SPR-02: as text it is the same frame, but for its body.
            let as_text = encoded.to_text().into_bytes();
            let decoded = drain(&mut decoder(Some(version)), cut(&as_text, &[]));
            let body = String::from_utf8_lossy(&frame.body).into_owned();
            let mut expected = frame.clone();
            if expected.headers.contains("content-length") {
                expected.headers.set("content-length", &body.len().to_string());
            }
            expected.body = body.into();
            prop_assert!(std::str::from_utf8(&as_text).is_ok());
            prop_assert_eq!(decoded, (vec![expected], None));
        }
    }

    #[test]
    fn str_003_chunks_do_not_matter(
        version in prop::option::of(version()),
        input in nearly_stomp(),
        cuts in vec(0u8..8, 0..60),
        limits in prop_oneof![Just(DecoderLimits::default()), tight_limits()],
    ) {
        let new = || {
            let mut decoder = Decoder::new(limits);
            if let Some(version) = version {
                decoder.set_version(version);
            }
            decoder
        };
        let whole = drain(&mut new(), [input.as_slice()]);
        prop_assert_eq!(&drain(&mut new(), cut(&input, &cuts)), &whole);
        prop_assert_eq!(&drain(&mut new(), input.chunks(1)), &whole);
    }

    #[test]
    fn any_frame_survives_any_version_without_injection(
        version in version(),
        headers in vec((any::<String>(), any::<String>()), 0..5),
        body in vec(any::<u8>(), 0..20),
    ) {
        let mut sent = frame("MESSAGE", &[], body);
        sent.headers.extend(headers);
        let (frames, error) = drain(&mut decoder(Some(version)), [encode(&sent, version).bytes().as_ref()]);
        prop_assert_eq!(error, None);
        prop_assert_eq!(frames.len(), 1);
        prop_assert_eq!(&frames[0].body, &sent.body);
        prop_assert!(frames[0].headers.len() <= sent.headers.len() + 1);
    }
}
