//! Queues: SUB-010, SUB-028 to SUB-030, and what receipts, limits, order, heart-beats, interceptors, layers, rules and
//! users have to do with them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use stomp_axum::{
    channel::MessageRejected,
    endpoint::{AuthorizationRules, InboundMessage, InboundService},
    message::Message,
    session::CloseReason,
};
use tower::{Service, layer::layer_fn, service_fn};

use super::{consumer::*, *};

const QUEUE: &str = "/queue/a";

#[tokio::test(start_paused = true)]
async fn sub_010_two_ids_of_one_session_share() {
    for version in VERSIONS {
        for mode in ["auto", "client", "client-individual"] {
            let messaging = queue_server();
            let mut client = Consumer::new(&messaging, version, QUEUE, mode).await;
            client.subscribe("t", QUEUE, mode).await;
            publish_all(&messaging, QUEUE, ["1", "2", "3", "4"]).await;
            let subscriptions: Vec<_> = client
                .expect_all(["1", "2", "3", "4"])
                .await
                .iter()
                .map(|message| message.header("subscription").unwrap().to_owned())
                .collect();
            assert_eq!(subscriptions, ["s", "t", "s", "t"], "{version} {mode}");
            assert!(client.all().await.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sub_028_what_nobody_takes_is_kept_in_order() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut sender = connect(&messaging, version).await;
        for body in ["1", "2", "3"] {
            send(&mut sender, QUEUE, body).await;
        }
        let statistics = messaging.broker_statistics();
        assert_eq!((statistics.subscriptions, statistics.destinations), (0, 1));
        assert_eq!(statistics.waiting_messages, 3);
        let mut client = Consumer::connect(&messaging, version).await;
        client.send(format!("SUBSCRIBE\nid:s\ndestination:{QUEUE}\n\n\0"));
        for message in client.expect_all(["1", "2", "3"]).await {
            assert_eq!(message.header("redelivered"), None);
        }
        publish(&messaging, QUEUE, "4").await;
        client.expect("4").await;
        client.unsubscribe("s").await;
        assert_eq!(messaging.broker_statistics(), Default::default());
    }
}

#[tokio::test(start_paused = true)]
async fn sub_029_two_connections_share_in_turns() {
    for mode in ["auto", "client", "client-individual"] {
        let messaging = queue_server();
        let mut one = Consumer::new(&messaging, "1.2", QUEUE, mode).await;
        let mut other = Consumer::new(&messaging, "1.1", QUEUE, mode).await;
        for number in 0..10 {
            publish(&messaging, QUEUE, &number.to_string()).await;
        }
        assert_eq!(one.all_bodies().await, ["0", "2", "4", "6", "8"]);
        assert_eq!(other.all_bodies().await, ["1", "3", "5", "7", "9"]);
    }
}

/// What comes back from a lost client is shared, too, and comes before what is newer.
#[tokio::test(start_paused = true)]
async fn sub_029_ord_007_what_comes_back_is_shared_in_turns() {
    let messaging = queue_server();
    let mut lost = Consumer::new(&messaging, "1.2", QUEUE, "client").await;
    publish_all(&messaging, QUEUE, ["1", "2", "3", "4", "5"]).await;
    lost.expect_all(["1", "2", "3", "4", "5"]).await;
    let mut one = Consumer::new(&messaging, "1.2", QUEUE, "client\nprefetch-count:2").await;
    let mut other = Consumer::new(&messaging, "1.2", QUEUE, "client\nprefetch-count:2").await;
    lose(lost).await;
    publish(&messaging, QUEUE, "6").await;
    let (of_one, of_other) = (one.all().await, other.all().await);
    let mut both = [bodies(&of_one), bodies(&of_other)];
    both.sort();
    assert_eq!(both, [["1", "3"], ["2", "4"]]);
    one.send(format!("ACK\n{}\n\n\0", one.name(&of_one[1])));
    one.expect_again("5", 2).await;
    assert_eq!(one.expect("6").await.header("redelivered"), None);
}

/// ACK-026: in their order, although several subscriptions of the lost client had them, and little can be taken at once.
#[tokio::test(start_paused = true)]
async fn ack_026_ord_007_what_several_subscriptions_had_comes_back_in_order() {
    for _ in 0..5 {
        let messaging = queue_server();
        let mut lost = Consumer::connect(&messaging, "1.2").await;
        for id in 0..4 {
            lost.subscribe(&id.to_string(), QUEUE, "client").await;
        }
        let all: Vec<_> = (0..12).map(|number| number.to_string()).collect();
        for body in &all {
            publish(&messaging, QUEUE, body).await;
        }
        assert_eq!(lost.all_bodies().await, all);
        let mut other = Consumer::new(&messaging, "1.2", QUEUE, "client\nprefetch-count:1").await;
        lose(lost).await;
        for body in &all {
            let message = other.expect_again(body, 2).await;
            other.send(format!("ACK\n{}\n\n\0", other.name(&message)));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sub_030_unsubscribe_gives_back_at_once() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut one = Consumer::new(&messaging, version, QUEUE, "client").await;
        publish_all(&messaging, QUEUE, ["1", "2"]).await;
        one.expect_all(["1", "2"]).await;
        let mut other = Consumer::new(&messaging, version, QUEUE, "client").await;
        one.unsubscribe("s").await;
        other.expect_again("1", 2).await;
        other.expect_again("2", 2).await;
        // SUB-011.
        publish(&messaging, QUEUE, "3").await;
        other.expect("3").await;
        assert!(one.all().await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn sub_004_stomp_1_0_without_an_id() {
    let messaging = queue_server();
    let mut client = Consumer::connect(&messaging, "1.0").await;
    client
        .confirmed(&format!("SUBSCRIBE\ndestination:{QUEUE}\nack:client"))
        .await;
    publish_all(&messaging, QUEUE, ["1", "2"]).await;
    let [first, _] = client.expect_all(["1", "2"]).await;
    assert_eq!(first.header("subscription"), None);
    client.ack(&first).await;
    client
        .confirmed(&format!("UNSUBSCRIBE\ndestination:{QUEUE}"))
        .await;
    assert_eq!(what_waits(&messaging, QUEUE).await, again(["2"]));
}

/// A queue has a name, and a pattern has none; what is below another prefix is a topic.
#[tokio::test(start_paused = true)]
async fn sr_003_patterns_of_queues_are_refused() {
    let messaging = queue_server();
    for pattern in ["/queue/*", "/queue/**", "/queue/{a}", "/queue/a?"] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(format!(
            "SUBSCRIBE\nid:1\ndestination:{pattern}\nreceipt:r\n\n\0"
        ));
        let error = client.expect_error("invalid-destination").await;
        assert_eq!(error.header("receipt-id"), Some("r"), "{pattern}");
        assert!(text(&error).contains(pattern), "{error:?}");
        settled().await;
        assert_eq!(messaging.broker_statistics(), Default::default());
    }
    // A broker for everything: a pattern that is no queue gets nothing of queues.
    let messaging = Messaging::builder()
        .application_destination_prefixes(["/app"])
        .handlers(Handlers::none())
        .queue_semantics(["/queue"])
        .build()
        .unwrap();
    let mut client = subscriber(&messaging, "/**").await;
    send(&mut connect(&messaging, "1.2").await, QUEUE, "x").await;
    expect_nothing(&mut client).await;
    assert_eq!(
        what_waits(&messaging, QUEUE).await,
        [("x".to_owned(), false)]
    );
}

#[tokio::test(start_paused = true)]
async fn rcp_001_one_receipt_for_each_command() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::connect(&messaging, version).await;
        let mut frames = vec![
            "SUBSCRIBE\nid:s\ndestination:/queue/a\nack:client-individual".to_owned(),
            "SUBSCRIBE\nid:t\ndestination:/topic/a\nack:client".to_owned(),
        ];
        client.send("SEND\ndestination:/queue/a\n\n1\0SEND\ndestination:/queue/a\n\n2\0");
        for frame in frames.drain(..) {
            client.send(format!("{frame}\n\n\0"));
        }
        let [first, second] = client.expect_all(["1", "2"]).await;
        let ack = |message| client.name(message);
        frames.push("BEGIN\ntransaction:t".to_owned());
        frames.push("SEND\ndestination:/queue/b\ntransaction:t".to_owned());
        frames.push(format!("ACK\n{}\ntransaction:t", ack(&first)));
        if version != "1.0" {
            frames.push(format!(
                "NACK\n{}\nrequeue:false\ntransaction:t",
                ack(&second)
            ));
        }
        frames.push("COMMIT\ntransaction:t".to_owned());
        frames.push("BEGIN\ntransaction:t".to_owned());
        frames.push("ABORT\ntransaction:t".to_owned());
        frames.push("SEND\ndestination:/queue/b".to_owned());
        frames.push("UNSUBSCRIBE\nid:s".to_owned());
        frames.push("SUBSCRIBE\nid:s\ndestination:/queue/c\nack:client".to_owned());
        frames.push("DISCONNECT".to_owned());
        let all: String = frames
            .iter()
            .enumerate()
            .map(|(number, frame)| format!("{frame}\nreceipt:r{number}\n\n\0"))
            .collect();
        client.send(all);
        for number in 0..frames.len() {
            client.expect_receipt(&format!("r{number}")).await;
        }
        client.expect_closed(CloseReason::Disconnected).await;
    }
}

/// RCP-003: behind the RECEIPT, a message from anywhere reaches the subscriber.
#[tokio::test(start_paused = true)]
async fn rcp_003_rcp_014_receipts_of_subscribe_send_and_disconnect() {
    for mode in ["auto", "client"] {
        let messaging = queue_server();
        let mut client = Consumer::new(&messaging, "1.2", QUEUE, mode).await;
        let mut sender = connect(&messaging, "1.2").await;
        for number in 0..100 {
            sender.send(format!("SEND\ndestination:{QUEUE}\n\n{number}\0"));
        }
        sender.send("DISCONNECT\nreceipt:bye\n\n\0");
        sender.expect_receipt("bye").await;
        let expected: Vec<_> = (0..100).map(|number| number.to_string()).collect();
        assert_eq!(client.all_bodies().await, expected);
    }
    // And if nobody takes them.
    let messaging = queue_server();
    let mut sender = connect(&messaging, "1.2").await;
    for number in 0..100 {
        sender.send(format!("SEND\ndestination:{QUEUE}\n\n{number}\0"));
    }
    sender.send("DISCONNECT\nreceipt:bye\n\n\0");
    sender.expect_receipt("bye").await;
    assert_eq!(messaging.broker_statistics().waiting_messages, 100);
}

#[tokio::test(start_paused = true)]
async fn ord_002_order_is_kept_for_each_subscription() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::connect(&messaging, version).await;
        let destinations = ["/queue/a", "/topic/a", "/queue/b", "/topic/b"];
        for (id, destination) in destinations.into_iter().enumerate() {
            let mode = ["client", "auto"][id / 2];
            client.subscribe(&id.to_string(), destination, mode).await;
        }
        let sender = connect(&messaging, version).await;
        for number in 0..40 {
            let destination = destinations[number * 7 % 4];
            sender.send(format!("SEND\ndestination:{destination}\n\n{number}\0"));
        }
        let mut last = [None; 4];
        for _ in 0..40 {
            let (id, body) = message(&mut client).await;
            let (id, number): (usize, usize) = (id.parse().unwrap(), body.parse().unwrap());
            assert_eq!(number * 7 % 4, id);
            assert!(last[id] < Some(number));
            last[id] = Some(number);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn hb_010_a_client_that_falls_silent_gives_back() {
    let messaging = queue_server();
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:5000,0\n\n\0");
    client.expect_connected().await;
    client.send(format!(
        "SUBSCRIBE\nid:s\ndestination:{QUEUE}\nack:client\nreceipt:r\n\n\0"
    ));
    client.expect_receipt("r").await;
    publish(&messaging, QUEUE, "x").await;
    client.expect_message().await;
    let mut other = Consumer::new(&messaging, "1.2", QUEUE, "client").await;
    other
        .expect_silence(10 * SECOND - Duration::from_millis(5))
        .await;
    client.expect_error("heart-beat-lost").await;
    other.expect_again("x", 2).await;
    assert_eq!(messaging.broker_statistics().subscriptions, 1);
}

#[tokio::test(start_paused = true)]
async fn lim_011_a_queue_has_bounds() {
    // Each of these costs 256 + 8 + 100, and the header `content-type` of the template.
    for (setting, change) in [
        (
            "queue_bytes",
            (|limits| limits.queue_bytes = 4 * 400) as fn(&mut Limits),
        ),
        ("queues_bytes", |limits| limits.queues_bytes = 4 * 400),
    ] {
        let messaging = queue_server_with(change);
        let body = "x".repeat(100);
        for _ in 0..4 {
            send(&mut connect(&messaging, "1.2").await, QUEUE, &body).await;
        }
        // For a client, as for the application.
        let sender = connect(&messaging, "1.2").await;
        let mut sender = Consumer::of(sender, "1.2");
        sender.send(format!("SEND\ndestination:{QUEUE}\nreceipt:r\n\n{body}\0"));
        let error = sender.expect_error("queue-full").await;
        assert_eq!(error.header("receipt-id"), Some("r"));
        assert!(text(&error).contains(setting) && text(&error).contains("1600"));
        let template = messaging.template();
        let error = template.convert_and_send(QUEUE, &body).await.unwrap_err();
        assert_eq!(error.code(), "queue-full");
        // Another queue is another matter, unless it is about all of them.
        let other = template.convert_and_send("/queue/b", &body).await;
        assert_eq!(other.is_ok(), setting == "queue_bytes");
        settled().await;
        let destinations = messaging.broker_statistics().destinations;
        assert_eq!(destinations, if setting == "queue_bytes" { 2 } else { 1 });
        // What is not acknowledged counts.
        let mut client = Consumer::new_late(&messaging, QUEUE, "client").await;
        let messages = client.all().await;
        assert_eq!(messages.len(), 4);
        assert!(template.convert_and_send(QUEUE, &body).await.is_err());
        client.ack(&messages[1]).await;
        assert!(template.convert_and_send(QUEUE, "y").await.is_ok());
        client.expect("y").await;
        // Nothing of it is counted when it is over.
        client.send(format!("ACK\n{}\n\n\0", client.name(&messages[3])));
        let y = client.all().await;
        assert!(y.is_empty());
        lose(client).await;
        assert_eq!(what_waits(&messaging, QUEUE).await, again(["y"]));
        what_waits(&messaging, "/queue/b").await;
        for _ in 0..4 {
            send(&mut connect(&messaging, "1.2").await, QUEUE, &body).await;
        }
        assert!(template.convert_and_send(QUEUE, &body).await.is_err());
    }
}

/// One message is taken however large it is, as by an outbound queue.
#[tokio::test(start_paused = true)]
async fn lim_011_a_message_larger_than_its_queue() {
    let messaging = queue_server_with(|limits| limits.queue_bytes = 1);
    publish(&messaging, QUEUE, "x").await;
    let template = messaging.template();
    assert!(template.convert_and_send(QUEUE, "y").await.is_err());
    assert_eq!(
        what_waits(&messaging, QUEUE).await,
        [("x".to_owned(), false)]
    );
}

/// T-33: names of a client's choice don't fill the memory.
#[tokio::test(start_paused = true)]
async fn lim_011_t_33_messages_make_no_more_queues_than_allowed() {
    let messaging = queue_server_with(|limits| limits.queues = 10);
    for number in 0..10 {
        publish(&messaging, &format!("/queue/{number}"), "x").await;
    }
    let mut sender = connect(&messaging, "1.2").await;
    sender.send("SEND\ndestination:/queue/new\nreceipt:r\n\nx\0");
    let error = sender.expect_error("too-many-queues").await;
    assert!(text(&error).contains("queues") && text(&error).contains("10"));
    // Those that are there take more, and a subscription makes a new one.
    publish(&messaging, "/queue/1", "y").await;
    let mut client = Consumer::new(&messaging, "1.2", "/queue/new", "auto").await;
    publish(&messaging, "/queue/new", "z").await;
    client.expect("z").await;
    lose(client).await;
    what_waits(&messaging, "/queue/1").await;
    publish(&messaging, "/queue/newer", "x").await;
    assert_eq!(messaging.broker_statistics().destinations, 10);
}

#[tokio::test(start_paused = true)]
async fn t_33_queues_are_forgotten() {
    let messaging = queue_server();
    let mut client = connect(&messaging, "1.2").await;
    for number in 0..2_000 {
        client.send(format!(
            "SEND\ndestination:/queue/{number}\n\nx\0\
             SUBSCRIBE\nid:1\ndestination:/queue/{number}\nack:client\n\n\0\
             ACK\nid:{number}-0\n\n\0\
             UNSUBSCRIBE\nid:1\nreceipt:r\n\n\0"
        ));
        client.expect_message().await;
        client.expect_receipt("r").await;
        assert_eq!(messaging.broker_statistics(), Default::default());
    }
}

/// A client that does not read is not sent more than its outbound queue takes, and is not cut off; others get the rest.
#[tokio::test(start_paused = true)]
async fn lim_010_messages_wait_in_the_queue_and_not_for_a_slow_client() {
    for mode in ["auto", "client"] {
        let messaging = queue_server_with(|limits| {
            limits.outbound_bytes = 10_000;
            limits.write_timeout = 1000 * SECOND;
        });
        let mut slow = TestConnection::open_slow(&messaging, 1);
        slow.send_connect("1.2").await;
        slow.send(format!(
            "SUBSCRIBE\nid:s\ndestination:{QUEUE}\nack:{mode}\nreceipt:r\n\n\0"
        ));
        slow.expect_receipt("r").await;
        for number in 0..50 {
            let body = format!("{number:01000}");
            publish(&messaging, QUEUE, &body).await;
        }
        settled().await;
        let waiting = messaging.broker_statistics().waiting_messages;
        assert!((38..=47).contains(&waiting), "{waiting} wait");
        // It reads on, and gets all the rest in order.
        for number in 0..50 {
            let body = message(&mut slow).await.1;
            assert_eq!(body, format!("{number:01000}"), "{mode}");
        }
        assert_eq!(messaging.broker_statistics().waiting_messages, 0);
        // One that goes on not reading leaves the rest to another one.
        for number in 0..50 {
            let body = format!("{number:01000}");
            publish(&messaging, QUEUE, &body).await;
        }
        settled().await;
        let mut other = Consumer::connect(&messaging, "1.2").await;
        other.send(format!(
            "SUBSCRIBE\nid:s\ndestination:{QUEUE}\nack:auto\n\n\0"
        ));
        for _ in 0..messaging.broker_statistics().waiting_messages {
            other.expect_message().await;
        }
        assert!(other.all().await.is_empty());
        drop(slow);
        settled().await;
        // What it had not acknowledged; whatever was on its way in mode auto is lost with it.
        assert_eq!(other.all().await.is_empty(), mode == "auto");
        assert_eq!(messaging.broker_statistics().waiting_messages, 0);
    }
}

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

#[tokio::test(start_paused = true)]
async fn dead_letters_may_be_a_queue_and_it_may_be_full() {
    let mut limits = Limits::default();
    limits.queue_bytes = 1;
    let messaging = builder()
        .queue_semantics(["/queue"])
        .dead_letters("/queue/dead")
        .limits(limits)
        .build()
        .unwrap();
    let mut client = Consumer::new(&messaging, "1.2", QUEUE, "client").await;
    for body in ["kept", "lost"] {
        publish(&messaging, QUEUE, body).await;
        let message = client.expect(body).await;
        let nack = format!("NACK\n{}\nrequeue:false", client.name(&message));
        client.confirmed(&nack).await;
    }
    let mut watcher = Consumer::new_late(&messaging, "/queue/dead", "client").await;
    let letter = watcher.expect("kept").await;
    assert_eq!(letter.header("redelivered"), None);
    let nack = format!("NACK\n{}\nrequeue:false", watcher.name(&letter));
    watcher.confirmed(&nack).await;
    assert!(watcher.all().await.is_empty());
    assert_eq!(messaging.broker_statistics().waiting_messages, 0);
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
