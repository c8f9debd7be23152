//! What rules, interceptors and layers have to do with queues and acknowledgements.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use stomp_axum::{
    channel::MessageRejected,
    endpoint::{AuthorizationRules, InboundMessage, InboundService},
    message::Message,
};
use tower::{Service, layer::layer_fn, service_fn};

use super::{consumer::*, *};

const QUEUE: &str = "/queue/a";

#[tokio::test(start_paused = true)]
async fn authorization_rules_are_about_queues_as_about_all_destinations() {
    let rules = AuthorizationRules::new()
        .no_destination()
        .permit_all()
        .subscribe_destinations(["/queue/open/**"])
        .permit_all()
        .message_destinations(["/queue/**"])
        .permit_all()
        .any_message()
        .deny_all();
    let messaging = queue_builder().authorize(rules).build().unwrap();
    let mut client = connect(&messaging, "1.2").await;
    send(&mut client, "/queue/closed", "x").await;
    send(&mut client, "/queue/open/a", "y").await;
    for destination in ["/queue/closed", "/queue/open/*", "/queue/*"] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(format!(
            "SUBSCRIBE\nid:1\ndestination:{destination}\nack:client\n\n\0"
        ));
        let error = client.expect_frame().await;
        assert!(
            matches!(
                error.header("code"),
                Some("access-denied" | "invalid-destination")
            ),
            "{error:?}"
        );
    }
    let mut client = Consumer::new_late(&messaging, "/queue/open/a", "client").await;
    let y = client.expect("y").await;
    client.confirmed(&format!("ACK\n{}", client.name(&y))).await;
    assert_eq!(messaging.broker_statistics().waiting_messages, 1);
}

#[tokio::test(start_paused = true)]
async fn deny_sends_to_broker_is_about_queues_too() {
    let messaging = queue_builder().deny_sends_to_broker().build().unwrap();
    for transaction in ["", "transaction:t\n"] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(format!(
            "BEGIN\ntransaction:t\n\n\0SEND\ndestination:{QUEUE}\n{transaction}receipt:r\n\nx\0"
        ));
        client.expect_error("send-denied").await;
        assert_eq!(messaging.broker_statistics().waiting_messages, 0);
    }
    // The application may, and ACK and NACK are no SENDs.
    let mut client = Consumer::new(&messaging, "1.2", QUEUE, "client").await;
    publish(&messaging, QUEUE, "x").await;
    let message = client.expect("x").await;
    client.nack(&message);
    let message = client.expect_again("x", 2).await;
    client.ack(&message).await;
}

/// CH-18: an interceptor of the outbound channel sees each delivery, and may change or stop it.
#[tokio::test(start_paused = true)]
async fn outbound_interceptors_and_acknowledgements() {
    for destination in [QUEUE, "/topic/a"] {
        let messaging = queue_builder()
            .outbound_interceptor(|message: Message| match &message.payload()[..] {
                b"swallow" => Ok(None),
                b"reject" => Err(MessageRejected::new("no", "no")),
                b"change" => Ok(Some(message.with_payload("changed").with_header("a", "b"))),
                _ => Ok(Some(message)),
            })
            .build()
            .unwrap();
        let mut client =
            Consumer::new(&messaging, "1.2", destination, "client\nprefetch-count:2").await;
        publish_all(
            &messaging,
            destination,
            ["swallow", "change", "reject", "3", "4"],
        )
        .await;
        let messages = client.all().await;
        assert_eq!(bodies(&messages), ["changed", "3"], "{destination}");
        assert_eq!(messages[0].header("a"), Some("b"));
        assert_eq!(messages[0].header("ack"), Some("0-0"));
        client.nack(&messages[0]);
        let again = client.expect_again("changed", 2).await;
        assert_eq!(again.header("a"), Some("b"));
        client.send(format!("ACK\n{}\n\n\0", client.name(&messages[1])));
        let four = client.expect("4").await;
        client.send(format!("ACK\n{}\n\n\0", client.name(&four)));
        assert!(client.all().await.is_empty());
        lose(client).await;
        // What was stopped is done with: it would be stopped again.
        assert_eq!(messaging.broker_statistics(), Default::default());
    }
}

