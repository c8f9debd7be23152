use axum::response::Response;
use http::{HeaderValue, header::CONTENT_DISPOSITION};

use super::{SessionRequest, callback, receiving};
use crate::{
    message_socket::Application,
    sockjs::{format::Format, headers::JAVASCRIPT, service::SockJs},
};

/// Each frame is a script that calls a function of the page (SJ-JP-02).
pub(super) async fn answer<A: Application>(
    service: &SockJs<A>,
    request: SessionRequest,
) -> Response {
    let callback = match callback::of(&request.parts) {
        Ok(callback) => callback,
        Err(refused) => return refused.response(),
    };
    let mut response =
        receiving::answer(service, request, Format::Jsonp(callback), JAVASCRIPT).await;
    // A script element does not care; whoever is lured to the url gets no file that he could run (T-17).
    response.headers_mut().insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"f.txt\""),
    );
    response
}
