//! Section 2 of the messaging rules: AR.

use stomp_axum::{message::Principal, testing::TestConnection};

use super::{builder, client, message, pair, send, subscribe};

mod handlers {
    use bytes::Bytes;
    use serde::Deserialize;
    use stomp_axum::{
        codec::Headers,
        handler::{Destination, ExtractError, FromMessage, Json, MessageContext, Payload, State},
        message::{Message, Principal, SessionId},
        message_exception_handler, message_mapping,
        pattern::DestinationVariables,
        send_to, send_to_user,
        session::{Session, SessionAttributes},
        template::MessagingTemplate,
        user::UserRegistry,
    };

    #[derive(Deserialize)]
    pub(super) struct Trade {
        ticker: String,
        shares: u32,
    }

    #[message_mapping("/bare")]
    #[send_to("/topic/out")]
    async fn bare(trade: Trade) -> String {
        format!("{} {}", trade.ticker, trade.shares)
    }

    #[message_mapping("/wrapped")]
    #[send_to("/topic/out")]
    async fn wrapped(Payload(trade): Payload<Trade>, Json(same): Json<Trade>) -> String {
        format!("{} {}", trade.ticker, same.shares)
    }

    #[message_mapping("/json")]
    #[send_to("/topic/out")]
    async fn json(Json(trade): Json<Trade>) -> String {
        trade.ticker
    }

    #[message_mapping("/optional")]
    #[send_to("/topic/out")]
    async fn optional(
        bare: Option<Trade>,
        wrapped: Option<Json<Trade>>,
        text: Option<String>,
    ) -> String {
        format!(
            "{} {} {}",
            bare.is_some(),
            wrapped.is_some(),
            text.is_some()
        )
    }

    #[message_mapping("/raw")]
    #[send_to("/topic/out")]
    async fn raw(text: String, bytes: Bytes, vec: Vec<u8>) -> String {
        assert_eq!((text.as_bytes(), &bytes[..]), (&vec[..], &vec[..]));
        text
    }

    #[message_mapping("/headers/{room}")]
    #[send_to("/topic/out")]
    #[expect(clippy::too_many_arguments, reason = "one of each kind")]
    async fn headers(
        #[header] count: u32,
        #[header("x-flag")] flag: bool,
        #[header("x-missing")] missing: Option<u32>,
        #[header("x-default", default = "7")] default: u32,
        #[header("x-list")] list: Vec<u32>,
        headers: Headers,
        #[destination_variable] room: u64,
        variables: DestinationVariables,
    ) -> String {
        let listed = headers.get_all("x-list").count();
        let same_room = variables.get("room").unwrap_or_default();
        format!("{count} {flag} {missing:?} {default} {list:?} {listed} {room} {same_room}")
    }

    #[message_mapping("/who")]
    #[send_to("/topic/out")]
    async fn who(principal: Principal, maybe: Option<Principal>) -> String {
        format!("{principal} {}", maybe.is_some())
    }

    #[message_mapping("/anonymous")]
    #[send_to("/topic/out")]
    async fn anonymous(principal: Option<Principal>) -> String {
        format!("{}", principal.is_some())
    }

