use axum::{extract::Request, response::Response};
use http::{HeaderMap, HeaderValue};
use stomp_core::endpoint::{HandshakeOptions, SockJsSettings};

use super::SessionRequest;
use crate::{
    message_socket::{Application, MessageSocket, Opened},
    sockjs::{
        framed::{Framed, FramedLimits},
        service::{SockJs, body_bytes},
    },
};

/// A WebSocket with the frames of SockJS. Its id is no session's: two of them are two sessions (SJ-SES-05).
pub(super) async fn answer<A: Application>(
    service: &SockJs<A>,
    request: SessionRequest,
) -> Response {
    let limits = FramedLimits::new(
        service.settings(),
        service.application().max_message_bytes(),
    );
    let request = Request::from_parts(request.parts, request.body);
    service
        .framed_websocket()
        .answer_over(request, move |socket| Framed::new(socket, limits))
        .await
}

/// What the application is to the handshake of a WebSocket with the frames of SockJS.
#[derive(Clone, Debug)]
pub(in super::super) struct Frames<A> {
    application: A,
    max_bytes: usize,
}

impl<A: Application> Frames<A> {
    pub(in super::super) fn new(application: A, settings: &SockJsSettings) -> Self {
        Self {
            max_bytes: body_bytes(&application, settings),
            application,
        }
    }
}

impl<A: Application> Application for Frames<A> {
    fn path(&self) -> &str {
        self.application.path()
    }

    fn handshake(&self) -> &HandshakeOptions {
        self.application.handshake()
    }

    fn is_shutting_down(&self) -> bool {
        self.application.is_shutting_down()
    }

    /// SockJS is none, and leaves no room for another (SJ-WS-11).
    fn choose_sub_protocol(&self, _headers: &HeaderMap) -> Option<HeaderValue> {
        None
    }

    /// Of a message that may hold several as JSON.
    fn max_message_bytes(&self) -> usize {
        self.max_bytes
    }

    fn serve<M: MessageSocket>(
        &self,
        socket: M,
        opened: Opened,
    ) -> impl Future<Output = ()> + Send + use<A, M> {
        self.application.serve(socket, opened)
    }
}
