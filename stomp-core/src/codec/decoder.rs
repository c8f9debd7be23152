use std::fmt;

use bytes::Bytes;

use super::escape::Escapes;
use super::limits::LineLimit;
use super::{Command, DecodeError, DecodeErrorKind, DecoderLimits, Frame, Headers, Version, scan};

/// Turns received bytes into frames, whatever the chunks in which they arrive.
///
/// One decoder belongs to one connection. Feed it everything that arrives and take one frame at a time, so that
/// the version can be set between CONNECT and the frames behind it (STR-017, STR-018):
///
/// ```
/// use stomp_axum::codec::{Decoder, DecoderLimits, Version};
///
/// let mut decoder = Decoder::new(DecoderLimits::default());
/// let mut input: &[u8] = b"CONNECT\naccept-version:1.2\n\n\0SUBSCRIBE\nid:a\\cb\ndestination:/q\n\n\0";
/// while let Some(frame) = decoder.decode(&mut input)? {
///     if frame.command.is_connect() {
///         decoder.set_version(Version::negotiate(frame.header("accept-version")).unwrap());
///     } else {
///         assert_eq!(frame.header("id"), Some("a:b"));
///     }
/// }
/// # Ok::<(), stomp_axum::codec::DecodeError>(())
/// ```
///
/// Before a version is set, no escapes are decoded, and a CONNECT that leads to STOMP 1.0 is trimmed like any
/// frame of that version (COD-031). The same holds for a client that reads CONNECTED.
///
/// The time is linear in the number of octets for any chunking (STR-010 to STR-012), and no more is kept than has
/// arrived: a `content-length` reserves no memory. An idle decoder owns no heap memory.
pub struct Decoder {
    limits: DecoderLimits,
    version: Option<Version>,
    state: State,
    /// The beginning of a line whose end has not arrived.
    partial_line: Vec<u8>,
    /// The head of the frame that is being read.
    head: Head,
    /// As much of the body as has arrived, if not all of it has.
    partial_body: Vec<u8>,
    failure: Option<DecodeError>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    BetweenFrames,
    /// A CR between frames: LF must follow.
    BetweenFramesAfterCr,
    Command,
    Headers,
    Body(Body),
}

#[derive(Clone, Copy, Debug)]
struct Body {
    /// What is left of `content-length`; without that header the body ends at the first NUL.
    remaining: Option<usize>,
    received: usize,
    policy: BodyPolicy,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum BodyPolicy {
    Keep,
    /// STOMP 1.0 ignores a body on a frame that may not have one (COD-051).
    Ignore,
    /// Later versions refuse it (COD-050).
    Refuse,
}

struct Head {
    command: Command,
    headers: Headers,
    /// Octets in the header lines, as sent.
    headers_bytes: usize,
    /// Octets in command and header lines, as sent.
    bytes: usize,
}

impl Head {
    fn new(command: Command, headers: Headers) -> Self {
        let bytes = command.as_str().len();
        Self {
            command,
            headers,
            headers_bytes: 0,
            bytes,
        }
    }
}

impl Default for Head {
    fn default() -> Self {
        Self::new(Command::Unknown(Box::default()), Headers::new())
    }
}

impl Decoder {
    /// A decoder for a fresh connection, without a version.
    #[must_use]
    pub fn new(limits: DecoderLimits) -> Self {
        Self {
            limits,
            version: None,
            state: State::BetweenFrames,
            partial_line: Vec::new(),
            head: Head::default(),
            partial_body: Vec::new(),
            failure: None,
        }
    }

    /// Sets the rules for all further frames. Call it between frames, when the version is negotiated.
    pub const fn set_version(&mut self, version: Version) {
        self.version = Some(version);
    }

    /// The version in force; `None` until it is set.
    #[must_use]
    pub const fn version(&self) -> Option<Version> {
        self.version
    }

