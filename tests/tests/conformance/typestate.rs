//! T-05: every command in every state.

use stomp_axum::session::CloseReason;

use super::*;
use crate::handlers::Gate;

/// A frame of every command, and one of none; each would have an effect, or ask for an answer.
const FRAMES: [(&str, &str); 17] = [
    ("CONNECT", "CONNECT\naccept-version:1.2\nhost:h\n\n\0"),
    ("STOMP", "STOMP\naccept-version:1.2\nhost:h\n\n\0"),
    ("SEND", "SEND\ndestination:/topic/watched\nreceipt:r\n\nx\0"),
    (
        "SUBSCRIBE",
        "SUBSCRIBE\nid:2\ndestination:/topic/a\nreceipt:r\n\n\0",
    ),
    ("UNSUBSCRIBE", "UNSUBSCRIBE\nid:1\nreceipt:r\n\n\0"),
    ("ACK", "ACK\nid:1\nreceipt:r\n\n\0"),
    ("NACK", "NACK\nid:1\nreceipt:r\n\n\0"),
    ("BEGIN", "BEGIN\ntransaction:t\nreceipt:r\n\n\0"),
    ("COMMIT", "COMMIT\ntransaction:t\nreceipt:r\n\n\0"),
    ("ABORT", "ABORT\ntransaction:t\nreceipt:r\n\n\0"),
    ("DISCONNECT", "DISCONNECT\nreceipt:r\n\n\0"),
    ("CONNECTED", "CONNECTED\nversion:1.2\nreceipt:r\n\n\0"),
    (
        "MESSAGE",
        "MESSAGE\ndestination:/topic/watched\nreceipt:r\n\nx\0",
    ),
    ("RECEIPT", "RECEIPT\nreceipt-id:1\nreceipt:r\n\n\0"),
    ("ERROR", "ERROR\nreceipt:r\n\nx\0"),
    ("unknown", "SHUTDOWN\nreceipt:r\n\n\0"),
    ("no frame", "\x7f\0"),
];

#[tokio::test(start_paused = true)]
async fn t_05_before_connect_nothing_is_legal_but_connect() {
    let messaging = server();
    let mut watcher = subscriber(&messaging, "/topic/watched").await;
    for (command, frame) in FRAMES {
        let mut client = TestConnection::open(&messaging);
        client.send(frame);
        match command {
            "CONNECT" | "STOMP" => {
                client.expect_connected().await;
            }
            "no frame" => {
                client.expect_error("malformed-frame").await;
            }
            _ => {
                let error = client.expect_error("not-connected").await;
                assert_eq!(error.header("receipt-id"), Some("r"), "{command}");
            }
        }
        expect_nothing(&mut watcher).await;
        assert_eq!(messaging.broker_statistics().subscriptions, 1, "{command}");
    }
}

#[tokio::test(start_paused = true)]
async fn t_05_while_the_authenticator_is_pending_everything_waits() {
    let gate = Gate::closed();
    let messaging = builder()
        .authenticator(gate.authenticator())
        .build()
        .unwrap();
    gate.open(1);
    let mut watcher = subscriber(&messaging, "/topic/watched").await;
    for (command, frame) in FRAMES {
        let mut client = TestConnection::open(&messaging);
        client.send("CONNECT\naccept-version:1.2\nhost:h\n\n\0SUBSCRIBE\nid:1\ndestination:/topic/own\n\n\0");
        client.send(frame);
        client.expect_silence(60 * SECOND).await;
        expect_nothing(&mut watcher).await;
        gate.open(1);
        client.expect_connected().await;
        expect_as_connected(&mut client, &mut watcher, command).await;
    }
}

#[tokio::test(start_paused = true)]
async fn t_05_connected() {
    let messaging = server();
    let mut watcher = subscriber(&messaging, "/topic/watched").await;
    for (command, frame) in FRAMES {
        let mut client = connect(&messaging, "1.2").await;
        client.send("SUBSCRIBE\nid:1\ndestination:/topic/own\n\n\0");
        client.send(frame);
        expect_as_connected(&mut client, &mut watcher, command).await;
    }
}

/// What each of the frames leads to in a session.
async fn expect_as_connected(
    client: &mut TestConnection,
    watcher: &mut TestConnection,
    command: &str,
) {
    let code = match command {
        "SEND" => {
            client.expect_receipt("r").await;
            assert_eq!(message(watcher).await.1, "x");
            return;
        }
        "SUBSCRIBE" | "UNSUBSCRIBE" | "BEGIN" => {
            client.expect_receipt("r").await;
            return;
        }
        "DISCONNECT" => {
            client.expect_receipt("r").await;
            return client.expect_closed(CloseReason::Disconnected).await;
        }
        "CONNECT" | "STOMP" => "already-connected",
        "ACK" | "NACK" => "unknown-message",
        "COMMIT" | "ABORT" => "unknown-transaction",
        "CONNECTED" | "MESSAGE" | "RECEIPT" | "ERROR" => "unexpected-command",
        "no frame" => "malformed-frame",
        _ => "unknown-command",
    };
    client.expect_error(code).await;
    expect_nothing(watcher).await;
}

#[tokio::test(start_paused = true)]
async fn t_05_behind_disconnect_and_error_nothing_happens_any_more() {
    let messaging = server();
    let mut watcher = subscriber(&messaging, "/topic/watched").await;
    for last in ["DISCONNECT\n\n\0", "ACK\nid:1\n\n\0"] {
        for (command, frame) in FRAMES {
            for in_one_packet in [true, false] {
                let mut client = connect(&messaging, "1.2").await;
                if in_one_packet {
                    client.send(format!("{last}{frame}"));
                } else {
                    client.send(last);
                }
                if last.starts_with("ACK") {
                    client.expect_error("unknown-message").await;
                } else {
                    client.expect_closed(CloseReason::Disconnected).await;
                }
                client.send(frame);
                assert_eq!(client.receive().await, None, "{command}");
                expect_nothing(&mut watcher).await;
                assert_eq!(messaging.broker_statistics().subscriptions, 1, "{command}");
            }
        }
    }
}
