//! Section 6 of the messaging rules: MC.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use stomp_axum::{
    channel::MessagingError,
    codec::{Command, Frame, Headers, Version, encode},
    handler::WiringError,
    message::{
        BoxError, JsonMessageConverter, MessageConverter, MessageConverters,
        MessagePackMessageConverter, PayloadError, PayloadTarget, PayloadType, PayloadValue,
        TextMessageConverter,
    },
    server::{Messaging, MessagingBuilder},
    testing::TestConnection,
};

use super::{builder, builder_without_handlers, client};

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
struct Trade {
    ticker: String,
    shares: Option<u32>,
}

fn trade() -> Trade {
    Trade {
        ticker: "VMW".to_owned(),
        shares: Some(25),
    }
}

const JSON: &str = r#"{"ticker":"VMW","shares":25}"#;

mod handlers {
    use bytes::Bytes;
    use stomp_axum::{
        handler::{ExtractError, Payload},
        message_exception_handler, message_mapping, send_to, send_to_user,
    };

    use super::Trade;

    #[message_mapping("/echo")]
    #[send_to("/topic/out")]
    async fn echo(trade: Trade, Payload(same): Payload<Trade>, optional: Option<Trade>) -> Trade {
        assert_eq!((&trade, Some(&trade)), (&same, optional.as_ref()));
        trade
    }

    #[message_mapping("/text")]
    #[send_to("/topic/out")]
    async fn text(text: String) -> String {
        text
    }

    #[message_mapping("/bytes")]
    #[send_to("/topic/out")]
    async fn bytes(bytes: Bytes, vec: Vec<u8>) -> Bytes {
        assert_eq!(bytes, vec);
        bytes
    }

    #[message_mapping("/nothing")]
    #[send_to("/topic/out")]
    async fn nothing(trade: Option<Trade>) -> Option<Trade> {
        trade
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn extraction_failed(error: &ExtractError) -> Bytes {
        format!("{}: {error}", error.code()).into()
    }
}

/// A server with these converters, and a client that hears its replies and errors.
async fn server(
    converters: impl FnOnce(MessagingBuilder) -> MessagingBuilder,
) -> (Messaging, TestConnection) {
    let builder = builder(concat!(module_path!(), "::handlers"));
    let messaging = converters(builder).build().unwrap();
    let client = client(&messaging, &["/topic/out", "/user/queue/errors"]).await;
    (messaging, client)
}

/// Sends a payload to a handler, and returns the content type and the payload of what it answers.
async fn exchange(
    client: &mut TestConnection,
    destination: &str,
    content_type: Option<&str>,
    body: impl Into<Bytes>,
) -> (Option<String>, Bytes) {
    let mut frame = Frame::new(Command::Send).with_header("destination", destination);
    if let Some(content_type) = content_type {
        frame = frame.with_header("content-type", content_type);
    }
    client.send(encode(&frame.with_body(body), Version::V1_2).into_bytes());
    let reply = client.expect_message().await;
    (reply.header("content-type").map(str::to_owned), reply.body)
}

fn answer(content_type: &str, body: impl Into<Bytes>) -> (Option<String>, Bytes) {
    (Some(content_type.to_owned()), body.into())
}

fn error(text: &str) -> (Option<String>, Bytes) {
    answer("application/octet-stream", text.to_owned())
}

/// Marks what it writes, and says what it read.
struct Marked {
    mark: &'static str,
    media_types: &'static [&'static str],
    strict: bool,
}

impl MessageConverter for Marked {
    fn name(&self) -> &'static str {
        self.mark
    }

    fn media_types(&self) -> &[&'static str] {
        self.media_types
    }

    fn strict(&self) -> bool {
        self.strict
    }

    fn supports(&self, payload_type: PayloadType) -> bool {
        payload_type.is::<Trade>()
    }

    fn write(&self, value: &PayloadValue<'_>) -> Result<Vec<u8>, BoxError> {
        let json = serde_json::to_string(value)?;
        let chosen = value.content_type();
        Ok(format!("{} {chosen:?} {json}", self.mark).into_bytes())
    }

    fn read(&self, payload: &[u8], target: &mut PayloadTarget<'_>) -> Result<(), BoxError> {
        if payload == b"nothing" {
            return Ok(());
        }
        let ticker = format!("{} {:?}", self.mark, target.content_type());
        let value = serde_json::json!({ "ticker": ticker, "shares": payload.len() });
        target.deserialize(value)
    }
}

