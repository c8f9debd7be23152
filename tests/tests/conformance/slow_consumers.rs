//! Clients that don't read: T-23, LIM-010, IN-15.

use stomp_axum::{
    endpoint::{AuthenticationError, ConnectRequest},
    message::Principal,
    session::{CloseReason, Session},
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
    assert_eq!(message(&mut slow).await.1, body);
    slow.expect_closed(CloseReason::SlowConsumer).await;
    assert_eq!(CloseReason::SlowConsumer.code(), 4500);
    assert_eq!(messaging.sessions().len(), 2);
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
    assert_eq!(messaging.connection_count(), 1);
    assert_eq!(message(&mut slow).await.1, "x");
    assert_eq!(slow.receive().await, None);
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
