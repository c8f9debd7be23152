//! Rules of sections 3 and 4 that have no test in `replies` and `exceptions`: RV, EX.

use std::time::Duration;

use stomp_axum::testing::TestConnection;
use tokio::time::Instant;

use super::{as_text, builder, client, message, pair, send, subscribe};

mod replies {
    use std::{collections::BTreeMap, time::Duration};

    use serde::Serialize;
    use stomp_axum::{
        message::Message, message_exception_handler, message_mapping, send_to, send_to_user,
        subscribe_mapping,
    };

    #[derive(Serialize)]
    struct Quote {
        price: u32,
        #[serde(skip)]
        _margin: u32,
    }

    #[message_mapping("/quote")]
    #[send_to("/topic/quotes")]
    #[send_to_user("/queue/quotes")]
    async fn quote() -> Quote {
        Quote {
            price: 7,
            _margin: 3,
        }
    }

    #[message_mapping("/text")]
    #[send_to("/topic/quotes")]
    #[send_to_user("/queue/quotes")]
    async fn text() -> Result<Option<&'static str>, std::fmt::Error> {
        Ok(Some("seven"))
    }

    #[subscribe_mapping("/quote")]
    async fn current() -> Quote {
        Quote {
            price: 8,
            _margin: 3,
        }
    }

    #[message_mapping("/slow")]
    #[send_to("/topic/quotes")]
    async fn slow(body: String) -> String {
        tokio::time::sleep(Duration::from_secs(5)).await;
        body
    }

    #[message_mapping("/message")]
    async fn message() -> Message {
        Message::new("/topic/elsewhere", "<a/>")
            .with_header("content-type", "application/xml")
            .with_header("x", "1")
            .with_header("x", "2")
            .with_header("subscription", "forged")
    }

    #[message_mapping("/c/{x}", "/w/*")]
    async fn by_default() -> &'static str {
        "default"
    }

    #[message_mapping("/{kind}/unserved")]
    #[send_to("/{kind}/a")]
    async fn unserved() -> &'static str {
        "lost"
    }

    #[message_mapping("/unwritable")]
    async fn unwritable() -> BTreeMap<Vec<u32>, u32> {
        [(vec![1], 2)].into()
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn failed(error: &stomp_axum::message::BoxError) -> String {
        error.to_string()
    }
}

async fn connected(destinations: &[&str]) -> TestConnection {
    let messaging = builder(concat!(module_path!(), "::replies"))
        .build()
        .unwrap();
    client(&messaging, destinations).await
}

