use super::DecodeErrorKind;

/// How large a frame may be, for [`Decoder`](super::Decoder).
///
/// Every bound is checked while octets arrive, before they are kept (LIM-001 to LIM-006). A frame exactly at a
/// bound is accepted (LIM-013). Line ends and the final NUL are not counted, so a client that writes CR LF may
/// send as much as one that writes LF.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecoderLimits {
    /// Header lines in one frame. Repeated names count each time (LIM-002). Default 64.
    pub headers: usize,
    /// Octets in one header line, as sent: name, colon and value, escapes included. Default 8 KiB.
    pub header_line_bytes: usize,
    /// Octets in all header lines of one frame together. Default 32 KiB.
    pub headers_bytes: usize,
    /// Octets in one frame: command, header lines and body together. Default 64 KiB.
    pub frame_bytes: usize,
    /// Octets in the command. Default 32.
    pub command_bytes: usize,
}

impl Default for DecoderLimits {
    fn default() -> Self {
        Self {
            headers: 64,
            header_line_bytes: 8 * 1024,
            headers_bytes: 32 * 1024,
            frame_bytes: 64 * 1024,
            command_bytes: 32,
        }
    }
}

impl DecoderLimits {
    /// How long the command may be.
    pub(super) const fn command(&self) -> LineLimit {
        let Self {
            command_bytes,
            frame_bytes,
            ..
        } = *self;
        LineLimit {
            octets: command_bytes,
            error: DecodeErrorKind::CommandTooLong {
                limit: command_bytes,
            },
        }
        .or(
            frame_bytes,
            DecodeErrorKind::FrameTooLarge { limit: frame_bytes },
        )
    }

    /// How long the next header line may be, behind so many lines, octets in them, and octets of the frame.
    pub(super) const fn header_line(
        &self,
        lines: usize,
        in_lines: usize,
        in_frame: usize,
    ) -> LineLimit {
        let Self {
            headers,
            header_line_bytes,
            headers_bytes,
            frame_bytes,
            ..
        } = *self;
        if lines >= headers {
            // Only the blank line may follow.
            return LineLimit {
                octets: 0,
                error: DecodeErrorKind::TooManyHeaders { limit: headers },
            };
        }
        let line = DecodeErrorKind::HeaderTooLong {
            limit: header_line_bytes,
        };
        LineLimit {
            octets: header_line_bytes,
            error: line,
        }
        .or(
            headers_bytes.saturating_sub(in_lines),
            DecodeErrorKind::HeadersTooLarge {
                limit: headers_bytes,
            },
        )
        .or(
            frame_bytes.saturating_sub(in_frame),
            DecodeErrorKind::FrameTooLarge { limit: frame_bytes },
        )
    }

    /// Checks a body of this length behind so many octets of command and headers.
    pub(super) const fn check_body(
        &self,
        length: usize,
        in_head: usize,
    ) -> Result<(), DecodeErrorKind> {
        let limit = self.frame_bytes;
        if length > limit.saturating_sub(in_head) {
            return Err(DecodeErrorKind::FrameTooLarge { limit });
        }
        Ok(())
    }
}

/// How long the current line may be, and what it means if it is longer: the narrowest limit decides.
#[derive(Clone, Copy)]
pub(super) struct LineLimit {
    octets: usize,
    error: DecodeErrorKind,
}

impl LineLimit {
    const fn or(self, octets: usize, error: DecodeErrorKind) -> Self {
        if octets < self.octets {
            Self { octets, error }
        } else {
            self
        }
    }

    /// Checks a line of which `kept` was kept and `arrived` follows. A CR at the end may belong to the line end,
    /// so it is not counted yet.
    pub(super) fn check(self, kept: &[u8], arrived: &[u8]) -> Result<(), DecodeErrorKind> {
        let ends_with_cr = arrived.last().or(kept.last()) == Some(&b'\r');
        let length = kept.len() + arrived.len() - usize::from(ends_with_cr);
        if length > self.octets {
            Err(self.error)
        } else {
            Ok(())
        }
    }
}
