use axum::response::{IntoResponse, Response};
use http::{StatusCode, header::CONTENT_TYPE};

use super::{SessionRequest, sending};
use crate::{
    message_socket::Application,
    sockjs::{
        headers::{PLAIN, empty},
        service::SockJs,
    },
};

/// Takes messages for a session, as JSON, whatever the request says that it is (SJ-SEND-02).
pub(super) async fn answer<A: Application>(
    service: &SockJs<A>,
    request: SessionRequest,
) -> Response {
    let sent = sending::deliver(service, request, |_, body| Some(body)).await;
    let sent = sent.map(|()| {
        let mut response = empty(StatusCode::NO_CONTENT);
        // With a type in spite of being empty, for browsers that make up one otherwise (SJ-SEND-01).
        response.headers_mut().insert(CONTENT_TYPE, PLAIN);
        response
    });
    sent.into_response()
}
