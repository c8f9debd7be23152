//! Section 1 of the messaging rules: MM, AP-20, PX.

use stomp_axum::{
    codec::Command,
    endpoint::UnknownDestinations,
    handler::{Handlers, WiringError},
    pattern::Separator,
    server::Messaging,
    testing::TestConnection,
};

use super::{builder, client, message, pair, send};

mod precedence {
    use stomp_axum::{message_mapping, send_to};

    #[message_mapping("/both/a/lit")]
    #[send_to("/topic/out")]
    async fn literal() -> &'static str {
        "literal"
    }

    #[message_mapping("/both/{x}/lit")]
    #[send_to("/topic/out")]
    async fn variable(#[destination_variable] x: String) -> String {
        format!("variable {x}")
    }

    #[message_mapping("/both/**")]
    #[send_to("/topic/out")]
    async fn catch_all() -> &'static str {
        "catch-all"
    }
}

#[tokio::test(start_paused = true)]
async fn mm_13_tc_16_literals_beat_variables_beat_catch_alls() {
    let messaging = builder(concat!(module_path!(), "::precedence"))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/out"]).await;
    for (destination, handler) in [
        ("/app/both/a/lit", "literal"),
        ("/app/both/b/lit", "variable b"),
        ("/app/both/b", "catch-all"),
        ("/app/both/a/lit/c", "catch-all"),
        // AP-1: empty segments don't count, so this is the literal.
        ("/app/both//a/lit", "literal"),
        // AP-6: a trailing separator does.
        ("/app/both/a/lit/", "catch-all"),
    ] {
        send(&client, destination, "");
        assert_eq!(
            message(&mut client).await,
            pair("/topic/out", handler),
            "{destination}"
        );
    }
}

mod combined {
    use stomp_axum::{message_mapping, send_to};

    #[derive(Default)]
    pub(super) struct Controller;

    #[message_mapping("/t1", "/t2")]
    #[send_to("/topic/out")]
    impl Controller {
        #[message_mapping("/m1", "m2")]
        async fn handle(&self, destination: stomp_axum::handler::Destination) -> String {
            destination.0
        }
    }

    #[message_mapping("pre/{first}")]
    pub(super) mod inner {
        use stomp_axum::{message_mapping, send_to};

        #[message_mapping("/message/{name}")]
        #[send_to("/topic/out")]
        async fn handle(
            #[destination_variable] first: String,
            #[destination_variable("name")] other: String,
        ) -> String {
            format!("{first} {other}")
        }
    }
}

#[tokio::test(start_paused = true)]
async fn mm_9_tc_01_tc_04_class_and_method_patterns_are_combined() {
    let messaging = builder(concat!(module_path!(), "::combined"))
        .controller(combined::Controller)
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/out"]).await;
    for destination in ["/app/t1/m1", "/app/t1/m2", "/app/t2/m1", "/app/t2/m2"] {
        send(&client, destination, "");
        assert_eq!(message(&mut client).await, pair("/topic/out", destination));
    }
    send(&client, "/app/pre/bar/message/value", "");
    assert_eq!(message(&mut client).await, pair("/topic/out", "bar value"));
}

#[tokio::test(start_paused = true)]
async fn mm_15_gs_1_a_destination_without_a_handler_is_answered() {
    let messaging = builder(concat!(module_path!(), "::precedence"))
        .build()
        .unwrap();
    for destination in [
        "/app/nothing",
        "/app",
        "/application/both/a",
        "/APP/both/a/lit",
        "app/both/a/lit",
        "/other",
    ] {
        let mut client = TestConnection::connect(&messaging).await;
        client.send(format!("SEND\ndestination:{destination}\nreceipt:7\n\n\0"));
        let error = client.expect_error("unknown-destination").await;
        assert_eq!(error.header("receipt-id"), Some("7"), "{destination}");
    }
}

#[tokio::test(start_paused = true)]
async fn mm_15_it_is_ignored_if_the_application_wants_springs_silence() {
    let messaging = builder(concat!(module_path!(), "::precedence"))
        .unknown_destinations(UnknownDestinations::Ignore)
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/out"]).await;
    send(&client, "/app/nothing", "");
    client.send("SUBSCRIBE\nid:x\ndestination:/app/nothing\n\n\0");
    send(&client, "/app/both/a/lit", "");
    assert_eq!(message(&mut client).await, pair("/topic/out", "literal"));
}

#[tokio::test(start_paused = true)]
async fn px_3_the_first_prefix_that_fits_counts() {
    let messaging = Messaging::builder()
        .application_destination_prefixes(["/app", "/app/both"])
        .simple_broker(["/topic"])
        .handlers(Handlers::in_module(concat!(module_path!(), "::precedence")))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/out"]).await;
    send(&client, "/app/both/b/lit", "");
    assert_eq!(message(&mut client).await, pair("/topic/out", "variable b"));
}

