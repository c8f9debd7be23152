//! Which header a name means.
//!
//! | name | header |
//! |---|---|
//! | `JMSCorrelationID`, `JMSReplyTo`, `JMSType`, `JMSTimestamp` | `correlation-id`, `reply-to`, `type`, `timestamp` |
//! | `JMSDestination`, `JMSMessageID` | `destination`, `message-id` |
//! | `JMSPriority`, `JMSExpiration` | `priority`, which is 4 without one; `expires`, which is 0 |
//! | `JMSRedelivered` | `redelivered`, which is false without one |
//! | `JMSDeliveryMode` | `'PERSISTENT'` if `persistent` is `true`, or `'NON_PERSISTENT'` |
//! | `simpDestination`, `contentType` | `destination`, `content-type` |
//! | any other | the header of that name |
//!
//! Every JMS message has a priority and so on; their defaults are those of JMS. The plain names have none: `priority IS
//! NULL` says whether there is such a header.
//!
//! `simpDestination` and `contentType` are the only ones of Spring's own headers that belong to a message and not to the
//! session of its sender, or to its way through the server. Spring's `id` and `timestamp` are not generated for messages
//! of clients; here, these are the headers of the sender. To name a header that a message does not have before
//! it is delivered, or that is not passed on, is an error, because nothing would ever match.

use crate::codec::is_reserved;

use super::{error::Excerpt, keyword::Keyword};

/// A header, by the name that stands in its frame.
#[derive(Debug)]
pub(super) struct Header {
    name: Box<str>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    DeliveryMode,
    Expiration,
    Priority,
    Redelivered,
}

/// Why a name can't stand in a selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    #[error(
        "a selector does not see the header `{0}`: the server sets it for each receiver, or does not pass it on"
    )]
    Unseen(String),
    #[error(
        "a selector does not see `{0}`; of Spring's own headers there are `simpDestination` and `contentType`"
    )]
    OfSpring(String),
    #[error("names of headers are not empty; the empty string is written ''")]
    Empty,
    #[error(
        "double quotes are for names that need them; write '{0}' for the string, or {0} for the header"
    )]
    NeedsNoQuotes(String),
}

impl Header {
    /// What a name without quotes means.
    pub(super) fn named(name: &str) -> Result<Self, NameError> {
        let (name, kind) = match name {
            "JMSCorrelationID" => ("correlation-id", Kind::Plain),
            "JMSDeliveryMode" => ("persistent", Kind::DeliveryMode),
            "JMSDestination" | "simpDestination" => ("destination", Kind::Plain),
            "JMSExpiration" => ("expires", Kind::Expiration),
            "JMSMessageID" => ("message-id", Kind::Plain),
            "JMSPriority" => ("priority", Kind::Priority),
            "JMSRedelivered" => ("redelivered", Kind::Redelivered),
            "JMSReplyTo" => ("reply-to", Kind::Plain),
            "JMSTimestamp" => ("timestamp", Kind::Plain),
            "JMSType" => ("type", Kind::Plain),
            "contentType" => ("content-type", Kind::Plain),
            _ => (name, Kind::Plain),
        };
        seen(name)?;
        Ok(Self {
            name: name.into(),
            kind,
        })
    }

    /// The header of this name, and no other: in double quotes.
    ///
    /// Those who write `color = "red"` mean the string, as in most languages but SQL. So quotes must be needed.
    pub(super) fn quoted(name: &str) -> Result<Self, NameError> {
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        if is_plain(name) && Keyword::find(name).is_none() {
            let means_itself = Self::named(name)
                .is_ok_and(|header| &*header.name == name && header.kind == Kind::Plain);
            if means_itself {
                return Err(NameError::NeedsNoQuotes(Excerpt(name).to_string()));
            }
        }
        seen(name)?;
        Ok(Self {
            name: name.into(),
            kind: Kind::Plain,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn value<'h>(&self, headers: &impl Fn(&str) -> Option<&'h str>) -> Option<&'h str> {
        let value = headers(&self.name);
        match self.kind {
            Kind::Plain => value,
            Kind::Expiration => value.or(Some("0")),
            Kind::Priority => value.or(Some("4")),
            Kind::Redelivered => value.or(Some("false")),
            Kind::DeliveryMode => {
                let is_persistent = value.is_some_and(|value| value.eq_ignore_ascii_case("true"));
                Some(if is_persistent {
                    "PERSISTENT"
                } else {
                    "NON_PERSISTENT"
                })
            }
        }
    }
}

/// Whether a name may start with this, without quotes.
pub(super) fn starts_name(character: char) -> bool {
    character.is_alphabetic() || matches!(character, '_' | '$')
}

/// Whether a name may go on with this, without quotes.
pub(super) fn continues_name(character: char) -> bool {
    starts_name(character) || character.is_numeric()
}

fn is_plain(name: &str) -> bool {
    name.starts_with(starts_name) && name.chars().all(continues_name)
}

/// Whether receivers of a message see such a header.
fn seen(name: &str) -> Result<(), NameError> {
    const OF_SERVER: [&str; 4] = ["destination", "message-id", "redelivered", "content-type"];
    if !is_reserved(name) || OF_SERVER.contains(&name) {
        Ok(())
    } else if name.starts_with("simp") {
        Err(NameError::OfSpring(Excerpt(name).to_string()))
    } else {
        Err(NameError::Unseen(Excerpt(name).to_string()))
    }
}
