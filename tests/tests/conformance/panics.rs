//! T-39: a panic in the application's code ends neither a session nor the server, wherever that code is called.

use std::{error::Error, fmt};

use futures_util::FutureExt;
use stomp_axum::{
    endpoint::{InboundMessage, InboundOutcome, InboundService},
    handler::HandlerPanicked,
    message::BoxError,
    prelude::*,
};
use tower::{layer::layer_fn, util::BoxService};

use super::*;

/// An error that can't even be looked at.
#[derive(Debug)]
struct Unspeakable;

impl fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("on purpose")
    }
}

impl Error for Unspeakable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        panic!("on purpose")
    }
}

mod handlers {
    use super::*;

    #[message_mapping("/text")]
    async fn text() -> &'static str {
        "text"
    }

    #[subscribe_mapping("/stream")]
    async fn stream() -> impl futures_util::Stream<Item = &'static str> {
        futures_util::stream::iter(["text"])
    }

    #[message_mapping("/unspeakable")]
    async fn unspeakable() -> Result<(), Unspeakable> {
        Err(Unspeakable)
    }

    /// Only for its sake are the sources of an error looked at.
    #[message_exception_handler]
    async fn panicked(_error: &HandlerPanicked) {}
}

fn with_handlers() -> MessagingBuilder {
    builder().handlers(Handlers::in_module(concat!(module_path!(), "::handlers")))
}

/// RV-26: the reply is sent without the headers.
#[tokio::test(start_paused = true)]
async fn t_39_a_filter_of_reply_headers_panics() {
    let filter = |name: &str| name != "panic" || panic!("on purpose");
    let messaging = with_handlers().reply_header_filter(filter).build().unwrap();
    let mut client = subscriber(&messaging, "/topic/text").await;
    for (frame, answered) in [
        ("SEND\ndestination:/app/text\nother:1\npanic:1", "s"),
        ("SUBSCRIBE\nid:t\ndestination:/app/stream\npanic:1", "t"),
    ] {
        client.send(format!("{frame}\n\n\0"));
        let reply = client.expect_message().await;
        assert_eq!(reply.header("subscription"), Some(answered));
        assert_eq!((reply.header("other"), text(&reply)), (None, "text"));
    }
    expect_nothing(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn t_39_an_error_panics_when_it_is_looked_at() {
    let messaging = with_handlers().build().unwrap();
    let mut client = connect(&messaging, "1.2").await;
    client.send("SEND\ndestination:/app/unspeakable\nreceipt:r\n\n\0");
    expect_nothing(&mut client).await;
}

/// EVT-11.
#[tokio::test(start_paused = true)]
async fn t_39_a_layer_that_can_not_be_applied_refuses_its_client() {
    let panics = layer_fn(
        |_: InboundService| -> BoxService<InboundMessage, InboundOutcome, BoxError> {
            panic!("on purpose")
        },
    );
    let messaging = builder().inbound_layer(panics).build().unwrap();
    let mut events = messaging.events();
    let mut client = TestConnection::open_as(&messaging, "joe");
    client.send("CONNECT\naccept-version:1.2\nhost:h\n\n\0");
    client.expect_error("internal-error").await;
    drop(client);
    tokio::time::sleep(SECOND).await;
    assert_eq!(messaging.connection_count(), 0);
    assert!(messaging.sessions().is_empty());
    assert_eq!(messaging.users().user_count(), 0);
    // A client that is refused has no events.
    let event = events.recv().now_or_never();
    assert!(event.is_none(), "{event:?}");
}