#[tokio::test(start_paused = true)]
async fn mc_1_converters_of_the_application_go_first_in_their_order() {
    let marked = |mark| Marked {
        mark,
        media_types: &["application/x-marked"],
        strict: false,
    };
    let (_messaging, mut client) = server(|builder| {
        builder
            .message_converter(marked("one"))
            .message_converter(marked("two"))
    })
    .await;
    assert_eq!(
        exchange(&mut client, "/app/echo", None, "123").await,
        answer(
            "application/x-marked",
            r#"one None {"ticker":"one None","shares":3}"#
        )
    );
    // Neither is asked for what it does not support, nor for what it does not name: the default ones stay.
    assert_eq!(
        exchange(&mut client, "/app/text", None, "123").await,
        answer("text/plain;charset=UTF-8", "123")
    );
    let content_type = Some("application/problem+json");
    let (written_as, _) = exchange(&mut client, "/app/echo", content_type, JSON).await;
    assert_eq!(written_as.as_deref(), Some("application/x-marked"));
}

/// EP-05.
#[tokio::test(start_paused = true)]
async fn mc_1_without_the_default_converters_there_must_be_another() {
    let build_error = builder_without_handlers()
        .without_default_message_converters()
        .build()
        .unwrap_err();
    assert!(
        matches!(build_error.errors(), [WiringError::NoMessageConverter]),
        "{build_error}"
    );

    let (_messaging, mut client) = server(|builder| {
        builder
            .without_default_message_converters()
            .message_converter(MessagePackMessageConverter::new())
    })
    .await;
    let accepted = "application/msgpack or application/vnd.msgpack or application/x-msgpack";
    assert_eq!(
        exchange(&mut client, "/app/echo", None, JSON).await,
        error(&format!(
            "unsupported-content-type: no converter reads a message without `content-type` here; send {accepted}"
        ))
    );
    assert_eq!(
        exchange(&mut client, "/app/text", Some("text/plain"), "text").await,
        error(&format!(
            "unsupported-content-type: no converter reads `text/plain` here; send {accepted}"
        ))
    );
    // Bytes are the payload itself.
    assert_eq!(
        exchange(&mut client, "/app/bytes", None, vec![0, 255]).await,
        answer("application/octet-stream", vec![0, 255])
    );
}

