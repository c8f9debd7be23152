//! A client that acknowledges: what the tests of ACK, NACK, queues, histories and transactions have in common.

use std::ops::{Deref, DerefMut};

use super::*;

pub(crate) const VERSIONS: [&str; 3] = ["1.2", "1.1", "1.0"];

/// Queues below `/queue`; what is not delivered again goes to `/topic/dead`.
pub(crate) fn queue_builder() -> MessagingBuilder {
    builder()
        .queue_semantics(["/queue"])
        .dead_letters("/topic/dead")
}

pub(crate) fn queue_server() -> Messaging {
    queue_builder().build().unwrap()
}

pub(crate) fn queue_server_with(change: impl FnOnce(&mut Limits)) -> Messaging {
    let mut limits = Limits::default();
    change(&mut limits);
    queue_builder().limits(limits).build().unwrap()
}

/// A connection that knows how messages are named in its version.
pub(crate) struct Consumer {
    connection: TestConnection,
    pub(crate) version: &'static str,
}

impl Consumer {
    pub(crate) async fn connect(messaging: &Messaging, version: &'static str) -> Self {
        Self::of(connect(messaging, version).await, version)
    }

    /// One that has connected with that version.
    pub(crate) fn of(connection: TestConnection, version: &'static str) -> Self {
        Self {
            connection,
            version,
        }
    }

    /// One with a subscription of id `s`.
    pub(crate) async fn new(
        messaging: &Messaging,
        version: &'static str,
        destination: &str,
        ack: &str,
    ) -> Self {
        let mut consumer = Self::connect(messaging, version).await;
        consumer.subscribe("s", destination, ack).await;
        consumer
    }

    /// One with a subscription of id `s` to which messages may be on their way already.
    pub(crate) async fn new_late(messaging: &Messaging, destination: &str, ack: &str) -> Self {
        let consumer = Self::connect(messaging, "1.2").await;
        consumer.send(format!(
            "SUBSCRIBE\nid:s\ndestination:{destination}\nack:{ack}\n\n\0"
        ));
        consumer
    }

    /// `ack` may have further headers behind it.
    pub(crate) async fn subscribe(&mut self, id: &str, destination: &str, ack: &str) {
        self.confirmed(&format!(
            "SUBSCRIBE\nid:{id}\ndestination:{destination}\nack:{ack}"
        ))
        .await;
    }

    pub(crate) async fn unsubscribe(&mut self, id: &str) {
        self.confirmed(&format!("UNSUBSCRIBE\nid:{id}")).await;
    }

    /// Sends a frame without a body, and waits for its RECEIPT, which must be the next frame.
    pub(crate) async fn confirmed(&mut self, frame: &str) {
        self.connection
            .send(format!("{frame}\nreceipt:confirmed\n\n\0"));
        self.connection.expect_receipt("confirmed").await;
    }

    /// How this client names a message.
    pub(crate) fn name(&self, message: &Frame) -> String {
        let header = |name| message.header(name).unwrap();
        match self.version {
            "1.2" => format!("id:{}", header("ack")),
            "1.1" => format!(
                "subscription:{}\nmessage-id:{}",
                header("subscription"),
                header("message-id")
            ),
            _ => format!("message-id:{}", header("message-id")),
        }
    }

    /// Acknowledges, and waits until that has taken effect.
    pub(crate) async fn ack(&mut self, message: &Frame) {
        let ack = format!("ACK\n{}", self.name(message));
        self.confirmed(&ack).await;
    }

    /// Returns a message. What it gets again may come before the RECEIPT, which is why it does not ask for one.
    pub(crate) fn nack(&self, message: &Frame) {
        self.connection
            .send(format!("NACK\n{}\n\n\0", self.name(message)));
    }

    /// The next message, which must have this body.
    pub(crate) async fn expect(&mut self, body: &str) -> Frame {
        let message = self.connection.expect_message().await;
        assert_eq!(text(&message), body);
        message
    }

    /// The next messages, which must have these bodies.
    pub(crate) async fn expect_all<const N: usize>(&mut self, bodies: [&str; N]) -> [Frame; N] {
        let mut messages = Vec::new();
        for body in bodies {
            messages.push(self.expect(body).await);
        }
        messages.try_into().unwrap()
    }

    /// The next message, which must have this body and be delivered for this time.
    pub(crate) async fn expect_again(&mut self, body: &str, delivery: u32) -> Frame {
        let message = self.expect(body).await;
        assert_eq!(message.header("redelivered"), Some("true"), "{body}");
        let count = delivery.to_string();
        assert_eq!(message.header("delivery-count"), Some(&*count), "{body}");
        message
    }

    /// All messages that are on their way to it.
    pub(crate) async fn all(&mut self) -> Vec<Frame> {
        self.connection
            .send("SEND\ndestination:/topic/nobody/at/all\nreceipt:all\n\n\0");
        let mut messages = Vec::new();
        loop {
            let frame = self.connection.expect_frame().await;
            if frame.header("receipt-id") == Some("all") {
                return messages;
            }
            assert!(frame.header("message-id").is_some(), "{frame:?}");
            messages.push(frame);
        }
    }

    /// The bodies of all messages that are on their way to it.
    pub(crate) async fn all_bodies(&mut self) -> Vec<String> {
        bodies(&self.all().await)
    }
}

pub(crate) fn bodies(messages: &[Frame]) -> Vec<String> {
    messages
        .iter()
        .map(|frame| text(frame).to_owned())
        .collect()
}

impl Deref for Consumer {
    type Target = TestConnection;

    fn deref(&self) -> &TestConnection {
        &self.connection
    }
}

impl DerefMut for Consumer {
    fn deref_mut(&mut self) -> &mut TestConnection {
        &mut self.connection
    }
}

/// Publishes on behalf of the server.
pub(crate) async fn publish(messaging: &Messaging, destination: &str, body: &str) {
    let template = messaging.template();
    template.convert_and_send(destination, body).await.unwrap();
}

pub(crate) async fn publish_all<const N: usize>(
    messaging: &Messaging,
    destination: &str,
    bodies: [&str; N],
) {
    for body in bodies {
        publish(messaging, destination, body).await;
    }
}

/// Loses a connection, and waits on a paused clock until the server is through with it.
pub(crate) async fn lose(client: Consumer) {
    drop(client);
    settled().await;
}

/// Waits on a paused clock until nothing is left to do.
pub(crate) async fn settled() {
    tokio::time::sleep(2 * SECOND).await;
}

/// What is left in a queue when this client is lost: bodies, and whether they were delivered before.
pub(crate) async fn left_behind(
    messaging: &Messaging,
    client: Consumer,
    destination: &str,
) -> Vec<(String, bool)> {
    lose(client).await;
    what_waits(messaging, destination).await
}

/// Takes what waits in a queue out of it.
pub(crate) async fn what_waits(messaging: &Messaging, destination: &str) -> Vec<(String, bool)> {
    let mut other = Consumer::connect(messaging, "1.2").await;
    other.send(format!("SUBSCRIBE\nid:s\ndestination:{destination}\n\n\0"));
    let left = other.all().await;
    lose(other).await;
    left.iter()
        .map(|message| {
            let is_redelivered = message.header("redelivered") == Some("true");
            (text(message).to_owned(), is_redelivered)
        })
        .collect()
}

/// As [`left_behind`] says it.
pub(crate) fn again<const N: usize>(bodies: [&str; N]) -> Vec<(String, bool)> {
    bodies.map(|body| (body.to_owned(), true)).to_vec()
}

pub(crate) fn nothing() -> Vec<(String, bool)> {
    Vec::new()
}
