//! Histories: the latest messages first, and what was missed, without a hole and without a repetition.

use stomp_axum::{broker::History, message::Message};

use super::{consumer::*, *};

const TOPIC: &str = "/topic/a";

fn history_builder(history: History) -> MessagingBuilder {
    queue_builder().history("/topic/*", history)
}

fn history_server() -> Messaging {
    history_builder(History::default()).build().unwrap()
}

pub(crate) fn history_server_with(history: History, change: impl FnOnce(&mut Limits)) -> Messaging {
    let mut limits = Limits::default();
    change(&mut limits);
    history_builder(history).limits(limits).build().unwrap()
}

/// What a RECEIPT says of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) epoch: String,
    pub(crate) offset: u64,
    pub(crate) recovered: Option<bool>,
}

impl Position {
    pub(crate) fn recover(&self) -> String {
        format!(
            "recover-epoch:{}\nrecover-offset:{}",
            self.epoch, self.offset
        )
    }

    /// That of a MESSAGE.
    pub(crate) fn of(message: &Frame) -> Self {
        Self {
            epoch: message.header("epoch").unwrap().to_owned(),
            offset: message.header("offset").unwrap().parse().unwrap(),
            recovered: None,
        }
    }
}

/// Subscribes, and says what came before the RECEIPT and what the RECEIPT says.
async fn subscribe_with(client: &mut Consumer, headers: &str) -> (Vec<Frame>, Position) {
    client.send(format!(
        "SUBSCRIBE\nid:s\ndestination:{TOPIC}\nreceipt:r\n{headers}\n\n\0"
    ));
    let mut messages = Vec::new();
    loop {
        let frame = client.expect_frame().await;
        if frame.header("receipt-id").is_none() {
            messages.push(frame);
            continue;
        }
        let recovered = frame.header("recovered").map(|text| text.parse().unwrap());
        let position = Position {
            recovered,
            ..Position::of(&frame)
        };
        return (messages, position);
    }
}

/// As a new client.
async fn subscribed(messaging: &Messaging, headers: &str) -> (Consumer, Vec<String>, Position) {
    let mut client = Consumer::connect(messaging, "1.2").await;
    let (messages, position) = subscribe_with(&mut client, headers).await;
    let mut received = bodies(&messages);
    received.extend(client.all_bodies().await);
    (client, received, position)
}

