use axum::{
    body::HttpBody as _,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode};

use super::SessionRequest;
use crate::{
    message_socket::Application,
    sockjs::{body, format::Format, headers::response, refused::Refused, service::SockJs},
};

/// A request that frames are received with. The first of an id that is not known opens the session (SJ-SES-01).
pub(super) async fn answer<A: Application>(
    service: &SockJs<A>,
    request: SessionRequest,
    format: Format,
    content_type: HeaderValue,
) -> Response {
    // Nobody is interested in it (SJ-XHR-01). But until it has been read, nothing that comes behind it is, not even the
    // end of the connection.
    if !request.body.is_end_stream()
        && let Err(error) = body::collect(request.body, service.body_bytes()).await
    {
        return Refused::from(error).into_response();
    }
    let attached = service.attach(request.parts, request.session, format).await;
    match attached {
        Ok((body, headers)) => {
            let mut response = response(StatusCode::OK, content_type, body);
            // What interceptors have added does not replace what the protocol demands.
            let own = std::mem::replace(response.headers_mut(), headers);
            response.headers_mut().extend(own);
            response
        }
        Err(refused) => refused.into_response(),
    }
}