    #[derive(Clone)]
    pub(super) struct Greeting(pub(super) &'static str);

    #[derive(Clone)]
    pub(super) struct Visits(u32);

    #[message_mapping("/everything")]
    #[send_to("/topic/out")]
    #[expect(clippy::too_many_arguments, reason = "one of each kind")]
    async fn everything(
        destination: Destination,
        message: Message,
        session: Session,
        session_id: SessionId,
        attributes: SessionAttributes,
        State(greeting): State<Greeting>,
        no_state: Option<State<u8>>,
        users: UserRegistry,
        template: MessagingTemplate,
    ) -> String {
        let visits = attributes.get::<Visits>().map_or(0, |visits| visits.0) + 1;
        attributes.insert(Visits(visits));
        template
            .convert_and_send("/topic/aside", "aside")
            .await
            .expect("a broker");
        assert_eq!(session.id(), &session_id);
        assert_eq!(message.destination(), Some(&*destination.0));
        format!(
            "{destination} {} {visits} {} {}",
            greeting.0,
            no_state.is_none(),
            users.user_count()
        )
    }

    /// An extractor of one's own, which fails without the header.
    struct Locale(String);

    #[derive(Debug, thiserror::Error)]
    #[error("no locale")]
    pub(super) struct NoLocale;

    impl FromMessage for Locale {
        type Rejection = NoLocale;

        async fn from_message(context: &MessageContext) -> Result<Self, NoLocale> {
            context
                .message()
                .headers()
                .get("locale")
                .map(|locale| Self(locale.to_owned()))
                .ok_or(NoLocale)
        }
    }

    #[message_mapping("/locale")]
    #[send_to("/topic/out")]
    async fn locale(Locale(locale): Locale) -> String {
        locale
    }

    #[message_mapping("/maybe-locale")]
    #[send_to("/topic/out")]
    async fn maybe_locale(
        locale: Result<Locale, NoLocale>,
        trade: Result<Trade, ExtractError>,
    ) -> String {
        format!("{:?} {}", locale.map(|locale| locale.0).ok(), trade.is_ok())
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn extraction_failed(error: &ExtractError) -> String {
        format!("extract: {error}")
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn no_locale(_error: &NoLocale) -> &'static str {
        "no locale"
    }
}

async fn exchange(frames: &[&str]) -> Vec<(String, String)> {
    exchange_as(None, frames).await
}

/// Sends the frames to the handlers, and returns one message for each.
async fn exchange_as(user: Option<&str>, frames: &[&str]) -> Vec<(String, String)> {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .state(handlers::Greeting("Hello"))
        .build()
        .unwrap();
    let mut client = match user {
        Some(user) => TestConnection::connect_as(&messaging, Principal::new(user)).await,
        None => client(&messaging, &[]).await,
    };
    subscribe(&mut client, &["/topic/out", "/user/queue/errors"]).await;
    let mut messages = Vec::new();
    for frame in frames {
        client.send(format!("SEND\n{frame}\0"));
        messages.push(message(&mut client).await);
    }
    messages
}

fn out(body: &str) -> (String, String) {
    pair("/topic/out", body)
}

fn is_error(message: &(String, String), start: &str) -> bool {
    message.0 == "/user/queue/errors" && message.1.starts_with(start)
}

const TRADE: &str = r#"{"ticker":"VMW","shares":25}"#;

#[tokio::test(start_paused = true)]
async fn ar_42_the_payload_is_converted() {
    let messages = exchange(&[
        &format!("destination:/app/bare\n\n{TRADE}"),
        &format!("destination:/app/bare\ncontent-type:application/json;charset=utf-8\n\n{TRADE}"),
        &format!("destination:/app/wrapped\n\n{TRADE}"),
        // `Json` does not look at the content type, which some clients get wrong.
        &format!("destination:/app/json\ncontent-type:text/plain\n\n{TRADE}"),
        "destination:/app/raw\ncontent-type:application/json\n\n{\"raw\"",
    ])
    .await;
    assert_eq!(
        messages,
        [
            out("VMW 25"),
            out("VMW 25"),
            out("VMW 25"),
            out("VMW"),
            out("{\"raw\"")
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn ar_40_tc_28_an_empty_body_is_an_error_unless_it_is_optional() {
    let messages = exchange(&[
        "destination:/app/bare\n\n",
        "destination:/app/json\n\n",
        "destination:/app/raw\n\n",
        "destination:/app/optional\n\n",
        &format!("destination:/app/optional\n\n{TRADE}"),
    ])
    .await;
    assert!(
        messages[..3]
            .iter()
            .all(|message| is_error(message, "extract: the message has no body")),
        "{messages:?}"
    );
    assert_eq!(
        messages[3..],
        [out("false false false"), out("true true true")]
    );
}

#[tokio::test(start_paused = true)]
async fn ar_42_tc_32_what_can_not_be_converted_goes_to_the_exception_handler() {
    let messages = exchange(&[
        "destination:/app/bare\n\n{\"ticker\":\"VMW\"}",
        "destination:/app/bare\n\nnot json",
        &format!("destination:/app/bare\ncontent-type:application/xml\n\n{TRADE}"),
    ])
    .await;
    assert!(
        is_error(&messages[0], "extract: could not read the body as JSON"),
        "{messages:?}"
    );
    assert!(
        is_error(&messages[1], "extract: could not read the body as JSON"),
        "{messages:?}"
    );
    assert!(
        is_error(
            &messages[2],
            "extract: no converter reads `application/xml`"
        ),
        "{messages:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn ar_10_to_15_and_30_headers_and_variables_are_converted() {
    let messages = exchange(&[
        "destination:/app/headers/12\ncount:3\nx-flag:true\nx-list:1, 2\n\n",
        // AR-12: a repeated header; AR-14: an empty value is replaced by the default.
        "destination:/app/headers/12\ncount:3\nx-flag:false\nx-default:\nx-missing:5\nx-list:1\nx-list:2\n\n",
        "destination:/app/headers/12\ncount:3\nx-flag:true\nx-default:9\nx-list:1\n\n",
        // TC-23: a required header is missing; TC-24: a value is no number.
        "destination:/app/headers/12\nx-flag:true\nx-list:1\n\n",
        "destination:/app/headers/12\ncount:three\nx-flag:true\nx-list:1\n\n",
        "destination:/app/headers/12\ncount:3\nx-flag:true\nx-list:1,x\n\n",
        // TC-27.
        "destination:/app/headers/twelve\ncount:3\nx-flag:true\nx-list:1\n\n",
    ])
    .await;
    assert_eq!(messages[0], out("3 true None 7 [1, 2] 1 12 12"));
    assert_eq!(messages[1], out("3 false Some(5) 7 [1, 2] 2 12 12"));
    assert_eq!(messages[2], out("3 true None 9 [1] 1 12 12"));
    assert!(
        is_error(&messages[3], "extract: the header `count` is missing"),
        "{messages:?}"
    );
    assert!(
        is_error(
            &messages[4],
            "extract: the header `count` can't be read: invalid digit"
        ),
        "{messages:?}"
    );
    assert!(
        is_error(&messages[5], "extract: the header `x-list` can't be read: "),
        "{messages:?}"
    );
    assert!(
        is_error(
            &messages[6],
            "extract: `room` in the destination can't be read: invalid digit"
        ),
        "{messages:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn ar_31_tc_35_the_principal() {
    let frames = ["destination:/app/who\n\n", "destination:/app/anonymous\n\n"];
    assert_eq!(
        exchange_as(Some("joe"), &frames).await,
        [out("joe true"), out("true")]
    );
    let anonymous = exchange(&frames).await;
    assert!(
        is_error(&anonymous[0], "extract: the session has no user"),
        "{anonymous:?}"
    );
    assert_eq!(anonymous[1], out("false"));
}

#[tokio::test(start_paused = true)]
async fn ws_6_session_state_template_and_registry() {
    let frame = "destination:/app/everything\n\n";
    let messages = exchange_as(Some("joe"), &[frame, frame]).await;
    assert_eq!(
        messages,
        [
            out("/app/everything Hello 1 true 1"),
            out("/app/everything Hello 2 true 1")
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn ar_1_extractors_of_the_application_and_results() {
    let messages = exchange(&[
        "destination:/app/locale\nlocale:de\n\n",
        "destination:/app/locale\n\n",
        "destination:/app/maybe-locale\n\n",
        &format!("destination:/app/maybe-locale\nlocale:de\n\n{TRADE}"),
    ])
    .await;
    assert_eq!(messages[0], out("de"));
    assert_eq!(messages[1], pair("/user/queue/errors", "no locale"));
    assert_eq!(messages[2..], [out("None false"), out("Some(\"de\") true")]);
}

#[tokio::test(start_paused = true)]
async fn ar_3_after_a_failed_argument_the_session_goes_on() {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .state(handlers::Greeting("Hello"))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/out"]).await;
    send(&client, "/app/bare", "x");
    send(&client, "/app/raw", "still here");
    assert_eq!(message(&mut client).await, out("still here"));
}
