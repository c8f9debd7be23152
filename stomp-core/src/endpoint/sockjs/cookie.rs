use http::{
    HeaderValue,
    header::{COOKIE, HeaderMap},
    request::Parts,
};

const NAME: &[u8] = b"JSESSIONID=";
/// What the protocol has clients get that sent none (SJ-COOK-04).
const NO_VALUE: &[u8] = b"dummy";
/// No load balancer needs more.
const MAX_VALUE_BYTES: usize = 256;

/// The cookie that load balancers look at: the client's own value, each time anew (SJ-COOK-03, SJ-COOK-04).
pub(super) fn jsession_id(request: &Parts) -> Option<HeaderValue> {
    let value = sent_value(&request.headers).unwrap_or(NO_VALUE);
    HeaderValue::from_bytes(&[NAME, value, b"; path=/"].concat()).ok()
}

/// `None` for what can't stand in a cookie, too: nothing that is copied may add an attribute, or a header.
fn sent_value(headers: &HeaderMap) -> Option<&[u8]> {
    headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .find_map(|cookie| cookie.trim_ascii().strip_prefix(NAME))
        .filter(|value| !value.is_empty() && value.len() <= MAX_VALUE_BYTES)
        .filter(|value| value.iter().all(is_cookie_octet))
}

/// RFC 6265, section 4.1.1.
fn is_cookie_octet(byte: &u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')
}
