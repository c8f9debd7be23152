//! Section 3 of the messaging rules: RV, and the marks of MC-5 on the wire.

use std::time::Duration;

use stomp_axum::{message::Principal, testing::TestConnection};

use super::{as_text, builder, client, message, pair, send, subscribe};

mod handlers {
    use bytes::Bytes;
    use serde::Serialize;
    use stomp_axum::{
        message::Message, message_exception_handler, message_mapping, send_to, send_to_user,
    };

    #[derive(Serialize)]
    struct Greeting {
        content: &'static str,
    }

    #[message_mapping("/default")]
    async fn default() -> Greeting {
        Greeting { content: "json" }
    }

    #[message_mapping("/empty")]
    #[send_to]
    async fn empty_send_to() -> &'static str {
        "text"
    }

    #[message_mapping("/several")]
    #[send_to("/topic/one", "/topic/two")]
    async fn several() -> Option<String> {
        Some("text".to_owned())
    }

    #[message_mapping("/room/{room}")]
    #[send_to("/topic/room.{room}.filtered")]
    async fn variables() -> &'static str {
        "text"
    }

    #[message_mapping("/kinds/{kind}")]
    #[send_to("/topic/kinds")]
    async fn bytes() -> Bytes {
        Bytes::from_static(&[0, 255])
    }

    #[message_mapping("/vec")]
    #[send_to("/topic/kinds")]
    async fn vec() -> Result<Vec<u8>, std::io::Error> {
        Ok(vec![1, 2])
    }

    #[message_mapping("/message")]
    #[send_to("/topic/kinds")]
    async fn message() -> Message {
        Message::new("/ignored", "<a/>")
            .with_header("content-type", "application/xml")
            .with_header("x", "y")
    }

    #[message_mapping("/nothing")]
    async fn nothing() {}

    #[message_mapping("/none")]
    async fn none() -> Option<Greeting> {
        None
    }

    #[message_mapping("/ok-nothing")]
    async fn ok_nothing() -> Result<(), String> {
        Ok(())
    }

    #[message_mapping("/result-of-strings")]
    #[send_to("/topic/kinds")]
    async fn result_of_strings(text: String) -> Result<String, String> {
        if text == "bad" {
            Err("it is bad".to_owned())
        } else {
            Ok(text)
        }
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn failed(error: &(dyn std::error::Error + Send + Sync)) -> String {
        error.to_string()
    }

    #[message_mapping("/all-sessions")]
    #[send_to_user("/queue/reply")]
    async fn to_all_sessions() -> &'static str {
        "all"
    }

    #[message_mapping("/one-session")]
    #[send_to_user("/queue/reply", broadcast = false)]
    async fn to_one_session() -> &'static str {
        "one"
    }

    #[message_mapping("/default-user")]
    #[send_to_user]
    async fn to_default_user_destination() -> &'static str {
        "default"
    }

    #[message_mapping("/both")]
    #[send_to("/topic/kinds")]
    #[send_to_user("/queue/reply")]
    async fn to_both() -> &'static str {
        "both"
    }
}

async fn connected(destinations: &[&str]) -> TestConnection {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .build()
        .unwrap();
    client(&messaging, destinations).await
}

