/// The media types that the converters in the box read and write (MC-1, MC-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentType {
    /// `application/json`: everything that is not text or bytes.
    Json,
    /// `text/plain;charset=UTF-8`: strings.
    Text,
    /// `application/octet-stream`: bytes.
    Bytes,
}

impl ContentType {
    /// The value of the `content-type` header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Text => "text/plain;charset=UTF-8",
            Self::Bytes => "application/octet-stream",
        }
    }
}
