/// What kind of message it is: Spring's `SimpMessageType` (HM-1), as far as messages reach channels and handlers.
///
/// Handlers see [`Message`](Self::Message) and [`Subscribe`](Self::Subscribe); interceptors of the inbound channel and
/// authorization rules see all of them.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageType {
    /// A client connects: CONNECT or STOMP. It has no destination.
    Connect,
    /// Data: SEND of a client, a reply of a handler, or a message of the application.
    Message,
    /// A client subscribes.
    Subscribe,
    /// A client ends a subscription. It has no destination, but in STOMP 1.0.
    Unsubscribe,
    /// A session ends: the client sent DISCONNECT, or its connection is lost. It has no destination.
    Disconnect,
}