#[tokio::test(start_paused = true)]
async fn rv_1_rv_7_attributes_say_where_and_types_say_what() {
    let mut client = connected(&["/topic/quotes", "/user/queue/quotes"]).await;
    for (handler, content_type, body) in [
        // What is skipped is told to serde.
        ("/app/quote", "application/json", r#"{"price":7}"#),
        ("/app/text", "text/plain;charset=UTF-8", "seven"),
    ] {
        send(&client, handler, "");
        for destination in ["/user/queue/quotes", "/topic/quotes"] {
            let reply = client.expect_message().await;
            assert_eq!(as_text(&reply), pair(destination, body));
            assert_eq!(reply.header("content-type"), Some(content_type));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rv_4_or_2_a_handler_is_awaited_before_its_receipt_and_the_next_frame() {
    let mut client = connected(&["/topic/quotes"]).await;
    let started = Instant::now();
    for number in 1..=3 {
        client.send(format!(
            "SEND\ndestination:/app/slow\nreceipt:{number}\n\n{number}\0"
        ));
    }
    for number in 1..=3 {
        assert_eq!(message(&mut client).await.1, number.to_string());
        client.expect_receipt(&number.to_string()).await;
        let passed = started.elapsed();
        let expected = Duration::from_secs(5 * number);
        assert!(
            passed >= expected && passed < expected + Duration::from_secs(1),
            "{passed:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn rv_5_a_reply_that_can_not_be_sent_is_an_error_of_the_handler() {
    let mut client = connected(&["/topic/**"]).await;
    send(&client, "/app/topic/unserved", "");
    assert_eq!(message(&mut client).await, pair("/topic/a", "lost"));
    send(&client, "/app/nowhere/unserved", "");
    let (destination, error) = message(&mut client).await;
    assert_eq!(destination, "/topic/errors");
    assert!(
        error.starts_with("no broker serves \"/nowhere/a\""),
        "{error}"
    );
    send(&client, "/app/unwritable", "");
    let (destination, error) = message(&mut client).await;
    assert_eq!(destination, "/topic/errors");
    assert!(error.starts_with("could not write"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn rv_6_a_message_is_sent_with_its_headers() {
    let mut client = connected(&["/topic/**"]).await;
    send(&client, "/app/message", "");
    let reply = client.expect_message().await;
    assert_eq!(as_text(&reply), pair("/topic/message", "<a/>"));
    assert_eq!(reply.header("content-type"), Some("application/xml"));
    assert_eq!(reply.headers.get_all("x").collect::<Vec<_>>(), ["1", "2"]);
    // HM-3: what belongs to the server can't be set.
    assert_eq!(
        reply.headers.get_all("subscription").collect::<Vec<_>>(),
        ["0"]
    );
}

#[tokio::test(start_paused = true)]
async fn rv_11_the_default_destination_is_what_the_client_wrote() {
    let mut client = connected(&["/topic/**"]).await;
    for (sent, reply) in [
        ("/app/c/1", "/topic/c/1"),
        ("/app//c//1", "/topic//c//1"),
        // In Spring the name in braces is looked up, and fails (GS-20).
        ("/app/w/{x}", "/topic/w/{x}"),
    ] {
        send(&client, sent, "");
        assert_eq!(message(&mut client).await, pair(reply, "default"));
    }
}

#[tokio::test(start_paused = true)]
async fn rv_25_a_reply_has_none_of_the_requests_headers() {
    let mut client = connected(&["/topic/quotes", "/user/queue/quotes"]).await;
    client.send(
        "SEND\ndestination:/app/quote\nx:1\ncorrelation-id:2\nreply-to:/queue/x\nauthorization:secret\n\n\0",
    );
    for _ in 0..2 {
        let reply = client.expect_message().await;
        let names: Vec<_> = reply.headers.iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                "subscription",
                "message-id",
                "destination",
                "content-type",
                "content-length"
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn rv_30_replies_to_subscribers_are_written_like_all_others() {
    let mut client = connected(&["/topic/quotes"]).await;
    client.send("SUBSCRIBE\nid:s\ndestination:/app/quote\n\n\0");
    let reply = client.expect_message().await;
    assert_eq!(as_text(&reply), pair("/app/quote", r#"{"price":8}"#));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    send(&client, "/app/quote", "");
    let reply = client.expect_message().await;
    assert_eq!(as_text(&reply), pair("/topic/quotes", r#"{"price":7}"#));
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[tokio::test(start_paused = true)]
async fn rv_23_replies_to_users_go_the_way_of_the_template() {
    let messaging = builder(concat!(module_path!(), "::replies"))
        .build()
        .unwrap();
    // ST-10: the same names work.
    for name in ["https://joe/", "a%2Fb"] {
        let mut client = TestConnection::connect_as(&messaging, name).await;
        subscribe(&mut client, &["/user/queue/quotes"]).await;
        send(&client, "/app/text", "");
        assert_eq!(
            message(&mut client).await,
            pair("/user/queue/quotes", "seven")
        );
    }
}

mod inherited {
    use stomp_axum::{message_exception_handler, message_mapping, send_to, subscribe_mapping};

    pub(super) struct Controller;

    #[message_mapping("/class")]
    #[send_to("/topic/class")]
    impl Controller {
        #[subscribe_mapping("/subscribe")]
        async fn subscribe() -> &'static str {
            "subscribed"
        }

        #[message_mapping("/fail")]
        #[send_to("/topic/own")]
        async fn fail() -> Result<(), &'static str> {
            Err("failed")
        }

        #[message_exception_handler]
        async fn failed(error: &stomp_axum::message::BoxError) -> String {
            error.to_string()
        }
    }
}

/// SM-6 and EX-9, too.
#[tokio::test(start_paused = true)]
async fn rv_17_targets_of_the_class_count_for_subscriptions_and_errors() {
    let messaging = builder(concat!(module_path!(), "::inherited"))
        .controller(inherited::Controller)
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/**"]).await;
    client.send("SUBSCRIBE\nid:s\ndestination:/app/class/subscribe\n\n\0");
    assert_eq!(
        message(&mut client).await,
        pair("/topic/class", "subscribed")
    );
    send(&client, "/app/class/fail", "");
    assert_eq!(message(&mut client).await, pair("/topic/class", "failed"));
    client.expect_silence(Duration::from_secs(60)).await;
}

mod errors {
    use std::time::Duration;

    use stomp_axum::{
        handler::{Destination, HandlerPanicked},
        message::Message,
        message_exception_handler, message_mapping, send_to, send_to_user,
        session::SessionAttributes,
    };

    #[derive(Debug, thiserror::Error)]
    #[error("late")]
    struct Late;

    #[derive(Debug, thiserror::Error)]
    #[error("remembered")]
    struct Remembered;

    #[derive(Debug, thiserror::Error)]
    #[error("silent")]
    struct Silent;

    #[derive(Clone)]
    struct Note(String);

    #[message_mapping("/late")]
    async fn late() -> Result<(), Late> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Err(Late)
    }

    #[message_mapping("/panic")]
    async fn panic() {
        let empty: Vec<u32> = Vec::new();
        assert!(!empty.is_empty(), "an error that nobody returns");
    }

    #[message_mapping("/remember")]
    async fn remember(note: String, attributes: SessionAttributes) -> Result<(), Remembered> {
        attributes.insert(Note(note));
        Err(Remembered)
    }

    #[message_mapping("/silent")]
    async fn silent() -> Result<(), Silent> {
        Err(Silent)
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn after_a_while(error: &Late, destination: Destination, message: Message) -> String {
        tokio::time::sleep(Duration::from_secs(1)).await;
        format!(
            "{error} at {destination}, {} bytes",
            message.payload().len()
        )
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn panicked(error: &HandlerPanicked) -> String {
        error.message.clone()
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn remembered(_error: &Remembered, attributes: SessionAttributes) -> String {
        attributes
            .get::<Note>()
            .map(|note| note.0)
            .unwrap_or_default()
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn nothing(_error: &Silent) -> Option<String> {
        None
    }
}

#[tokio::test(start_paused = true)]
async fn ex_6_ex_9_ex_10_errors_after_an_await_and_async_exception_handlers() {
    let messaging = builder(concat!(module_path!(), "::errors"))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/errors", "/user/queue/errors"]).await;
    let started = Instant::now();
    client.send("SEND\ndestination:/app/late\nreceipt:r\n\nbody\0");
    // The next frame waits for the exception handler as well.
    send(&client, "/app/panic", "");
    let text = "late at /app/late, 4 bytes";
    // RV-16 and RV-22 count here, too.
    assert_eq!(message(&mut client).await, pair("/user/queue/errors", text));
    assert!(started.elapsed() >= Duration::from_secs(2));
    assert_eq!(message(&mut client).await, pair("/topic/errors", text));
    // Somebody has taken care of the frame.
    client.expect_receipt("r").await;
    // EX-5: a panic.
    assert_eq!(
        message(&mut client).await,
        pair("/topic/errors", "an error that nobody returns")
    );
    send(&client, "/app/silent", "");
    client.expect_silence(Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn ex_8_the_attributes_are_those_of_the_session_that_failed() {
    let messaging = builder(concat!(module_path!(), "::errors"))
        .build()
        .unwrap();
    let mut reader = client(&messaging, &["/topic/errors"]).await;
    let one = client(&messaging, &[]).await;
    let other = client(&messaging, &[]).await;
    for (client, note) in [(&one, "one"), (&other, "other"), (&one, "one again")] {
        send(client, "/app/remember", note);
        assert_eq!(message(&mut reader).await.1, note);
    }
}
