/// What kind of message it is: Spring's `SimpMessageType` (HM-1), as far as messages reach channels and handlers.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageType {
    /// Data: SEND of a client, a reply of a handler, or a message of the application.
    Message,
    /// A client subscribes.
    Subscribe,
}
