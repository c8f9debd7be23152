//! What is below a session: a file for each resource, and what they have in common.

mod callback;
mod eventsource;
mod htmlfile;
mod jsonp;
mod jsonp_send;
mod raw_websocket;
mod receiving;
mod sending;
mod websocket;
mod xhr;
mod xhr_send;
mod xhr_streaming;

use axum::{body::Body, response::Response};
use http::request::Parts;

use super::{path::Resource, service::SockJs};
use crate::message_socket::Application;

pub(super) use self::{raw_websocket::answer as answer_raw_websocket, websocket::Frames};

/// A request for a session, whose method, origin and transport have been checked.
#[derive(Debug)]
pub(super) struct SessionRequest {
    pub(super) parts: Parts,
    pub(super) body: Body,
    /// As the client has sent it (SJ-URL-05).
    pub(super) session: String,
}

pub(super) async fn answer<A: Application>(
    service: &SockJs<A>,
    resource: Resource,
    request: SessionRequest,
) -> Response {
    match resource {
        Resource::WebSocket => websocket::answer(service, request).await,
        Resource::Xhr => xhr::answer(service, request).await,
        Resource::XhrStreaming => xhr_streaming::answer(service, request).await,
        Resource::XhrSend => xhr_send::answer(service, request).await,
        Resource::EventSource => eventsource::answer(service, request).await,
        Resource::HtmlFile => htmlfile::answer(service, request).await,
        Resource::Jsonp => jsonp::answer(service, request).await,
        Resource::JsonpSend => jsonp_send::answer(service, request).await,
    }
}