    /// Changes the limits, in force from the next octet on: they are lower before CONNECTED (LIM-007).
    pub const fn set_limits(&mut self, limits: DecoderLimits) {
        self.limits = limits;
    }

    /// Whether a frame has begun to arrive and is not complete.
    #[must_use]
    pub const fn is_mid_frame(&self) -> bool {
        !matches!(
            self.state,
            State::BetweenFrames | State::BetweenFramesAfterCr
        )
    }

    /// Whether the frame that is being read has no command of STOMP.
    pub(crate) const fn is_in_unknown_command(&self) -> bool {
        matches!(self.state, State::Headers | State::Body(_))
            && matches!(self.head.command, Command::Unknown(_))
    }

    /// Consumes octets from the front of `input` until one frame is complete.
    ///
    /// `Ok(None)` means that all input is consumed and that no frame is complete yet. Line ends and superfluous
    /// NULs between frames are consumed silently (COD-010 to COD-012): any octet is a sign of life, so the caller
    /// counts octets, not heart-beats.
    ///
    /// # Errors
    ///
    /// If the input is not STOMP or exceeds a limit. The input is then consumed as a whole, and every further
    /// call returns the same error: nothing behind a malformed frame is ever processed (STR-014).
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Option<Frame>, DecodeError> {
        if self.failure.is_none() {
            match self.advance(input) {
                Ok(frame) => return Ok(frame),
                Err(kind) => self.fail(kind),
            }
        }
        *input = &[];
        self.failure.clone().map_or(Ok(None), Err)
    }

    fn fail(&mut self, kind: DecodeErrorKind) {
        let head = std::mem::take(&mut self.head);
        self.failure = Some(DecodeError::new(kind, head.headers.get("receipt")));
        self.state = State::BetweenFrames;
        self.partial_line = Vec::new();
        self.partial_body = Vec::new();
    }

