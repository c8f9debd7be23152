//! Queues are bounded, and so is what a slow client makes the server keep: LIM-010, LIM-011, T-33.

use stomp_axum::broker::History;

use super::{consumer::*, *};

const QUEUE: &str = "/queue/a";

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

/// What is said about the broker, and can't be, is found when the server is built.
#[test]
fn lim_011_settings_of_the_broker_that_are_for_nothing_are_found() {
    let mut limits = Limits::default();
    limits.queue_bytes = 0;
    limits.history_bytes = 0;
    let error = builder()
        .limits(limits)
        .queue_semantics(["/queue/**", "", "/jobs"])
        .dead_letters("/jobs/dead")
        .history("/topic/**", History::default())
        .history("/topic/chat/**", History::default())
        .history("/chat/**", History::default())
        .history("/topic/{", History::default())
        .history("/*/news", History::last(0))
        .build()
        .unwrap_err();
    let mistakes: Vec<_> = error.errors().iter().map(ToString::to_string).collect();
    for expected in [
        "`queue_semantics(\"/queue/**\")`: a prefix is plain text, not a pattern",
        "`queue_semantics(\"\")`: it is empty; `/` makes all destinations queues",
        "`queue_semantics(\"/jobs\")`: the broker does not serve it, see `simple_broker`",
        "`dead_letters(\"/jobs/dead\")`: the broker does not serve it, see `simple_broker`",
        "`history(\"/topic/chat/**\")`: \"/topic/**\" was given before, and counts for all that matches; give this one first",
        "`history(\"/chat/**\")`: the broker does not serve it, see `simple_broker`",
        "`history(\"/*/news\")`: it would keep nothing: none of its bounds may be zero",
        "the limit `queue_bytes` is not usable: it must not be zero",
        "the limit `history_bytes` is not usable: it must not be zero",
    ] {
        assert!(
            mistakes.iter().any(|mistake| mistake == expected),
            "{expected}\n{mistakes:#?}"
        );
    }
    assert_eq!(mistakes.len(), 10, "{mistakes:#?}");
}
