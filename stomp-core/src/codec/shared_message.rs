use std::fmt;

use bytes::Bytes;

use super::encoder::{
    CONTENT_LENGTH, content_length_len, header_len, reads_as, write_content_length, write_header,
};
use super::escape::Escapes;
use super::{Command, EncodedFrame, Headers, Version};

/// The part of a MESSAGE that is the same for every receiver that speaks one version: all but the
/// `subscription` and `ack` headers.
///
/// Escaping, filtering of headers and the check for UTF-8 happen once here and not once per receiver;
/// [`for_subscription`](Self::for_subscription) costs one allocation and one copy.
///
/// ```
/// use bytes::Bytes;
/// use stomp_axum::codec::{Headers, SharedMessage, Version};
///
/// let user: Headers = [("color", "red"), ("message-id", "spoofed")].into_iter().collect();
/// let message =
///     SharedMessage::new(Version::V1_2, "m-7", "/topic/a", None, &[], &user, &Bytes::from_static(b"hi"));
/// assert_eq!(
///     message.for_subscription(Some("sub-0"), None).bytes(),
///     "MESSAGE\nsubscription:sub-0\nmessage-id:m-7\ndestination:/topic/a\ncontent-length:2\ncolor:red\n\nhi\0",
/// );
/// ```
#[derive(Clone)]
pub struct SharedMessage {
    escapes: Escapes,
    /// From `message-id` to NUL.
    tail: Bytes,
    is_text: bool,
}

impl SharedMessage {
    /// Encodes what all receivers share.
    ///
    /// `server_headers` are further headers of the server, such as the `offset` of a message in its history. `headers`
    /// are those of the sender. They follow the server's own, so that the server's win where a receiver takes the first
    /// (ENC-016), and those that belong to the server or to the sender's session are left out (ENC-012, SUB-022,
    /// SUB-023): `subscription`, `message-id`, `destination`, `ack`, `redelivered`, `delivery-count`,
    /// `content-length`, `content-type`, `receipt`, `transaction`, Spring's internal ones (`simpSessionId` and the
    /// like), and those that `server_headers` names. Names that some client would read as one of these, such as ` ack`
    /// with a blank, are left out too.
    #[must_use]
    pub fn new(
        version: Version,
        message_id: &str,
        destination: &str,
        content_type: Option<&str>,
        server_headers: &[(&str, &str)],
        headers: &Headers,
        body: &Bytes,
    ) -> Self {
        let escapes = Escapes::of(&Command::Message, version);
        let server = [("message-id", message_id), ("destination", destination)];
        let server = server
            .into_iter()
            .chain(content_type.map(|value| ("content-type", value)))
            .chain(server_headers.iter().copied());
        let user = headers.iter().filter(|(name, _)| {
            let is_server_header = |(server, _): &(&str, &str)| reads_as(name, server);
            !is_reserved(name) && !server_headers.iter().any(is_server_header)
        });

        let size: usize = server
            .clone()
            .chain(user.clone())
            .map(|(name, value)| header_len(escapes, name, value))
            .sum::<usize>()
            + content_length_len(body.len())
            + 1
            + body.len()
            + 1;
        let mut tail = Vec::with_capacity(size);
        for (name, value) in server {
            write_header(escapes, name, value, &mut tail);
        }
        write_content_length(body.len(), &mut tail);
        for (name, value) in user {
            write_header(escapes, name, value, &mut tail);
        }
        tail.push(b'\n');
        tail.extend_from_slice(body);
        tail.push(0);
        debug_assert_eq!(tail.len(), size);

        let is_text = std::str::from_utf8(body).is_ok();
        Self {
            escapes,
            tail: tail.into(),
            is_text,
        }
    }

    /// The whole frame for one subscription, which need not be acknowledged, or is delivered for the first time.
    ///
    /// `subscription` is the id from the SUBSCRIBE, `None` for a 1.0 subscription without one (SUB-004). `ack` is
    /// the id by which a 1.2 client acknowledges the message (ACK-008), `None` otherwise.
    #[must_use]
    pub fn for_subscription(&self, subscription: Option<&str>, ack: Option<&str>) -> EncodedFrame {
        self.for_delivery(DeliveryHeaders {
            subscription,
            ack,
            ..DeliveryHeaders::default()
        })
    }

