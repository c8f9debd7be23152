//! Rules of section 1 that have no test in `mappings` and `subscribe_mappings`: MM, PX, SM.

use std::time::Duration;

use stomp_axum::{
    channel::MessagingError, handler::Handlers, pattern::Separator, server::Messaging,
    testing::TestConnection,
};

use super::{as_text, builder, builder_without_handlers, client, message, pair, send};

mod everywhere {
    use stomp_axum::{message_mapping, send_to, subscribe_mapping};

    #[message_mapping("/function", "/another/{x}")]
    #[send_to("/topic/out")]
    async fn function() -> &'static str {
        "function"
    }

    pub(super) struct Controller;

    #[message_mapping("/controller")]
    impl Controller {
        #[message_mapping("/send")]
        #[send_to("/topic/out")]
        async fn send(&self) -> &'static str {
            "method"
        }

        #[subscribe_mapping("/one", "/two")]
        async fn subscribe(&self) -> &'static str {
            "subscribed"
        }
    }

    #[message_mapping("/module")]
    pub(super) mod inner {
        use stomp_axum::{message_mapping, send_to};

        #[message_mapping("/send")]
        #[send_to("/topic/out")]
        async fn send() -> &'static str {
            "module"
        }
    }
}

fn everywhere() -> Messaging {
    builder(concat!(module_path!(), "::everywhere"))
        .controller(everywhere::Controller)
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn mm_1_mm_3_functions_methods_and_modules_with_any_number_of_patterns() {
    let mut client = client(&everywhere(), &["/topic/out"]).await;
    for (destination, handler) in [
        ("/app/function", "function"),
        ("/app/another/1", "function"),
        ("/app/controller/send", "method"),
        ("/app/module/send", "module"),
    ] {
        send(&client, destination, "");
        assert_eq!(message(&mut client).await, pair("/topic/out", handler));
    }
}

#[tokio::test(start_paused = true)]
async fn mm_5_the_patterns_of_a_class_are_prefixes_for_both_kinds() {
    let mut client = client(&everywhere(), &[]).await;
    for destination in ["/app/controller/one", "/app/controller/two"] {
        client.send(format!(
            "SUBSCRIBE\nid:{destination}\ndestination:{destination}\n\n\0"
        ));
        assert_eq!(message(&mut client).await, pair(destination, "subscribed"));
    }
    // The class is no mapping of its own, and a SUBSCRIBE is no SEND.
    client.send("SUBSCRIBE\nid:x\ndestination:/app/controller/send\n\n\0");
    client.expect_error("unknown-destination").await;
}

#[tokio::test(start_paused = true)]
async fn mm_11_a_message_that_goes_nowhere_is_answered() {
    let messaging = everywhere();
    for (frame, code) in [
        ("SEND\n\n\0", "missing-header"),
        ("SUBSCRIBE\nid:1\n\n\0", "missing-header"),
        ("SEND\ndestination:/other/x\n\n\0", "unknown-destination"),
        (
            "SUBSCRIBE\nid:1\ndestination:/other/x\n\n\0",
            "unknown-destination",
        ),
    ] {
        let mut client = TestConnection::connect(&messaging).await;
        client.send(frame);
        client.expect_error(code).await;
    }
}

mod copies {
    use stomp_axum::{codec::Headers, message::Message, message_mapping, send_to};

    #[message_mapping("/shared")]
    #[send_to("/topic/out")]
    async fn change(mut message: Message, mut headers: Headers, again: Message) -> String {
        message.headers_mut().set("x", "changed");
        headers.set("x", "changed");
        let message = message.with_payload("changed").with_destination("/changed");
        format!("{:?} {:?}", message.destination(), again.headers().get("x"))
    }
}

#[tokio::test(start_paused = true)]
async fn mm_12_hm_2_nobody_sees_what_a_handler_does_to_its_message() {
    // Without prefixes the handler and the broker get the same message.
    let messaging = Messaging::builder()
        .handlers(Handlers::in_module(concat!(module_path!(), "::copies")))
        .build()
        .unwrap();
    let mut handled = client(&messaging, &["/topic/out"]).await;
    let mut other = client(&messaging, &["/shared"]).await;
    let sender = TestConnection::connect(&messaging).await;
    sender.send("SEND\ndestination:/shared\nx:as it was\n\nbody\0");
    assert_eq!(
        message(&mut handled).await.1,
        r#"Some("/changed") Some("as it was")"#
    );
    let received = other.expect_message().await;
    assert_eq!(as_text(&received), pair("/shared", "body"));
    assert_eq!(received.header("x"), Some("as it was"));
}

mod best {
    use stomp_axum::{message_mapping, pattern::DestinationVariables, send_to};

    #[message_mapping("/best/**", "/best/{x}", "/best/{y}/c")]
    #[send_to("/topic/out")]
    async fn best(variables: DestinationVariables) -> String {
        format!("{:?} {:?}", variables.get("x"), variables.get("y"))
    }

    #[message_mapping("/best/*")]
    #[send_to("/topic/out")]
    async fn worse() -> &'static str {
        "worse"
    }
}