#[tokio::test(start_paused = true)]
async fn mc_2_a_strict_converter_waits_for_its_content_type() {
    let (_messaging, mut client) = server(|builder| {
        builder.message_converter(Marked {
            mark: "strict",
            media_types: &["application/x-marked", "image/*"],
            strict: true,
        })
    })
    .await;
    for (content_type, ticker) in [
        (
            Some("Application/X-Marked;a=b"),
            r#"strict Some(\"Application/X-Marked;a=b\")"#,
        ),
        (Some("image/png"), r#"strict Some(\"image/png\")"#),
        (None, "VMW"),
        (Some("application/json"), "VMW"),
    ] {
        let json = exchange(&mut client, "/app/echo", content_type, JSON).await;
        let shares = if ticker == "VMW" { 25 } else { JSON.len() };
        let expected = format!(r#"{{"ticker":"{ticker}","shares":{shares}}}"#);
        assert_eq!(json, answer("application/json", expected));
    }
}

#[tokio::test(start_paused = true)]
async fn mc_2_a_converter_that_finds_no_value_is_an_error() {
    let (_messaging, mut client) = server(|builder| {
        builder.message_converter(Marked {
            mark: "marked",
            media_types: &[],
            strict: false,
        })
    })
    .await;
    assert_eq!(
        exchange(&mut client, "/app/echo", Some("any/thing"), "nothing").await,
        error("invalid-payload: could not read the body as marked: the converter found no value")
    );
}

#[tokio::test(start_paused = true)]
async fn mc_2_message_pack_is_read_and_written() {
    let (messaging, mut client) =
        server(|builder| builder.message_converter(MessagePackMessageConverter::new())).await;
    let payload = rmp_serde::to_vec_named(&trade()).unwrap();
    // What is written has no content type yet, and so is JSON.
    assert_eq!(
        exchange(
            &mut client,
            "/app/echo",
            Some("application/x-msgpack"),
            payload.clone()
        )
        .await,
        answer("application/json", JSON)
    );
    let headers: Headers = [("content-type", "application/vnd.msgpack")]
        .into_iter()
        .collect();
    let template = messaging.template();
    template
        .convert_and_send_with_headers("/topic/out", &trade(), headers)
        .await
        .unwrap();
    let frame = client.expect_message().await;
    assert_eq!(
        frame.headers.get_all("content-type").collect::<Vec<_>>(),
        ["application/vnd.msgpack"]
    );
    assert_eq!(frame.body, payload);

    let (_messaging, mut client) = server(|builder| {
        builder.message_converter(MessagePackMessageConverter::new().with_strict(false))
    })
    .await;
    assert_eq!(
        exchange(&mut client, "/app/echo", None, payload.clone()).await,
        answer("application/msgpack", payload)
    );
}

#[tokio::test(start_paused = true)]
async fn mc_7_broken_message_pack_is_an_error_whatever_it_is() {
    let (_messaging, mut client) =
        server(|builder| builder.message_converter(MessagePackMessageConverter::new())).await;
    let payload = rmp_serde::to_vec_named(&trade()).unwrap();
    let mut longer = payload.clone();
    longer.push(0);
    // A field that is ignored, and deeper than the stack.
    let mut deep = vec![0x81, 0xa1, b'x'];
    deep.resize(60_000, 0x91);
    // A map that says that it has 4294967295 entries.
    let huge = vec![0xdf, 0xff, 0xff, 0xff, 0xff];
    let truncated = payload[..payload.len() - 1].to_vec();
    for broken in [longer, deep, huge, truncated, vec![0xc1]] {
        let (_, text) = exchange(
            &mut client,
            "/app/echo",
            Some("application/msgpack"),
            broken,
        )
        .await;
        assert!(
            text.starts_with(b"invalid-payload: could not read the body as MessagePack: "),
            "{text:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn rv_2_nothing_is_nothing_for_every_converter() {
    let (messaging, mut client) = server(|builder| {
        builder.message_converter(MessagePackMessageConverter::new().with_strict(false))
    })
    .await;
    client.send_to("/app/nothing", "");
    client.expect_silence(Duration::from_secs(1)).await;
    let result = messaging
        .template()
        .convert_and_send("/topic/out", &())
        .await;
    assert!(
        matches!(result, Err(MessagingError::Payload(PayloadError::Nothing))),
        "{result:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn mc_5_the_content_type_of_the_headers_must_be_writable() {
    let (messaging, mut client) =
        server(|builder| builder.message_converter(MessagePackMessageConverter::new())).await;
    let xml: Headers = [("content-type", "application/xml")].into_iter().collect();
    let template = messaging.template();
    let refused = template
        .convert_and_send_with_headers("/topic/out", &trade(), xml.clone())
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "no converter writes `application/xml` here; choose application/msgpack or application/vnd.msgpack or \
         application/x-msgpack or application/json or application/*+json"
    );
    // A text may be XML already.
    template
        .convert_and_send_with_headers("/topic/out", "<trade/>", xml)
        .await
        .unwrap();
    let frame = client.expect_message().await;
    assert_eq!(
        (frame.header("content-type"), &frame.body[..]),
        (Some("application/xml"), &b"<trade/>"[..])
    );
}

#[tokio::test(start_paused = true)]
async fn mc_5_mc_6_springs_own_chain() {
    let (messaging, mut client) = server(|builder| {
        builder
            .without_default_message_converters()
            .message_converter(TextMessageConverter::new())
            .message_converter(JsonMessageConverter::new())
    })
    .await;
    for (content_type, body, text) in [
        (None, "é", "é"),
        (Some("text/plain;charset=utf-8"), "\"é\"", "\"é\""),
        (Some("application/json"), "\"é\"", "é"),
    ] {
        assert_eq!(
            exchange(&mut client, "/app/text", content_type, body).await,
            answer("text/plain;charset=UTF-8", text)
        );
    }
    let refused = [
        exchange(&mut client, "/app/text", Some("text/html"), "<p>").await,
        exchange(&mut client, "/app/echo", Some("text/plain"), JSON).await,
    ];
    for (_, text) in refused {
        assert!(text.starts_with(b"unsupported-content-type: "), "{text:?}");
    }
    assert_eq!(
        exchange(&mut client, "/app/echo", None, JSON).await,
        answer("application/json", JSON)
    );
    let json: Headers = [("content-type", "application/json")].into_iter().collect();
    messaging
        .template()
        .convert_and_send_with_headers("/topic/out", "é", json)
        .await
        .unwrap();
    assert_eq!(client.expect_message().await.body, "\"é\"");
}

#[test]
fn mc_6_text_that_is_no_utf_8_and_optional_text() {
    let converters = MessageConverters::default()
        .without_defaults()
        .with(TextMessageConverter::new().with_strict(true));
    let plain = Some("text/plain");
    let text: Option<String> = converters.read(&"a".into(), plain).unwrap();
    assert_eq!(text.as_deref(), Some("a"));
    let error = converters
        .read::<String>(&Bytes::from_static(&[0xff]), plain)
        .unwrap_err();
    assert_eq!(error.code(), "invalid-payload");
    let error = converters.read::<String>(&"a".into(), None).unwrap_err();
    assert_eq!(error.code(), "unsupported-content-type");
    assert_eq!(format!("{converters:?}"), r#"["text"]"#);
}

#[test]
fn mc_7_what_json_can_not_write_is_an_error_of_both_json_converters() {
    let map = std::collections::HashMap::from([((1, 2), 3)]);
    let of_application = MessageConverters::default().with(JsonMessageConverter::new());
    for converters in [MessageConverters::default(), of_application] {
        let error = converters.write(&map, Headers::new()).unwrap_err();
        assert_eq!(
            (error.code(), error.to_string().as_str()),
            ("unwritable-payload", "could not write the payload as JSON")
        );
        let error = converters
            .read::<Trade>(&r#"{"ticker":"VMW","shares":25} x"#.into(), None)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "could not read the body as JSON: trailing characters at line 1 column 30"
        );
    }
}
