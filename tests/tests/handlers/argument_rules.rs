//! Rules of sections 2, 6 and 10 that have no test in `arguments`: AR, MC, HM, IN-7.

use stomp_axum::testing::TestConnection;

use super::{builder, client, message, pair, send};

mod handlers {
    use bytes::Bytes;
    use serde::Deserialize;
    use stomp_axum::{
        codec::Headers,
        handler::{ExtractError, FromMessage, Json, MessageContext, Payload},
        message::Message,
        message_exception_handler, message_mapping, send_to, send_to_user,
    };

    #[derive(Deserialize)]
    struct Trade {
        shares: u32,
    }

    /// An extractor of the application, of a payload and a header at once.
    struct Order {
        length: usize,
        priority: String,
    }

    impl FromMessage for Order {
        type Rejection = std::convert::Infallible;

        async fn from_message(context: &MessageContext) -> Result<Self, Self::Rejection> {
            let message = context.message();
            let priority = message.headers().get("priority").unwrap_or("none");
            Ok(Self {
                length: message.payload().len(),
                priority: priority.to_owned(),
            })
        }
    }

    #[message_mapping("/order")]
    #[send_to("/topic/out")]
    async fn order(headers: Headers, order: Order, text: String) -> String {
        format!(
            "{} {} {} {text}",
            order.length,
            order.priority,
            headers.contains("priority")
        )
    }

    #[message_mapping("/headers")]
    #[send_to("/topic/out")]
    async fn headers(headers: Headers, message: Message) -> String {
        assert_eq!(
            headers.iter().collect::<Vec<_>>(),
            message.headers().iter().collect::<Vec<_>>()
        );
        let lines: Vec<_> = headers
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        lines.join(" ")
    }

    #[message_mapping("/first")]
    #[send_to("/topic/out")]
    async fn first(#[header] x: String, #[header("x")] all: Vec<String>) -> String {
        format!("{x} {all:?}")
    }

    #[message_mapping("/exact")]
    #[send_to("/topic/out")]
    async fn exact(
        #[header("${x}")] placeholder: Option<String>,
        #[header] x: Option<String>,
    ) -> String {
        format!("{placeholder:?} {x:?}")
    }

    #[message_mapping("/raw")]
    #[send_to("/topic/out")]
    async fn raw(text: String, bytes: Bytes, vec: Vec<u8>, optional: Option<String>) -> String {
        format!(
            "{text} {} {} {}",
            bytes.len(),
            vec.len(),
            optional.is_some()
        )
    }

    #[message_mapping("/again")]
    #[send_to("/topic/out")]
    async fn again(
        one: Trade,
        Payload(two): Payload<Trade>,
        Json(three): Json<Trade>,
        four: String,
    ) -> String {
        format!("{} {} {} {four}", one.shares, two.shares, three.shares)
    }

    #[message_mapping("/null")]
    #[send_to("/topic/out")]
    async fn null(trade: Option<Trade>, wrapped: Payload<Option<Trade>>) -> String {
        format!("{} {}", trade.is_none(), wrapped.0.is_none())
    }

    #[message_mapping("/trade")]
    #[send_to("/topic/out")]
    async fn trade(trade: Trade) -> String {
        trade.shares.to_string()
    }

