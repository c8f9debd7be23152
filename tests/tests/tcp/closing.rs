//! What a client is told when the server closes, without close codes: ERR-001, ERR-012, RCP-009, RCP-016, NEG-030.

use stomp_axum::codec::Command;

use super::*;

#[tokio::test(start_paused = true)]
async fn tcp_001_who_is_connected_is_told_that_the_server_stops() {
    let messaging = server();
    let mut client = connect(&messaging).await;
    client.subscribe("/topic/a").await;
    let template = messaging.template();
    template.convert_and_send("/topic/a", "last").await.unwrap();
    let (ended, ()) = tokio::join!(messaging.shutdown(10 * SECOND), async {
        assert_eq!(client::text(&client.expect(Command::Message).await), "last");
        let error = client.expect_error("shutdown").await;
        assert_eq!(error.header("message"), Some("the server stops"));
        drop(client);
    });
    assert!(ended);
    assert_eq!(messaging.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn tcp_001_the_application_says_why_it_ends_a_session() {
    let messaging = server();
    for reason in ["logged out", "a reason: with\nsigns \\ to escape"] {
        let mut client = open(&messaging);
        client
            .send("CONNECT\naccept-version:1.2\nlogin:joe\n\n\0")
            .await;
        client.expect(Command::Connected).await;
        messaging.sessions().close_user("joe", reason);
        let error = client.expect_error("closed").await;
        assert_eq!(error.header("message"), Some(reason));
        assert_eq!(client::text(&error), reason);
    }
}

/// CONNECT has been seen, so it is a client of STOMP.
#[tokio::test(start_paused = true)]
async fn tcp_001_who_waits_for_connected_is_told_that_the_server_stops() {
    let gate = Gate::closed();
    let held = gate.clone();
    let slow = move |_: ConnectRequest| {
        let gate = held.clone();
        async move {
            gate.pass().await;
            Ok(None)
        }
    };
    let messaging = builder().authenticator(slow).build().unwrap();
    let mut client = open(&messaging);
    client.send(client::CONNECT).await;
    settle().await;
    let (_, ()) = tokio::join!(messaging.shutdown(10 * SECOND), async {
        client.expect_error("shutdown").await;
        drop(client);
    });
}

#[tokio::test(start_paused = true)]
async fn neg_030_before_connect_nothing_is_said() {
    let messaging = server();
    let silent = open(&messaging);
    let mut half = open(&messaging);
    half.send("CONNECT\naccept-ver").await;
    settle().await;
    let (ended, ()) = tokio::join!(messaging.shutdown(10 * SECOND), async {
        assert_eq!(silent.read_to_end().await, b"");
        assert_eq!(half.read_to_end().await, b"");
    });
    assert!(ended);
}

#[tokio::test(start_paused = true)]
async fn rcp_009_rcp_012_nothing_follows_the_receipt_of_disconnect() {
    let messaging = server();
    let mut client = connect(&messaging).await;
    client.subscribe("/topic/a").await;
    client
        .send("DISCONNECT\nreceipt:bye\n\n\0SEND\ndestination:/topic/a\nreceipt:1\n\nx\0no frame\n\n\0")
        .await;
    settle().await;
    // Neither does the server's end, even if it comes before the client's.
    let (_, ()) = tokio::join!(messaging.shutdown(10 * SECOND), async {
        client.expect_receipt("bye").await;
        client.expect_end().await;
        drop(client);
    });
}

#[tokio::test(start_paused = true)]
async fn rcp_016_a_client_that_does_not_close_is_closed_a_second_later() {
    let messaging = server();
    let mut client = connect(&messaging).await;
    client.send("DISCONNECT\nreceipt:bye\n\n\0").await;
    let started = Instant::now();
    client.expect_receipt("bye").await;
    client.expect_end().await;
    assert!(messaging.sessions().is_empty());
    assert_eq!(messaging.connection_count(), 1);
    assert_passed(started, Duration::ZERO);
    tokio::time::sleep(SECOND - Duration::from_millis(10)).await;
    assert_eq!(messaging.connection_count(), 1);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(messaging.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn rcp_009_a_client_that_closes_ends_it_at_once() {
    let messaging = server();
    let mut client = connect(&messaging).await;
    client.send("DISCONNECT\nreceipt:bye\n\n\0").await;
    let started = Instant::now();
    client.expect_receipt("bye").await;
    client.expect_end().await;
    client.finish().await;
    settle().await;
    assert_eq!(messaging.connection_count(), 0);
    assert_passed(started, Duration::from_millis(1));
}

/// ERR-001: the client is drained meanwhile, so that it can write all that it has and then read.
#[tokio::test(start_paused = true)]
async fn err_012_the_error_waits_for_what_the_client_still_sends() {
    let messaging = server();
    // No more is taken at a time than what fits in.
    let mut client = open_with_room(&messaging, 2048);
    client.send("no frame\n\n\0").await;
    for _ in 0..100 {
        client.send([b'x'; 2000]).await;
    }
    client.expect_error("not-connected").await;
    client.finish().await;
    settle().await;
    assert_eq!(messaging.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn err_001_who_goes_on_sending_is_cut_off_a_second_later() {
    let messaging = server();
    let mut client = open_with_room(&messaging, 2048);
    let started = Instant::now();
    client.send("no frame\n\n\0").await;
    client.expect_error("not-connected").await;
    loop {
        use tokio::io::AsyncWriteExt;

        tokio::time::sleep(Duration::from_millis(10)).await;
        if client.stream.write_all(b"more").await.is_err() {
            break;
        }
        assert!(started.elapsed() < 2 * SECOND, "the server reads for ever");
    }
    assert!(started.elapsed() >= SECOND);
    assert_eq!(messaging.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn neg_030_other_protocols_are_closed_at_once_with_an_error() {
    let messaging = server();
    // Of a real browser and of a real TLS client; neither would send a byte more before it gets an answer.
    let http =
        b"GET / HTTP/1.1\r\nHost: localhost:61613\r\nConnection: keep-alive\r\n\r\n".to_vec();
    let mut tls = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec();
    tls.extend([0x5a; 500]);
    for (hello, code) in [(http, "not-connected"), (tls, "malformed-frame")] {
        let mut client = open(&messaging);
        let started = Instant::now();
        client.send(&hello).await;
        client.expect_error(code).await;
        assert_passed(started, Duration::ZERO);
    }
}

/// Whole or in pieces.
#[tokio::test(start_paused = true)]
async fn neg_030_a_command_is_unknown_as_soon_as_its_line_ends() {
    let messaging = server();
    let mut client = open(&messaging);
    client.send("GET / HT").await;
    client.expect_silence(SECOND).await;
    client.send("TP/1.1\r").await;
    client.expect_silence(SECOND).await;
    client.send("\n").await;
    client.expect_error("not-connected").await;
}

#[tokio::test(start_paused = true)]
async fn neg_027_neg_028_connect_must_come_in_time() {
    let messaging = server();
    for start in ["", "CONNECT\naccept-version:1.2\nlog"] {
        let mut client = open(&messaging);
        client.send(start).await;
        let started = Instant::now();
        client.expect_error("connect-timeout").await;
        assert_passed(started, 10 * SECOND);
    }
}