#[tokio::test(start_paused = true)]
async fn the_last_messages_come_first() {
    for version in VERSIONS {
        let messaging = history_server();
        publish_all(&messaging, TOPIC, ["1", "2", "3"]).await;
        publish(&messaging, "/topic/b", "other").await;
        for (asked, expected) in [
            ("0", &[][..]),
            ("1", &["3"]),
            ("2", &["2", "3"]),
            ("3", &["1", "2", "3"]),
            ("1000", &["1", "2", "3"]),
            ("18446744073709551615", &["1", "2", "3"]),
        ] {
            for mode in ["auto", "client", "client-individual"] {
                let mut client = Consumer::connect(&messaging, version).await;
                let headers = format!("history:{asked}\nack:{mode}");
                let (mut messages, position) = subscribe_with(&mut client, &headers).await;
                messages.extend(client.all().await);
                assert_eq!(bodies(&messages), expected, "{version} {mode} {asked}");
                assert_eq!((position.offset, position.recovered), (3, None));
                for message in &messages {
                    assert_eq!(Position::of(message).epoch, position.epoch);
                    assert_eq!(message.header("offset"), Some(text(message)));
                    assert_eq!(message.header("redelivered"), None);
                }
            }
        }
        // Without the header, none of them, and the RECEIPT says where one is.
        let mut client = Consumer::connect(&messaging, version).await;
        let (messages, position) = subscribe_with(&mut client, "ack:auto").await;
        assert!(messages.is_empty());
        publish(&messaging, TOPIC, "4").await;
        let live = client.expect("4").await;
        assert_eq!(Position::of(&live).offset, position.offset + 1);
        assert_eq!(Position::of(&live).epoch, position.epoch);
    }
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_gets_what_it_missed() {
    for version in VERSIONS {
        for mode in ["auto", "client", "client-individual\nprefetch-count:1"] {
            let messaging = history_server();
            let mut client = Consumer::connect(&messaging, version).await;
            let (_, start) = subscribe_with(&mut client, "ack:auto").await;
            publish_all(&messaging, TOPIC, ["1", "2"]).await;
            let [_, second] = client.expect_all(["1", "2"]).await;
            lose(client).await;
            publish_all(&messaging, TOPIC, ["3", "4"]).await;
            let mut client = Consumer::connect(&messaging, version).await;
            // `history` says nothing more then.
            let headers = format!("{}\nack:{mode}\nhistory:1", Position::of(&second).recover());
            let (mut messages, position) = subscribe_with(&mut client, &headers).await;
            assert_eq!((position.offset, position.recovered), (4, Some(true)));
            publish(&messaging, TOPIC, "5").await;
            messages.extend(client.all().await);
            while mode.contains("prefetch")
                && let Some(last) = messages.last()
                && text(last) != "5"
            {
                assert!(messages.len() < 3);
                client.send(format!("ACK\n{}\n\n\0", client.name(last)));
                let next = client.expect_message().await;
                messages.push(next);
            }
            assert_eq!(bodies(&messages), ["3", "4", "5"], "{version} {mode}");
            // From the RECEIPT of the first, everything.
            let (_, all, _) = subscribed(&messaging, &start.recover()).await;
            assert_eq!(all, ["1", "2", "3", "4", "5"]);
            // From the last, nothing.
            let headers = Position::of(&messages[2]).recover();
            let (_, none, position) = subscribed(&messaging, &headers).await;
            assert_eq!((none.len(), position.recovered), (0, Some(true)));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_kept_any_more_is_said() {
    let messaging = history_server_with(History::last(3), |_| {});
    publish_all(&messaging, TOPIC, ["1", "2", "3", "4", "5"]).await;
    let (_, _, now) = subscribed(&messaging, "ack:auto").await;
    let at = |epoch: &str, offset: u64| format!("recover-epoch:{epoch}\nrecover-offset:{offset}");
    for (headers, expected, recovered) in [
        (at(&now.epoch, 5), &[][..], true),
        (at(&now.epoch, 3), &["4", "5"], true),
        (at(&now.epoch, 2), &["3", "4", "5"], true),
        (at(&now.epoch, 1), &["3", "4", "5"], false),
        (at(&now.epoch, 0), &["3", "4", "5"], false),
        // It can't have seen what has not been.
        (at(&now.epoch, 6), &["3", "4", "5"], false),
        (at(&now.epoch, u64::MAX), &["3", "4", "5"], false),
        (at("another", 4), &["3", "4", "5"], false),
        (at("", 5), &["3", "4", "5"], false),
    ] {
        let (_, received, position) = subscribed(&messaging, &headers).await;
        assert_eq!(received, expected, "{headers}");
        assert_eq!(position.recovered, Some(recovered), "{headers}");
        assert_eq!((&position.epoch, position.offset), (&now.epoch, 5));
    }
}

#[tokio::test(start_paused = true)]
async fn messages_are_kept_for_their_time() {
    let messaging = history_server_with(History::default().max_age(10 * SECOND), |_| {});
    publish(&messaging, TOPIC, "1").await;
    tokio::time::sleep(6 * SECOND).await;
    publish(&messaging, TOPIC, "2").await;
    let (_, received, start) = subscribed(&messaging, "history:9").await;
    assert_eq!(received, ["1", "2"]);
    tokio::time::sleep(5 * SECOND).await;
    let (_, received, position) = subscribed(&messaging, "history:9").await;
    assert_eq!((&received[..], position.offset), (&["2".to_owned()][..], 2));
    tokio::time::sleep(6 * SECOND).await;
    let (_, received, position) = subscribed(&messaging, "history:9").await;
    // It is the same history, although nothing of it is left.
    assert_eq!((received.len(), &position), (0, &start));
    let headers = format!("recover-epoch:{}\nrecover-offset:1", start.epoch);
    let (_, _, position) = subscribed(&messaging, &headers).await;
    assert_eq!(position.recovered, Some(false));
}

#[tokio::test(start_paused = true)]
async fn bytes_of_a_history() {
    // Each costs some 400 bytes.
    let messaging = history_server_with(History::default().max_bytes(1000), |_| {});
    let body = |number: u32| format!("{number:0100}");
    for number in 0..5 {
        publish(&messaging, TOPIC, &body(number)).await;
    }
    let (_, received, _) = subscribed(&messaging, "history:9").await;
    assert_eq!(received, [body(3), body(4)]);
    // One that is too big alone is not kept, and what was before it isn't, either.
    let big = "x".repeat(2000);
    let (mut watcher, _, _) = subscribed(&messaging, "ack:auto").await;
    publish(&messaging, TOPIC, &big).await;
    watcher.expect(&big).await;
    let (_, received, position) = subscribed(&messaging, "history:9").await;
    assert_eq!((received.len(), position.offset), (0, 6));
}

#[tokio::test(start_paused = true)]
async fn bytes_of_all_histories_and_the_epoch_of_one_that_was_dropped() {
    let messaging = history_server_with(History::default(), |limits| limits.history_bytes = 5000);
    publish_all(&messaging, TOPIC, ["1", "2"]).await;
    let (mut live, _, before) = subscribed(&messaging, "ack:auto").await;
    for number in 0..100 {
        publish(&messaging, &format!("/topic/{number}"), "x").await;
    }
    let (_, received, position) = subscribed(&messaging, &before.recover()).await;
    assert_eq!((received.len(), position.recovered), (0, Some(false)));
    assert_ne!(position.epoch, before.epoch);
    assert_eq!(position.offset, 0);
    // The subscriber goes on, and sees that it is another epoch.
    publish(&messaging, TOPIC, "3").await;
    let message = live.expect("3").await;
    assert_eq!(Position::of(&message).offset, 1);
    assert_eq!(Position::of(&message).epoch, position.epoch);
    // The latest are still there.
    let mut client = Consumer::connect(&messaging, "1.2").await;
    client.send("SUBSCRIBE\nid:s\ndestination:/topic/99\nhistory:1\n\n\0");
    client.expect("x").await;
}

#[tokio::test(start_paused = true)]
async fn lim_011_t_33_there_are_only_so_many_histories() {
    let messaging = history_server_with(History::default(), |limits| {
        limits.history_destinations = 16;
    });
    for number in 0..100 {
        // Used again and again.
        publish(&messaging, TOPIC, &number.to_string()).await;
        publish(&messaging, &format!("/topic/{number}"), "x").await;
    }
    let (_, received, position) = subscribed(&messaging, "history:2").await;
    assert_eq!(
        (&received[..], position.offset),
        (&["98".to_owned(), "99".to_owned()][..], 100)
    );
}

/// T-33: who may only subscribe can't make the server forget what was published.
#[tokio::test(start_paused = true)]
async fn t_33_subscriptions_to_nothing_drop_no_history() {
    let messaging = history_server_with(History::default(), |limits| {
        limits.history_destinations = 16;
    });
    publish_all(&messaging, TOPIC, ["1", "2"]).await;
    let (_, _, before) = subscribed(&messaging, "ack:auto").await;
    let mut client = Consumer::connect(&messaging, "1.2").await;
    for number in 0..200 {
        client
            .subscribe("n", &format!("/topic/{number}"), "auto")
            .await;
        client.unsubscribe("n").await;
    }
    let (_, received, after) = subscribed(&messaging, "history:2").await;
    assert_eq!(received, ["1", "2"]);
    assert_eq!(after, before);
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_history() {
    let messaging = queue_builder()
        .history("/topic/kept/*", History::default())
        .build()
        .unwrap();
    for destination in [
        "/topic/a",
        "/topic/kept/a/b",
        "/topic/kept/*",
        "/topic/**",
        "/user/queue/a",
        "/user/topic/kept/a",
        "/queue/a",
    ] {
        for request in [
            "history:1",
            "history:0",
            "recover-epoch:x\nrecover-offset:1",
        ] {
            let mut client = connect(&messaging, "1.2").await;
            client.send(format!(
                "SUBSCRIBE\nid:s\ndestination:{destination}\nreceipt:r\n{request}\n\n\0"
            ));
            let error = client.expect_frame().await;
            assert_eq!(error.header("receipt-id"), Some("r"), "{error:?}");
            assert_eq!(error.header("code"), Some("no-history"), "{destination}");
            assert!(text(&error).contains(destination), "{error:?}");
        }
    }
    settled().await;
    assert_eq!(messaging.broker_statistics(), Default::default());
    // Without a request, they are as any other, and their RECEIPTs say nothing.
    let mut client = Consumer::connect(&messaging, "1.2").await;
    client.send("SUBSCRIBE\nid:s\ndestination:/topic/kept/*\nreceipt:r\n\n\0");
    let receipt = client.expect_frame().await;
    assert_eq!(
        (receipt.header("epoch"), receipt.header("offset")),
        (None, None)
    );
    // What a pattern gets has its position, of whichever destination it is.
    publish(&messaging, "/topic/kept/a", "x").await;
    let message = client.expect("x").await;
    assert_eq!(message.header("offset"), Some("1"));
}

#[tokio::test(start_paused = true)]
async fn requests_that_are_nonsense() {
    let messaging = history_server();
    for headers in [
        "history:x",
        "history:-1",
        "history:",
        "history:1.0",
        "recover-epoch:x",
        "recover-offset:1",
        "recover-epoch:x\nrecover-offset:y",
        "recover-epoch:x\nrecover-offset:-1",
        "recover-epoch:x\nrecover-offset:99999999999999999999",
    ] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(format!(
            "SUBSCRIBE\nid:s\ndestination:{TOPIC}\nreceipt:r\n{headers}\n\n\0"
        ));
        let error = client.expect_error("invalid-header").await;
        assert_eq!(error.header("receipt-id"), Some("r"), "{headers}");
    }
}

#[tokio::test(start_paused = true)]
async fn senders_do_not_say_where_a_message_stands() {
    let messaging = history_server();
    for version in VERSIONS {
        let mut client = Consumer::connect(&messaging, version).await;
        let (_, start) = subscribe_with(&mut client, "ack:auto").await;
        connect(&messaging, "1.1").await.send(format!(
            "SEND\ndestination:{TOPIC}\noffset:7\nepoch:mine\n offset:8\noffset :9\nrecovered:x\n\nx\0"
        ));
        let message = client.expect("x").await;
        for (name, value) in [
            ("epoch", start.epoch.clone()),
            ("offset", (start.offset + 1).to_string()),
        ] {
            let values: Vec<_> = message
                .headers
                .iter()
                .filter(|(other, _)| other.trim() == name)
                .map(|(_, value)| value.to_owned())
                .collect();
            assert_eq!(values, [value], "{version}");
        }
    }
}

/// What interceptors of the outbound channel do, they do to what is kept as well; those of the broker have done it.
#[tokio::test(start_paused = true)]
async fn interceptors_and_histories() {
    let messaging = history_builder(History::default())
        .broker_interceptor(|message: Message| {
            Ok((&message.payload()[..] != b"secret").then(|| message.with_header("seen", "1")))
        })
        .outbound_interceptor(|message: Message| {
            Ok((&message.payload()[..] != b"hidden").then(|| message.with_header("out", "1")))
        })
        .build()
        .unwrap();
    let sender = connect(&messaging, "1.2").await;
    for body in ["1", "secret", "hidden", "2"] {
        sender.send(format!("SEND\ndestination:{TOPIC}\n\n{body}\0"));
    }
    settled().await;
    for mode in ["auto", "client"] {
        let mut client = Consumer::connect(&messaging, "1.2").await;
        let headers = format!("history:9\nack:{mode}");
        let (mut messages, position) = subscribe_with(&mut client, &headers).await;
        messages.extend(client.all().await);
        assert_eq!(bodies(&messages), ["1", "2"]);
        assert_eq!(position.offset, 3);
        for message in messages {
            let seen = |wanted| {
                let headers = message.headers.iter();
                headers.filter(|(name, _)| *name == wanted).count()
            };
            assert_eq!((seen("seen"), seen("out")), (1, 1));
            assert!(message.header("offset").is_some());
        }
    }
}

/// What is in a transaction has its place in the history at COMMIT.
#[tokio::test(start_paused = true)]
async fn tx_001_004_histories_and_transactions() {
    let messaging = history_server();
    let mut client = Consumer::connect(&messaging, "1.2").await;
    client.confirmed("BEGIN\ntransaction:t").await;
    for body in ["2", "3"] {
        client.send(format!(
            "SEND\ndestination:{TOPIC}\ntransaction:t\n\n{body}\0"
        ));
    }
    send(&mut client, TOPIC, "1").await;
    let (_, received, _) = subscribed(&messaging, "history:9").await;
    assert_eq!(received, ["1"]);
    client.confirmed("COMMIT\ntransaction:t").await;
    let (_, received, _) = subscribed(&messaging, "history:9").await;
    assert_eq!(received, ["1", "2", "3"]);
}

/// ACK-022: a message of the past is returned as any other; it is not published again.
#[tokio::test(start_paused = true)]
async fn ack_022_messages_of_the_past_are_returned_and_settled() {
    let messaging = history_server();
    publish_all(&messaging, TOPIC, ["1", "2"]).await;
    let mut client = Consumer::connect(&messaging, "1.2").await;
    client.send(format!(
        "SUBSCRIBE\nid:s\ndestination:{TOPIC}\nack:client-individual\nhistory:9\n\n\0"
    ));
    let [first, second] = client.expect_all(["1", "2"]).await;
    client.nack(&first);
    let first = client.expect_again("1", 2).await;
    assert_eq!(first.header("offset"), Some("1"));
    publish(&messaging, TOPIC, "3").await;
    let third = client.expect("3").await;
    for message in [second, first, third] {
        client.ack(&message).await;
    }
    let (_, received, position) = subscribed(&messaging, "history:9").await;
    assert_eq!(received, ["1", "2", "3"]);
    assert_eq!(position.offset, 3);
}

/// LIM-010: a history larger than the client's queue is sent as it reads, and what is new comes behind it.
#[tokio::test(start_paused = true)]
async fn a_large_history_waits_for_its_reader() {
    for mode in ["auto", "client"] {
        let messaging = history_server_with(History::default(), |limits| {
            limits.outbound_bytes = 10_000;
            limits.write_timeout = 1000 * SECOND;
        });
        let body = |number: u32| format!("{number:01000}");
        for number in 0..50 {
            publish(&messaging, TOPIC, &body(number)).await;
        }
        let mut slow = TestConnection::open_slow(&messaging, 1);
        slow.send_connect("1.2").await;
        slow.send(format!(
            "SUBSCRIBE\nid:s\ndestination:{TOPIC}\nack:{mode}\nhistory:50\n\n\0"
        ));
        settled().await;
        for number in 50..53 {
            publish(&messaging, TOPIC, &body(number)).await;
        }
        for number in 0..53 {
            assert_eq!(message(&mut slow).await.1, body(number), "{mode}");
        }
    }
}
