//! Figures for each of a few things that are known in advance.

use std::fmt;

use serde::{Serialize, Serializer};

use super::TransportKind;
use crate::codec::Command;

/// How many frames of each command there were. It serializes as a map.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct CommandCounts(pub(super) [u64; COMMANDS.len()]);

/// How many connections of each kind of transport there are. It serializes as a map.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct TransportCounts(pub(super) [u64; TransportKind::ALL.len()]);

/// The commands that are told apart, in the order of their figures. What a client invents is one of them, too: its name
/// must not name a figure (T-33).
pub(super) const COMMANDS: [&str; 16] = [
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
    "unknown",
];

/// Where the figure of a command stands.
pub(super) const fn index(command: &Command) -> usize {
    match command {
        Command::Connect => 0,
        Command::Stomp => 1,
        Command::Send => 2,
        Command::Subscribe => 3,
        Command::Unsubscribe => 4,
        Command::Ack => 5,
        Command::Nack => 6,
        Command::Begin => 7,
        Command::Commit => 8,
        Command::Abort => 9,
        Command::Disconnect => 10,
        Command::Connected => 11,
        Command::Message => 12,
        Command::Receipt => 13,
        Command::Error => 14,
        Command::Unknown(_) => 15,
    }
}

impl CommandCounts {
    /// Of this command. All unknown commands count as one.
    ///
    /// ```
    /// use stomp_axum::{codec::Command, statistics::CommandCounts};
    ///
    /// assert_eq!(CommandCounts::default().of(&Command::Send), 0);
    /// ```
    pub const fn of(&self, command: &Command) -> u64 {
        self.0[index(command)]
    }

    /// Of all commands.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Each command, whether there were any frames of it or not, and how many. The name of all unknown ones is `unknown`.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        COMMANDS.into_iter().zip(self.0)
    }
}

impl TransportCounts {
    /// Of this kind.
    pub const fn of(&self, kind: TransportKind) -> u64 {
        self.0[kind as usize]
    }

    /// Of all kinds.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Each kind, and how many there are of it.
    pub fn iter(&self) -> impl Iterator<Item = (TransportKind, u64)> + use<> {
        TransportKind::ALL.into_iter().zip(self.0)
    }
}

impl Serialize for CommandCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl Serialize for TransportCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl fmt::Debug for CommandCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl fmt::Debug for TransportCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_and_transport_has_a_figure_of_its_own() {
        for (at, name) in COMMANDS.into_iter().enumerate() {
            assert_eq!(index(&Command::from(name)), at, "{name}");
        }
        for (at, kind) in TransportKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, at);
            let serialized = serde_json::to_value(kind).unwrap();
            assert_eq!(serialized, kind.as_str());
        }
    }

    #[test]
    fn t_33_what_a_client_invents_names_no_figure() {
        assert_eq!(index(&Command::from("BREW")), index(&Command::from("send")));
        let mut counts = CommandCounts::default();
        counts.0[index(&Command::from("BREW"))] += 1;
        assert_eq!(counts.of(&Command::from("MILK")), 1);
        assert_eq!(counts.iter().last(), Some(("unknown", 1)));
    }

    #[test]
    fn serialized_as_maps() {
        let transports = serde_json::to_string(&TransportCounts([1, 0, 0, 2, 0])).unwrap();
        assert_eq!(
            transports,
            r#"{"websocket":1,"http-streaming":0,"http-polling":0,"tcp":2,"other":0}"#
        );
        let commands = serde_json::to_value(CommandCounts::default()).unwrap();
        assert_eq!(commands.as_object().unwrap().len(), COMMANDS.len());
    }
}
