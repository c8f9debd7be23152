/// Whether a media type with wildcards covers the value of a `content-type` header. Parameters and case do not count
/// (MC-2).
pub(in crate::message) fn includes(range: &str, content_type: &str) -> bool {
    let (Some((range_type, range_subtype)), Some((kind, subtype))) =
        (without_parameters(range), without_parameters(content_type))
    else {
        return false;
    };
    if kind.is_empty() || subtype.is_empty() {
        return false;
    }
    (range_type == "*" || range_type.eq_ignore_ascii_case(kind))
        && match range_subtype.strip_prefix('*') {
            Some("") => true,
            Some(suffix) => ends_with(subtype, suffix),
            None => range_subtype.eq_ignore_ascii_case(subtype),
        }
}

/// Type and subtype.
fn without_parameters(media_type: &str) -> Option<(&str, &str)> {
    let media_type = media_type.split(';').next().unwrap_or_default();
    media_type.trim().split_once('/')
}

/// Whether `subtype` has this suffix, and something in front of it.
fn ends_with(subtype: &str, suffix: &str) -> bool {
    subtype.len() > suffix.len()
        && subtype
            .get(subtype.len() - suffix.len()..)
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

#[cfg(test)]
mod tests {
    use super::includes;

    #[test]
    fn mc_2_parameters_and_case_do_not_count() {
        for content_type in [
            "application/json",
            "application/json;charset=utf-8",
            " Application/JSON ; v=1",
        ] {
            assert!(includes("application/json", content_type), "{content_type}");
        }
        for content_type in [
            "text/json",
            "application/jsonx",
            "application",
            "json",
            "",
            "/",
        ] {
            assert!(
                !includes("application/json", content_type),
                "{content_type}"
            );
        }
    }

    #[test]
    fn mc_2_wildcards() {
        for (range, content_type, expected) in [
            ("text/plain;charset=UTF-8", "text/plain", true),
            ("*/*", "image/png", true),
            ("*/*", "image", false),
            ("*/*", "image/", false),
            ("image/*", "image/png", true),
            ("image/*", "text/png", false),
            ("application/*+json", "application/problem+json;v=1", true),
            ("application/*+json", "application/Problem+JSON", true),
            ("application/*+json", "application/+json", false),
            ("application/*+json", "application/json", false),
            ("application/*+json", "application/é+json!", false),
            ("application/*+json", "application/xéjson", false),
        ] {
            assert_eq!(
                includes(range, content_type),
                expected,
                "{range} {content_type}"
            );
        }
    }
}
