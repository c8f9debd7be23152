//! What responses say of themselves. The protocol's tests compare some of it letter by letter.

use std::time::{Duration, SystemTime};

use axum::{body::Body, response::Response};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_HEADERS, ALLOW, CACHE_CONTROL, CONTENT_TYPE, EXPIRES, ORIGIN, VARY,
        X_CONTENT_TYPE_OPTIONS,
    },
};

/// SJ-CT-01: with the charset in upper case.
pub(super) const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=UTF-8");
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");
pub(super) const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=UTF-8");
pub(super) const JAVASCRIPT: HeaderValue =
    HeaderValue::from_static("application/javascript; charset=UTF-8");
/// Without a charset (SJ-CT-02).
pub(super) const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

const ONE_YEAR: Duration = Duration::from_secs(31_536_000);
const NO_SNIFFING: HeaderValue = HeaderValue::from_static("nosniff");

pub(super) type Header = (HeaderName, HeaderValue);

/// A response with a body of this type.
pub(super) fn response(
    status: StatusCode,
    content_type: HeaderValue,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    // Nobody may take messages, which anybody can write, for something else (T-17).
    headers.insert(X_CONTENT_TYPE_OPTIONS, NO_SNIFFING);
    response
}

/// A response that tells what is wrong.
pub(super) fn failure(status: StatusCode, text: &'static str) -> Response {
    response(status, PLAIN, text)
}

/// A response with nothing in it, and no type.
pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

pub(super) fn not_found() -> Response {
    failure(StatusCode::NOT_FOUND, "There is nothing here.\n")
}

/// SJ-URL-08.
pub(super) fn method_not_allowed(method: &Method, has_preflight: bool) -> Response {
    let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
    response
        .headers_mut()
        .insert(ALLOW, methods(method, has_preflight));
    response
}

fn methods(method: &Method, has_preflight: bool) -> HeaderValue {
    HeaderValue::from_static(match (method == Method::GET, has_preflight) {
        (true, false) => "GET",
        (true, true) => "OPTIONS, GET",
        (false, false) => "POST",
        (false, true) => "OPTIONS, POST",
    })
}

/// SJ-CACHE-01, and `no-transform`, so that nobody holds streams back to compress them (SJ-CACHE-03).
pub(super) fn never_cached(headers: &mut HeaderMap) {
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("no-store, no-cache, no-transform, must-revalidate, max-age=0"),
    );
}

/// SJ-CACHE-02.
pub(super) fn cached_hard(headers: &mut HeaderMap) {
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000"),
    );
    let expires = httpdate::fmt_http_date(SystemTime::now() + ONE_YEAR);
    headers.extend(expires.try_into().ok().map(|expires| (EXPIRES, expires)));
}

/// What lets the page of a request read the response (SJ-CORS-01 to SJ-CORS-04). Its origin has been checked: whoever may
/// not connect, may not read either (SJ-CORS-09).
pub(super) fn cors(request: &HeaderMap) -> impl Iterator<Item = Header> + use<> {
    let vary = (VARY, HeaderValue::from_static("Origin"));
    let (origin, credentials) = match request.get(ORIGIN) {
        // Verbatim, `null` too. Clients send cookies with everything, and a star does not allow that.
        Some(origin) => (origin.clone(), Some(HeaderValue::from_static("true"))),
        None => (HeaderValue::from_static("*"), None),
    };
    let asked = request
        .get(ACCESS_CONTROL_REQUEST_HEADERS)
        .filter(|asked| !asked.is_empty())
        .cloned();
    [vary, (ACCESS_CONTROL_ALLOW_ORIGIN, origin)]
        .into_iter()
        .chain(credentials.map(|value| (ACCESS_CONTROL_ALLOW_CREDENTIALS, value)))
        .chain(asked.map(|value| (ACCESS_CONTROL_ALLOW_HEADERS, value)))
}

/// The answer to what a browser asks first, whatever method it names (SJ-CORS-07).
pub(super) fn preflight(request: &HeaderMap, method: &Method, suppress_cors: bool) -> Response {
    let mut response = empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    cached_hard(headers);
    if !suppress_cors {
        headers.extend(cors(request));
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods(method, true));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("31536000"));
    }
    response
}