#[tokio::test(start_paused = true)]
async fn interceptors_and_layers_may_change_what_is_subscribed_to() {
    fn change(message: Message) -> Result<Option<Message>, MessageRejected> {
        Ok(Some(match message.destination() {
            Some("/queue/alias") => message.with_destination(QUEUE),
            _ => message,
        }))
    }
    let layer = || {
        layer_fn(|inner: InboundService| {
            service_fn(move |mut message: InboundMessage| {
                let mut inner = inner.clone();
                if let Ok(Some(changed)) = change(message.message().clone()) {
                    *message.message_mut() = changed;
                }
                async move { inner.call(message).await }
            })
        })
    };
    for messaging in [
        queue_builder().inbound_interceptor(change).build().unwrap(),
        queue_builder().inbound_layer(layer()).build().unwrap(),
    ] {
        for version in VERSIONS {
            let mut client = Consumer::new(&messaging, version, "/queue/alias", "client").await;
            send(&mut connect(&messaging, version).await, "/queue/alias", "x").await;
            let message = client.expect("x").await;
            assert_eq!(message.header("destination"), Some(QUEUE));
            client.ack(&message).await;
            publish(&messaging, QUEUE, "y").await;
            client.expect("y").await;
            client.unsubscribe("s").await;
            assert_eq!(what_waits(&messaging, QUEUE).await, again(["y"]));
            // ACK-031.
            client.send("ACK\nid:0-0\nsubscription:s\nmessage-id:x\n\n\0");
            assert!(client.all().await.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn broker_interceptors_see_what_goes_to_queues_and_dead_letters_pass_none() {
    let stops = Arc::new(AtomicBool::new(false));
    let stopping = stops.clone();
    let messaging = queue_builder()
        .broker_interceptor(move |message: Message| {
            Ok((!stopping.load(Ordering::Relaxed)).then(|| message.with_header("seen", "yes")))
        })
        .build()
        .unwrap();
    let mut watcher = subscriber(&messaging, "/topic/dead").await;
    let mut client = Consumer::new(&messaging, "1.2", QUEUE, "client").await;
    send(&mut connect(&messaging, "1.2").await, QUEUE, "x").await;
    let message = client.expect("x").await;
    assert_eq!(message.header("seen"), Some("yes"));
    stops.store(true, Ordering::Relaxed);
    let nack = format!("NACK\n{}\nrequeue:false", client.name(&message));
    client.confirmed(&nack).await;
    let letter = watcher.expect_message().await;
    let seen = letter.headers.iter().filter(|(name, _)| *name == "seen");
    assert_eq!(seen.count(), 1);
    // Swallowed: no RECEIPT.
    let mut sender = connect(&messaging, "1.2").await;
    sender.send(format!("SEND\ndestination:{QUEUE}\nreceipt:r\n\nx\0"));
    expect_nothing(&mut sender).await;
    stops.store(false, Ordering::Relaxed);
    assert!(client.all().await.is_empty());
}

#[test]
fn settings_that_cannot_be_are_all_reported() {
    let error = builder()
        .queue_semantics(["/other"])
        .dead_letters("/topic/*")
        .history("/queue/x/[", stomp_axum::broker::History::default())
        .history("/topic/a", stomp_axum::broker::History::last(0))
        .build()
        .unwrap_err()
        .to_string();
    for expected in ["/other", "/topic/*", "keep nothing"] {
        assert!(error.contains(expected), "{error}");
    }
    let error = builder()
        .queue_semantics(["/queue"])
        .dead_letters("/nowhere")
        .history("/queue/**", stomp_axum::broker::History::default())
        .build()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("/nowhere") && error.contains("queues have no history"),
        "{error}"
    );
}
