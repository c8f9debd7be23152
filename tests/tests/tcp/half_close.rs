//! Clients that close their side, or are gone: TCP-004, TCP-005, RCP-013.

use stomp_axum::codec::Command;

use super::*;

/// As `printf .. | nc -N` does.
#[tokio::test(start_paused = true)]
async fn tcp_004_all_is_processed_and_answered_and_then_closed() {
    let messaging = server();
    let mut watcher = connect(&messaging).await;
    watcher.subscribe("/topic/a").await;
    let mut client = open(&messaging);
    let mut sent = client::CONNECT.to_owned();
    for number in 0..500 {
        sent += &format!("SEND\ndestination:/topic/a\nreceipt:{number}\n\n{number}\0");
    }
    let started = Instant::now();
    client.send(sent).await;
    client.finish().await;
    client.expect(Command::Connected).await;
    for number in 0..500 {
        client.expect_receipt(&number.to_string()).await;
    }
    client.expect_end().await;
    for number in 0..500 {
        let message = watcher.expect(Command::Message).await;
        assert_eq!(client::text(&message), number.to_string());
    }
    settle().await;
    // There is nothing to wait for: the client has closed before.
    assert_passed(started, Duration::from_millis(1));
    assert_eq!(messaging.connection_count(), 1);
    assert_eq!(messaging.sessions().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn tcp_004_frames_behind_a_slow_handler_are_processed() {
    let gate = Gate::closed();
    let messaging = builder_with(&gate).build().unwrap();
    let mut watcher = connect(&messaging).await;
    watcher.subscribe("/topic/a").await;
    let mut client = connect(&messaging).await;
    client
        .send(
            "SEND\ndestination:/app/wait\nreceipt:1\n\n\0SEND\ndestination:/topic/a\nreceipt:2\n\nx\0",
        )
        .await;
    client.finish().await;
    settle().await;
    // SUB-033: it may as well be gone for ever.
    assert_eq!(messaging.sessions().len(), 1);
    assert_eq!(messaging.connection_count(), 2);
    gate.open(1);
    client.expect_receipt("1").await;
    client.expect_receipt("2").await;
    client.expect_end().await;
    assert_eq!(client::text(&watcher.expect(Command::Message).await), "x");
    settle().await;
    assert_eq!(messaging.connection_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn tcp_004_frames_behind_a_slow_login_are_processed() {
    let gate = Gate::closed();
    let held = gate.clone();
    let slow = move |connect: ConnectRequest| {
        let gate = held.clone();
        async move {
            if connect.login().is_some() {
                gate.pass().await;
            }
            Ok(None)
        }
    };
    let messaging = builder().authenticator(slow).build().unwrap();
    let mut watcher = connect(&messaging).await;
    watcher.subscribe("/topic/a").await;
    let mut client = open(&messaging);
    client
        .send("CONNECT\naccept-version:1.2\nlogin:joe\n\n\0SEND\ndestination:/topic/a\nreceipt:1\n\nx\0")
        .await;
    client.finish().await;
    settle().await;
    gate.open(1);
    client.expect(Command::Connected).await;
    client.expect_receipt("1").await;
    client.expect_end().await;
    assert_eq!(client::text(&watcher.expect(Command::Message).await), "x");
    settle().await;
    assert_eq!(messaging.sessions().len(), 1);
    assert_eq!(messaging.connection_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn tcp_004_whoever_never_sent_connect_is_closed_at_once() {
    let messaging = server();
    for start in ["", "\n\n", "CONNECT\naccept-version:1.2\n"] {
        let mut client = open(&messaging);
        client.send(start).await;
        client.finish().await;
        assert_eq!(client.read_to_end().await, b"");
        settle().await;
        assert_eq!(messaging.connection_count(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn err_012_a_client_that_has_closed_its_side_gets_its_error() {
    let messaging = server();
    let mut client = open(&messaging);
    client.send("SEND\ndestination:/topic/a\n\nx\0").await;
    client.finish().await;
    client.expect_error("not-connected").await;
    settle().await;
    assert_eq!(messaging.connection_count(), 0);
}

/// Nothing is half-processed, nobody stays online, and the rest of the frame is not waited for.
#[tokio::test(start_paused = true)]
async fn tcp_005_a_connection_that_is_lost_in_a_frame_is_cleaned() {
    let messaging = server();
    let mut watcher = connect(&messaging).await;
    watcher.subscribe("/topic/a").await;
    let mut client = connect(&messaging).await;
    client.subscribe("/topic/b").await;
    client
        .send("SEND\ndestination:/topic/a\n\nwhole\0SEND\ndestination:/topic/a\n\nhal")
        .await;
    drop(client);
    assert_eq!(
        client::text(&watcher.expect(Command::Message).await),
        "whole"
    );
    watcher.expect_silence(20 * SECOND).await;
    assert_eq!(messaging.sessions().len(), 1);
    assert_eq!(messaging.connection_count(), 1);
    assert_eq!(messaging.broker_statistics().subscriptions, 1);
}
