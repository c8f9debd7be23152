use axum::response::Response;
use http::StatusCode;

use super::headers::{JSON, never_cached, response};

/// What a client asks for first (SJ-INFO-01, SJ-INFO-02). It measures how long that takes, so nothing slow belongs here
/// (SJ-INFO-05).
pub(super) fn answer(websocket: bool, cookie_needed: bool) -> Response {
    let Ok(entropy) = getrandom::u32() else {
        // Without random numbers, nothing else works either.
        return super::headers::empty(StatusCode::SERVICE_UNAVAILABLE);
    };
    let body = format!(
        r#"{{"entropy":{entropy},"origins":["*:*"],"cookie_needed":{cookie_needed},"websocket":{websocket}}}"#
    );
    let mut response = response(StatusCode::OK, JSON, body);
    never_cached(response.headers_mut());
    response
}
