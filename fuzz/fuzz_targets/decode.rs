//! Any octets in any chunks: no panic, the same outcome as for the whole, and no frame over a limit.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use stomp_core::codec::{DecodeError, Decoder, DecoderLimits, Frame, Version};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    version: Option<u8>,
    limits: Option<[u8; 5]>,
    /// Whether the version changes behind CONNECT, as in a session.
    negotiates: bool,
    /// The lengths of the first chunks; the rest is one chunk.
    chunks: &'a [u8],
    octets: &'a [u8],
}

impl Input<'_> {
    fn limits(&self) -> DecoderLimits {
        self.limits.map_or_else(DecoderLimits::default, |limits| {
            let [
                headers,
                header_line_bytes,
                headers_bytes,
                frame_bytes,
                command_bytes,
            ] = limits.map(usize::from);
            DecoderLimits {
                headers,
                header_line_bytes,
                headers_bytes,
                frame_bytes,
                command_bytes,
            }
        })
    }

    fn decoder(&self) -> Decoder {
        let mut decoder = Decoder::new(self.limits());
        if let Some(version) = self.version {
            decoder.set_version(Version::SUPPORTED[usize::from(version) % 3]);
        }
        decoder
    }

    fn decode<'a>(
        &self,
        chunks: impl IntoIterator<Item = &'a [u8]>,
    ) -> (Vec<Frame>, Option<DecodeError>, bool) {
        let mut decoder = self.decoder();
        let mut frames = Vec::new();
        for mut chunk in chunks {
            loop {
                match decoder.decode(&mut chunk) {
                    Ok(Some(frame)) => {
                        let accepted = Version::negotiate(frame.header("accept-version"));
                        if let Some(version) = accepted
                            && self.negotiates
                            && frame.command.is_connect()
                        {
                            decoder.set_version(version);
                        }
                        frames.push(frame);
                    }
                    Ok(None) => break,
                    Err(error) => return (frames, Some(error), decoder.is_mid_frame()),
                }
            }
            assert!(
                chunk.is_empty(),
                "Ok(None) means that all input was consumed"
            );
        }
        (frames, None, decoder.is_mid_frame())
    }
}

fuzz_target!(|input: Input<'_>| {
    let whole = input.decode([input.octets]);

    let mut rest = input.octets;
    let mut chunks: Vec<_> = input
        .chunks
        .iter()
        .map(|length| {
            let (chunk, behind) = rest.split_at(usize::from(*length).min(rest.len()));
            rest = behind;
            chunk
        })
        .collect();
    chunks.push(rest);
    assert_eq!(input.decode(chunks), whole, "random chunks");
    assert_eq!(input.decode(input.octets.chunks(1)), whole, "single octets");

    let limits = input.limits();
    let (frames, error, _) = whole;
    for frame in frames {
        // Decoding only shortens, so the decoded text must fit as well.
        let command = frame.command.as_str().len();
        let lines = frame
            .headers
            .iter()
            .map(|(name, value)| name.len() + 1 + value.len());
        assert!(command <= limits.command_bytes);
        assert!(frame.headers.len() <= limits.headers);
        assert!(lines.clone().all(|line| line <= limits.header_line_bytes));
        assert!(lines.clone().sum::<usize>() <= limits.headers_bytes);
        assert!(command + lines.sum::<usize>() + frame.body.len() <= limits.frame_bytes);
    }
    if let Some(error) = error {
        assert!(!error.to_string().contains([':', '\\', '\r', '\n', '\0']));
    }
});
