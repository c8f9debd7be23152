/// Why a session ends, and what the client is told: the closed table of close codes.
///
/// Over TCP, which has none, the client gets an ERROR in the place of some: of the code `closed` for
/// [`ByApplication`](Self::ByApplication), `shutdown` for [`Shutdown`](Self::Shutdown), and `slow-consumer` for
/// [`SlowConsumer`](Self::SlowConsumer).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The client sent DISCONNECT. Close code 1000.
    Disconnected,
    /// The application ended the session, for this reason, which the client is told:
    /// [`Session::close_with`](super::Session::close_with), [`SessionRegistry::close`](super::SessionRegistry::close).
    /// Close code 1000.
    ByApplication(&'static str),
    /// The connection was lost, or the client closed it without DISCONNECT. There is nobody left to tell.
    ConnectionLost,
    /// The client got an ERROR: it broke the protocol, or was refused. Close code 1002, as in Spring (SPH-30).
    Error,
    /// The client broke the rules of what carries the session, such as those of WebSocket. Close code 1002.
    TransportProtocol,
    /// The client sent a message of a kind that is not taken, such as a binary one over SockJS (SJ-WS-13). Close code 1003.
    NotAcceptable,
    /// A text message of the client was not UTF-8 (WS-017). Close code 1007.
    InvalidText,
    /// A message was larger than the limit; the client got an ERROR that says so, unless the transport found out.
    /// Close code 1009.
    MessageTooBig,
    /// The server stops. Close code 1001.
    Shutdown,
    /// The client does not read fast enough: its outbound queue is full, or nothing could be written for too long.
    /// Close code 4500, as in Spring (IN-15).
    SlowConsumer,
}

impl CloseReason {
    /// The WebSocket close code.
    pub fn code(self) -> u16 {
        match self {
            Self::Disconnected | Self::ByApplication(_) | Self::ConnectionLost => 1000,
            Self::Shutdown => 1001,
            Self::Error | Self::TransportProtocol => 1002,
            Self::NotAcceptable => 1003,
            Self::InvalidText => 1007,
            Self::MessageTooBig => 1009,
            Self::SlowConsumer => 4500,
        }
    }

    /// The text that goes with the close code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disconnected => "disconnected",
            Self::ByApplication(reason) => reason,
            Self::ConnectionLost => "connection lost",
            Self::Error => "see the ERROR frame",
            Self::TransportProtocol => "protocol error",
            Self::NotAcceptable => "messages of this kind are not accepted",
            Self::InvalidText => "a text message is not UTF-8",
            Self::MessageTooBig => "message too big",
            Self::Shutdown => "the server stops",
            Self::SlowConsumer => "the client reads too slowly",
        }
    }
}
