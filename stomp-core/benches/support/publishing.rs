//! Publishing one message, until it has been handed to the transports of all who get it.

use bytes::Bytes;
use stomp_core::{broker::History, handler::Handlers};

use super::server::Server;

/// How often something is published before it is measured: as in a server that has run for a while, histories are full
/// (200 messages for up to 100 receivers), and nothing is done for the first time.
fn messages_before(receivers: usize) -> usize {
    (20_000 / receivers).clamp(10, 200)
}

/// What gets a message.
pub(crate) struct Publishing {
    server: Server,
    destination: &'static str,
    receivers: usize,
    body: Bytes,
}

impl Publishing {
    /// To a topic with so many subscribers.
    pub(crate) fn to_topic(subscribers: usize) -> Self {
        Self::new("/topic/quotes", subscribers, "auto")
    }

    /// To a topic whose subscribers acknowledge each message, which the server handles, too.
    pub(crate) fn to_acknowledging(subscribers: usize) -> Self {
        Self::new("/topic/quotes", subscribers, "client-individual")
    }

    /// To a topic that keeps the last 100 messages.
    pub(crate) fn to_history(subscribers: usize) -> Self {
        Self::new("/topic/history/quotes", subscribers, "auto")
    }

    /// To a queue with one consumer, who acknowledges with `ack`.
    pub(crate) fn to_queue(ack: &str) -> Self {
        Self::new("/queue/quotes", 1, ack)
    }

    fn new(destination: &'static str, receivers: usize, ack: &str) -> Self {
        let mut server = Server::new(|builder, _| {
            builder
                .simple_broker(["/topic", "/queue"])
                .queue_semantics(["/queue"])
                .history("/topic/history/**", History::last(100))
                .handlers(Handlers::none())
        });
        // One after another, so that memory and hash tables grow in the same way each time.
        for _ in 0..receivers {
            server.subscribe(destination, ack);
        }
        let publishing = Self {
            server,
            destination,
            receivers,
            body: Bytes::from(vec![b'x'; 128]),
        };
        for _ in 0..messages_before(receivers) {
            publishing.publish();
        }
        publishing
    }

    pub(crate) fn publish(&self) {
        let template = self.server.messaging.template();
        self.server.run(self.receivers, async {
            let sent = template.convert_and_send(self.destination, &self.body);
            sent.await.expect("the broker serves it");
        });
    }
}
