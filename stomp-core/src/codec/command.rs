use std::fmt;

/// The command of a frame: its first line.
///
/// Commands are case-sensitive (COD-037), so `send` is [`Command::Unknown`]. Make commands from text with
/// [`From<&str>`](#impl-From<%26str>-for-Command): it never yields `Unknown` for a known name, which keeps `==`
/// meaningful.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Command {
    /// Opens a session (client).
    Connect,
    /// Opens a session, the name that only STOMP servers know (client, since 1.1).
    Stomp,
    /// Sends a message (client).
    Send,
    /// Subscribes to a destination (client).
    Subscribe,
    /// Ends a subscription (client).
    Unsubscribe,
    /// Acknowledges a message (client).
    Ack,
    /// Refuses a message (client, since 1.1).
    Nack,
    /// Opens a transaction (client).
    Begin,
    /// Commits a transaction (client).
    Commit,
    /// Aborts a transaction (client).
    Abort,
    /// Ends the session (client).
    Disconnect,
    /// Accepts a session (server).
    Connected,
    /// Delivers a message (server).
    Message,
    /// Confirms a client frame (server).
    Receipt,
    /// Reports a failure (server).
    Error,
    /// Anything else. The codec takes it; the session refuses it (COD-053).
    Unknown(Box<str>),
}

impl Command {
    /// The command as it is written on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Connect => "CONNECT",
            Self::Stomp => "STOMP",
            Self::Send => "SEND",
            Self::Subscribe => "SUBSCRIBE",
            Self::Unsubscribe => "UNSUBSCRIBE",
            Self::Ack => "ACK",
            Self::Nack => "NACK",
            Self::Begin => "BEGIN",
            Self::Commit => "COMMIT",
            Self::Abort => "ABORT",
            Self::Disconnect => "DISCONNECT",
            Self::Connected => "CONNECTED",
            Self::Message => "MESSAGE",
            Self::Receipt => "RECEIPT",
            Self::Error => "ERROR",
            Self::Unknown(name) => name,
        }
    }

    /// Whether a frame with this command may have a body (COD-050).
    ///
    /// STOMP allows it for SEND, MESSAGE and ERROR. Of an unknown command nothing is known, so it may too.
    #[must_use]
    pub const fn may_have_body(&self) -> bool {
        matches!(
            self,
            Self::Send | Self::Message | Self::Error | Self::Unknown(_)
        )
    }

    /// Whether only a server may send this command.
    #[must_use]
    pub const fn is_server(&self) -> bool {
        matches!(
            self,
            Self::Connected | Self::Message | Self::Receipt | Self::Error
        )
    }

    /// Whether this command opens a session: CONNECT or STOMP.
    #[must_use]
    pub const fn is_connect(&self) -> bool {
        matches!(self, Self::Connect | Self::Stomp)
    }

    /// Whether the headers of this command are written as they are, in every version.
    ///
    /// STOMP says so for CONNECT and CONNECTED. STOMP must be treated as CONNECT, so it is true for it as well
    /// (COD-026, ENC-006).
    pub(super) const fn is_never_escaped(&self) -> bool {
        matches!(self, Self::Connect | Self::Stomp | Self::Connected)
    }
}

impl From<&str> for Command {
    fn from(name: &str) -> Self {
        match name {
            "CONNECT" => Self::Connect,
            "STOMP" => Self::Stomp,
            "SEND" => Self::Send,
            "SUBSCRIBE" => Self::Subscribe,
            "UNSUBSCRIBE" => Self::Unsubscribe,
            "ACK" => Self::Ack,
            "NACK" => Self::Nack,
            "BEGIN" => Self::Begin,
            "COMMIT" => Self::Commit,
            "ABORT" => Self::Abort,
            "DISCONNECT" => Self::Disconnect,
            "CONNECTED" => Self::Connected,
            "MESSAGE" => Self::Message,
            "RECEIPT" => Self::Receipt,
            "ERROR" => Self::Error,
            unknown => Self::Unknown(unknown.into()),
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    const KNOWN: [&str; 15] = [
        "CONNECT",
        "STOMP",
        "SEND",
        "SUBSCRIBE",
        "UNSUBSCRIBE",
        "ACK",
        "NACK",
        "BEGIN",
        "COMMIT",
        "ABORT",
        "DISCONNECT",
        "CONNECTED",
        "MESSAGE",
        "RECEIPT",
        "ERROR",
    ];

    #[test]
    fn known_names_parse_back() {
        for name in KNOWN {
            let command = Command::from(name);
            assert!(!matches!(command, Command::Unknown(_)), "{name}");
            assert_eq!(command.as_str(), name);
        }
    }

    #[test]
    fn cod_037_cod_039_commands_are_exact() {
        for name in ["send", "Send", "SEND ", " SEND", ""] {
            assert_eq!(Command::from(name), Command::Unknown(name.into()));
        }
    }

    #[test]
    fn only_send_message_error_and_unknown_commands_may_have_a_body() {
        let with_body: Vec<_> = KNOWN
            .into_iter()
            .filter(|name| Command::from(*name).may_have_body())
            .collect();
        assert_eq!(with_body, ["SEND", "MESSAGE", "ERROR"]);
        assert!(Command::from("FOO").may_have_body());
    }

    #[test]
    fn server_commands() {
        let server: Vec<_> = KNOWN
            .into_iter()
            .filter(|name| Command::from(*name).is_server())
            .collect();
        assert_eq!(server, ["CONNECTED", "MESSAGE", "RECEIPT", "ERROR"]);
    }
}
