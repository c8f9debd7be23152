//! Clients that don't read: T-23, LIM-010, IN-15.

use stomp_axum::{
    codec::Command,
    endpoint::{AuthenticationError, ConnectRequest},
    message::{Message, Principal},
    session::{CloseReason, Session, SlowConsumer},
};

use super::*;

async fn by_login(connect: ConnectRequest) -> Result<Option<Principal>, AuthenticationError> {
    Ok(connect.login().map(Principal::new))
}

fn server_with(change: impl FnOnce(&mut Limits)) -> Messaging {
    let mut limits = Limits::default();
    change(&mut limits);
    builder()
        .limits(limits)
        .authenticator(by_login)
        .build()
        .unwrap()
}

/// A subscriber of `/topic/a` whose connection takes one message, and its session.
async fn slow_subscriber(messaging: &Messaging) -> (TestConnection, Session) {
    let mut client = TestConnection::open_slow(messaging, 1);
    client.send("CONNECT\naccept-version:1.2\nlogin:slow\n\n\0");
    client.expect_connected().await;
    subscribe(&mut client, "s", "/topic/a").await;
    let session = messaging.users().user("slow").unwrap().sessions()[0].clone();
    (client, session)
}

#[tokio::test(start_paused = true)]
async fn t_23_lim_010_by_bytes_and_nobody_else_is_affected() {
    let messaging = server_with(|limits| limits.outbound_bytes = 10_000);
    let (mut slow, session) = slow_subscriber(&messaging).await;
    let mut fast = subscriber(&messaging, "/topic/a").await;
    let body = "x".repeat(1000);
    let mut sender = connect(&messaging, "1.2").await;
    let started = Instant::now();
    for _ in 0..1000 {
        send(&mut sender, "/topic/a", &body).await;
        assert_eq!(message(&mut fast).await.1, body);
        assert!(session.waiting_bytes() <= 10_000);
    }
    // Nobody has waited for it.
    assert_passed(started, Duration::ZERO);
    assert_eq!(session.close_reason(), Some(CloseReason::SlowConsumer));
    assert_eq!(session.waiting_bytes(), 0);
    // It is told why, behind what was being written when it was cut off.
    assert_eq!(message(&mut slow).await.1, body);
    let error = slow.expect_error("slow-consumer").await;
    assert_eq!(
        text(&error),
        "the client reads too slowly: too many bytes wait for it (at most 10000, limit outbound_bytes)"
    );
    assert_eq!(CloseReason::SlowConsumer.code(), 4500);
    assert_eq!(messaging.sessions().len(), 2);
    // STAT-02: once, whoever finds it out, and the ERROR is one that was written.
    let statistics = messaging.statistics();
    assert_eq!(statistics.connections.slow_consumers, 1);
    assert_eq!(statistics.limits, [("outbound_bytes", 1)].into());
    assert_eq!(statistics.errors, [("slow-consumer", 1)].into());
    assert_eq!(statistics.outbound.frames.of(&Command::Error), 1);
}

#[tokio::test(start_paused = true)]
async fn in_15_who_does_not_even_take_the_good_bye_is_dropped_a_second_later() {
    let messaging = server_with(|limits| limits.outbound_bytes = 10_000);
    let (_slow, session) = slow_subscriber(&messaging).await;
    let mut sender = connect(&messaging, "1.2").await;
    let body = "x".repeat(6000);
    for _ in 0..3 {
        send(&mut sender, "/topic/a", &body).await;
    }
    assert_eq!(session.close_reason(), Some(CloseReason::SlowConsumer));
    sender
        .expect_silence(SECOND + Duration::from_millis(5))
        .await;
    assert_eq!(messaging.connection_count(), 1);
    assert_eq!(messaging.broker_statistics(), Default::default());
}

/// EP-21.
#[tokio::test(start_paused = true)]
async fn t_23_in_15_by_time() {
    let messaging = server_with(|limits| limits.write_timeout = 7 * SECOND);
    let (mut slow, _) = slow_subscriber(&messaging).await;
    let mut sender = subscriber(&messaging, "/topic/a").await;
    for _ in 0..2 {
        messaging
            .template()
            .convert_and_send("/topic/a", "x")
            .await
            .unwrap();
        sender.expect_message().await;
    }
    sender
        .expect_silence(7 * SECOND - Duration::from_millis(5))
        .await;
    assert_eq!(messaging.sessions().len(), 2);
    sender.expect_silence(Duration::from_millis(10)).await;
    assert_eq!(messaging.sessions().len(), 1);
    // ERR-013: whoever does not take the ERROR either is dropped a second later.
    assert_eq!(messaging.connection_count(), 2);
    sender.expect_silence(SECOND).await;
    assert_eq!(messaging.connection_count(), 1);
    assert_eq!(message(&mut slow).await.1, "x");
    assert_eq!(slow.receive().await, None);
}

