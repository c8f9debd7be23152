//! The conformance rules of the codec by ID: COD, STR, LIM, ENC, and SC where they meet Spring's.

use super::{Command, DecodeError, Decoder, DecoderLimits, Frame, Version};

mod decoding;
mod encoding;
mod limits;
mod properties;
mod spring;
mod streams;

/// What came out of a decoder: the frames before an error, and the error.
type Decoded = (Vec<Frame>, Option<DecodeError>);

fn frame(command: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Frame {
    Frame {
        command: Command::from(command),
        headers: headers.iter().copied().collect(),
        body: body.as_ref().to_vec().into(),
    }
}

fn decoder(version: Option<Version>) -> Decoder {
    let mut decoder = Decoder::new(DecoderLimits::default());
    if let Some(version) = version {
        decoder.set_version(version);
    }
    decoder
}

/// Feeds the chunks and takes every frame, until the end or an error.
fn drain<'a>(decoder: &mut Decoder, chunks: impl IntoIterator<Item = &'a [u8]>) -> Decoded {
    let mut frames = Vec::new();
    for mut chunk in chunks {
        loop {
            match decoder.decode(&mut chunk) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
        assert!(chunk.is_empty(), "all input is consumed");
    }
    (frames, None)
}

fn decode_whole(version: Option<Version>, input: &[u8]) -> Decoded {
    drain(&mut decoder(version), [input])
}
