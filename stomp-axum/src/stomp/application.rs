use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use stomp_core::{
    endpoint::{HandshakeOptions, StompEndpoint},
    server::Messaging,
};

use super::transport::StompTransport;
use crate::{
    handshake::choose_sub_protocol,
    message_socket::{Application, MessageSocket, Opened},
};

/// Highest first (WS-001).
const SUB_PROTOCOLS: [&str; 3] = ["v12.stomp", "v11.stomp", "v10.stomp"];
/// A message may be larger than a STOMP frame by that much: line ends between frames count for the message.
const MESSAGE_SLACK_BYTES: usize = 1024;

/// A STOMP endpoint.
#[derive(Clone, Debug)]
pub(crate) struct StompApplication {
    messaging: Messaging,
    endpoint: Arc<StompEndpoint>,
}

impl StompApplication {
    pub(crate) fn new(messaging: &Messaging, endpoint: &StompEndpoint) -> Self {
        Self {
            messaging: messaging.clone(),
            endpoint: Arc::new(endpoint.clone()),
        }
    }
}

impl Application for StompApplication {
    fn path(&self) -> &str {
        self.endpoint.path()
    }

    fn handshake(&self) -> &HandshakeOptions {
        self.endpoint.handshake()
    }

    fn is_shutting_down(&self) -> bool {
        self.messaging.is_shutting_down()
    }

    /// The highest version that the client offers, whatever the order (WS-001 to WS-005).
    fn choose_sub_protocol(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        choose_sub_protocol(headers, SUB_PROTOCOLS)
    }

    fn max_message_bytes(&self) -> usize {
        let bytes = self.messaging.limits().message_bytes;
        bytes.saturating_add(MESSAGE_SLACK_BYTES)
    }

    fn serve<M: MessageSocket>(
        &self,
        socket: M,
        opened: Opened,
    ) -> impl Future<Output = ()> + Send + use<M> {
        let transport = StompTransport(socket);
        self.messaging
            .serve(transport, opened.principal, opened.attributes)
    }
}
