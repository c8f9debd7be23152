use super::{Decoder, DecoderLimits, Frame, Version, decode_whole, decoder, drain, frame};
use crate::codec::scan;

/// Every kind of line end, escape, character and body.
fn corpus() -> Vec<Vec<u8>> {
    [
        b"SEND\ndestination:/q\n\nhi\0".as_slice(),
        b"SEND\r\ndestination:/q\r\ncontent-length:5\r\n\r\na\0b\0c\0",
        b"SUBSCRIBE\nid:a\\cb\\\\c\\nd\ndestination:/topic/a\n\n\0",
        "MESSAGE\nschlüssel:🦀\ncontent-length:4\n\n🦀\0".as_bytes(),
        "SEND\n\n🦀 without a length\0".as_bytes(),
        b"DISCONNECT\n\n\0",
        b"SEND\ncontent-length:0\n\n\0",
        b"FOO\nempty:\n\n\xff\xfe\0",
    ]
    .map(<[u8]>::to_vec)
    .to_vec()
}

fn only_frame(input: &[u8]) -> Frame {
    let (mut frames, error) = decode_whole(Some(Version::V1_2), input);
    assert_eq!((frames.len(), error), (1, None));
    frames.remove(0)
}

#[test]
fn str_001_any_cut_in_two_gives_the_same_frame_after_the_last_octet() {
    // Cuts between CR and LF (STR-004), within an escape (STR-005), within a character (STR-006) and before NUL
    // (STR-007) are among them.
    for input in corpus() {
        let expected = only_frame(&input);
        for cut in 0..input.len() {
            let mut decoder = decoder(Some(Version::V1_2));
            assert_eq!(
                drain(&mut decoder, [&input[..cut]]),
                (vec![], None),
                "{cut}"
            );
            assert_eq!(decoder.is_mid_frame(), cut > 0);
            assert_eq!(
                drain(&mut decoder, [&input[cut..]]),
                (vec![expected.clone()], None),
                "{cut}"
            );
            assert!(!decoder.is_mid_frame());
        }
    }
}

#[test]
fn str_002_one_octet_at_a_time() {
    let input = corpus().concat();
    let expected: Vec<_> = corpus().iter().map(|input| only_frame(input)).collect();
    assert_eq!(
        drain(&mut decoder(Some(Version::V1_2)), input.chunks(1)),
        (expected, None)
    );
}

#[test]
fn str_008_several_frames_in_one_buffer() {
    let input = b"SEND\n\n1\0\n\nSEND\n\n2\0\r\n\0SEND\n\n3\0\n";
    let expected = ["1", "2", "3"]
        .map(|body| frame("SEND", &[], body))
        .to_vec();
    assert_eq!(decode_whole(Some(Version::V1_2), input), (expected, None));
}

#[test]
fn str_009_one_and_a_half_frames() {
    let mut decoder = decoder(Some(Version::V1_2));
    assert_eq!(
        drain(&mut decoder, [b"SEND\n\n1\0SEND\na:".as_slice()]),
        (vec![frame("SEND", &[], "1")], None)
    );
    assert!(decoder.is_mid_frame());
    assert_eq!(
        drain(&mut decoder, [b"b\n\n2\0".as_slice()]),
        (vec![frame("SEND", &[("a", "b")], "2")], None)
    );
}

#[test]
fn str_010_many_small_frames_take_linear_work() {
    let input = b"SEND\ndestination:/q\n\nhi\0".repeat(10_000);
    scan::take_scanned();
    let (frames, error) = decode_whole(Some(Version::V1_2), &input);
    assert_eq!((frames.len(), error), (10_000, None));
    assert!(scan::take_scanned() <= input.len());
}

#[test]
fn str_011_a_large_body_in_pieces_takes_linear_work() {
    const SIZE: usize = 16 * 1024 * 1024;
    let body = vec![b'x'; SIZE];
    for head in [
        "SEND\n\n".to_owned(),
        format!("SEND\ncontent-length:{SIZE}\n\n"),
    ] {
        let input = [head.as_bytes(), &body, b"\0"].concat();
        let limits = DecoderLimits {
            frame_bytes: 2 * SIZE,
            ..DecoderLimits::default()
        };
        let mut decoder = Decoder::new(limits);
        decoder.set_version(Version::V1_2);
        scan::take_scanned();
        let mut frames = Vec::new();
        let mut kept = Vec::new();
        for piece in input.chunks(4096) {
            frames.extend(drain(&mut decoder, [piece]).0);
            kept.push(decoder.kept_octets());
        }
        assert_eq!(frames[0].body, body);
        assert!(scan::take_scanned() <= input.len());
        // What has arrived is copied each time the buffer grows, which must be rare.
        kept.dedup();
        assert!(kept.len() < 20, "{} reallocations", kept.len());
    }
}

