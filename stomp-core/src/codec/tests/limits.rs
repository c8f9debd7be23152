use super::{Decoded, Decoder, DecoderLimits, Version, drain};
use crate::codec::DecodeErrorKind::{
    self, CommandTooLong, FrameTooLarge, HeaderTooLong, HeadersTooLarge, TooManyHeaders,
};

const LIMITS: DecoderLimits = DecoderLimits {
    headers: 4,
    header_line_bytes: 16,
    headers_bytes: 40,
    frame_bytes: 64,
    command_bytes: 8,
};

fn decode(limits: DecoderLimits, input: &[u8], chunk: usize) -> Decoded {
    let mut decoder = Decoder::new(limits);
    decoder.set_version(Version::V1_1);
    drain(&mut decoder, input.chunks(chunk))
}

/// Asserts that the input is one frame, or fails for this reason, in chunks of any size and with both line ends.
fn check(limits: DecoderLimits, head: &str, body: &str, expected: Option<DecodeErrorKind>) {
    for head in [head.to_owned(), head.replace('\n', "\r\n")] {
        let input = format!("{head}{body}");
        for chunk in 1..=input.len() {
            let (frames, error) = decode(limits, input.as_bytes(), chunk);
            assert_eq!(
                error.map(|error| error.kind()),
                expected,
                "{input:?} in chunks of {chunk}"
            );
            assert_eq!(frames.len(), usize::from(expected.is_none()), "{input:?}");
        }
    }
}

#[test]
fn lim_001_lim_002_header_lines() {
    check(LIMITS, "SEND\na:\nb:\nc:\nd:\n\n", "\0", None);
    check(
        LIMITS,
        "SEND\na:\nb:\nc:\nd:\ne:\n\n",
        "\0",
        Some(TooManyHeaders { limit: 4 }),
    );
    check(
        LIMITS,
        "SEND\na:\na:\na:\na:\na:\n\n",
        "\0",
        Some(TooManyHeaders { limit: 4 }),
    );
}

#[test]
fn lim_003_one_header_line() {
    check(
        LIMITS,
        &format!("SEND\na:{}\n\n", "x".repeat(14)),
        "\0",
        None,
    );
    let too_long = format!("SEND\na:{}", "x".repeat(15));
    // Before the line is complete.
    check(LIMITS, &too_long, "", Some(HeaderTooLong { limit: 16 }));
    // As sent: an escape counts as two octets.
    check(
        LIMITS,
        &format!("SEND\na:{}\n\n", "\\n".repeat(7)),
        "\0",
        None,
    );
    check(
        LIMITS,
        &format!("SEND\na:{}\n\n", "\\n".repeat(8)),
        "\0",
        Some(HeaderTooLong { limit: 16 }),
    );
}

#[test]
fn all_headers_together() {
    let line = "a:34567890123456\n";
    check(
        LIMITS,
        &format!("SEND\n{line}{line}b:345678\n\n"),
        "\0",
        None,
    );
    check(
        LIMITS,
        &format!("SEND\n{line}{line}b:3456789"),
        "",
        Some(HeadersTooLarge { limit: 40 }),
    );
}

#[test]
fn lim_004_announced_body() {
    // 4 octets of command, 17 of the header, 43 of the body.
    let limits = DecoderLimits {
        header_line_bytes: 17,
        ..LIMITS
    };
    check(
        limits,
        "SEND\ncontent-length:43\n\n",
        &format!("{}\0", "x".repeat(43)),
        None,
    );
    // At once: none of the body has arrived.
    check(
        limits,
        "SEND\ncontent-length:44\n\n",
        "",
        Some(FrameTooLarge { limit: 64 }),
    );
}

#[test]
fn lim_004_an_announced_length_reserves_no_memory() {
    let limits = DecoderLimits {
        frame_bytes: usize::MAX,
        ..DecoderLimits::default()
    };
    let mut decoder = Decoder::new(limits);
    decoder.set_version(Version::V1_2);
    let announced = b"SEND\ncontent-length:1000000000000\n\n0123456789";
    assert_eq!(drain(&mut decoder, [announced.as_slice()]), (vec![], None));
    assert!(decoder.kept_octets() < 1024, "{}", decoder.kept_octets());
}

#[test]
fn lim_005_body_without_length() {
    check(LIMITS, "SEND\n\n", &format!("{}\0", "x".repeat(60)), None);
    check(
        LIMITS,
        "SEND\n\n",
        &"x".repeat(61),
        Some(FrameTooLarge { limit: 64 }),
    );
    check(
        LIMITS,
        "SEND\na:bc\n\n",
        &"x".repeat(57),
        Some(FrameTooLarge { limit: 64 }),
    );
}

#[test]
fn lim_005_a_body_that_is_ignored_is_limited_too() {
    let mut decoder = Decoder::new(LIMITS);
    decoder.set_version(Version::V1_0);
    let (frames, error) = drain(&mut decoder, [b"ACK\n\n".as_slice(), &[b'x'; 62]]);
    assert_eq!(
        (frames.len(), error.map(|error| error.kind())),
        (0, Some(FrameTooLarge { limit: 64 }))
    );
}

#[test]
fn lim_006_endless_command() {
    check(LIMITS, "12345678\n\n", "\0", None);
    check(LIMITS, "123456789", "", Some(CommandTooLong { limit: 8 }));
}

#[test]
fn lim_007_limits_change_between_frames() {
    let mut decoder = Decoder::new(LIMITS);
    decoder.set_version(Version::V1_2);
    let mut input: &[u8] = b"SEND\n\n1\0SEND\na:56789012345678901234\n\n2\0";
    assert!(decoder.decode(&mut input).unwrap().is_some());
    decoder.set_limits(DecoderLimits::default());
    assert!(decoder.decode(&mut input).unwrap().is_some());
}

#[test]
fn lim_008_the_sum_of_small_chunks_is_limited() {
    let (frames, error) = decode(LIMITS, &[b"SEND\n\n".as_slice(), &[b'x'; 1000]].concat(), 1);
    assert_eq!(
        (frames.len(), error.map(|error| error.kind())),
        (0, Some(FrameTooLarge { limit: 64 }))
    );
}

#[test]
fn lim_013_the_default_limits_are_exact() {
    let limits = DecoderLimits::default();
    let body = "x".repeat(limits.frame_bytes - 4);
    for (body, frames) in [(body.clone(), 1), (format!("{body}x"), 0)] {
        let input = format!("SEND\n\n{body}\0");
        assert_eq!(
            decode(limits, input.as_bytes(), input.len()).0.len(),
            frames
        );
    }
}

#[test]
fn the_narrowest_of_several_limits_is_named() {
    let limits = DecoderLimits {
        frame_bytes: 10,
        ..LIMITS
    };
    check(limits, "SEND\na:3456\n\n", "\0", None);
    check(
        limits,
        "SEND\na:34567\n\n",
        "\0",
        Some(FrameTooLarge { limit: 10 }),
    );
    check(
        DecoderLimits {
            frame_bytes: 3,
            ..LIMITS
        },
        "SEND\n\n",
        "\0",
        Some(FrameTooLarge { limit: 3 }),
    );
}
