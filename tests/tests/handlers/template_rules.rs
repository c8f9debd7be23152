//! Rules of sections 5, 6 and 10 that have no test in `template`: ST, MC, CH-2, HM.

use std::{collections::BTreeMap, time::Duration};

use stomp_axum::{
    channel::MessagingError,
    codec::Headers,
    message::{Message, PayloadError},
    server::Messaging,
    testing::TestConnection,
};
use tokio::time::Instant;

use super::{as_text, builder_without_handlers, client, message, pair};

fn messaging() -> Messaging {
    builder_without_handlers().build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn st_1_st_9_sending_waits_for_no_client() {
    let messaging = messaging();
    let mut slow = TestConnection::open_slow(&messaging, 1);
    slow.send_connect("1.2").await;
    slow.send("SUBSCRIBE\nid:s\ndestination:/topic/a\nreceipt:r\n\n\0");
    slow.expect_receipt("r").await;
    let mut fast = client(&messaging, &["/topic/a"]).await;
    let started = Instant::now();
    for number in 0..1000 {
        messaging
            .template()
            .convert_and_send("/topic/a", &number)
            .await
            .unwrap();
    }
    assert_eq!(started.elapsed(), Duration::ZERO);
    for number in 0..1000 {
        assert_eq!(message(&mut fast).await.1, number.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn st_3_mc_8_hm_5_sending_changes_nothing_that_the_caller_keeps() {
    let messaging = messaging();
    let mut client = client(&messaging, &["/topic/a", "/topic/b"]).await;
    let template = messaging.template();
    let headers: Headers = [("x", "1")].into_iter().collect();
    template
        .convert_and_send_with_headers("/topic/a", "one", headers.clone())
        .await
        .unwrap();
    assert_eq!(headers.iter().collect::<Vec<_>>(), [("x", "1")]);
    let sent = Message::new("/topic/b", "two").with_header("y", "2");
    template.send(sent.clone()).await.unwrap();
    template.send(sent.clone()).await.unwrap();
    assert_eq!(sent.headers().iter().collect::<Vec<_>>(), [("y", "2")]);

    let first = client.expect_message().await;
    assert_eq!(as_text(&first), pair("/topic/a", "one"));
    let (second, third) = (client.expect_message().await, client.expect_message().await);
    assert_eq!(as_text(&second), as_text(&third));
    assert_ne!(second.header("message-id"), third.header("message-id"));
    // Nothing of the first message is in the second.
    assert_eq!((second.header("x"), second.header("y")), (None, Some("2")));
}

#[tokio::test(start_paused = true)]
async fn st_6_mc_4_a_content_type_that_is_given_is_kept() {
    let messaging = messaging();
    let mut client = client(&messaging, &["/topic/a"]).await;
    let template = messaging.template();
    for (given, written) in [
        (None, "application/json"),
        (
            Some("application/vnd.prices+json"),
            "application/vnd.prices+json",
        ),
    ] {
        let headers: Headers = given
            .map(|value| ("content-type", value))
            .into_iter()
            .collect();
        template
            .convert_and_send_with_headers("/topic/a", &[1, 2], headers)
            .await
            .unwrap();
        let received = client.expect_message().await;
        assert_eq!(as_text(&received), pair("/topic/a", "[1,2]"));
        assert_eq!(
            received.headers.get_all("content-type").collect::<Vec<_>>(),
            [written]
        );
    }
    // Text is always UTF-8.
    template.convert_and_send("/topic/a", "é").await.unwrap();
    let received = client.expect_message().await;
    assert_eq!(
        (received.header("content-type"), &received.body[..]),
        (Some("text/plain;charset=UTF-8"), "é".as_bytes())
    );
}

#[tokio::test(start_paused = true)]
async fn st_8_ch_2_what_can_not_be_written_or_delivered_is_an_error_of_the_call() {
    let messaging = messaging();
    let mut client = client(&messaging, &["/topic/a"]).await;
    let template = messaging.template();
    let unwritable: BTreeMap<Vec<u32>, u32> = [(vec![1], 2)].into();
    assert!(matches!(
        template.convert_and_send("/topic/a", &unwritable).await,
        Err(MessagingError::Payload(PayloadError::Write { .. }))
    ));
    assert!(matches!(
        template.send(Message::new("/nowhere", "x")).await,
        Err(MessagingError::NoBroker { .. })
    ));
    // `send` converts nothing, whatever the content type says.
    let bytes = [0xff, 0, 0x7f];
    template
        .send(
            Message::new("/topic/a", bytes.to_vec())
                .with_header("content-type", "application/json"),
        )
        .await
        .unwrap();
    let received = client.expect_message().await;
    assert_eq!(received.body[..], bytes);
    assert_eq!(received.header("content-type"), Some("application/json"));
}

#[tokio::test(start_paused = true)]
async fn hm_3_hm_12_each_message_gets_an_id_of_the_servers_own_the_same_for_all() {
    let messaging = messaging();
    let mut one = client(&messaging, &["/topic/a"]).await;
    let mut other = client(&messaging, &["/topic/*"]).await;
    for forged in ["1", "2"] {
        let message = Message::new("/topic/a", "x").with_header("message-id", forged);
        messaging.template().send(message).await.unwrap();
    }
    let mut ids = Vec::new();
    for _ in 0..2 {
        let (one, other) = (one.expect_message().await, other.expect_message().await);
        assert_eq!(one.header("message-id"), other.header("message-id"));
        assert_eq!(one.headers.get_all("message-id").count(), 1);
        ids.push(one.header("message-id").unwrap().to_owned());
    }
    assert!(
        ids[0] != ids[1] && !ids.contains(&"1".to_owned()),
        "{ids:?}"
    );
}
