//! Escapes in header names and values, per version.

use super::{Command, DecodeErrorKind, Version};

/// Which escapes the headers of a frame use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Escapes {
    /// None: a backslash is a plain character. STOMP 1.0, and the frames that open a session.
    None,
    /// LF, colon, backslash.
    V1_1,
    /// CR, LF, colon, backslash.
    V1_2,
}

/// A name and a value are not written alike where there are no escapes: a colon ends the name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Name,
    Value,
}

/// How one octet is written.
enum Written {
    AsIs,
    Escaped(u8),
    /// The version cannot express the octet. A blank keeps it from ending the line, the name or the frame,
    /// which would let a sender put headers of its own into the frames of others (ENC-004, ENC-006).
    Blank,
}

impl Escapes {
    pub(super) const fn of(command: &Command, version: Version) -> Self {
        match version {
            _ if command.is_never_escaped() => Self::None,
            Version::V1_0 => Self::None,
            Version::V1_1 => Self::V1_1,
            Version::V1_2 => Self::V1_2,
        }
    }

    /// Appends `text` without its escapes (COD-019 to COD-028).
    ///
    /// # Errors
    ///
    /// `InvalidEscape` if a backslash is followed by anything that the version does not define.
    pub(super) fn decode(self, text: &str, out: &mut String) -> Result<(), DecodeErrorKind> {
        if self == Self::None {
            out.push_str(text);
            return Ok(());
        }
        let mut rest = text;
        while let Some(backslash) = memchr::memchr(b'\\', rest.as_bytes()) {
            out.push_str(&rest[..backslash]);
            out.push(match rest.as_bytes().get(backslash + 1) {
                Some(b'n') => '\n',
                Some(b'c') => ':',
                Some(b'\\') => '\\',
                Some(b'r') if self == Self::V1_2 => '\r',
                _ => return Err(DecodeErrorKind::InvalidEscape),
            });
            rest = &rest[backslash + 2..];
        }
        out.push_str(rest);
        Ok(())
    }

    /// Appends `text` with escapes (ENC-001 to ENC-006).
    pub(super) fn encode(self, text: &str, part: Part, out: &mut Vec<u8>) {
        if is_plain(text) {
            return out.extend_from_slice(text.as_bytes());
        }
        for octet in text.bytes() {
            match self.written(octet, part) {
                Written::AsIs => out.push(octet),
                Written::Escaped(letter) => out.extend_from_slice(&[b'\\', letter]),
                Written::Blank => out.push(b' '),
            }
        }
    }

    /// How many octets [`encode`](Self::encode) appends.
    pub(super) fn encoded_len(self, text: &str, part: Part) -> usize {
        if is_plain(text) {
            return text.len();
        }
        let escaped = |octet: &u8| matches!(self.written(*octet, part), Written::Escaped(_));
        text.len()
            + text
                .as_bytes()
                .iter()
                .filter(|octet| escaped(octet))
                .count()
    }

    /// Whether a header with this name can be written at all. An empty name is malformed, and so is, where
    /// headers are trimmed, one of which nothing but blanks would be left.
    pub(super) fn can_express_name(self, name: &str) -> bool {
        match self {
            Self::None => name
                .bytes()
                .any(|octet| !matches!(octet, b' ' | b'\t' | b'\r' | b'\n' | b':' | 0)),
            Self::V1_1 | Self::V1_2 => !name.is_empty(),
        }
    }

    const fn written(self, octet: u8, part: Part) -> Written {
        match (octet, self) {
            // STOMP can carry NUL in a header, but clients that split their input at NUL would take the rest of
            // the header for the next frame.
            (0, _) | (b'\r' | b'\n', Self::None) => Written::Blank,
            (b':', Self::None) if matches!(part, Part::Name) => Written::Blank,
            (b'\r', Self::V1_2) => Written::Escaped(b'r'),
            (b'\n', Self::V1_1 | Self::V1_2) => Written::Escaped(b'n'),
            (b':', Self::V1_1 | Self::V1_2) => Written::Escaped(b'c'),
            (b'\\', Self::V1_1 | Self::V1_2) => Written::Escaped(b'\\'),
            _ => Written::AsIs,
        }
    }
}

