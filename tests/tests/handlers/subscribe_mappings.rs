//! Section 1.5 of the messaging rules: SM.

use std::time::Duration;

use stomp_axum::{handler::Handlers, server::Messaging, testing::TestConnection};

use super::{as_text, builder, client, message, pair};

mod handlers {
    use stomp_axum::{
        message_exception_handler, message_mapping, send_to, send_to_user, subscribe_mapping,
    };

    #[subscribe_mapping("/number")]
    async fn number() -> u32 {
        42
    }

    #[subscribe_mapping("/rooms/{room}")]
    async fn room(#[destination_variable] room: String) -> String {
        room
    }

    #[subscribe_mapping("/none")]
    async fn none() -> Option<u32> {
        None
    }

    #[subscribe_mapping("/broadcast")]
    #[send_to("/topic/joined")]
    async fn broadcast() -> &'static str {
        "joined"
    }

    #[subscribe_mapping("/fails")]
    async fn fails() -> Result<u32, String> {
        Err("failed".to_owned())
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn failed(error: &(dyn std::error::Error + Send + Sync)) -> String {
        error.to_string()
    }

    #[message_mapping("/number")]
    async fn message() -> &'static str {
        "a SEND"
    }
}

async fn connected(destinations: &[&str]) -> TestConnection {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .build()
        .unwrap();
    client(&messaging, destinations).await
}

#[tokio::test(start_paused = true)]
async fn sm_2_sm_3_tc_57_the_reply_goes_straight_to_the_subscriber() {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .build()
        .unwrap();
    let mut subscriber = client(&messaging, &[]).await;
    let mut other = client(&messaging, &["/topic/**"]).await;
    subscriber.send("SUBSCRIBE\nid:a\ndestination:/app/number\nreceipt:r\n\n\0");
    let frame = subscriber.expect_message().await;
    assert_eq!(as_text(&frame), pair("/app/number", "42"));
    assert_eq!(frame.header("subscription"), Some("a"));
    assert_eq!(frame.header("content-type"), Some("application/json"));
    assert!(frame.header("message-id").is_some());
    // The RECEIPT comes when the handler is through.
    subscriber.expect_receipt("r").await;
    other.expect_silence(Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn sm_1_tc_02_variables_are_bound() {
    let mut client = connected(&[]).await;
    client.send("SUBSCRIBE\nid:a\ndestination:/app/rooms/lobby\n\n\0");
    assert_eq!(
        message(&mut client).await,
        pair("/app/rooms/lobby", "lobby")
    );
}

#[tokio::test(start_paused = true)]
async fn sm_4_sm_8_no_reply_and_unsubscribe() {
    let mut client = connected(&[]).await;
    client.send("SUBSCRIBE\nid:a\ndestination:/app/none\nreceipt:s\n\n\0");
    client.expect_receipt("s").await;
    client.send("UNSUBSCRIBE\nid:a\nreceipt:u\n\n\0");
    client.expect_receipt("u").await;
}

#[tokio::test(start_paused = true)]
async fn sm_6_tc_56_with_send_to_the_reply_goes_to_the_broker() {
    let mut client = connected(&["/topic/joined"]).await;
    client.send("SUBSCRIBE\nid:a\ndestination:/app/broadcast\n\n\0");
    assert_eq!(message(&mut client).await, pair("/topic/joined", "joined"));
}

#[tokio::test(start_paused = true)]
async fn sm_7_no_subscription_is_stored() {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .build()
        .unwrap();
    let mut client = client(&messaging, &[]).await;
    client.send("SUBSCRIBE\nid:a\ndestination:/app/number\n\n\0");
    assert_eq!(message(&mut client).await.1, "42");
    assert!(
        messaging
            .template()
            .convert_and_send("/app/number", "later")
            .await
            .is_err()
    );
    client.expect_silence(Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn sm_7_a_broker_without_prefixes_stores_it_too() {
    let messaging = Messaging::builder()
        .application_destination_prefixes(["/app"])
        .handlers(Handlers::in_module(concat!(module_path!(), "::handlers")))
        .build()
        .unwrap();
    let mut client = client(&messaging, &[]).await;
    client.send("SUBSCRIBE\nid:a\ndestination:/app/number\n\n\0");
    assert_eq!(message(&mut client).await.1, "42");
    messaging
        .template()
        .convert_and_send("/app/number", "later")
        .await
        .unwrap();
    assert_eq!(message(&mut client).await.1, "later");
}

#[tokio::test(start_paused = true)]
async fn sm_10_errors_go_to_the_exception_handler() {
    let mut client = connected(&["/user/queue/errors"]).await;
    client.send("SUBSCRIBE\nid:a\ndestination:/app/fails\n\n\0");
    assert_eq!(
        message(&mut client).await,
        pair("/user/queue/errors", "failed")
    );
}

#[tokio::test(start_paused = true)]
async fn mm_10_a_send_to_the_same_destination_is_another_mapping() {
    let mut client = connected(&["/topic/number"]).await;
    client.send("SEND\ndestination:/app/number\n\n\0");
    assert_eq!(message(&mut client).await, pair("/topic/number", "a SEND"));
}