    fn advance(&mut self, input: &mut &[u8]) -> Result<Option<Frame>, DecodeErrorKind> {
        while let Some(&first) = input.first() {
            match self.state {
                State::BetweenFrames => match first {
                    b'\n' | 0 => skip(input, 1),
                    b'\r' => {
                        skip(input, 1);
                        self.state = State::BetweenFramesAfterCr;
                    }
                    _ => self.state = State::Command,
                },
                State::BetweenFramesAfterCr => {
                    if first != b'\n' {
                        return Err(DecodeErrorKind::StrayCarriageReturn);
                    }
                    skip(input, 1);
                    self.state = State::BetweenFrames;
                }
                State::Command => {
                    let limit = self.limits.command();
                    self.with_line(input, limit, Self::command_line)?;
                }
                State::Headers => {
                    let head = &self.head;
                    let lines = head.headers.len();
                    let limit = self
                        .limits
                        .header_line(lines, head.headers_bytes, head.bytes);
                    self.with_line(input, limit, Self::header_line)?;
                }
                State::Body(body) => {
                    if let Some(body) = self.body(input, body)? {
                        return Ok(Some(self.finish(body)));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Hands the next line to `take` if its end has arrived, and keeps what there is of it otherwise.
    fn with_line(
        &mut self,
        input: &mut &[u8],
        limit: LineLimit,
        take: fn(&mut Self, &[u8]) -> Result<(), DecodeErrorKind>,
    ) -> Result<(), DecodeErrorKind> {
        let end = scan::line_end_or_nul(input);
        let arrived = &input[..end.unwrap_or(input.len())];
        limit.check(&self.partial_line, arrived)?;
        let Some(end) = end else {
            self.partial_line.extend_from_slice(arrived);
            *input = &[];
            return Ok(());
        };
        if input[end] == 0 {
            return Err(DecodeErrorKind::NulInHead);
        }
        skip(input, end + 1);
        if self.partial_line.is_empty() {
            let line = self.without_cr(arrived)?;
            return take(self, line);
        }
        let mut line = std::mem::take(&mut self.partial_line);
        line.extend_from_slice(arrived);
        let line = self.without_cr(&line)?;
        take(self, line)
    }

    /// The line without the CR of its line end. CR LF is a line end in every version (COD-003 to COD-006); a CR
    /// elsewhere is data before STOMP 1.2 and malformed since (COD-007, COD-008).
    fn without_cr<'a>(&self, line: &'a [u8]) -> Result<&'a [u8], DecodeErrorKind> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.version == Some(Version::V1_2) && memchr::memchr(b'\r', line).is_some() {
            return Err(DecodeErrorKind::StrayCarriageReturn);
        }
        Ok(line)
    }

    fn command_line(&mut self, line: &[u8]) -> Result<(), DecodeErrorKind> {
        // Enough for the headers of most frames.
        let headers = Headers::with_capacity(4, 128);
        self.head = Head::new(Command::from(utf8(line)?), headers);
        self.state = State::Headers;
        Ok(())
    }

    fn header_line(&mut self, line: &[u8]) -> Result<(), DecodeErrorKind> {
        if line.is_empty() {
            return self.end_of_headers();
        }
        self.head.headers_bytes += line.len();
        self.head.bytes += line.len();

        let (name, value) = utf8(line)?
            .split_once(':')
            .ok_or(DecodeErrorKind::HeaderWithoutColon)?;
        let (name, value) = match self.version {
            Some(Version::V1_0) => (trim(name), trim(value)),
            _ => (name, value),
        };
        if name.is_empty() {
            return Err(DecodeErrorKind::EmptyHeaderName);
        }
        let escapes = self.version.map_or(Escapes::None, |version| {
            Escapes::of(&self.head.command, version)
        });
        self.head.headers.try_append_with(
            |text| escapes.decode(name, text),
            |text| escapes.decode(value, text),
        )
    }

    fn end_of_headers(&mut self) -> Result<(), DecodeErrorKind> {
        if self.version.is_none() {
            self.trim_if_version_1_0()?;
        }
        let policy = self.body_policy();
        let remaining = self
            .head
            .headers
            .get("content-length")
            .map(content_length)
            .transpose()?;
        let remaining = match remaining {
            Some(length) if length > 0 && policy == BodyPolicy::Refuse => {
                return Err(DecodeErrorKind::BodyNotAllowed);
            }
            Some(length) => {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                self.limits.check_body(length, self.head.bytes)?;
                Some(length)
            }
            None => None,
        };
        self.state = State::Body(Body {
            remaining,
            received: 0,
            policy,
        });
        Ok(())
    }

    /// The frame that opens a session is read before its version is known. If it turns out to be 1.0, blanks
    /// around names and values are no part of them (COD-031).
    fn trim_if_version_1_0(&mut self) -> Result<(), DecodeErrorKind> {
        let headers = &self.head.headers;
        let version = match self.head.command {
            Command::Connect | Command::Stomp => Version::negotiate(headers.get("accept-version")),
            Command::Connected => Version::negotiate(headers.get("version")),
            _ => return Ok(()),
        };
        if version != Some(Version::V1_0) {
            return Ok(());
        }
        let trimmed: Headers = headers
            .iter()
            .map(|(name, value)| (trim(name), trim(value)))
            .collect();
        if trimmed.iter().any(|(name, _)| name.is_empty()) {
            return Err(DecodeErrorKind::EmptyHeaderName);
        }
        self.head.headers = trimmed;
        Ok(())
    }

    const fn body_policy(&self) -> BodyPolicy {
        match self.version {
            _ if self.head.command.may_have_body() => BodyPolicy::Keep,
            Some(Version::V1_0) if !self.head.command.is_connect() => BodyPolicy::Ignore,
            _ => BodyPolicy::Refuse,
        }
    }

    /// Reads on in the body. Returns it when its end has arrived.
    fn body(&mut self, input: &mut &[u8], body: Body) -> Result<Option<Bytes>, DecodeErrorKind> {
        let (arrived, is_whole) = match body.remaining {
            Some(remaining) => {
                let length = remaining.min(input.len());
                let is_whole = match input.get(remaining) {
                    Some(0) => true,
                    Some(_) => return Err(DecodeErrorKind::MissingNul),
                    None => false,
                };
                (&input[..length], is_whole)
            }
            None => {
                let nul = scan::nul(input);
                let arrived = &input[..nul.unwrap_or(input.len())];
                if body.policy == BodyPolicy::Refuse && !arrived.is_empty() {
                    return Err(DecodeErrorKind::BodyNotAllowed);
                }
                self.limits
                    .check_body(body.received + arrived.len(), self.head.bytes)?;
                (arrived, nul.is_some())
            }
        };
        skip(input, arrived.len() + usize::from(is_whole));

        if is_whole && self.partial_body.is_empty() {
            let kept = if body.policy == BodyPolicy::Keep {
                arrived
            } else {
                &[]
            };
            return Ok(Some(Bytes::copy_from_slice(kept)));
        }
        let remaining = body.remaining.map(|remaining| remaining - arrived.len());
        if body.policy == BodyPolicy::Keep {
            self.keep_body(arrived, remaining);
        }
        if is_whole {
            // A boxed slice has no spare capacity: a message may wait in queues for long.
            let whole = std::mem::take(&mut self.partial_body).into_boxed_slice();
            return Ok(Some(Bytes::from(whole)));
        }
        let received = body.received + arrived.len();
        self.state = State::Body(Body {
            remaining,
            received,
            ..body
        });
        Ok(None)
    }

    /// Appends to the partial body. Its capacity doubles as it grows, up to the announced length: that header
    /// alone must not make the server allocate (LIM-004).
    fn keep_body(&mut self, arrived: &[u8], remaining: Option<usize>) {
        let needed = self.partial_body.len() + arrived.len();
        if needed > self.partial_body.capacity() {
            let announced =
                remaining.map_or(usize::MAX, |remaining| needed.saturating_add(remaining));
            let capacity = self
                .partial_body
                .capacity()
                .saturating_mul(2)
                .clamp(needed, announced);
            self.partial_body
                .reserve_exact(capacity - self.partial_body.len());
        }
        self.partial_body.extend_from_slice(arrived);
    }

    fn finish(&mut self, body: Bytes) -> Frame {
        self.state = State::BetweenFrames;
        let Head {
            command, headers, ..
        } = std::mem::take(&mut self.head);
        Frame {
            command,
            headers,
            body,
        }
    }

    /// How much heap memory the decoder holds between two calls.
    #[cfg(test)]
    pub(super) const fn kept_octets(&self) -> usize {
        self.partial_line.capacity() + self.partial_body.capacity()
    }
}

impl fmt::Debug for Decoder {
    // Not what has arrived of a frame: it may hold a passcode (ERR-014).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("limits", &self.limits)
            .field("version", &self.version)
            .field("state", &self.state)
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

fn skip(input: &mut &[u8], octets: usize) {
    *input = &input[octets..];
}

fn utf8(line: &[u8]) -> Result<&str, DecodeErrorKind> {
    std::str::from_utf8(line).map_err(|_| DecodeErrorKind::InvalidUtf8)
}

/// Removes the blanks with which STOMP 1.0 clients pad their headers (COD-030).
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Reads a `content-length` (COD-045 to COD-048): digits alone, but blanks around them are tolerated. More than
/// 19 digits may not fit into 64 bits.
fn content_length(value: &str) -> Result<u64, DecodeErrorKind> {
    let digits = trim(value);
    let is_number =
        matches!(digits.len(), 1..=19) && digits.bytes().all(|octet| octet.is_ascii_digit());
    if !is_number {
        return Err(DecodeErrorKind::InvalidContentLength);
    }
    digits
        .parse()
        .map_err(|_| DecodeErrorKind::InvalidContentLength)
}
