//! `Message<T>` as argument and as reply: AR-32, HM-10 and MC-5.

use std::time::Duration;

use bytes::Bytes;
use stomp_axum::{
    codec::{Command, Frame, Version, encode},
    message::{Message, MessagePackMessageConverter, MessageType, Principal},
    testing::TestConnection,
};

use super::{builder, subscribe};

mod handlers {
    use bytes::Bytes;
    use serde::{Deserialize, Serialize};
    use stomp_axum::{
        handler::ExtractError, message::Message, message_exception_handler, message_mapping,
        send_to, send_to_user,
    };

    #[derive(Deserialize, Serialize)]
    struct Trade {
        ticker: String,
    }

    #[message_mapping("/trade")]
    #[send_to("/topic/out")]
    async fn trade(message: Message<Trade>) -> String {
        format!(
            "{} {:?} {:?} {} {}",
            message.payload().ticker,
            message.destination(),
            message.headers().get("x"),
            message.principal().is_some(),
            message.session_id().is_some()
        )
    }

    #[message_mapping("/raw")]
    #[send_to("/topic/out")]
    async fn raw(message: Message, vec: Message<Vec<u8>>, optional: Option<Message>) -> String {
        format!(
            "{} {} {}",
            message.payload().len(),
            vec.payload().len(),
            optional.is_some()
        )
    }

    #[message_mapping("/optional")]
    #[send_to("/topic/out")]
    async fn optional(message: Option<Message<Trade>>, inside: Message<Option<Trade>>) -> String {
        format!("{} {}", message.is_some(), inside.into_payload().is_some())
    }

    #[message_mapping("/result")]
    #[send_to("/topic/out")]
    async fn result(message: Result<Message<Trade>, ExtractError>) -> String {
        message.map_or_else(|error| error.code().to_owned(), |_| "fine".to_owned())
    }

    #[message_mapping("/reply")]
    #[send_to("/topic/out")]
    async fn reply(message: Message<Trade>) -> Message<Trade> {
        let ticker = message.into_payload().ticker;
        Message::of(Trade { ticker }).with_header("x", "y")
    }

    #[message_mapping("/packed")]
    #[send_to("/topic/out")]
    async fn packed() -> Result<Message<Vec<u32>>, std::io::Error> {
        Ok(Message::of(vec![1, 2]).with_header("content-type", "application/msgpack"))
    }