#[test]
fn str_012_the_largest_headers_octet_by_octet_take_linear_work() {
    let DecoderLimits {
        headers,
        header_line_bytes,
        headers_bytes,
        ..
    } = DecoderLimits::default();
    let long = format!("a:{}\n", "x".repeat(header_line_bytes - 2))
        .repeat(headers_bytes / header_line_bytes);
    let many = "a:\\n\n".repeat(headers);
    for lines in [long, many] {
        let input = format!("SEND\n{lines}\n\0");
        scan::take_scanned();
        let (frames, error) = drain(
            &mut decoder(Some(Version::V1_2)),
            input.as_bytes().chunks(1),
        );
        assert_eq!((frames.len(), error), (1, None));
        assert!(scan::take_scanned() <= input.len());
    }
}

#[test]
fn str_013_str_014_nothing_behind_a_malformed_frame_is_processed() {
    let mut decoder = decoder(Some(Version::V1_2));
    let input = b"SEND\n\n1\0SEND\n\n2\0SEND\nreceipt:r\nbad\n\n\0SEND\n\n4\0";
    let (frames, error) = drain(&mut decoder, [input.as_slice()]);
    assert_eq!(frames, ["1", "2"].map(|body| frame("SEND", &[], body)));
    assert!(error.is_some());

    let mut good: &[u8] = b"SEND\n\n5\0";
    assert_eq!(decoder.decode(&mut good).err(), error);
    assert!(good.is_empty());
    assert!(!decoder.is_mid_frame());
}

#[test]
fn str_015_line_ends_alone_keep_nothing() {
    let mut decoder = decoder(Some(Version::V1_2));
    for _ in 0..1000 {
        assert_eq!(
            drain(&mut decoder, [b"\n\r\n".repeat(100).as_slice()]),
            (vec![], None)
        );
        assert!(!decoder.is_mid_frame());
    }
    assert_eq!(decoder.kept_octets(), 0);
}

#[test]
fn str_016_a_frame_without_its_end_has_no_effect() {
    let mut decoder = decoder(Some(Version::V1_2));
    assert_eq!(
        drain(&mut decoder, [b"SEND\ndestination:/q\n\nhi".as_slice()]),
        (vec![], None)
    );
    assert!(decoder.is_mid_frame());
}

/// Decodes as a session does: sets the version behind CONNECT.
fn decode_session(input: &[u8], chunk: usize) -> Vec<Frame> {
    let mut decoder = decoder(None);
    let mut frames = Vec::new();
    for mut piece in input.chunks(chunk) {
        while let Some(frame) = decoder.decode(&mut piece).unwrap() {
            if frame.command.is_connect() {
                decoder.set_version(Version::negotiate(frame.header("accept-version")).unwrap());
            }
            frames.push(frame);
        }
    }
    frames
}

#[test]
fn str_017_str_018_frames_behind_connect_follow_the_negotiated_version() {
    let new = b"CONNECT\naccept-version:1.0,1.2\n\n\0SUBSCRIBE\nid:a\\cb\\r\n\n\0";
    let old = b"CONNECT\n\n\0SEND\nid: a\\nb\n\n\0";
    for chunk in 1..=new.len() {
        assert_eq!(
            decode_session(new, chunk)[1],
            frame("SUBSCRIBE", &[("id", "a:b\r")], "")
        );
        assert_eq!(
            decode_session(old, chunk)[1],
            frame("SEND", &[("id", "a\\nb")], "")
        );
    }
}

#[test]
fn err_014_debug_of_a_decoder_shows_nothing_that_arrived() {
    let mut decoder = decoder(None);
    let input = b"CONNECT\nauthentication:115\npasscode:s3cr";
    assert_eq!(drain(&mut decoder, [input.as_slice()]), (vec![], None));
    let text = format!("{decoder:?}");
    assert!(!text.contains("s3cr") && !text.contains("115"), "{text}");
}
