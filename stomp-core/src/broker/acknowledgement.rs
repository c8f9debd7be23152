use std::fmt;

/// How a client acknowledges the messages of a subscription: the header `ack` of SUBSCRIBE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum AckMode {
    /// Not at all: what is delivered is done (ACK-001).
    #[default]
    Auto,
    /// With each ACK, all that was delivered to the subscription before, too (ACK-004).
    Client,
    /// Each message by itself (ACK-005).
    ClientIndividual,
}

impl AckMode {
    /// Reads the header; without it, it is `auto` (SUB-002). `None` if there is no such mode (SUB-017).
    pub(crate) fn parse(header: Option<&str>) -> Option<Self> {
        match header {
            None | Some("auto") => Some(Self::Auto),
            Some("client") => Some(Self::Client),
            Some("client-individual") => Some(Self::ClientIndividual),
            Some(_) => None,
        }
    }
}

/// How a client names a message that it acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryName<'a> {
    /// By the number of its delivery to the subscription, which is in the `ack` header of its MESSAGE (STOMP 1.2).
    Number(u64),
    /// By its `message-id` (STOMP 1.0 and 1.1).
    MessageId(&'a str),
}

/// What a client says of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is done: ACK.
    Accepted,
    /// It is to be delivered again: NACK (ACK-022).
    Returned,
    /// It is not to be delivered again: NACK with `requeue:false` (ACK-023).
    Rejected,
}

/// The `ack` header of a MESSAGE: which delivery of which subscription of the session. It names nothing outside of its
/// session (T-26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AckId {
    /// That of the [`Subscription`](super::Subscription).
    pub(crate) subscription: u64,
    pub(crate) delivery: u64,
}

impl AckId {
    /// Reads the `id` header of ACK and NACK.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (subscription, delivery) = text.split_once('-')?;
        let number = |digits: &str| {
            // `u64` would take `+1`, too.
            let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| digits.parse().ok())?
        };
        Some(Self {
            subscription: number(subscription)?,
            delivery: number(delivery)?,
        })
    }
}

impl fmt::Display for AckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.subscription, self.delivery)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ack_ids_read_as_they_are_written() {
        let id = AckId {
            subscription: 3,
            delivery: u64::MAX,
        };
        assert_eq!(AckId::parse(&id.to_string()), Some(id));
        for text in [
            "",
            "-",
            "3",
            "3-",
            "-3",
            "3-+4",
            "3-4-5",
            "3-99999999999999999999",
            "a-b",
        ] {
            assert_eq!(AckId::parse(text), None, "{text}");
        }
    }
}