    #[message_mapping("/text")]
    #[send_to("/topic/out")]
    async fn text() -> Option<Message<&'static str>> {
        Some(Message::of("<a/>").with_header("content-type", "application/xml"))
    }

    #[message_mapping("/nothing")]
    #[send_to("/topic/out")]
    async fn nothing() -> Message<Option<Trade>> {
        Message::of(None).with_header("x", "y")
    }

    #[message_mapping("/none")]
    #[send_to("/topic/out")]
    async fn none() -> Option<Message<Trade>> {
        None
    }

    #[message_mapping("/unwritable")]
    #[send_to("/topic/out")]
    async fn unwritable() -> Message<u32> {
        Message::of(1).with_header("content-type", "image/png")
    }

    /// Everything of the message that it got, except where it comes from.
    #[message_mapping("/echo")]
    #[send_to_user("/queue/echo")]
    async fn echo(message: Message) -> Message {
        message
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn extraction_failed(error: &ExtractError) -> Bytes {
        error.code().into()
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn reply_failed(error: &stomp_axum::message::PayloadError) -> String {
        error.to_string()
    }
}

async fn client() -> TestConnection {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .message_converter(MessagePackMessageConverter::new())
        .build()
        .unwrap();
    let mut client = TestConnection::connect_as(&messaging, Principal::new("joe")).await;
    subscribe(&mut client, &["/topic/out", "/user/queue/errors"]).await;
    client
}

async fn exchange(client: &mut TestConnection, destination: &str, body: &'static str) -> Frame {
    let frame = Frame::new(Command::Send)
        .with_header("destination", destination)
        .with_header("x", "1")
        .with_body(Bytes::from_static(body.as_bytes()));
    client.send(encode(&frame, Version::V1_2).into_bytes());
    client.expect_message().await
}

#[tokio::test(start_paused = true)]
async fn ar_32_a_message_with_its_payload_converted() {
    let mut client = client().await;
    for (destination, body, expected) in [
        (
            "/app/trade",
            r#"{"ticker":"VMW"}"#,
            r#"VMW Some("/app/trade") Some("1") true true"#,
        ),
        ("/app/trade", "", "missing-payload"),
        ("/app/trade", "x", "invalid-payload"),
        ("/app/result", r#"{"ticker":"VMW"}"#, "fine"),
        ("/app/result", "", "missing-payload"),
    ] {
        let frame = exchange(&mut client, destination, body).await;
        assert_eq!(frame.body, expected, "{destination} {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn ar_32_a_raw_message_takes_every_body() {
    let mut client = client().await;
    for (destination, body, expected) in [
        ("/app/raw", "", "0 0 true"),
        ("/app/raw", "abc", "3 3 true"),
        ("/app/optional", "", "false false"),
        ("/app/optional", r#"{"ticker":"VMW"}"#, "true true"),
        // It is there, and it is wrong.
        ("/app/optional", "x", "invalid-payload"),
    ] {
        let frame = exchange(&mut client, destination, body).await;
        assert_eq!(frame.body, expected, "{destination} {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn mc_5_a_message_as_reply_keeps_its_headers_and_chooses_the_converter() {
    let mut client = client().await;
    let frame = exchange(&mut client, "/app/reply", r#"{"ticker":"VMW"}"#).await;
    assert_eq!(
        (
            frame.header("content-type"),
            frame.header("x"),
            &frame.body[..]
        ),
        (
            Some("application/json"),
            Some("y"),
            &br#"{"ticker":"VMW"}"#[..]
        )
    );
    let frame = exchange(&mut client, "/app/packed", "").await;
    assert_eq!(
        (frame.header("content-type"), &frame.body[..]),
        (Some("application/msgpack"), &[0x92, 1, 2][..])
    );
    let frame = exchange(&mut client, "/app/text", "").await;
    assert_eq!(
        (frame.header("content-type"), &frame.body[..]),
        (Some("application/xml"), &b"<a/>"[..])
    );
    let frame = exchange(&mut client, "/app/unwritable", "").await;
    assert!(
        frame
            .body
            .starts_with(b"no converter writes `image/png` here; choose application/msgpack"),
        "{:?}",
        frame.body
    );
}

#[tokio::test(start_paused = true)]
async fn rv_2_a_message_of_nothing_is_not_sent() {
    let mut client = client().await;
    client.send_to("/app/nothing", "");
    client.send_to("/app/none", "");
    client.expect_silence(Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn rv_22_a_message_that_is_returned_goes_to_all_sessions_of_the_user() {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .build()
        .unwrap();
    let mut one = TestConnection::connect_as(&messaging, Principal::new("joe")).await;
    let mut other = TestConnection::connect_as(&messaging, Principal::new("joe")).await;
    subscribe(&mut one, &["/user/queue/echo"]).await;
    subscribe(&mut other, &["/user/queue/echo"]).await;
    for client in [&mut one, &mut other] {
        client.send_to("/app/echo", "body");
    }
    for client in [&mut one, &mut other] {
        for _ in 0..2 {
            let frame = client.expect_message().await;
            assert_eq!(
                (frame.header("destination"), &frame.body[..]),
                (Some("/user/queue/echo"), &b"body"[..])
            );
        }
    }
}

#[test]
fn hm_10_a_message_and_its_parts() {
    let message = Message::new("/topic/a", "12")
        .with_header("x", "y")
        .with_subscription_id("0")
        .map_payload(|payload| payload.len());
    assert_eq!(message.payload(), &2);
    assert_eq!(
        (
            message.destination(),
            message.subscription_id(),
            message.message_type()
        ),
        (Some("/topic/a"), Some("0"), MessageType::Message)
    );
    let text = format!("{message:?}");
    assert!(text.contains("payload_type: \"usize\""), "{text}");
    let (rest, payload) = message.into_parts();
    assert_eq!((rest.headers().get("x"), payload), (Some("y"), 2));
    let text = format!("{:?}", Message::new("/topic/a", "12"));
    assert!(text.contains("payload_bytes: 2"), "{text}");
}
