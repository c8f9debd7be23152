//! RV-25, RV-26: which headers of a message its replies have.

use stomp_axum::{codec::Frame, server::MessagingBuilder, testing::TestConnection};

use super::{builder, client};

mod handlers {
    use stomp_axum::{
        message::Message, message_exception_handler, message_mapping, send_to_user,
        subscribe_mapping,
    };

    #[message_mapping("/text")]
    async fn text() -> &'static str {
        "text"
    }

    #[message_mapping("/own")]
    async fn own() -> Message {
        Message::new("/ignored", "text").with_header("trace", "the handler's own")
    }

    #[message_mapping("/user")]
    #[send_to_user("/queue/reply")]
    async fn user() -> &'static str {
        "text"
    }

    #[subscribe_mapping("/current")]
    async fn current() -> &'static str {
        "text"
    }

    #[message_mapping("/fails")]
    async fn fails() -> Result<(), &'static str> {
        Err("it fails")
    }

    #[message_exception_handler]
    async fn failed(error: stomp_axum::message::BoxError) -> String {
        error.to_string()
    }
}

async fn connected(configure: impl FnOnce(MessagingBuilder) -> MessagingBuilder) -> TestConnection {
    let messaging = configure(builder(concat!(module_path!(), "::handlers")))
        .build()
        .unwrap();
    client(
        &messaging,
        &[
            "/topic/text",
            "/topic/own",
            "/user/queue/reply",
            "/topic/fails",
        ],
    )
    .await
}

async fn reply(client: &mut TestConnection, destination: &str) -> Frame {
    client.send(format!(
        "SEND\ndestination:{destination}\ntrace:1\ntrace:2\nuser-agent:x\ncorrelation-id:7\n\
         content-type:text/html\nid:9\nreceipt:r\n\nbody\0"
    ));
    let message = client.expect_message().await;
    client.expect_receipt("r").await;
    message
}

fn headers<'a>(frame: &'a Frame, name: &str) -> Vec<&'a str> {
    frame.headers.get_all(name).collect()
}

#[tokio::test(start_paused = true)]
async fn rv_25_without_a_filter_none() {
    let mut client = connected(|builder| builder).await;
    let message = reply(&mut client, "/app/text").await;
    for name in ["trace", "user-agent", "correlation-id"] {
        assert_eq!(message.header(name), None, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn rv_26_those_that_any_of_the_filters_lets_pass_with_all_values() {
    let mut client = connected(|builder| {
        builder
            .reply_header_filter(|name| name == "trace")
            .reply_header_filter(|name| name.starts_with("correlation"))
    })
    .await;
    for destination in ["/app/text", "/app/user", "/app/fails"] {
        let message = reply(&mut client, destination).await;
        assert_eq!(headers(&message, "trace"), ["1", "2"], "{destination}");
        assert_eq!(headers(&message, "correlation-id"), ["7"], "{destination}");
        assert_eq!(message.header("user-agent"), None, "{destination}");
    }
}

#[tokio::test(start_paused = true)]
async fn rv_26_a_header_that_the_handler_has_set_is_its_own() {
    let mut client = connected(|builder| builder.reply_header_filter(|_| true)).await;
    let message = reply(&mut client, "/app/own").await;
    assert_eq!(headers(&message, "trace"), ["the handler's own"]);
    assert_eq!(headers(&message, "correlation-id"), ["7"]);
}

#[tokio::test(start_paused = true)]
async fn rv_26_headers_of_the_protocol_are_never_copied() {
    let mut client = connected(|builder| builder.reply_header_filter(|_| true)).await;
    let message = reply(&mut client, "/app/text").await;
    assert_eq!(
        headers(&message, "content-type"),
        ["text/plain;charset=UTF-8"]
    );
    assert_eq!(headers(&message, "destination"), ["/topic/text"]);
    assert_eq!(message.header("receipt"), None);
    assert_eq!(message.header("id"), None);
}

#[tokio::test(start_paused = true)]
async fn rv_26_of_a_subscribe_too() {
    let mut client = connected(|builder| builder.reply_header_filter(|_| true)).await;
    client.send("SUBSCRIBE\nid:s\ndestination:/app/current\nack:auto\ntrace:1\n\n\0");
    let frame = client.expect_message().await;
    assert_eq!(headers(&frame, "trace"), ["1"]);
    assert_eq!(headers(&frame, "subscription"), ["s"]);
    for name in ["id", "ack"] {
        assert_eq!(frame.header(name), None, "{name}");
    }
}
