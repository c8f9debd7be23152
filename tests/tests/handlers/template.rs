//! Section 5 of the messaging rules: ST.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use stomp_axum::{
    channel::MessagingError,
    codec::Headers,
    message::Message,
    message::Principal,
    server::Messaging,
    testing::{FrameExt, TestConnection},
};

use super::{as_text, client, message, pair, subscribe};

#[derive(Serialize)]
struct Quote {
    price: f64,
}

fn messaging() -> Messaging {
    super::builder_without_handlers().build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn st_4_values_are_converted_and_sent() {
    let messaging = messaging();
    let mut client = client(&messaging, &["/topic/quotes"]).await;
    let template = messaging.template().clone();
    template
        .convert_and_send("/topic/quotes", &Quote { price: 24.5 })
        .await
        .unwrap();
    template
        .convert_and_send("/topic/quotes", "text")
        .await
        .unwrap();
    template
        .convert_and_send("/topic/quotes", &Bytes::from_static(&[0]))
        .await
        .unwrap();
    assert_eq!(
        message(&mut client).await,
        pair("/topic/quotes", r#"{"price":24.5}"#)
    );
    assert_eq!(message(&mut client).await, pair("/topic/quotes", "text"));
    let frame = client.expect_message().await;
    assert_eq!(
        (frame.header("content-type"), &frame.body[..]),
        (Some("application/octet-stream"), &[0][..])
    );
}

#[tokio::test(start_paused = true)]
async fn st_5_headers_reach_the_client_but_can_not_forge_the_servers() {
    let messaging = messaging();
    let mut client = client(&messaging, &["/topic/quotes"]).await;
    let headers: Headers = [
        ("priority", "9"),
        ("content-type", "application/vnd.quote+json"),
        ("message-id", "forged"),
        ("subscription", "forged"),
        ("destination", "/topic/forged"),
    ]
    .into_iter()
    .collect();
    let quote = Quote { price: 1.0 };
    messaging
        .template()
        .convert_and_send_with_headers("/topic/quotes", &quote, headers)
        .await
        .unwrap();
    let frame = client.expect_message().await;
    assert_eq!(frame.header("priority"), Some("9"));
    assert_eq!(
        frame.headers.get_all("content-type").collect::<Vec<_>>(),
        ["application/vnd.quote+json"]
    );
    assert_eq!(
        frame.headers.get_all("destination").collect::<Vec<_>>(),
        ["/topic/quotes"]
    );
    assert_eq!(
        frame.headers.get_all("subscription").collect::<Vec<_>>(),
        ["0"]
    );
    assert_ne!(frame.header("message-id"), Some("forged"));
    assert_eq!(frame.headers.get_all("message-id").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn st_2_messages_and_the_default_destination() {
    let messaging = messaging();
    let mut client = client(&messaging, &["/topic/**"]).await;
    let template = messaging.template();
    template
        .send(Message::new("/topic/a", "raw").with_header("x", "y"))
        .await
        .unwrap();
    let frame = client.expect_message().await;
    assert_eq!(
        (as_text(&frame), frame.header("x")),
        (pair("/topic/a", "raw"), Some("y"))
    );
    assert_eq!(frame.header("content-type"), None);
    assert!(matches!(
        template.convert_and_send_to_default("x").await,
        Err(MessagingError::NoDestination)
    ));
    let with_default = template.with_default_destination("/topic/default");
    with_default.convert_and_send_to_default("x").await.unwrap();
    assert_eq!(message(&mut client).await, pair("/topic/default", "x"));
}

#[tokio::test(start_paused = true)]
async fn st_10_st_12_to_users() {
    let messaging = messaging();
    let mut first = TestConnection::connect_as(&messaging, Principal::new("a/b")).await;
    let mut second = TestConnection::connect_as(&messaging, Principal::new("a/b")).await;
    let mut other = TestConnection::connect_as(&messaging, Principal::new("a")).await;
    for client in [&mut first, &mut second, &mut other] {
        subscribe(client, &["/user/queue/hints"]).await;
    }
    let template = messaging.template();
    template
        .convert_and_send_to_user("a/b", "/queue/hints", "buy")
        .await
        .unwrap();
    template
        .convert_and_send_to_user("a/b", "queue/hints", "sell")
        .await
        .unwrap();
    template
        .convert_and_send_to_user("nobody", "/queue/hints", "lost")
        .await
        .unwrap();
    for client in [&mut first, &mut second] {
        assert_eq!(message(client).await, pair("/user/queue/hints", "buy"));
        assert_eq!(message(client).await, pair("/user/queue/hints", "sell"));
    }
    other.expect_silence(Duration::from_secs(60)).await;
    let doubled = template
        .convert_and_send_to_user("a", "/user/queue/hints", "x")
        .await;
    assert!(matches!(doubled, Err(MessagingError::UserPrefix { .. })));
}

#[tokio::test(start_paused = true)]
async fn ud_4_ud_6_to_one_session_of_a_user_or_of_nobody() {
    let messaging = messaging();
    let mut nobody = TestConnection::connect(&messaging).await;
    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    let mut joes_tablet = TestConnection::connect_as(&messaging, "joe").await;
    let mut stranger = TestConnection::connect(&messaging).await;
    let template = messaging.template();
    let sessions = messaging.sessions().sessions();
    let joes = sessions
        .iter()
        .filter(|session| session.principal().is_some());
    assert_eq!((sessions.len(), joes.count()), (4, 2));
    for client in [&mut nobody, &mut joe, &mut joes_tablet, &mut stranger] {
        client.subscribe("/user/queue/hints").await;
    }
    for session in &sessions {
        let id = session.id();
        template
            .convert_and_send_to_session(id, "/queue/hints", id.as_str())
            .await
            .unwrap();
        let headers = Headers::from_iter([("x", id.as_str())]);
        template
            .convert_and_send_to_session_with_headers(id, "queue/hints", id.as_str(), headers)
            .await
            .unwrap();
    }
    let mut reached = Vec::new();
    for client in [&mut nobody, &mut joe, &mut joes_tablet, &mut stranger] {
        let first = client.expect_message().await;
        assert_eq!(first.header("destination"), Some("/user/queue/hints"));
        let second = client.expect_message().await;
        assert_eq!(second.header("x"), Some(first.text()));
        assert_eq!(second.text(), first.text());
        reached.push(first.text().to_owned());
        client.expect_silence(Duration::from_secs(60)).await;
    }
    reached.sort();
    reached.dedup();
    assert_eq!(reached.len(), 4);

    // A session that has ended is no error.
    let gone = sessions[0].id();
    drop((nobody, joe, joes_tablet, stranger));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(messaging.sessions().sessions().is_empty());
    let sent = template.convert_and_send_to_session(gone, "/queue/hints", "lost");
    sent.await.unwrap();
    let doubled = template.convert_and_send_to_session(gone, "/user/queue/hints", "x");
    assert_eq!(doubled.await.unwrap_err().code(), "user-prefix");
}

/// One thread, and a loop that never waits for anything else: the connection still gets to write.
#[tokio::test(start_paused = true)]
async fn st_13_a_flood_of_sends_cuts_nobody_off() {
    let messaging = messaging();
    let mut client = client(&messaging, &["/topic/flood"]).await;
    for (count, body) in [(10_000, "x".repeat(100)), (200, "x".repeat(40_000))] {
        for _ in 0..count {
            messaging
                .template()
                .convert_and_send("/topic/flood", &body)
                .await
                .unwrap();
        }
        for _ in 0..count {
            assert_eq!(client.expect_message().await.body.len(), body.len());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn gs_6_what_no_broker_serves_and_what_is_nothing_is_an_error() {
    let template = messaging().template().clone();
    assert!(matches!(
        template.convert_and_send("/tpoic/a", "x").await,
        Err(MessagingError::NoBroker { .. })
    ));
    assert!(matches!(
        template.convert_and_send("/topic/a", &None::<u32>).await,
        Err(MessagingError::Payload(_))
    ));
    let user = template.convert_and_send("/user/joe", "x").await;
    assert!(matches!(
        user,
        Err(MessagingError::InvalidUserDestination { .. })
    ));
}

/// Spring injects the template into whatever it makes.
#[tokio::test(start_paused = true)]
async fn st_1_what_is_given_to_the_builder_can_have_the_template_of_the_server() {
    let builder = super::builder_without_handlers();
    let template = builder.template();
    let unbuilt = [
        template.convert_and_send("/topic/a", "early").await,
        template
            .convert_and_send_to_user("joe", "/queue/a", "early")
            .await,
        template.send(Message::new("/topic/a", "early")).await,
    ];
    for sent in unbuilt {
        assert!(matches!(sent, Err(MessagingError::NotStarted)), "{sent:?}");
    }
    let messaging = builder.user_destination_prefix("/me").build().unwrap();
    let mut client = client(&messaging, &["/topic/a"]).await;
    template
        .convert_and_send("/topic/a", "in time")
        .await
        .unwrap();
    assert_eq!(message(&mut client).await, pair("/topic/a", "in time"));
    let prefixed = template
        .convert_and_send_to_user("joe", "/me/queue/a", "")
        .await;
    assert!(
        matches!(prefixed, Err(MessagingError::UserPrefix { .. })),
        "{prefixed:?}"
    );
}
