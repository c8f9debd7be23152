//! A SEND to an annotated handler, until it has run, or its reply has been handed to the transport of the sender.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use stomp_axum::prelude::*;

use super::server::{Countdown, Server};

#[derive(Debug, Deserialize, Serialize)]
struct Trade {
    ticker: String,
    shares: u32,
    price: f64,
}

const TRADE: &str = r#"{"ticker":"VMW","shares":25,"price":24.5}"#;
const REPLIES: &str = "/user/queue/replies";

#[message_mapping("/bytes")]
async fn take_bytes(_body: Bytes, handled: State<Arc<Countdown>>) {
    handled.0.count(1);
}

#[message_mapping("/json")]
async fn take_json(_trade: Trade, handled: State<Arc<Countdown>>) {
    handled.0.count(1);
}

#[message_mapping("/bytes/reply")]
#[send_to_user("/queue/replies", broadcast = false)]
async fn answer_bytes(body: Bytes) -> Bytes {
    body
}

#[message_mapping("/json/reply")]
#[send_to_user("/queue/replies", broadcast = false)]
async fn answer_json(trade: Trade) -> Trade {
    trade
}

/// A SEND, and the server that it goes to. Its other handlers are there to be told apart.
pub(crate) struct Dispatching {
    server: Server,
    send: Bytes,
}

impl Dispatching {
    /// To `/app/bytes` or `/app/json`, or to `/reply` below, which sends back what it gets.
    pub(crate) fn to(destination: &str) -> Self {
        let mut server = Server::new(|builder, handled| {
            builder
                .application_destination_prefixes(["/app"])
                .simple_broker(["/topic", "/queue"])
                .state(handled.clone())
        });
        server.subscribe(REPLIES, "auto");
        let send =
            format!("SEND\ndestination:{destination}\ncontent-type:application/json\n\n{TRADE}\0");
        let dispatching = Self {
            server,
            send: send.into(),
        };
        // Whatever the server makes once is there.
        for _ in 0..100 {
            dispatching.dispatch();
        }
        dispatching
    }

    pub(crate) fn dispatch(&self) {
        let send = async { self.server.send(self.send.clone()) };
        // Handled, or the reply flushed.
        self.server.run(1, send);
    }
}