    /// The whole frame for one delivery.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use stomp_axum::codec::{DeliveryHeaders, Headers, SharedMessage, Version};
    ///
    /// let (none, body) = (Headers::new(), Bytes::from_static(b"hi"));
    /// let message = SharedMessage::new(Version::V1_2, "m-7", "/queue/a", None, &[], &none, &body);
    /// let mut delivery = DeliveryHeaders::default();
    /// delivery.subscription = Some("sub-0");
    /// delivery.ack = Some("1-4");
    /// delivery.earlier_deliveries = 2;
    /// assert_eq!(
    ///     message.for_delivery(delivery).bytes(),
    ///     "MESSAGE\nsubscription:sub-0\nack:1-4\nredelivered:true\ndelivery-count:3\n\
    ///      message-id:m-7\ndestination:/queue/a\ncontent-length:2\n\nhi\0",
    /// );
    /// ```
    #[must_use]
    pub fn for_delivery(&self, delivery: DeliveryHeaders<'_>) -> EncodedFrame {
        const COMMAND: &[u8] = b"MESSAGE\n";
        let mut digits = itoa::Buffer::new();
        let redelivered = delivery.earlier_deliveries > 0;
        let count =
            redelivered.then(|| digits.format(delivery.earlier_deliveries.saturating_add(1)));
        let headers = [
            ("subscription", delivery.subscription),
            ("ack", delivery.ack),
            ("redelivered", redelivered.then_some("true")),
            ("delivery-count", count),
        ];
        let headers = headers
            .iter()
            .filter_map(|&(name, value)| Some((name, value?)));
        let size = COMMAND.len()
            + headers
                .clone()
                .map(|(name, value)| header_len(self.escapes, name, value))
                .sum::<usize>()
            + self.tail.len();
        let mut bytes = Vec::with_capacity(size);
        bytes.extend_from_slice(COMMAND);
        for (name, value) in headers {
            write_header(self.escapes, name, value, &mut bytes);
        }
        bytes.extend_from_slice(&self.tail);
        debug_assert_eq!(bytes.len(), size);
        EncodedFrame::new(bytes, self.is_text)
    }
}

/// The headers of a MESSAGE that differ between its receivers.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryHeaders<'a> {
    /// The id from the SUBSCRIBE; `None` for a 1.0 subscription without one (SUB-004). Default: `None`.
    pub subscription: Option<&'a str>,
    /// The id by which a 1.2 client acknowledges the message (ACK-008); `None` if it need not. Default: `None`.
    pub ack: Option<&'a str>,
    /// How often the message was delivered before, to whomever, without being acknowledged. More than 0 adds
    /// `redelivered:true` (ACK-003) and the number of this delivery as `delivery-count`. Default: 0.
    pub earlier_deliveries: u32,
}

impl fmt::Debug for SharedMessage {
    // Not the octets: headers and body belong to the users.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMessage")
            .field("escapes", &self.escapes)
            .field("shared_len", &self.tail.len())
            .field("is_text", &self.is_text)
            .finish_non_exhaustive()
    }
}

/// Whether a sender may not decide about this header of a MESSAGE.
///
/// It is asked about each header of each message. Nearly all names read the same for every client, and need no more than
/// one comparison.
pub(crate) fn is_reserved(name: &str) -> bool {
    let reads_as_written = name
        .bytes()
        .all(|octet| octet.is_ascii_graphic() && octet != b':');
    let is_reserved = if reads_as_written {
        RESERVED.contains(&name)
    } else {
        RESERVED.iter().any(|reserved| reads_as(name, reserved))
    };
    is_reserved || is_spring_internal(name)
}

const RESERVED: [&str; 10] = [
    "subscription",
    "message-id",
    "destination",
    "ack",
    "redelivered",
    "delivery-count",
    CONTENT_LENGTH,
    "content-type",
    "receipt",
    "transaction",
];

/// `simpSessionId`, `simpUser` and so on, but not `simple`: that one is a user's (SUB-021).
fn is_spring_internal(name: &str) -> bool {
    name.strip_prefix("simp")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
}