    #[message_mapping("/known")]
    #[send_to("/topic/out")]
    async fn known(message: Message, session: stomp_axum::session::Session) -> String {
        format!(
            "{} {:?} {:?} {:?} {:?}",
            message.session_id() == Some(session.id()),
            message.principal().map(|principal| principal.name()),
            message.destination(),
            message.content_type(),
            message.headers().get("destination"),
        )
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn failed(error: &ExtractError) -> String {
        error.to_string()
    }
}

async fn connected() -> TestConnection {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .build()
        .unwrap();
    client(&messaging, &["/topic/out", "/user/queue/errors"]).await
}

/// The body of what comes back for a SEND with these lines.
async fn answer(client: &mut TestConnection, frame: &str) -> String {
    client.send(format!("SEND\n{frame}\0"));
    message(client).await.1
}

#[tokio::test(start_paused = true)]
async fn ar_2_ep_4_extractors_of_the_application_stand_beside_those_in_the_box() {
    let mut client = connected().await;
    assert_eq!(
        answer(&mut client, "destination:/app/order\npriority:9\n\nbuy").await,
        "3 9 true buy"
    );
    assert_eq!(
        answer(&mut client, "destination:/app/order\n\nsell").await,
        "4 none false sell"
    );
}

#[tokio::test(start_paused = true)]
async fn ar_20_ar_22_headers_are_those_of_the_frame_and_no_others() {
    let mut client = connected().await;
    assert_eq!(
        answer(
            &mut client,
            "destination:/app/headers\nx:1\ncontent-type:text/plain\nx:2\nX:3\n\n"
        )
        .await,
        "destination=/app/headers x=1 content-type=text/plain x=2 X=3"
    );
}

#[tokio::test(start_paused = true)]
async fn ar_12_hm_4_the_first_value_of_a_repeated_header_counts() {
    let mut client = connected().await;
    assert_eq!(
        answer(&mut client, "destination:/app/first\nx:a\nx:b,c\n\n").await,
        r#"a ["a", "b,c"]"#
    );
    assert_eq!(
        answer(&mut client, "destination:/app/first\nx:a,b\n\n").await,
        r#"a,b ["a", "b"]"#
    );
}

#[tokio::test(start_paused = true)]
async fn ar_10_names_are_exact_and_nothing_is_substituted() {
    let mut client = connected().await;
    assert_eq!(
        answer(&mut client, "destination:/app/exact\nX:1\n${x}:2\n\n").await,
        r#"Some("2") None"#
    );
}

#[tokio::test(start_paused = true)]
async fn ar_41_mc_6_raw_types_take_any_content_type() {
    let mut client = connected().await;
    for content_type in [
        "text/plain",
        "text/html",
        "application/json",
        "application/octet-stream",
        "no type at all",
    ] {
        let frame = format!("destination:/app/raw\ncontent-type:{content_type}\n\n\"é\"");
        assert_eq!(answer(&mut client, &frame).await, "\"é\" 4 4 true");
    }
}

#[tokio::test(start_paused = true)]
async fn ar_46_every_payload_argument_gets_the_payload() {
    let mut client = connected().await;
    assert_eq!(
        answer(&mut client, "destination:/app/again\n\n{\"shares\":7}").await,
        r#"7 7 7 {"shares":7}"#
    );
}

#[tokio::test(start_paused = true)]
async fn ar_47_null_is_none() {
    let mut client = connected().await;
    assert_eq!(
        answer(&mut client, "destination:/app/null\n\nnull").await,
        "true true"
    );
    let error = answer(&mut client, "destination:/app/trade\n\nnull").await;
    assert!(
        error.starts_with("could not read the body as JSON: "),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn ar_40_blanks_are_a_body() {
    let mut client = connected().await;
    assert_eq!(
        answer(&mut client, "destination:/app/raw\n\n  ").await,
        "   2 2 true"
    );
    let error = answer(&mut client, "destination:/app/trade\n\n  ").await;
    assert!(
        error.starts_with("could not read the body as JSON: "),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn mc_3_mc_9_a_content_type_matters_when_something_is_converted() {
    let mut client = connected().await;
    for (content_type, expected) in [
        ("", Some("7")),
        ("content-type:application/json\n", Some("7")),
        ("content-type:no type at all\n", None),
        ("content-type:/\n", None),
        ("content-type:\n", None),
    ] {
        let frame = format!("destination:/app/trade\n{content_type}\n{{\"shares\":7}}");
        let answer = answer(&mut client, &frame).await;
        match expected {
            Some(expected) => assert_eq!(answer, expected, "{content_type}"),
            None => assert!(answer.starts_with("no converter reads"), "{answer}"),
        }
    }
    // Nothing is converted here: the broker passes it on.
    let frame = "destination:/topic/out\ncontent-type:no type at all\n\nbody";
    assert_eq!(answer(&mut client, frame).await, "body");
}

#[tokio::test(start_paused = true)]
async fn in_7_hm_10_a_message_knows_its_session_its_user_and_its_headers() {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .build()
        .unwrap();
    let frame =
        "destination:/app/known\ndestination:/app/other\ncontent-type:a/b\ncontent-type:c/d\n\n";
    let known = r#"Some("/app/known") Some("a/b") Some("/app/known")"#;
    let mut anonymous = client(&messaging, &["/topic/out"]).await;
    assert_eq!(
        answer(&mut anonymous, frame).await,
        format!("true None {known}")
    );
    drop(anonymous);
    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    super::subscribe(&mut joe, &["/topic/out"]).await;
    assert_eq!(
        answer(&mut joe, frame).await,
        format!(r#"true Some("joe") {known}"#)
    );
    send(&joe, "/app/known", "");
    assert_eq!(
        message(&mut joe).await,
        pair(
            "/topic/out",
            r#"true Some("joe") Some("/app/known") None Some("/app/known")"#
        )
    );
}