#[tokio::test(start_paused = true)]
async fn in_15_who_reads_on_in_time_is_told_that_it_was_too_late() {
    let messaging = server_with(|limits| limits.write_timeout = 7 * SECOND);
    let (mut slow, session) = slow_subscriber(&messaging).await;
    for _ in 0..3 {
        let sent = messaging.template().convert_and_send("/topic/a", "x").await;
        sent.unwrap();
    }
    let mut other = connect(&messaging, "1.2").await;
    other.expect_silence(7 * SECOND + SECOND / 2).await;
    assert_eq!(session.close_reason(), Some(CloseReason::SlowConsumer));
    assert_eq!(session.waiting_bytes(), 0);
    // What the transport had taken, and then nothing of what waited.
    assert_eq!(message(&mut slow).await.1, "x");
    let error = slow.expect_error("slow-consumer").await;
    assert_eq!(
        text(&error),
        "the client reads too slowly: nothing could be written for too long (at most 7s, limit write_timeout)"
    );
    assert_eq!(slow.receive().await, None);
}

/// Nothing that it sends is handled any more: it may rely on what it has missed.
#[tokio::test(start_paused = true)]
async fn in_15_nothing_is_handled_for_a_client_that_is_cut_off() {
    let messaging = server_with(|limits| limits.outbound_bytes = 10_000);
    let (slow, session) = slow_subscriber(&messaging).await;
    let mut watcher = subscriber(&messaging, "/topic/b").await;
    let mut sender = connect(&messaging, "1.2").await;
    for _ in 0..3 {
        send(&mut sender, "/topic/a", &"x".repeat(6000)).await;
    }
    assert_eq!(session.close_reason(), Some(CloseReason::SlowConsumer));
    slow.send("SEND\ndestination:/topic/b\n\nlate\0");
    expect_nothing(&mut watcher).await;
}

#[tokio::test(start_paused = true)]
async fn t_23_progress_counts_and_not_the_time_that_all_takes() {
    let messaging = server_with(|_| {});
    let (mut slow, _) = slow_subscriber(&messaging).await;
    for number in 0..20 {
        let body = number.to_string();
        messaging
            .template()
            .convert_and_send("/topic/a", &body)
            .await
            .unwrap();
    }
    let mut other = connect(&messaging, "1.2").await;
    for number in 0..20 {
        other.expect_silence(9 * SECOND).await;
        assert_eq!(message(&mut slow).await.1, number.to_string());
    }
    // Caught up: there is no deadline any more.
    slow.expect_silence(60 * SECOND).await;
    expect_nothing(&mut slow).await;
}

/// The bytes of messages that one session sends to itself count as well.
#[tokio::test(start_paused = true)]
async fn a_client_that_floods_itself_is_its_own_slow_consumer() {
    let messaging = server_with(|limits| limits.outbound_bytes = 10_000);
    let (mut slow, session) = slow_subscriber(&messaging).await;
    let body = "x".repeat(1000);
    for _ in 0..100 {
        slow.send(format!("SEND\ndestination:/topic/a\n\n{body}\0"));
    }
    while let Some(sent) = slow.receive().await {
        if let stomp_axum::testing::Sent::Closed(reason) = sent {
            assert_eq!(reason, CloseReason::SlowConsumer);
        }
    }
    assert_eq!(session.close_reason(), Some(CloseReason::SlowConsumer));
    assert!(messaging.sessions().is_empty());
}

/// A server with policies, and room for ten messages of [`BODY`] bytes and a bit.
fn server_with_policies(policies: &[(&str, SlowConsumer)]) -> Messaging {
    let mut limits = Limits::default();
    limits.outbound_bytes = 11_000;
    let mut builder = builder().limits(limits).authenticator(by_login);
    for (prefix, policy) in policies {
        builder = builder.slow_consumers(*prefix, policy.clone());
    }
    builder.build().unwrap()
}

const BODY: usize = 1000;

