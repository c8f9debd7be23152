//! Validated arguments: AR-44 and AR-45.

use stomp_axum::testing::TestConnection;

use super::{as_text, builder, subscribe};

mod handlers {
    use garde::Validate;
    use serde::Deserialize;
    use stomp_axum::{
        handler::{
            ExtractError, FromMessage, Json, MessageContext, Payload, Valid, ValidRejection,
            ValidationError,
        },
        message::Message,
        message_exception_handler, message_mapping, send_to, send_to_user,
    };

    #[derive(Debug, Deserialize, Validate)]
    struct Order {
        #[garde(length(min = 1))]
        ticker: String,
        #[garde(range(min = 1, max = 1000))]
        shares: u32,
        #[serde(default)]
        #[garde(dive)]
        legs: Vec<Leg>,
    }

    #[derive(Debug, Deserialize, Validate)]
    struct Leg {
        #[garde(range(max = 9))]
        ratio: u32,
    }

    #[message_mapping("/bare")]
    #[send_to("/topic/out")]
    async fn bare(Valid(order): Valid<Order>) -> String {
        order.ticker
    }

    #[message_mapping("/json")]
    #[send_to("/topic/out")]
    async fn json(Valid(Json(order)): Valid<Json<Order>>) -> String {
        order.ticker
    }

    #[message_mapping("/payload")]
    #[send_to("/topic/out")]
    async fn payload(order: Valid<Payload<Order>>) -> String {
        order.0.0.ticker
    }

    #[message_mapping("/message")]
    #[send_to("/topic/out")]
    async fn message(Valid(message): Valid<Message<Order>>) -> String {
        format!("{:?}", message.destination())
    }

    #[message_mapping("/optional")]
    #[send_to("/topic/out")]
    async fn optional(Valid(order): Valid<Option<Order>>) -> String {
        format!("{}", order.is_some())
    }

    #[message_mapping("/result")]
    #[send_to("/topic/out")]
    async fn result(order: Result<Valid<Order>, ValidRejection>) -> String {
        match order {
            Ok(order) => order.ticker.clone(),
            Err(rejection) => format!("{} {rejection}", rejection.code()),
        }
    }

    /// An extractor of the application, which is validated like a payload.
    #[derive(Validate)]
    struct Priority {
        #[garde(range(max = 9))]
        priority: u8,
    }

    impl FromMessage for Priority {
        type Rejection = std::num::ParseIntError;

        async fn from_message(context: &MessageContext) -> Result<Self, Self::Rejection> {
            let header = context.message().headers().get("priority");
            let priority = header.unwrap_or("0").parse()?;
            Ok(Self { priority })
        }
    }

    #[message_mapping("/priority")]
    #[send_to("/topic/out")]
    async fn priority(Valid(priority): Valid<Priority>) -> String {
        priority.priority.to_string()
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn invalid(error: &ValidationError) -> String {
        assert_eq!(error.report().iter().count(), error.problems().count());
        let paths: Vec<_> = error.problems().map(|(path, _)| path.to_string()).collect();
        format!("{} {paths:?} {error}", error.code())
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn extraction_failed(error: &ExtractError) -> String {
        error.code().to_owned()
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn no_number(_error: &std::num::ParseIntError) -> &'static str {
        "no number"
    }
}

async fn client() -> TestConnection {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .build()
        .unwrap();
    let mut client = TestConnection::connect(&messaging).await;
    subscribe(&mut client, &["/topic/out", "/user/queue/errors"]).await;
    client
}

async fn answer(client: &mut TestConnection, destination: &str, body: &str) -> String {
    client.send(format!("SEND\ndestination:{destination}\n\n{body}\0"));
    as_text(&client.expect_message().await).1
}

const VALID: &str = r#"{"ticker":"VMW","shares":25}"#;
const INVALID: &str = r#"{"ticker":"","shares":1001,"legs":[{"ratio":1},{"ratio":10}]}"#;
const REPORT: &str = "the message is not valid: legs[1].ratio: greater than 9; shares: greater than 1000; ticker: \
                      length is lower than 1";

#[tokio::test(start_paused = true)]
async fn ar_44_a_valid_payload_comes_through() {
    let mut client = client().await;
    for (destination, expected) in [
        ("/app/bare", "VMW"),
        ("/app/json", "VMW"),
        ("/app/payload", "VMW"),
        ("/app/message", r#"Some("/app/message")"#),
        ("/app/optional", "true"),
        ("/app/result", "VMW"),
    ] {
        assert_eq!(answer(&mut client, destination, VALID).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn ar_44_an_invalid_one_goes_to_the_exception_handler_with_the_report() {
    let mut client = client().await;
    let expected = format!(r#"validation-failed ["legs[1].ratio", "shares", "ticker"] {REPORT}"#);
    for destination in [
        "/app/bare",
        "/app/json",
        "/app/payload",
        "/app/message",
        "/app/optional",
    ] {
        assert_eq!(answer(&mut client, destination, INVALID).await, expected);
    }
    assert_eq!(
        answer(&mut client, "/app/result", INVALID).await,
        format!("validation-failed {REPORT}")
    );
}

#[tokio::test(start_paused = true)]
async fn ar_44_what_is_missing_or_can_not_be_read_is_not_validated() {
    let mut client = client().await;
    for (destination, body, expected) in [
        ("/app/bare", "", "missing-payload"),
        ("/app/bare", "x", "invalid-payload"),
        ("/app/message", "", "missing-payload"),
        ("/app/optional", "", "false"),
        ("/app/result", "", "missing-payload the message has no body"),
    ] {
        assert_eq!(answer(&mut client, destination, body).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn ar_45_extractors_of_the_application_are_validated_too() {
    let mut client = client().await;
    for (priority, expected) in [
        ("9", "9"),
        (
            "10",
            r#"validation-failed ["priority"] the message is not valid: priority: greater than 9"#,
        ),
        ("high", "no number"),
    ] {
        client.send(format!(
            "SEND\ndestination:/app/priority\npriority:{priority}\n\n\0"
        ));
        assert_eq!(as_text(&client.expect_message().await).1, expected);
    }
}