/// Whether the text holds nothing that any version escapes or replaces.
///
/// Looks at every octet without leaving early, which the compiler turns into vector instructions. Nearly every
/// header is plain.
fn is_plain(text: &str) -> bool {
    let special = |octet: u8| matches!(octet, b'\\' | b':' | b'\n' | b'\r' | 0);
    !text
        .bytes()
        .fold(false, |found, octet| found | special(octet))
}

#[cfg(test)]
mod tests {
    use super::{Command, DecodeErrorKind, Escapes, Part, Version};

    fn decode(escapes: Escapes, text: &str) -> Result<String, DecodeErrorKind> {
        let mut out = String::new();
        escapes.decode(text, &mut out).map(|()| out)
    }

    fn encode(escapes: Escapes, part: Part, text: &str) -> String {
        let mut out = Vec::new();
        escapes.encode(text, part, &mut out);
        assert_eq!(out.len(), escapes.encoded_len(text, part), "{text:?}");
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn decoding_by_version() {
        use Escapes::{None, V1_1, V1_2};
        let cases = [
            ("COD-019", V1_1, r"a\nb\cc\\d", Ok("a\nb:c\\d")),
            ("COD-019", V1_2, r"a\nb\cc\\d", Ok("a\nb:c\\d")),
            ("COD-021", V1_2, r"\r", Ok("\r")),
            ("COD-022", V1_1, r"\r", Err(DecodeErrorKind::InvalidEscape)),
            ("COD-025", None, r"a\nb\c", Ok(r"a\nb\c")),
            ("COD-027", V1_1, r"\\n", Ok(r"\n")),
            ("COD-027", V1_2, r"\\\\n", Ok(r"\\n")),
            ("COD-035", V1_2, r"ü\cé", Ok("ü:é")),
        ];
        for (rule, escapes, text, expected) in cases {
            assert_eq!(
                decode(escapes, text).as_deref(),
                expected.as_ref().copied(),
                "{rule} {text}"
            );
        }
        for escapes in [V1_1, V1_2] {
            for text in [
                r"\t",
                r"\x",
                r"\C",
                r"\0",
                r"\N",
                "\\",
                r"a\",
                r"\ü",
                r"ok\nbad\",
            ] {
                assert_eq!(
                    decode(escapes, text),
                    Err(DecodeErrorKind::InvalidEscape),
                    "COD-023 COD-024 {text}"
                );
            }
        }
    }

    #[test]
    fn encoding_by_version() {
        use Escapes::{None, V1_1, V1_2};
        use Part::{Name, Value};
        let cases = [
            ("ENC-001", V1_2, Value, "\r\n:\\", r"\r\n\c\\"),
            ("ENC-002", V1_1, Value, "\r\n:\\", "\r\\n\\c\\\\"),
            ("ENC-003", None, Value, ":\\", ":\\"),
            ("ENC-004", None, Value, "a\r\nb:c", "a  b:c"),
            ("ENC-005", V1_1, Name, "a:b", r"a\cb"),
            ("ENC-005", V1_2, Name, "a:b", r"a\cb"),
            ("ENC-004", None, Name, "a:b\nc", "a b c"),
            ("NUL", None, Value, "a\0b", "a b"),
            ("NUL", V1_2, Value, "a\0b", "a b"),
            ("plain", V1_2, Value, "grüße", "grüße"),
        ];
        for (rule, escapes, part, text, expected) in cases {
            assert_eq!(encode(escapes, part, text), expected, "{rule}");
        }
    }

    #[test]
    fn the_frames_that_open_a_session_are_never_escaped() {
        for version in Version::SUPPORTED {
            for command in [Command::Connect, Command::Stomp, Command::Connected] {
                assert_eq!(
                    Escapes::of(&command, version),
                    Escapes::None,
                    "COD-026 ENC-006"
                );
            }
        }
        assert_eq!(Escapes::of(&Command::Send, Version::V1_0), Escapes::None);
        assert_eq!(Escapes::of(&Command::Send, Version::V1_1), Escapes::V1_1);
        assert_eq!(Escapes::of(&Command::Error, Version::V1_2), Escapes::V1_2);
    }

    #[test]
    fn names_that_cannot_be_written() {
        assert!(!Escapes::V1_2.can_express_name(""));
        assert!(Escapes::V1_2.can_express_name(" :"));
        assert!(!Escapes::None.can_express_name(" :\n"));
        assert!(Escapes::None.can_express_name(" a:"));
    }
}
