use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use stomp_core::endpoint::HandshakeOptions;

use super::{
    WebSocketSession, connection_handler::HandlerFactory, endpoint::EndpointOptions, runner,
    sessions::Sessions,
};
use crate::{
    handshake::{choose_sub_protocol, first_offered},
    message_socket::{Application, MessageSocket, Opened},
};

/// An endpoint whose messages go to a handler of the application.
#[derive(Debug)]
pub(super) struct HandlerApplication<F>(Arc<Served<F>>);

#[derive(Debug)]
struct Served<F> {
    options: EndpointOptions,
    factory: F,
    sessions: Sessions,
}

impl<F> Clone for HandlerApplication<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F: HandlerFactory> HandlerApplication<F> {
    pub(super) fn new(options: EndpointOptions, factory: F, sessions: Sessions) -> Self {
        Self(Arc::new(Served {
            options,
            factory,
            sessions,
        }))
    }

    /// Whether its handlers take the parts of messages as they come.
    pub(super) fn takes_parts(&self) -> bool {
        self.0.factory.supports_partial_messages()
    }

    pub(super) fn options(&self) -> &EndpointOptions {
        &self.0.options
    }
}

impl<F: HandlerFactory> Application for HandlerApplication<F> {
    fn path(&self) -> &str {
        &self.0.options.path
    }

    fn handshake(&self) -> &HandshakeOptions {
        &self.0.options.handshake
    }

    fn is_shutting_down(&self) -> bool {
        self.0.sessions.life().is_closing()
    }

    /// The first that the client offers, unless the endpoint has an order of its own (HS-10, JSR-10).
    fn choose_sub_protocol(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let options = &self.0.options;
        let known = &options.sub_protocols;
        if options.prefers_own_order {
            choose_sub_protocol(headers, known.iter().map(String::as_str))
        } else {
            first_offered(headers, known)
        }
    }

    /// The larger of both kinds; which of them a message is, is known when it has come.
    fn max_message_bytes(&self) -> usize {
        self.0.options.limits.max_message_bytes()
    }

    fn serve<M: MessageSocket>(
        &self,
        socket: M,
        mut opened: Opened,
    ) -> impl Future<Output = ()> + Send + use<F, M> {
        let Served {
            options,
            factory,
            sessions,
        } = &*self.0;
        let handler = factory.handler(&mut opened.request);
        let has_frames = socket.has_frames();
        let session =
            WebSocketSession::new(opened, options.send_limits, has_frames, sessions.clone());
        runner::run(socket, session, handler, options.limits, sessions)
    }
}
