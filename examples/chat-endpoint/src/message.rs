//! What pages and server say to each other, as JSON with a `type`.

use serde::{Deserialize, Serialize};

/// A message of a page.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum ClientMessage {
    Say { text: String },
    Remove { name: String },
}

/// A message of the server.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum ServerMessage<'a> {
    /// To who has come in: who is there, the host first.
    Welcome { members: Vec<&'a str> },
    /// To all others.
    Joined { name: &'a str },
    /// To all who stay.
    Left { name: &'a str, removed: bool },
    /// To everybody, the speaker included.
    Said { name: &'a str, text: &'a str },
    /// To who has sent what was not taken.
    Refused { text: String },
}

impl ServerMessage<'_> {
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and flags are always JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_pages_have_a_type() {
        let message = serde_json::from_str(r#"{"type": "say", "text": "hello"}"#);
        let text = "hello".to_owned();
        assert_eq!(message.ok(), Some(ClientMessage::Say { text }));
        let message = serde_json::from_str(r#"{"type": "remove", "name": "Ada"}"#);
        let name = "Ada".to_owned();
        assert_eq!(message.ok(), Some(ClientMessage::Remove { name }));
        for unknown in [
            r#"{"text": "hello"}"#,
            r#"{"type": "shout", "text": "hello"}"#,
            r#""hello""#,
        ] {
            assert!(
                serde_json::from_str::<ClientMessage>(unknown).is_err(),
                "{unknown}"
            );
        }
    }

    #[test]
    fn messages_of_the_server_are_what_the_page_reads() {
        let said = ServerMessage::Said {
            name: "Ada",
            text: "hello",
        };
        assert_eq!(
            said.to_json(),
            r#"{"type":"said","name":"Ada","text":"hello"}"#
        );
        let members = vec!["Ada", "Grace"];
        let welcome = ServerMessage::Welcome { members };
        assert_eq!(
            welcome.to_json(),
            r#"{"type":"welcome","members":["Ada","Grace"]}"#
        );
    }
}
