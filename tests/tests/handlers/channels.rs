//! What channels see of handlers: CH-17, CH-18, ST-9; and layers over handlers.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use stomp_axum::{
    channel::MessageRejected,
    message::Message,
    server::{Messaging, MessagingBuilder},
    testing::{FrameExt, TestConnection},
};
use tower::{limit::GlobalConcurrencyLimitLayer, timeout::TimeoutLayer};

use super::builder;

const SECOND: Duration = Duration::from_secs(1);

mod handlers {
    use stomp_axum::prelude::*;

    #[message_mapping("/echo")]
    #[send_to("/topic/echo")]
    async fn echo(text: String) -> String {
        text
    }

    #[subscribe_mapping("/greeting")]
    async fn greeting() -> &'static str {
        "hello"
    }

    #[message_mapping("/slow", parallel = 4)]
    async fn slow() {
        tokio::time::sleep(super::SECOND).await;
    }
}

fn server(change: impl FnOnce(MessagingBuilder) -> MessagingBuilder) -> Messaging {
    change(builder(concat!(module_path!(), "::handlers")))
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn ch_18_the_answer_to_a_subscription_passes_the_outbound_channel() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let messaging = server(|builder| {
        builder.outbound_interceptor(move |message: Message| {
            let user = message.principal().map(|user| user.name().to_owned());
            let session = message.session_id().cloned();
            let subscription = message.subscription_id().map(str::to_owned);
            log.lock()
                .unwrap()
                .push((user.clone(), session, subscription));
            Ok(match user.as_deref() {
                Some("joe") => Some(message.with_payload("hello joe")),
                Some("ann") => None,
                _ => Some(message),
            })
        })
    });
    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    let subscription = joe.subscribe("/app/greeting").await;
    let greeting = joe.expect_message().await;
    assert_eq!(greeting.text(), "hello joe");
    assert_eq!(greeting.header("subscription"), Some(&*subscription));
    assert_eq!(greeting.header("destination"), Some("/app/greeting"));
    let session = messaging.users().user("joe").unwrap().sessions()[0]
        .id()
        .clone();
    let expected = (Some("joe".to_owned()), Some(session), Some(subscription));
    assert_eq!(*seen.lock().unwrap(), [expected]);

    let mut ann = TestConnection::connect_as(&messaging, "ann").await;
    ann.subscribe("/app/greeting").await;
    ann.expect_silence(SECOND).await;
    let mut anonymous = TestConnection::connect(&messaging).await;
    anonymous.subscribe("/app/greeting").await;
    assert_eq!(anonymous.expect_message().await.text(), "hello");
}

/// ST-9: a handler whose reply an interceptor of the broker channel stops has failed.
#[tokio::test(start_paused = true)]
async fn st_9_a_reply_that_is_stopped_is_an_error_of_the_handler() {
    for swallow in [false, true] {
        let messaging = server(|builder| {
            builder.broker_interceptor(move |_: Message| match swallow {
                true => Ok(None),
                false => Err(MessageRejected::new("no", "no")),
            })
        });
        let mut client = TestConnection::connect(&messaging).await;
        client.send("SEND\ndestination:/app/echo\nreceipt:r\n\nx\0");
        // No RECEIPT, since it was not processed; and the session lives.
        client.subscribe("/topic/a").await;
        client.expect_silence(SECOND).await;
    }
}

/// OR-3: a handler that takes several messages of a session at the same time does so behind layers and interceptors, too.
#[tokio::test(start_paused = true)]
async fn or_3_parallel_handlers_behind_layers() {
    for (limit, seconds) in [(4, 1), (2, 2), (1, 4)] {
        let messaging = server(|builder| {
            builder
                .inbound_interceptor(|message: Message| Ok(Some(message)))
                .inbound_layer(GlobalConcurrencyLimitLayer::new(limit))
                .inbound_layer(TimeoutLayer::new(60 * SECOND))
        });
        let mut client = TestConnection::connect(&messaging).await;
        let start = tokio::time::Instant::now();
        for _ in 0..4 {
            client.send("SEND\ndestination:/app/slow\nreceipt:r\n\n\0");
        }
        for _ in 0..4 {
            client.expect_receipt("r").await;
        }
        assert_eq!(start.elapsed().as_secs(), seconds, "{limit}");
    }
}

mod streaming {
    use futures_util::stream::{self, Stream};
    use stomp_axum::prelude::*;

    #[subscribe_mapping("/count")]
    async fn count() -> impl Stream<Item = String> {
        stream::iter((1..=3).map(|number| number.to_string()))
    }
}

/// What a stream sends to a subscriber passes the outbound channel, one message after another.
#[tokio::test(start_paused = true)]
async fn ch_18_streams_to_a_subscriber_pass_the_outbound_channel() {
    let messaging = builder(concat!(module_path!(), "::streaming"))
        .outbound_interceptor(|message: Message| {
            Ok(match message.text() {
                "2" => None,
                text => Some(message.clone().with_payload(format!("{text}!"))),
            })
        })
        .build()
        .unwrap();
    let mut client = TestConnection::connect(&messaging).await;
    client.subscribe("/app/count").await;
    assert_eq!(client.expect_message().await.text(), "1!");
    assert_eq!(client.expect_message().await.text(), "3!");
    client.expect_silence(SECOND).await;
}
