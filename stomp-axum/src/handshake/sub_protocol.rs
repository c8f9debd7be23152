use http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};

use super::tokens;

/// The first that the client offers of those that are `known`, as the client spells it (HS-10); without one there is no
/// sub-protocol, and the upgrade succeeds (HS-12).
pub(crate) fn first_offered(headers: &HeaderMap, known: &[String]) -> Option<HeaderValue> {
    let is_known = |offered: &[u8]| {
        let mut known = known.iter();
        known.any(|known| offered.eq_ignore_ascii_case(known.as_bytes()))
    };
    tokens(headers, &SEC_WEBSOCKET_PROTOCOL)
        .find(|offered| is_known(offered))
        .and_then(|offered| HeaderValue::from_bytes(offered).ok())
}

/// As [`first_offered`], in the order of `known`.
pub(crate) fn choose_sub_protocol<'a>(
    headers: &HeaderMap,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<HeaderValue> {
    known.into_iter().find_map(|known| {
        tokens(headers, &SEC_WEBSOCKET_PROTOCOL)
            .find(|offered| offered.eq_ignore_ascii_case(known.as_bytes()))
            .and_then(|offered| HeaderValue::from_bytes(offered).ok())
    })
}
