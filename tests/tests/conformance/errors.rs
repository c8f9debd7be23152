//! Errors: ERR.

use stomp_axum::{endpoint::UnknownDestinations, session::CloseReason, testing::Sent};

use super::*;
use crate::handlers::{Gate, with_handlers};

/// IN-11, OUT-20.
#[tokio::test(start_paused = true)]
async fn err_001_002_015_an_error_is_the_last_frame_of_the_connection() {
    let messaging = server();
    for version in ["1.2", "1.1", "1.0"] {
        let mut client = connect(&messaging, version).await;
        let sent = Instant::now();
        client.send("SEND\nreceipt:r\n\nx\0SEND\ndestination:/topic/a\nreceipt:r2\n\nx\0");
        let frame = client.receive().await;
        let text = "SEND needs the header destination";
        assert_eq!(
            frame,
            Some(Sent::Text(format!(
                "ERROR\nmessage:{text}\ncode:missing-header\nreceipt-id:r\ncontent-type:text/plain\n\
                 content-length:{}\n\n{text}\0",
                text.len()
            )))
        );
        client.expect_closed(CloseReason::Error).await;
        assert_eq!(CloseReason::Error.code(), 1002);
        // ERR-012: what the client still sends is read and thrown away, so that it gets to read the ERROR.
        client.send("SEND\ndestination:/topic/a\nreceipt:r\n\nx\0");
        assert_eq!(client.receive().await, None, "err_011 {version}");
        assert_passed(sent, SECOND);
    }
    assert_eq!(messaging.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn err_004_to_007_what_is_refused() {
    let messaging = server();
    for (rule, frame, code) in [
        ("err_004", "HELLO\n\n\0", "unknown-command"),
        (
            "err_004 case",
            "send\ndestination:/topic/a\n\n\0",
            "unknown-command",
        ),
        (
            "err_005",
            "MESSAGE\ndestination:/topic/a\n\nx\0",
            "unexpected-command",
        ),
        (
            "err_005",
            "CONNECTED\nversion:1.2\n\n\0",
            "unexpected-command",
        ),
        (
            "err_005",
            "RECEIPT\nreceipt-id:1\n\n\0",
            "unexpected-command",
        ),
        ("err_005", "ERROR\n\n\0", "unexpected-command"),
        ("err_006", "SEND\n\nx\0", "missing-header"),
        (
            "err_006 empty",
            "SEND\ndestination:\n\nx\0",
            "missing-header",
        ),
        (
            "err_007 nothing serves it",
            "SEND\ndestination:/nowhere\n\nx\0",
            "unknown-destination",
        ),
        (
            "err_007 no handler",
            "SEND\ndestination:/app/nowhere\n\nx\0",
            "unknown-destination",
        ),
        (
            "nothing serves it",
            "SUBSCRIBE\nid:1\ndestination:/nowhere\n\n\0",
            "unknown-destination",
        ),
        (
            "no handler",
            "SUBSCRIBE\nid:1\ndestination:/app/nowhere\n\n\0",
            "unknown-destination",
        ),
        ("malformed", "SEND\ndestination\n\nx\0", "malformed-frame"),
        (
            "escape",
            "SEND\ndestination:/topic/\\t\n\nx\0",
            "invalid-escape",
        ),
    ] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(frame);
        let error = client.expect_error(code).await;
        assert_eq!(error.header("message"), Some(text(&error)), "{rule}");
    }
}

#[tokio::test(start_paused = true)]
async fn err_008_014_the_text_is_escaped_and_short_and_tells_no_secrets() {
    let mut limits = Limits::default();
    limits.destination_bytes = 10_000;
    let messaging = builder().limits(limits).build().unwrap();
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nlogin:joe\npasscode:secret\n\n\0");
    client.expect_connected().await;
    let dirty = "\\n\\c\\\\ü".repeat(1000);
    client.send(format!(
        "SEND\ndestination:{dirty}\npasscode:secret\n\nsecret\0"
    ));
    let error = client.expect_error("unknown-destination").await;
    assert!(error.body.len() <= 1024 && error.body.len() > 1000);
    assert!(text(&error).contains("\n:\\ü"));
    assert_eq!(error.header("message"), Some(text(&error)));
    assert!(!text(&error).contains("secret"));
    let names: Vec<_> = error.headers.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["message", "code", "content-type", "content-length"]);
}

/// IN-3: what came before the malformed frame is handled.
#[tokio::test(start_paused = true)]
async fn err_009_others_are_not_affected() {
    let messaging = server();
    let mut other = subscriber(&messaging, "/topic/a").await;
    let mut client = connect(&messaging, "1.2").await;
    client.send("SEND\ndestination:/topic/a\n\nbefore\0nonsense\n\n\0SEND\ndestination:/topic/a\n\nbehind\0");
    client.expect_error("unknown-command").await;
    assert_eq!(message(&mut other).await.1, "before");
    expect_nothing(&mut other).await;
}

/// Design: an error of the application is no error of the protocol. The client learns nothing but that the message was
/// not processed: there is no RECEIPT.
#[tokio::test(start_paused = true)]
async fn err_010_handlers_that_panic_or_fail_do_not_end_the_session() {
    let messaging = with_handlers(builder(), &Gate::closed()).build().unwrap();
    let mut client = connect(&messaging, "1.2").await;
    for destination in ["/app/panic", "/app/fail"] {
        client.send(format!("SEND\ndestination:{destination}\nreceipt:r\n\n\0"));
        expect_nothing(&mut client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn err_013_an_error_that_finds_the_queue_full_waits_no_longer_than_allowed() {
    let messaging = server_with(|limits| {
        limits.outbound_bytes = 1000;
        limits.write_timeout = 5 * SECOND;
    });
    let mut client = TestConnection::open_slow(&messaging, 1);
    client.send_connect("1.2").await;
    for _ in 0..3 {
        client.send(format!(
            "SEND\ndestination:/topic/a\nreceipt:{}\n\n\0",
            "r".repeat(400)
        ));
    }
    client.send("nonsense\n\n\0");
    let sent = Instant::now();
    let mut other = connect(&messaging, "1.2").await;
    while messaging.connection_count() > 1 {
        other.expect_silence(SECOND).await;
        assert!(sent.elapsed() <= 5 * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn mm_15_unknown_destinations_can_be_ignored() {
    let messaging = builder()
        .unknown_destinations(UnknownDestinations::Ignore)
        .build()
        .unwrap();
    let mut client = connect(&messaging, "1.2").await;
    for destination in ["/nowhere", "/app/nowhere"] {
        send(&mut client, destination, "x").await;
        subscribe(&mut client, destination, destination).await;
        client.send(format!("UNSUBSCRIBE\nid:{destination}\nreceipt:r\n\n\0"));
        client.expect_receipt("r").await;
    }
}
