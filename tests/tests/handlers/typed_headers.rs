//! What the server knows about a message, as typed arguments: AR-11 to AR-13, AR-21, AR-30, AR-31, HM.

use stomp_axum::{message::Principal, server::Messaging, testing::TestConnection};

use super::{as_text, builder, pair, subscribe};

mod handlers {
    use serde::Deserialize;
    use stomp_axum::{
        codec::Headers,
        handler::{
            ExtractError, FromMessage, Handlers, MessageContext, MessageHeaderAccessor,
            PrincipalDetails,
        },
        message::{Message, MessageType},
        message_exception_handler, message_mapping,
        pattern::DestinationVariables,
        send_to, send_to_user, subscribe_mapping,
    };

    #[message_mapping("/known")]
    #[send_to("/topic/out")]
    #[expect(clippy::too_many_arguments, reason = "one of each kind")]
    async fn known(
        #[header("simpMessageType")] message_type: String,
        #[header("simpDestination")] destination: String,
        #[header("simpSessionId")] session_id: String,
        #[header("simpSubscriptionId")] subscription_id: Option<String>,
        #[header("simpUser", default = "nobody")] user: String,
        #[header("contentType")] content_type: Option<String>,
        #[header("lookupDestination")] lookup: String,
        #[header("nativeHeaders.simpUser")] forged: Option<String>,
        message: Message,
    ) -> String {
        assert_eq!(
            message.session_id().map(|id| id.as_str().to_owned()),
            Some(session_id)
        );
        format!(
            "{message_type} {destination} {subscription_id:?} {user} {content_type:?} {lookup} {forged:?}"
        )
    }

    #[subscribe_mapping("/known")]
    async fn subscribed(
        #[header("simpMessageType")] message_type: String,
        #[header("simpSubscriptionId")] subscription_id: u32,
    ) -> String {
        format!("{message_type} {subscription_id}")
    }

    #[message_mapping("/user")]
    #[send_to("/topic/out")]
    async fn user(#[header("simpUser")] user: String) -> String {
        user
    }

    #[message_mapping("/lists")]
    #[send_to("/topic/out")]
    async fn lists(
        #[header] x: Option<Vec<u32>>,
        #[header("y", default = "1,2")] y: Vec<u32>,
    ) -> String {
        format!("{x:?} {y:?}")
    }

    #[message_mapping("/accessor")]
    #[send_to("/topic/out")]
    async fn accessor(headers: MessageHeaderAccessor, same: MessageHeaderAccessor) -> String {
        assert_eq!(headers.message_type(), MessageType::Message);
        assert!(headers.session_id().is_some());
        headers.add_native_header("x", "2");
        format!(
            "{:?} {} {:?} {:?} {:?} {:?} {:?}",
            headers.destination(),
            headers.lookup_destination(),
            headers.principal().map(|principal| principal.name()),
            headers.content_type(),
            headers.receipt(),
            headers.native_headers("x"),
            same.native_header("x"),
        )
    }

    #[derive(Debug, thiserror::Error)]
    #[error("failed")]
    struct Failed;

    #[message_mapping("/write")]
    async fn write(headers: MessageHeaderAccessor) -> Result<(), Failed> {
        headers.set_native_header("x", "written");
        headers.remove_native_header("y");
        headers.set_native_header("content-type", "text/plain");
        Err(Failed)
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn failed(
        _error: &Failed,
        #[header] x: String,
        #[header] y: Option<String>,
        headers: Headers,
        message: Message,
        accessor: MessageHeaderAccessor,
    ) -> String {
        assert_eq!(&headers, message.headers());
        assert_eq!(headers, accessor.to_headers());
        format!("{x} {y:?} {:?}", message.content_type())
    }

    /// An extractor that writes a header for the arguments behind it.
    struct Marked;

    impl FromMessage for Marked {
        type Rejection = std::convert::Infallible;

        async fn from_message(context: &MessageContext) -> Result<Self, Self::Rejection> {
            context.header_accessor().set_native_header("x", "marked");
            Ok(Self)
        }
    }

    #[message_mapping("/marked")]
    #[send_to("/topic/out")]
    async fn marked(
        #[header("x")] before: Option<String>,
        _marked: Marked,
        #[header("x")] after: Option<String>,
    ) -> String {
        format!("{before:?} {after:?}")
    }

    /// Also goes to the broker, which has the prefix, too.
    #[message_mapping("/shared")]
    async fn shared(headers: MessageHeaderAccessor) {
        headers.set_native_header("x", "written");
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Side {
        Buy,
        Sell,
    }

    #[derive(Debug, Deserialize)]
    struct Order {
        side: Side,
        shares: u32,
        limit: Option<f64>,
    }

    #[message_mapping(
        "/orders/{side}/{shares}",
        "/limited/{side}/{shares}/{limit}",
        "/bad/{side}"
    )]
    #[send_to("/topic/out")]
    async fn order(
        DestinationVariables(order): DestinationVariables<Order>,
        all: DestinationVariables,
    ) -> String {
        let Order {
            side,
            shares,
            limit,
        } = order;
        format!("{side:?} {shares} {limit:?} {}", all.len())
    }

