use std::time::Duration;

use super::*;
use crate::{
    endpoint::{AuthenticationError, ConnectRequest},
    handler::Handlers,
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
