use axum::response::Response;
use http::{StatusCode, request::Parts};

use crate::sockjs::{format::Callback, headers::failure};

/// Why a request names no function to call (SJ-HF-02, SJ-JP-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallbackError {
    Missing,
    Invalid,
}

impl CallbackError {
    pub(super) fn response(self) -> Response {
        let text = match self {
            Self::Missing => "\"callback\" parameter required",
            Self::Invalid => "invalid \"callback\" parameter",
        };
        failure(StatusCode::INTERNAL_SERVER_ERROR, text)
    }
}

/// The parameter `c`, or else `callback`, with its percent escapes decoded (SJ-HF-01).
pub(super) fn of(request: &Parts) -> Result<Callback, CallbackError> {
    let query = request.uri.query().unwrap_or_default();
    let parameter = |wanted: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find_map(|(name, value)| (name == wanted).then_some(value))
            .filter(|value| !value.is_empty())
    };
    let callback = parameter("c")
        .or_else(|| parameter("callback"))
        .ok_or(CallbackError::Missing)?;
    Callback::parse(&callback).map_err(|_| CallbackError::Invalid)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn of_query(query: &str) -> Result<String, CallbackError> {
        let request = Request::get(format!("/htmlfile{query}")).body(()).unwrap();
        of(&request.into_parts().0).map(|callback| callback.to_string())
    }

    #[test]
    fn sj_hf_01_the_callback_is_decoded() {
        for (query, callback) in [
            ("?c=%63allback", "callback"),
            ("?callback=a.b_c-1", "a.b_c-1"),
            ("?t=1&callback=b&c=a", "a"),
            ("?c=_jp.a1b2c3d", "_jp.a1b2c3d"),
            ("?c=&callback=b", "b"),
        ] {
            assert_eq!(of_query(query).as_deref(), Ok(callback), "{query}");
        }
    }

    #[test]
    fn sj_hf_02_sj_jp_01_what_is_no_callback() {
        for query in ["", "?", "?c", "?c=", "?C=a", "?callback=", "?d=a"] {
            assert_eq!(of_query(query), Err(CallbackError::Missing), "{query}");
        }
        let long = format!("?c={}", "x".repeat(33));
        for query in [
            "?c=%20",
            "?c=*",
            "?c=abc(",
            "?c=abc%28",
            "?c=a+b",
            "?c=%ff",
            "?c=%00",
            "?c=a%0d%0ab",
            "?c=%E2%80%A8",
            &long,
        ] {
            assert_eq!(of_query(query), Err(CallbackError::Invalid), "{query}");
        }
    }

    /// Those of the advisories on `callback` parameters: script elements, and Flash that is nothing but letters.
    #[test]
    fn t_17_attacks_are_no_callbacks() {
        let rosetta_flash = "CWSMIKI0hCD0Up0IZUnnnnnnnnnnnnnnnnnnnUU5nnnnnn3Snn7iiudIbEAt333swW0ssG03sDDtDDDt0333333Gt333swwv3wwwFPOHtoHHvwHHFhH3D0Up0IZUnnnn";
        for attack in [
            "%3Cscript%3Ealert(1)%3C/script%3E",
            "alert(document.cookie)//",
            "a;alert(1)",
            "a%3Balert(1)",
            "a[%22b%22]",
            "%C2%AB",
            "%EF%BB%BFa",
            rosetta_flash,
        ] {
            let refused = of_query(&format!("?c={attack}"));
            assert_eq!(refused, Err(CallbackError::Invalid), "{attack}");
        }
    }
}
