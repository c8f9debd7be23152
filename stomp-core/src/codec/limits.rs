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