/// Publishes a message that says its number.
async fn publish(messaging: &Messaging, destination: &str, number: usize, symbol: &str) {
    let body = format!("{number}.").repeat(BODY)[..BODY].to_owned();
    let message = Message::new(destination, body).with_header("symbol", symbol);
    messaging.template().send(message).await.unwrap();
}

/// The numbers of the messages that the client gets until all that waits is written.
async fn numbers(client: &mut TestConnection) -> Vec<usize> {
    client.send("SUBSCRIBE\nid:end\ndestination:/queue/end\nreceipt:end\n\n\0");
    let mut numbers = Vec::new();
    loop {
        let frame = client.expect_frame().await;
        if frame.command == Command::Receipt {
            return numbers;
        }
        let number = text(&frame).split('.').next().unwrap().parse();
        numbers.push(number.unwrap());
    }
}

/// What a client gets that reads nothing while a hundred messages are published, of ten symbols in turn, and how many
/// it has missed by its session's count.
async fn after_a_hundred(policy: SlowConsumer) -> (Vec<usize>, u64) {
    let messaging = server_with_policies(&[("/topic", policy)]);
    let (mut slow, session) = slow_subscriber(&messaging).await;
    let mut fast = subscriber(&messaging, "/topic/a").await;
    for number in 0..100 {
        publish(&messaging, "/topic/a", number, &(number % 10).to_string()).await;
        assert!(session.waiting_bytes() <= 11_000);
        // Nobody else misses anything.
        fast.expect_message().await;
    }
    let numbers = numbers(&mut slow).await;
    assert_eq!(session.close_reason(), None);
    assert!(numbers.is_sorted());
    let outbound = messaging.statistics().outbound;
    assert_eq!(outbound.dropped_messages, session.dropped_messages());
    assert_eq!(outbound.lost_frames, 0);
    (numbers, session.dropped_messages())
}

#[tokio::test(start_paused = true)]
async fn lim_010_lim_011_the_oldest_are_dropped_and_the_session_lives() {
    let (numbers, dropped) = after_a_hundred(SlowConsumer::DropOldest).await;
    // The first were being written already.
    assert!((8..=12).contains(&numbers.len()), "{numbers:?}");
    assert!(numbers.ends_with(&[94, 95, 96, 97, 98, 99]), "{numbers:?}");
    assert_eq!(numbers.len() as u64 + dropped, 100);
}

#[tokio::test(start_paused = true)]
async fn lim_010_lim_011_the_newest_are_dropped_and_the_session_lives() {
    let (numbers, dropped) = after_a_hundred(SlowConsumer::DropNewest).await;
    let first: Vec<_> = (0..numbers.len()).collect();
    assert!((8..=12).contains(&numbers.len()), "{numbers:?}");
    assert_eq!(numbers, first);
    assert_eq!(numbers.len() as u64 + dropped, 100);
}

#[tokio::test(start_paused = true)]
async fn lim_010_lim_011_of_each_symbol_the_newest_stays() {
    let messaging = server_with_policies(&[("/topic", SlowConsumer::Conflate("symbol".into()))]);
    let (mut slow, session) = slow_subscriber(&messaging).await;
    for number in 0..100 {
        let symbol = ["VMW", "DELL", "ORCL"][number % 3];
        publish(&messaging, "/topic/a", number, symbol).await;
    }
    let numbers = numbers(&mut slow).await;
    assert!(numbers.ends_with(&[97, 98, 99]), "{numbers:?}");
    assert_eq!(numbers.len() as u64 + session.dropped_messages(), 100);
    assert!(numbers.len() <= 6, "{numbers:?}");
}

/// A session that is subscribed twice gets the newest twice.
#[tokio::test(start_paused = true)]
async fn lim_011_messages_of_two_subscriptions_do_not_replace_each_other() {
    let messaging = server_with_policies(&[("/topic", SlowConsumer::Conflate("symbol".into()))]);
    let (mut slow, _) = slow_subscriber(&messaging).await;
    subscribe(&mut slow, "all", "/topic/*").await;
    for number in 0..100 {
        publish(&messaging, "/topic/a", number, "VMW").await;
    }
    let numbers = numbers(&mut slow).await;
    assert!(numbers.ends_with(&[99, 99]), "{numbers:?}");
}