#[tokio::test(start_paused = true)]
async fn px_2_px_7_without_prefixes_handlers_and_broker_see_everything() {
    let messaging = Messaging::builder()
        .handlers(Handlers::in_module(concat!(module_path!(), "::precedence")))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/both/**", "/topic/out"]).await;
    send(&client, "/both/b/lit", "raw");
    let mut received = [message(&mut client).await, message(&mut client).await];
    received.sort();
    assert_eq!(
        received,
        [pair("/both/b/lit", "raw"), pair("/topic/out", "variable b")]
    );
}

mod dots {
    use stomp_axum::message_mapping;

    #[message_mapping("pre")]
    pub(super) mod inner {
        use stomp_axum::message_mapping;

        #[message_mapping("foo.{x}")]
        async fn handle(#[destination_variable] x: String) -> String {
            x
        }
    }
}

#[tokio::test(start_paused = true)]
async fn px_4_tc_10_tc_11_dots_as_separators() {
    let messaging = builder(concat!(module_path!(), "::dots"))
        .separator(Separator::Dot)
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/pre.foo.*"]).await;
    send(&client, "/app/pre.foo.bar", "");
    // RV-10: the default destination, with the separator that it needs.
    assert_eq!(
        message(&mut client).await,
        pair("/topic/pre.foo.bar", "bar")
    );
}

mod duplicates {
    use stomp_axum::{message_mapping, subscribe_mapping};

    #[message_mapping("/a", "/b")]
    async fn one() {}

    #[message_mapping("/b", "/c")]
    async fn other() {}

    // The same destination, but another kind of message.
    #[subscribe_mapping("/a")]
    async fn subscribe() -> &'static str {
        "subscribed"
    }
}

#[test]
fn mm_10_tc_08_two_handlers_on_one_mapping_are_an_error_that_names_both() {
    let error = builder(concat!(module_path!(), "::duplicates"))
        .build()
        .unwrap_err();
    let [
        WiringError::DuplicateMapping {
            pattern,
            first,
            second,
            ..
        },
    ] = error.errors()
    else {
        panic!("{error}");
    };
    assert_eq!(
        (&**pattern, first.name, second.name),
        ("/b", "one", "other")
    );
    assert!(first.line < second.line && first.file == file!(), "{error}");
    assert!(
        error
            .to_string()
            .contains(&format!("{}:{}", file!(), second.line)),
        "{error}"
    );
}

mod ambiguous {
    use stomp_axum::message_mapping;

    #[message_mapping("/amc/{x}")]
    async fn one() {}

    #[message_mapping("/amc/{y}")]
    async fn other() {}
}

#[test]
fn mm_16_tc_09_ambiguous_patterns_are_found_at_the_start() {
    let error = builder(concat!(module_path!(), "::ambiguous"))
        .build()
        .unwrap_err();
    let [WiringError::AmbiguousMapping { destination, .. }] = error.errors() else {
        panic!("{error}")
    };
    assert_eq!(destination, "/amc/x");
}

mod ambiguous_at_dispatch {
    use stomp_axum::message_mapping;

    #[message_mapping("/u/{id:[0-9a]+}")]
    async fn one() -> &'static str {
        "one"
    }

    #[message_mapping("/u/{name:[a-z]+}")]
    async fn other() -> &'static str {
        "other"
    }
}

#[tokio::test(start_paused = true)]
async fn mm_16_regexes_that_overlap_call_no_handler_where_they_do() {
    let messaging = builder(concat!(module_path!(), "::ambiguous_at_dispatch"))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/u/*"]).await;
    send(&client, "/app/u/a", "");
    send(&client, "/app/u/7", "");
    assert_eq!(message(&mut client).await, pair("/topic/u/7", "one"));
    send(&client, "/app/u/b", "");
    assert_eq!(message(&mut client).await, pair("/topic/u/b", "other"));
}

#[tokio::test(start_paused = true)]
async fn mm_2_unsubscribe_and_disconnect_never_reach_a_handler() {
    let messaging = builder(concat!(module_path!(), "::precedence"))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/out"]).await;
    client.send("UNSUBSCRIBE\nid:0\ndestination:/app/both/a/lit\nreceipt:u\n\n\0");
    client.expect_receipt("u").await;
    client.send("DISCONNECT\ndestination:/app/both/a/lit\nreceipt:d\n\n\0");
    assert_eq!(client.expect_frame().await.command, Command::Receipt);
    client
        .expect_closed(stomp_axum::session::CloseReason::Disconnected)
        .await;
}
