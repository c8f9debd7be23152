use axum::{extract::Request, response::Response};

use crate::{message_socket::Application, sockjs::service::SockJs};

/// A WebSocket without the frames of SockJS, for clients that don't speak it (SJ-RAW-01, SJ-RAW-04).
pub(in super::super) async fn answer<A: Application>(
    service: &SockJs<A>,
    request: Request,
) -> Response {
    service.raw_websocket().answer(request).await
}
