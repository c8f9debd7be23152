use axum::response::Response;

use super::{SessionRequest, receiving};
use crate::{
    message_socket::Application,
    sockjs::{format::Format, headers::JAVASCRIPT, service::SockJs},
};

/// A line for each frame, in a response that goes on (SJ-XS-01).
pub(super) async fn answer<A: Application>(
    service: &SockJs<A>,
    request: SessionRequest,
) -> Response {
    receiving::answer(service, request, Format::XhrStreaming, JAVASCRIPT).await
}
