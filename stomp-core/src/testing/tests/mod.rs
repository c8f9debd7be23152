mod acknowledging;

use std::time::Duration;

use super::*;
use crate::{
    codec::Command,
    endpoint::{AuthenticationError, ConnectRequest},
    handler::Handlers,
    message::Message,
};

fn server() -> Messaging {
    let builder = Messaging::builder().simple_broker(["/topic"]);
    builder.handlers(Handlers::none()).build().unwrap()
}

/// Why a future of a test has panicked.
async fn panic_message(test: impl Future<Output = ()> + Send + 'static) -> String {
    let panic = tokio::spawn(test).await.unwrap_err().into_panic();
    *panic.downcast::<String>().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_failed_expectation_names_the_line_that_expects() {
    let mut client = TestConnection::connect(&server()).await;
    const LINE: u32 = line!() + 2;
    let message = panic_message(async move {
        client.expect_message().await;
    });
    let message = message.await;
    let place = format!("{}:{LINE}:", file!());
    assert!(message.starts_with(&place), "{message}");
    assert!(
        message.ends_with("the server sent nothing for 600s"),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_comes_before_a_receipt_is_not_lost() {
    let mut client = TestConnection::connect(&server()).await;
    assert_eq!(client.subscribe("/topic/a").await, "sub-0");
    client.send_to("/topic/a", "text");
    client.send_json("/topic/a", &Some(7));
    assert_eq!(client.subscribe("/topic/b").await, "sub-1");
    let first = client.expect_message().await;
    assert_eq!((first.text(), first.header("content-type")), ("text", None));
    let second = client.expect_message().await;
    assert_eq!(second.header("content-type"), Some("application/json"));
    assert_eq!(second.json::<u8>(), 7);
    client.expect_silence(Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn silence_ends_with_what_came_before_a_receipt() {
    let mut client = TestConnection::connect(&server()).await;
    client.subscribe("/topic/a").await;
    client.send_to("/topic/a", "text");
    client.subscribe("/topic/b").await;
    let message = panic_message(async move {
        client.expect_silence(Duration::from_secs(1)).await;
    });
    assert!(message.await.contains("expected silence, got Some(Text("));
}

#[tokio::test(start_paused = true)]
async fn a_refused_subscription_is_said_so() {
    let mut client = TestConnection::connect(&server()).await;
    let message = panic_message(async move {
        client.subscribe("").await;
    });
    let message = message.await;
    assert!(message.contains("the server refused"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn the_authenticator_sees_login_and_passcode() {
    let joe_only = async |connect: ConnectRequest| match (connect.login(), connect.passcode()) {
        (Some("joe"), Some("a:b")) => Ok(Some("joe".into())),
        _ => Err(AuthenticationError::bad_credentials()),
    };
    let messaging = Messaging::builder().simple_broker(["/topic"]);
    let messaging = messaging.handlers(Handlers::none());
    let messaging = messaging.authenticator(joe_only).build().unwrap();
    let _joe = TestConnection::connect_with(&messaging, "joe", "a:b").await;
    assert_eq!(messaging.users().user_count(), 1);
    let message = panic_message(async move {
        TestConnection::connect_with(&messaging, "joe", "x").await;
    });
    let message = message.await;
    assert!(
        message.contains("expected CONNECTED, got Frame { command: Error"),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_authenticator_sees_headers_of_connect() {
    let by_token = async |connect: ConnectRequest| match connect.headers().get("Authorization") {
        Some("Bearer secret") => Ok(Some("joe".into())),
        _ => Err(AuthenticationError::bad_credentials()),
    };
    let messaging = Messaging::builder().simple_broker(["/topic"]);
    let messaging = messaging.handlers(Handlers::none());
    let messaging = messaging.authenticator(by_token).build().unwrap();
    let headers = [("Authorization", "Bearer secret")];
    let _joe = TestConnection::connect_with_headers(&messaging, headers).await;
    assert!(messaging.users().user("joe").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_send_has_the_headers_that_are_given() {
    let mut client = TestConnection::connect(&server()).await;
    client.subscribe("/topic/a").await;
    client.send_with_headers(
        "/topic/a",
        [("content-type", "text/html"), ("x", "a:b")],
        "<p>",
    );
    let message = client.expect_message().await;
    assert_eq!(message.header("content-type"), Some("text/html"));
    assert_eq!(message.header("x"), Some("a:b"));
    assert_eq!(message.text(), "<p>");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_ended_keeps_what_it_has_got() {
    let mut client = TestConnection::connect(&server()).await;
    let id = client.subscribe("/topic/a").await;
    client.send_to("/topic/a", "before");
    client.unsubscribe(&id).await;
    client.send_to("/topic/a", "after");
    assert_eq!(client.expect_message().await.text(), "before");
    client.expect_silence(Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_subscription_gives_its_error() {
    let mut client = TestConnection::connect(&server()).await;
    assert_eq!(client.try_subscribe("/topic/a").await.unwrap(), "sub-0");
    let error = client.try_subscribe("").await.unwrap_err();
    assert_eq!(error.command, Command::Error);
    assert!(error.header("code").is_some(), "{error:?}");
    client.expect_closed(CloseReason::Error).await;
}

#[tokio::test(start_paused = true)]
async fn a_receipt_is_given_back() {
    let mut client = TestConnection::connect(&server()).await;
    client.send_with_headers("/topic/a", [("receipt", "r")], "text");
    let receipt = client.expect_receipt("r").await;
    assert_eq!(receipt.command, Command::Receipt);
    assert_eq!(receipt.header("receipt-id"), Some("r"));
}

/// Of headers of the same name the first counts: what is waited for can't be taken away.
#[tokio::test(start_paused = true)]
async fn a_subscription_has_the_headers_that_are_given_but_its_own_id_and_receipt() {
    let mut client = TestConnection::connect(&server()).await;
    let headers = [
        ("id", "mine"),
        ("destination", "/topic/b"),
        ("receipt", "mine"),
        ("selector", "x = 'y'"),
    ];
    let (id, receipt) = client.subscribe_with_headers("/topic/a", headers).await;
    assert_eq!((&*id, receipt.header("receipt-id")), ("sub-0", Some(&*id)));
    client.send_to("/topic/b", "elsewhere");
    client.send_to("/topic/a", "not selected");
    client.send_with_headers("/topic/a", [("x", "y")], "selected");
    let message = client.expect_message().await;
    assert_eq!(
        (message.header("subscription"), message.text()),
        (Some(&*id), "selected")
    );
    client.expect_silence(Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_subscription_with_headers_that_is_refused_names_its_line_or_gives_its_error() {
    let headers = [("ack", "sometimes")];
    let mut client = TestConnection::connect(&server()).await;
    let refused = client.try_subscribe_with_headers("/topic/a", headers).await;
    assert_eq!(
        refused.unwrap_err().header("code"),
        Some("invalid-ack-mode")
    );
    client.expect_closed(CloseReason::Error).await;

    let mut client = TestConnection::connect(&server()).await;
    const LINE: u32 = line!() + 2;
    let message = panic_message(async move {
        client.subscribe_with_headers("/topic/a", headers).await;
    });
    let message = message.await;
    let place = format!("{}:{LINE}:", file!());
    assert!(message.starts_with(&place), "{message}");
    assert!(message.contains("the server refused"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_receipt_that_does_not_come_is_explained() {
    let swallow = |message: Message| Ok(message.destination().is_none().then_some(message));
    let messaging = Messaging::builder().simple_broker(["/topic"]);
    let messaging = messaging.handlers(Handlers::none());
    let messaging = messaging.inbound_interceptor(swallow).build().unwrap();
    let mut client = TestConnection::connect(&messaging).await;
    const LINE: u32 = line!() + 2;
    let message = panic_message(async move {
        client.subscribe("/topic/a").await;
    });
    let message = message.await;
    let place = format!("{}:{LINE}:", file!());
    assert!(message.starts_with(&place), "{message}");
    assert!(message.contains("sent no RECEIPT"), "{message}");
    assert!(
        message.contains("without an exception handler"),
        "{message}"
    );
}