/// RECEIPTs and messages of other destinations are never dropped, and make room for themselves.
#[tokio::test(start_paused = true)]
async fn lim_010_what_must_not_be_missed_comes_through() {
    for policy in [
        SlowConsumer::DropOldest,
        SlowConsumer::DropNewest,
        SlowConsumer::Conflate("symbol".into()),
    ] {
        let messaging = server_with_policies(&[
            ("/topic", policy),
            ("/topic/orders", SlowConsumer::Disconnect),
        ]);
        let (mut slow, session) = slow_subscriber(&messaging).await;
        subscribe(&mut slow, "orders", "/topic/orders").await;
        for number in 0..50 {
            publish(&messaging, "/topic/a", number, &number.to_string()).await;
        }
        for number in 1000..1005 {
            publish(&messaging, "/topic/orders", number, "").await;
            slow.send(format!(
                "SEND\ndestination:/topic/x\nreceipt:{number}\n\n\0"
            ));
        }
        for number in 50..100 {
            publish(&messaging, "/topic/a", number, &number.to_string()).await;
        }
        let mut orders = 0..5;
        let mut receipts = 0..5;
        while !(orders.is_empty() && receipts.is_empty()) {
            let frame = slow.expect_frame().await;
            if frame.command == Command::Receipt {
                let number = 1000 + receipts.next().unwrap();
                assert_eq!(frame.header("receipt-id"), Some(&*number.to_string()));
            } else if frame.header("subscription") == Some("orders") {
                let number = 1000 + orders.next().unwrap();
                assert!(text(&frame).starts_with(&format!("{number}.")));
            }
        }
        assert_eq!(session.close_reason(), None);
        // Only so many: then it is cut off.
        for number in 0..50 {
            publish(&messaging, "/topic/orders", number, "").await;
        }
        assert_eq!(session.close_reason(), Some(CloseReason::SlowConsumer));
    }
}

#[tokio::test(start_paused = true)]
async fn lim_011_user_destinations_have_policies_too() {
    let messaging = server_with_policies(&[("/user/queue/quotes", SlowConsumer::DropOldest)]);
    let (mut slow, session) = slow_subscriber(&messaging).await;
    subscribe(&mut slow, "quotes", "/user/queue/quotes").await;
    for number in 0..100 {
        publish(&messaging, "/user/slow/queue/quotes", number, "").await;
    }
    let numbers = numbers(&mut slow).await;
    assert!(numbers.ends_with(&[98, 99]), "{numbers:?}");
    assert_eq!(numbers.len() as u64 + session.dropped_messages(), 100);
}

/// A policy does not keep a client alive that reads nothing at all.
#[tokio::test(start_paused = true)]
async fn t_23_a_client_that_takes_nothing_is_cut_off_whatever_the_policy_is() {
    let messaging = server_with_policies(&[("/topic", SlowConsumer::DropOldest)]);
    let (_slow, session) = slow_subscriber(&messaging).await;
    let mut other = connect(&messaging, "1.2").await;
    // The transport takes the first; the second waits from its second on.
    for number in 0..12 {
        assert_eq!(session.close_reason(), None);
        publish(&messaging, "/topic/a", number, "").await;
        other.expect_silence(SECOND).await;
    }
    assert_eq!(session.close_reason(), Some(CloseReason::SlowConsumer));
}

#[test]
fn lim_011_policies_that_are_for_nothing_are_found() {
    let builder = builder()
        .slow_consumers("/topic/a", SlowConsumer::DropOldest)
        .slow_consumers("/topic/b", SlowConsumer::DropOldest)
        .slow_consumers("/topic/a", SlowConsumer::DropNewest)
        .slow_consumers("/to", SlowConsumer::Disconnect)
        .slow_consumers("/user/queue", SlowConsumer::DropOldest)
        .slow_consumers("/app/a", SlowConsumer::DropOldest)
        .slow_consumers("/queue/a", SlowConsumer::Conflate(String::new()))
        .slow_consumers("/topic/*", SlowConsumer::DropOldest);
    let error = builder.build().unwrap_err();
    let mut mistakes: Vec<_> = error.errors().iter().map(ToString::to_string).collect();
    mistakes.sort_unstable();
    assert_eq!(
        mistakes,
        [
            "`slow_consumers(\"/app/a\")`: the broker serves no such destination, see `simple_broker`",
            "`slow_consumers(\"/queue/a\")`: name the header whose values are compared",
            "`slow_consumers(\"/topic/a\")`: it was given twice",
            "the prefix \"/topic/*\" is not usable: a prefix is plain text, not a pattern",
        ]
    );
}
