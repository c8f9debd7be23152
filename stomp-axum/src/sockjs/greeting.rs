use axum::response::Response;
use http::{HeaderMap, StatusCode, header::UPGRADE};

use super::headers::{PLAIN, failure, response};

/// Tells whoever looks that SockJS is here (SJ-GREET-01). A client that wants a WebSocket is told where there is one, because
/// the path of a SockJS service is where most people look for it first (SJ-GREET-02).
pub(super) fn answer(request: &HeaderMap) -> Response {
    if request.contains_key(UPGRADE) {
        return failure(
            StatusCode::BAD_REQUEST,
            "This is a SockJS service. Clients that speak WebSocket without SockJS connect to /websocket below this path.\n",
        );
    }
    response(StatusCode::OK, PLAIN, "Welcome to SockJS!\n")
}