#[tokio::test(start_paused = true)]
async fn rv_10_tc_40_the_default_destination() {
    let mut client = connected(&["/topic/**"]).await;
    send(&client, "/app/default", "");
    let frame = client.expect_message().await;
    assert_eq!(
        as_text(&frame),
        pair("/topic/default", r#"{"content":"json"}"#)
    );
    assert_eq!(frame.header("content-type"), Some("application/json"));
    send(&client, "/app/empty", "");
    assert_eq!(message(&mut client).await, pair("/topic/empty", "text"));
}

#[tokio::test(start_paused = true)]
async fn rv_12_tc_41_several_destinations_in_order() {
    let mut client = connected(&["/topic/**"]).await;
    send(&client, "/app/several", "");
    assert_eq!(message(&mut client).await, pair("/topic/one", "text"));
    assert_eq!(message(&mut client).await, pair("/topic/two", "text"));
}

#[tokio::test(start_paused = true)]
async fn rv_14_gs_20_variables_of_a_target_are_expanded_once() {
    let mut client = connected(&["/topic/**"]).await;
    send(&client, "/app/room/lobby", "");
    assert_eq!(message(&mut client).await.0, "/topic/room.lobby.filtered");
    send(&client, "/app/room/{room}", "");
    assert_eq!(message(&mut client).await.0, "/topic/room.{room}.filtered");
}

#[tokio::test(start_paused = true)]
async fn mc_5_each_kind_of_value_has_its_content_type() {
    let mut client = connected(&["/topic/kinds"]).await;
    send(&client, "/app/kinds/bytes", "");
    let frame = client.expect_message().await;
    assert_eq!(
        (frame.header("content-type"), &frame.body[..]),
        (Some("application/octet-stream"), &[0, 255][..])
    );
    send(&client, "/app/vec", "");
    assert_eq!(&client.expect_message().await.body[..], [1, 2]);
    send(&client, "/app/message", "");
    let frame = client.expect_message().await;
    assert_eq!(
        (frame.header("content-type"), frame.header("x")),
        (Some("application/xml"), Some("y"))
    );
    assert_eq!(as_text(&frame), pair("/topic/kinds", "<a/>"));
    send(&client, "/app/result-of-strings", "good");
    let frame = client.expect_message().await;
    assert_eq!(
        frame.header("content-type"),
        Some("text/plain;charset=UTF-8")
    );
    assert_eq!(as_text(&frame), pair("/topic/kinds", "good"));
}

#[tokio::test(start_paused = true)]
async fn rv_2_nothing_is_sent_for_nothing() {
    let mut client = connected(&["/topic/**"]).await;
    for destination in ["/app/nothing", "/app/none", "/app/ok-nothing"] {
        send(&client, destination, "");
    }
    client.expect_silence(Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn ex_1_an_err_goes_to_the_exception_handler() {
    let mut client = connected(&["/topic/**"]).await;
    send(&client, "/app/result-of-strings", "bad");
    assert_eq!(
        message(&mut client).await,
        pair("/topic/errors", "it is bad")
    );
}

#[tokio::test(start_paused = true)]
async fn rv_20_to_22_tc_48_replies_to_the_user() {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .build()
        .unwrap();
    let mut sender = TestConnection::connect_as(&messaging, Principal::new("joe")).await;
    let mut other = TestConnection::connect_as(&messaging, Principal::new("joe")).await;
    let mut stranger = TestConnection::connect_as(&messaging, Principal::new("ann")).await;
    for client in [&mut sender, &mut other, &mut stranger] {
        subscribe(client, &["/user/queue/reply", "/user/queue/default-user"]).await;
    }
    send(&sender, "/app/all-sessions", "");
    send(&sender, "/app/one-session", "");
    send(&sender, "/app/default-user", "");
    assert_eq!(message(&mut sender).await, pair("/user/queue/reply", "all"));
    assert_eq!(message(&mut sender).await, pair("/user/queue/reply", "one"));
    assert_eq!(
        message(&mut sender).await,
        pair("/user/queue/default-user", "default")
    );
    assert_eq!(message(&mut other).await, pair("/user/queue/reply", "all"));
    assert_eq!(
        message(&mut other).await,
        pair("/user/queue/default-user", "default")
    );
    stranger.expect_silence(Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn rv_21_tc_49_an_anonymous_session_is_answered_alone() {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .build()
        .unwrap();
    let mut sender = client(&messaging, &["/user/queue/reply"]).await;
    let mut other = client(&messaging, &["/user/queue/reply"]).await;
    send(&sender, "/app/all-sessions", "");
    assert_eq!(message(&mut sender).await, pair("/user/queue/reply", "all"));
    other.expect_silence(Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn rv_16_tc_45_the_user_first_and_then_the_topic() {
    let mut client = connected(&["/topic/kinds", "/user/queue/reply"]).await;
    send(&client, "/app/both", "");
    assert_eq!(
        message(&mut client).await,
        pair("/user/queue/reply", "both")
    );
    assert_eq!(message(&mut client).await, pair("/topic/kinds", "both"));
}

mod inherited {
    use stomp_axum::{message_mapping, send_to, send_to_user};

    pub(super) struct Controller;

    #[message_mapping]
    #[send_to_user("/queue/class", broadcast = false)]
    impl Controller {
        #[message_mapping("/plain")]
        async fn plain() -> &'static str {
            "plain"
        }

        #[message_mapping("/empty")]
        #[send_to]
        async fn empty() -> &'static str {
            "empty"
        }

        #[message_mapping("/own")]
        #[send_to("/topic/own")]
        async fn own() -> &'static str {
            "own"
        }
    }
}

mod private {
    use stomp_axum::{message_mapping, send_to, send_to_user, subscribe_mapping};

    pub(super) struct Controller;

    #[message_mapping]
    #[send_to("/topic/class")]
    impl Controller {
        #[subscribe_mapping("/mine")]
        #[send_to_user]
        async fn mine() -> &'static str {
            "private"
        }
    }
}

/// In Spring the class wins here, and everybody reads what is meant for one.
#[tokio::test(start_paused = true)]
async fn gs_29_what_is_meant_for_the_user_is_never_broadcast_by_the_class() {
    let messaging = builder(concat!(module_path!(), "::private"))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/**", "/user/queue/mine"]).await;
    client.send("SUBSCRIBE\nid:x\ndestination:/app/mine\n\n\0");
    assert_eq!(
        message(&mut client).await,
        pair("/user/queue/mine", "private")
    );
    client.expect_silence(Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn rv_15_tc_42_to_44_targets_of_the_class() {
    let messaging = builder(concat!(module_path!(), "::inherited"))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/**", "/user/queue/class"]).await;
    for (destination, expected) in [
        ("/app/plain", pair("/user/queue/class", "plain")),
        // An empty annotation of the method loses to that of the class with a destination.
        ("/app/empty", pair("/user/queue/class", "empty")),
        ("/app/own", pair("/topic/own", "own")),
    ] {
        send(&client, destination, "");
        assert_eq!(message(&mut client).await, expected);
    }
}
