use axum::response::Response;

use super::{SessionRequest, receiving};
use crate::{
    message_socket::Application,
    sockjs::{format::Format, headers::JAVASCRIPT, service::SockJs},
};

/// Each frame is the answer to a request of its own (SJ-XHR-01).
pub(super) async fn answer<A: Application>(
    service: &SockJs<A>,
    request: SessionRequest,
) -> Response {
    receiving::answer(service, request, Format::Xhr, JAVASCRIPT).await
}
