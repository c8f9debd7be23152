use axum::response::Response;

use super::{SessionRequest, callback, receiving};
use crate::{
    message_socket::Application,
    sockjs::{format::Format, headers::HTML, service::SockJs},
};

/// A script element for each frame, in a page that never ends (SJ-HF-01).
pub(super) async fn answer<A: Application>(
    service: &SockJs<A>,
    request: SessionRequest,
) -> Response {
    let callback = match callback::of(&request.parts) {
        Ok(callback) => callback,
        Err(refused) => return refused.response(),
    };
    receiving::answer(service, request, Format::HtmlFile(callback), HTML).await
}
