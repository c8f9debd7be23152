use axum::response::Response;

use super::{SessionRequest, receiving};
use crate::{
    message_socket::Application,
    sockjs::{format::Format, headers::EVENT_STREAM, service::SockJs},
};

/// An event that the server sends for each frame (SJ-ES-01).
pub(super) async fn answer<A: Application>(
    service: &SockJs<A>,
    request: SessionRequest,
) -> Response {
    receiving::answer(service, request, Format::EventSource, EVENT_STREAM).await
}
