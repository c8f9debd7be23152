//! STOMP frames to bytes and back, for STOMP 1.0, 1.1 and 1.2.
//!
//! No I/O and no async happens here. A transport feeds whatever bytes arrived to a [`Decoder`] and takes
//! [`Frame`]s out of it; the other way, [`encode`], [`FrameBuilder`] and [`SharedMessage`] produce
//! [`EncodedFrame`]s, each of which is one whole frame, ready to be written.
//!
//! ```
//! use stomp_axum::codec::{Command, Decoder, DecoderLimits, Version, encode};
//!
//! let mut decoder = Decoder::new(DecoderLimits::default());
//! decoder.set_version(Version::V1_2);
//!
//! let mut input: &[u8] = b"SEND\ndestination:/queue/a\n\nhello\0\n";
//! let frame = decoder.decode(&mut input)?.expect("a whole frame has arrived");
//! assert_eq!(frame.command, Command::Send);
//! assert_eq!(frame.headers.get("destination"), Some("/queue/a"));
//! assert_eq!(frame.body, "hello");
//!
//! // The line end behind the frame is a heart-beat: it is consumed, and it is no frame.
//! assert_eq!(decoder.decode(&mut input)?, None);
//! assert!(input.is_empty());
//!
//! assert_eq!(
//!     encode(&frame, Version::V1_2).bytes(),
//!     "SEND\ndestination:/queue/a\ncontent-length:5\n\nhello\0",
//! );
//! # Ok::<(), stomp_axum::codec::DecodeError>(())
//! ```
//!
//! The version belongs to the session, not to the codec: a client may send SUBSCRIBE in the same packet as
//! CONNECT, so the decoder hands out one frame at a time and the session sets the version in between.

mod command;
mod decoder;
mod encoder;
mod error;
mod escape;
mod frame;
mod headers;
mod limits;
mod scan;
mod shared_message;
mod text;
mod version;

#[cfg(test)]
mod tests;

pub use command::Command;
pub use decoder::Decoder;
pub use encoder::{EncodedFrame, FrameBuilder, encode};
pub use error::{DecodeError, DecodeErrorKind};
pub use frame::Frame;
pub use headers::{HeaderIter, Headers};
pub use limits::DecoderLimits;
pub(crate) use shared_message::is_reserved;
pub use shared_message::{DeliveryHeaders, SharedMessage};
pub use version::Version;
