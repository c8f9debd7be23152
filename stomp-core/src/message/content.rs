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
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Text => "text/plain;charset=UTF-8",
            Self::Bytes => "application/octet-stream",
        }
    }

    /// Whether a `content-type` header names JSON: `application/json` or `application/*+json`, whatever its
    /// parameters (MC-2).
    pub(crate) fn is_json(header: &str) -> bool {
        let media_type = header.split(';').next().unwrap_or_default().trim();
        let Some((kind, subtype)) = media_type.split_once('/') else {
            return false;
        };
        let has_json_suffix = subtype.len() > 5
            && subtype.is_char_boundary(subtype.len() - 5)
            && subtype[subtype.len() - 5..].eq_ignore_ascii_case("+json");
        kind.eq_ignore_ascii_case("application")
            && (subtype.eq_ignore_ascii_case("json") || has_json_suffix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mc_2_json_types_are_recognised_whatever_their_parameters() {
        for json in [
            "application/json",
            "application/json;charset=utf-8",
            "Application/JSON",
            "application/problem+json",
        ] {
            assert!(ContentType::is_json(json), "{json}");
        }
        for other in [
            "text/plain",
            "application/+json",
            "application/xml",
            "text/json",
            "json",
            "",
            "application/é+json!",
        ] {
            assert!(!ContentType::is_json(other), "{other}");
        }
    }
}
