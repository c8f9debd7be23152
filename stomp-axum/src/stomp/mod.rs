//! STOMP on top of a [`MessageSocket`](crate::message_socket::MessageSocket).

mod application;
mod transport;

pub(crate) use self::application::StompApplication;