    #[message_mapping("/pair/{a}/{b}")]
    #[send_to("/topic/out")]
    async fn tuple(
        DestinationVariables((a, b)): DestinationVariables<(u8, String)>,
        lenient: Result<DestinationVariables<(u8, u8)>, ExtractError>,
    ) -> String {
        format!("{a} {b} {:?}", lenient.map_err(|error| error.code()))
    }

    pub(super) struct Account {
        pub(super) id: u64,
    }

    #[message_mapping("/account")]
    #[send_to("/topic/out")]
    async fn account(account: PrincipalDetails<Account>) -> String {
        account.id.to_string()
    }

    #[message_mapping("/maybe-account")]
    #[send_to("/topic/out")]
    async fn maybe_account(account: Option<PrincipalDetails<Account>>) -> String {
        format!("{:?}", account.map(|account| account.id))
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn extraction_failed(error: &ExtractError) -> String {
        format!("{}: {error}", error.code())
    }

    pub(super) fn all() -> Handlers {
        Handlers::in_module(module_path!())
    }
}

fn messaging() -> Messaging {
    builder("").handlers(handlers::all()).build().unwrap()
}

async fn client(user: Option<Principal>) -> TestConnection {
    let messaging = messaging();
    let mut client = match user {
        Some(user) => TestConnection::connect_as(&messaging, user).await,
        None => TestConnection::connect(&messaging).await,
    };
    subscribe(&mut client, &["/topic/out", "/user/queue/errors"]).await;
    client
}

/// Sends a SEND with these headers, and returns the body of what comes back.
async fn answer(client: &mut TestConnection, headers: &str) -> String {
    client.send(format!("SEND\n{headers}\n\n\0"));
    as_text(&client.expect_message().await).1
}

#[tokio::test(start_paused = true)]
async fn ar_11_what_the_server_knows_has_springs_names() {
    let mut client = client(Some(Principal::new("joe"))).await;
    assert_eq!(
        answer(
            &mut client,
            "destination:/app/known\ncontent-type:text/plain\nsimpUser:admin\nsimpMessageType:CONNECT"
        )
        .await,
        r#"MESSAGE /app/known None joe Some("text/plain") /known Some("admin")"#
    );
    client.send("SUBSCRIBE\nid:7\ndestination:/app/known\n\n\0");
    assert_eq!(
        as_text(&client.expect_message().await),
        pair("/app/known", "SUBSCRIBE 7")
    );
}

#[tokio::test(start_paused = true)]
async fn ar_11_a_header_of_the_frame_never_stands_for_one_of_the_server() {
    let mut client = client(None).await;
    assert_eq!(
        answer(&mut client, "destination:/app/user\nsimpUser:admin").await,
        "missing-header: the header `simpUser` is missing"
    );
    assert_eq!(
        answer(
            &mut client,
            "destination:/app/known\nsimpUser:admin\ncontentType:image/png"
        )
        .await,
        r#"MESSAGE /app/known None nobody None /known Some("admin")"#
    );
}

#[tokio::test(start_paused = true)]
async fn ar_12_ar_13_optional_lists() {
    let mut client = client(None).await;
    for (headers, expected) in [
        ("", "None [1, 2]"),
        ("\nx:1,2\ny:", "Some([1, 2]) [1, 2]"),
        ("\nx:1\nx:3\ny:4", "Some([1, 3]) [4]"),
    ] {
        let headers = format!("destination:/app/lists{headers}");
        assert_eq!(answer(&mut client, &headers).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn ar_21_hm_4_the_accessor_knows_the_message_and_is_one_for_all_arguments() {
    let mut client = client(Some(Principal::new("joe"))).await;
    client.send("SEND\ndestination:/app/accessor\nreceipt:r\ncontent-type:text/plain\nx:1\n\n\0");
    assert_eq!(
        as_text(&client.expect_message().await).1,
        r#"Some("/app/accessor") /accessor Some("joe") Some("text/plain") Some("r") ["1", "2"] Some("1")"#
    );
    client.expect_receipt("r").await;
}

#[tokio::test(start_paused = true)]
async fn ar_21_what_a_handler_writes_the_exception_handler_reads() {
    let mut client = client(None).await;
    assert_eq!(
        answer(&mut client, "destination:/app/write\nx:1\ny:2").await,
        r#"written None Some("text/plain")"#
    );
    assert_eq!(
        answer(&mut client, "destination:/app/marked\nx:1").await,
        r#"Some("1") Some("marked")"#
    );
}

#[tokio::test(start_paused = true)]
async fn mm_12_other_receivers_of_the_message_see_no_changes() {
    let messaging = stomp_axum::server::Messaging::builder()
        .application_destination_prefixes(["/app"])
        .handlers(handlers::all())
        .build()
        .unwrap();
    let mut client = TestConnection::connect(&messaging).await;
    subscribe(&mut client, &["/app/shared"]).await;
    client.send("SEND\ndestination:/app/shared\nx:1\nreceipt:r\n\n\0");
    let frame = client.expect_message().await;
    assert_eq!(frame.headers.get_all("x").collect::<Vec<_>>(), ["1"]);
    client.expect_receipt("r").await;
}

#[tokio::test(start_paused = true)]
async fn ar_30_destination_variables_as_a_struct() {
    let mut client = client(None).await;
    for (destination, expected) in [
        ("/app/orders/buy/12", "Buy 12 None 2"),
        ("/app/limited/sell/12/1.5", "Sell 12 Some(1.5) 3"),
        (
            "/app/orders/buy/many",
            "invalid-destination-variable: `shares` in the destination can't be read: invalid digit found in string",
        ),
        (
            "/app/orders/hold/1",
            "invalid-destination-variable: `side` in the destination can't be read: unknown variant `hold`, expected \
             `buy` or `sell`",
        ),
        (
            "/app/bad/buy",
            "missing-destination-variable: the destination has no variable `shares`",
        ),
        (
            "/app/pair/1/x",
            r#"1 x Err("invalid-destination-variable")"#,
        ),
        ("/app/pair/1/2", "1 2 Ok(DestinationVariables((1, 2)))"),
    ] {
        let headers = format!("destination:{destination}");
        assert_eq!(answer(&mut client, &headers).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn ar_31_the_details_of_the_principal_by_their_type() {
    const ACCOUNT: &str = "destination:/app/account";
    const MAYBE: &str = "destination:/app/maybe-account";
    let joe = Principal::new("joe").with_details(handlers::Account { id: 7 });
    let mut with_account = client(Some(joe)).await;
    assert_eq!(answer(&mut with_account, ACCOUNT).await, "7");
    assert_eq!(answer(&mut with_account, MAYBE).await, "Some(7)");
    let ann = Principal::new("ann").with_details("something else");
    let mut with_others = client(Some(ann)).await;
    assert_eq!(
        answer(&mut with_others, ACCOUNT).await,
        "missing-principal-details: the session's user lacks details that the handler needs"
    );
    assert_eq!(answer(&mut with_others, MAYBE).await, "None");
    let mut anonymous = client(None).await;
    assert_eq!(
        answer(&mut anonymous, ACCOUNT).await,
        "missing-principal: the session has no user"
    );
    assert_eq!(answer(&mut anonymous, MAYBE).await, "None");
}
