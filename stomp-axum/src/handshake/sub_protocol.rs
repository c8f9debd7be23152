use http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};

use super::tokens;

/// The first of `known` that the client offers, as the client spells it (HS-10); without one there is no sub-protocol,
/// and the upgrade succeeds (HS-12).
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
