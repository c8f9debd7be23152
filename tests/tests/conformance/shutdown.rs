//! The end of the server.

use stomp_axum::{session::CloseReason, testing::Sent};

use super::*;
use crate::handlers::{Gate, with_handlers};

#[tokio::test(start_paused = true)]
async fn ws_024_in_16_everybody_is_told_even_before_connect() {
    let gate = Gate::closed();
    let messaging = {
        let gate = gate.clone();
        let slow = move |connect: stomp_axum::endpoint::ConnectRequest| {
            let gate = gate.clone();
            async move {
                if connect.login().is_some() {
                    gate.pass().await;
                }
                Ok(None)
            }
        };
        builder().authenticator(slow).build().unwrap()
    };
    let silent = TestConnection::open(&messaging);
    let half = TestConnection::open(&messaging);
    half.send("CONNECT\naccept");
    let authenticating = TestConnection::open(&messaging);
    authenticating.send("CONNECT\naccept-version:1.2\nlogin:joe\n\n\0");
    let mut subscribed = subscriber(&messaging, "/topic/a").await;
    // What waits for a client is written before it is told.
    messaging
        .template()
        .convert_and_send("/topic/a", "last")
        .await
        .unwrap();
    let started = Instant::now();
    let (ended, ()) = tokio::join!(messaging.shutdown(5 * SECOND), async {
        assert_eq!(message(&mut subscribed).await.1, "last");
        for mut client in [silent, half, authenticating, subscribed] {
            client.expect_closed(CloseReason::Shutdown).await;
        }
    });
    assert!(ended);
    assert!(started.elapsed() <= 2 * SECOND);
    assert_eq!(messaging.connection_count(), 0);
    assert!(messaging.sessions().is_empty());
    assert_eq!(CloseReason::Shutdown.code(), 1001);
}

#[tokio::test(start_paused = true)]
async fn connections_that_come_too_late_are_told_as_well() {
    let messaging = server();
    assert!(messaging.shutdown(SECOND).await);
    assert!(messaging.is_shutting_down());
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nhost:h\n\n\0");
    client.expect_closed(CloseReason::Shutdown).await;
    assert_eq!(client.receive().await, None);
    assert_eq!(messaging.connection_count(), 0);
    assert!(messaging.sessions().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_runs_may_finish() {
    let gate = Gate::closed();
    let messaging = with_handlers(builder(), &gate).build().unwrap();
    let mut client = connect(&messaging, "1.2").await;
    client.send("SEND\ndestination:/app/wait\n\n\0");
    client.expect_silence(SECOND).await;
    let (ended, ()) = tokio::join!(messaging.shutdown(30 * SECOND), async {
        client.expect_closed(CloseReason::Shutdown).await;
        assert_eq!(client.receive().await, None);
        gate.open(1);
    });
    assert!(ended);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_end_is_not_waited_for_longer_than_the_deadline() {
    let gate = Gate::closed();
    let messaging = with_handlers(builder(), &gate).build().unwrap();
    let waiting = connect(&messaging, "1.2").await;
    waiting.send("SEND\ndestination:/app/wait\nreceipt:r\n\n\0");
    let mut stuck = TestConnection::open_slow(&messaging, 1);
    stuck.send_connect("1.2").await;
    stuck.send(
        "SEND\ndestination:/topic/a\nreceipt:1\n\n\0SEND\ndestination:/topic/a\nreceipt:2\n\n\0",
    );
    expect_nothing(&mut connect(&messaging, "1.2").await).await;
    let started = Instant::now();
    assert!(!messaging.shutdown(5 * SECOND).await);
    assert_passed(started, 5 * SECOND);
    assert!(matches!(stuck.receive().await, Some(Sent::Text(_))));
}

#[tokio::test(start_paused = true)]
async fn the_application_can_end_a_session() {
    let messaging = server();
    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    subscribe(&mut joe, "s", "/topic/a").await;
    messaging
        .template()
        .convert_and_send("/topic/a", "last words")
        .await
        .unwrap();
    let session = messaging.users().user("joe").unwrap().sessions()[0].clone();
    session.close();
    session.close();
    assert_eq!(text(&joe.expect_message().await), "last words");
    let reason = CloseReason::ByApplication("closed by the application");
    joe.expect_closed(reason).await;
    assert_eq!(session.close_reason(), Some(reason));
    assert_eq!(messaging.users().user_count(), 0);
}