#[tokio::test(start_paused = true)]
async fn mm_14_the_best_pattern_of_a_mapping_counts() {
    let messaging = builder(concat!(module_path!(), "::best")).build().unwrap();
    let mut client = client(&messaging, &["/topic/out"]).await;
    for (destination, variables) in [
        ("/app/best/a", r#"Some("a") None"#),
        ("/app/best/a/c", r#"None Some("a")"#),
        ("/app/best/a/b/c", "None None"),
    ] {
        send(&client, destination, "");
        assert_eq!(
            message(&mut client).await.1,
            variables,
            "mm_17 {destination}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn mm_18_only_a_client_reaches_a_handler() {
    let messaging = everywhere();
    let mut client = client(&messaging, &["/topic/out"]).await;
    let sent = messaging
        .template()
        .convert_and_send("/app/function", "x")
        .await;
    assert!(matches!(sent, Err(MessagingError::NoBroker { .. })));
    client.expect_silence(Duration::from_secs(60)).await;
}

mod anything {
    use stomp_axum::{handler::Destination, message_mapping, send_to};

    #[message_mapping("/**")]
    #[send_to("/topic/out")]
    async fn anything(destination: Destination) -> String {
        destination.0
    }
}

#[tokio::test(start_paused = true)]
async fn px_5_what_only_looks_like_the_prefix_is_not_behind_it() {
    let messaging = builder(concat!(module_path!(), "::anything"))
        .build()
        .unwrap();
    for destination in ["/app", "/application/x", "app/x", "/APP/x", "//app/x"] {
        let mut client = TestConnection::connect(&messaging).await;
        send(&client, destination, "");
        client.expect_error("unknown-destination").await;
    }
    let mut client = client(&messaging, &["/topic/out"]).await;
    for destination in ["/app/", "/app/x", "/app//x"] {
        send(&client, destination, "");
        assert_eq!(message(&mut client).await.1, destination);
    }
}

mod dots {
    use stomp_axum::message_mapping;

    #[message_mapping("red.blue")]
    async fn dots() -> &'static str {
        "dots"
    }
}

#[tokio::test(start_paused = true)]
async fn px_1_a_prefix_ends_with_a_slash_whatever_the_separator() {
    for separator in [Separator::Slash, Separator::Dot] {
        let messaging = Messaging::builder()
            .application_destination_prefixes(["/app1", "/app2/"])
            .simple_broker(["/topic"])
            .separator(separator)
            .handlers(Handlers::in_module(concat!(module_path!(), "::dots")))
            .build()
            .unwrap();
        let mut client = client(&messaging, &["/topic/red.blue"]).await;
        for destination in ["/app1/red.blue", "/app2/red.blue"] {
            send(&client, destination, "");
            assert_eq!(message(&mut client).await, pair("/topic/red.blue", "dots"));
        }
        send(&client, "/app1.red.blue", "");
        client.expect_error("unknown-destination").await;
    }
    let error = builder_without_handlers()
        .application_destination_prefixes([" /app", "/app "])
        .build()
        .unwrap_err();
    assert_eq!(error.errors().len(), 2, "{error}");
}

mod subscribed {
    use std::time::Duration;

    use stomp_axum::{
        handler::Destination, message_mapping, subscribe_mapping, template::MessagingTemplate,
    };

    #[subscribe_mapping("/history")]
    async fn history(template: MessagingTemplate) -> &'static str {
        template
            .convert_and_send("/topic/news", "somebody reads")
            .await
            .expect("a broker");
        tokio::time::sleep(Duration::from_secs(5)).await;
        "history"
    }

    #[message_mapping("/news")]
    async fn news(destination: Destination) -> String {
        destination.0
    }
}

#[tokio::test(start_paused = true)]
async fn sm_9_or_8_the_reply_is_in_order_with_everything_else() {
    let messaging = builder(concat!(module_path!(), "::subscribed"))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/news"]).await;
    client.send("SUBSCRIBE\nid:a\ndestination:/app/history\nreceipt:r\n\n\0");
    send(&client, "/app/news", "");
    assert_eq!(
        message(&mut client).await,
        pair("/topic/news", "somebody reads")
    );
    assert_eq!(message(&mut client).await, pair("/app/history", "history"));
    client.expect_receipt("r").await;
    assert_eq!(message(&mut client).await, pair("/topic/news", "/app/news"));
}

#[tokio::test(start_paused = true)]
async fn sm_5_a_subscribe_without_id_reaches_no_handler_except_in_stomp_1_0() {
    let messaging = builder(concat!(module_path!(), "::subscribed"))
        .build()
        .unwrap();
    let mut watcher = client(&messaging, &["/topic/news"]).await;
    for version in ["1.1", "1.2"] {
        let mut client = TestConnection::open(&messaging);
        client.send_connect(version).await;
        client.send("SUBSCRIBE\ndestination:/app/history\n\n\0");
        client.expect_error("missing-header").await;
    }
    watcher.expect_silence(Duration::from_secs(60)).await;
    let mut client = TestConnection::open(&messaging);
    client.send_connect("1.0").await;
    client.send("SUBSCRIBE\ndestination:/app/history\n\n\0");
    let reply = client.expect_message().await;
    assert_eq!(as_text(&reply), pair("/app/history", "history"));
    assert_eq!(reply.header("subscription"), None);
}
