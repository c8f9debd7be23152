//! Test support, used as applications use it: TST-01 to TST-04.

use std::time::Duration;

use stomp_axum::{
    channel::{MessageRejected, MessagingError},
    message::Message,
    server::Messaging,
    testing::{BrokerProbe, FakeBroker, FrameExt, TestConnection, recording_template},
};

use super::builder;

const SECOND: Duration = Duration::from_secs(1);

mod handlers {
    use stomp_axum::prelude::*;

    #[message_mapping("/echo")]
    #[send_to("/topic/echo")]
    async fn echo(text: String) -> String {
        text
    }

    #[message_mapping("/whisper")]
    #[send_to_user("/queue/whisper")]
    async fn whisper(text: String) -> String {
        text
    }

    #[subscribe_mapping("/greeting")]
    async fn greeting() -> &'static str {
        "hello"
    }

    /// A plain function, for tests of its own.
    #[message_mapping("/market/close")]
    pub(super) async fn close_market(template: MessagingTemplate) -> Result<(), MessagingError> {
        template.convert_and_send("/topic/market", "closed").await?;
        template
            .convert_and_send_to_user("joe", "/queue/market", &7)
            .await
    }
}

fn server(
    change: impl FnOnce(stomp_axum::server::MessagingBuilder) -> stomp_axum::server::MessagingBuilder,
) -> Messaging {
    change(builder(concat!(module_path!(), "::handlers")))
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn tst_01_a_probe_records_what_passes_the_broker_channel() {
    let probe = BrokerProbe::new();
    let messaging = server(|builder| {
        builder
            .broker_probe(&probe)
            .broker_interceptor(|message: Message| {
                if message.destination() == Some("/topic/stopped") {
                    return Err(MessageRejected::new("no", "no"));
                }
                Ok(Some(message.with_header("x", "y")))
            })
    });
    let client = TestConnection::connect_as(&messaging, "joe").await;
    client.send_to("/app/echo", "a");
    let message = probe.sent().expect_message().await;
    assert_eq!(message.destination(), Some("/topic/echo"));
    // What is sent, and not what was to be sent.
    assert_eq!(
        (message.text(), message.headers().get("x")),
        ("a", Some("y"))
    );
    client.send_to("/app/whisper", "b");
    let message = probe.sent().expect_message().await;
    assert_eq!(message.destination(), Some("/user/joe/queue/whisper"));
    let stopped = messaging.template().convert_and_send("/topic/stopped", "x");
    assert!(stopped.await.is_err());
    let unserved = messaging.template().convert_and_send("/nowhere", "x");
    assert!(unserved.await.is_err());
    probe.sent().expect_silence(60 * SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn tst_02_a_plain_function_with_a_recording_template() {
    let (template, sent) = recording_template();
    handlers::close_market(template).await.unwrap();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent.to("/topic/market")[0].text(), "closed");
    assert_eq!(sent.to("/user/joe/queue/market")[0].json::<u32>(), 7);
    assert_eq!(sent.take().len(), 2);
    assert!(sent.is_empty());
}

#[tokio::test(start_paused = true)]
async fn tst_02_handlers_alone_with_a_fake_broker() {
    let broker = FakeBroker::new();
    let messaging = server(|builder| builder.fake_broker(&broker));
    let mut client = TestConnection::connect_as(&messaging, "joe").await;
    client.subscribe("/topic/echo").await;
    let private = client.subscribe("/user/queue/whisper").await;
    client.subscribe("/app/greeting").await;
    // A handler's answer to a subscription goes past the broker (SM-2).
    assert_eq!(client.expect_message().await.text(), "hello");
    let subscriptions = broker.subscriptions();
    let seen = subscriptions.iter().map(|subscription| {
        let is_private = subscription.is_private;
        (&*subscription.destination, is_private)
    });
    assert_eq!(
        seen.collect::<Vec<_>>(),
        [("/topic/echo", false), ("/user/queue/whisper", true)]
    );
    assert_eq!(subscriptions[1].id.as_ref(), Some(&private));

    client.send_to("/app/echo", "a");
    assert_eq!(broker.published().expect_message().await.text(), "a");
    client.send_to("/app/whisper", "b");
    let message = broker.sent_to_sessions().expect_message().await;
    assert_eq!(message.destination(), Some("/user/queue/whisper"));
    assert_eq!(message.session_id(), Some(&subscriptions[1].session_id));
    client.expect_silence(60 * SECOND).await;

    client.send(format!("UNSUBSCRIBE\nid:{private}\nreceipt:r\n\n\0"));
    client.expect_receipt("r").await;
    assert_eq!(messaging.broker_statistics().subscriptions, 1);
    drop(client);
    tokio::time::sleep(SECOND).await;
    assert_eq!(broker.subscriptions(), []);
}

#[tokio::test(start_paused = true)]
async fn tst_02_a_fake_broker_fails_when_it_is_told_to() {
    let broker = FakeBroker::new();
    let messaging = server(|builder| builder.fake_broker(&broker));
    broker.fail("connection refused");
    let sent = messaging.template().convert_and_send("/topic/a", "x").await;
    assert!(
        matches!(sent, Err(MessagingError::BrokerUnavailable { reason }) if reason == "connection refused")
    );
    for frame in [
        "SUBSCRIBE\nid:1\ndestination:/topic/a",
        "SUBSCRIBE\nid:1\ndestination:/user/queue/a",
        "SEND\ndestination:/topic/a",
    ] {
        let mut client = TestConnection::connect_as(&messaging, "joe").await;
        client.send(format!("{frame}\n\n\0"));
        let error = client.expect_error("broker-unavailable").await;
        // The reason is the server's own.
        assert_eq!(error.text(), "the broker is not available");
    }
    broker.recover();
    let mut client = TestConnection::connect(&messaging).await;
    client.subscribe("/topic/a").await;
    messaging
        .template()
        .convert_and_send("/topic/a", "x")
        .await
        .unwrap();
    assert_eq!(broker.published().all().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn tst_04_what_is_sent_later_is_waited_for() {
    let (template, sent) = recording_template();
    let start = tokio::time::Instant::now();
    tokio::spawn(async move {
        tokio::time::sleep(60 * SECOND).await;
        template.convert_and_send("/topic/a", "late").await
    });
    sent.expect_silence(59 * SECOND).await;
    assert_eq!(sent.expect_message().await.text(), "late");
    assert_eq!(start.elapsed().as_secs(), 60);
    let nothing = tokio::spawn(async move { sent.expect_message().await });
    let panic = nothing.await.unwrap_err().into_panic();
    let text = panic.downcast::<String>().unwrap();
    assert!(text.contains("testing.rs"), "{text}");
    assert!(text.ends_with("no message was sent for 600s"), "{text}");
}
