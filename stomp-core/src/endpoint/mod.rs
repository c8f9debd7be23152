//! The STOMP protocol session: frames to messages, and what is answered to the client.

mod authenticator;
mod authorization;
mod configuration;
mod connection;
mod connections;
mod handshake;
mod heart_beat;
mod inbound;
mod late_subscription;
mod layers;
mod origin;
#[doc(hidden)]
pub mod path_template;
mod phases;
mod protocol;
mod refusal;
mod sockjs;
mod stream_transport;
mod subscribe_options;
mod tcp;
mod transport;

pub(crate) use self::{
    authenticator::DynAuthenticator, authorization::Authorization, connection::serve,
    connections::Connections, inbound::InboundChannel, layers::InboundLayers, phases::Phases,
    protocol::EndpointServices, stream_transport::StreamTransport, tcp::TcpConnections,
};
pub use self::{
    authenticator::{AuthenticationError, Authenticator, ConnectRequest},
    authorization::{AuthorizationRequest, AuthorizationRule, AuthorizationRules},
    configuration::StompEndpoint,
    handshake::{Handshake, HandshakeInterceptor, HandshakeOptions, HandshakeRefused, Opening},
    inbound::UnknownDestinations,
    layers::{InboundMessage, InboundOutcome, InboundService},
    sockjs::{SockJsOptions, SockJsSettings, SockJsTransport},
    transport::{Incoming, Transport, TransportError},
};
