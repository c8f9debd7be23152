//! TCP-001, T-51: the same bytes have the same effects, whatever carries them.

use proptest::prelude::*;
use stomp_axum::testing::{Sent, TestConnection};

use super::*;

/// What a client may send behind CONNECT; some of it ends the session.
const FRAMES: [&str; 14] = [
    "SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:subscribed\n\n\0",
    "SUBSCRIBE\r\nid:2\r\ndestination:/topic/a\r\n\r\n\0\r\n",
    "UNSUBSCRIBE\nid:1\nreceipt:unsubscribed\n\n\0",
    "SEND\ndestination:/topic/a\nkey:a\\cb\n\nhello\0",
    "SEND\ndestination:/topic/a\ncontent-length:3\n\na\0b\0",
    "SEND\ndestination:/topic/a\nreceipt:sent\n\ngrün\0",
    "\n",
    "\r\n\n",
    "SEND\ndestination:/nowhere\nreceipt:lost\n\nx\0",
    "SEND\nreceipt:lost\n\nx\0",
    "SEND\ndestination:/topic/a\nbad:\\t\n\nx\0",
    "NONE\nreceipt:lost\n\n\0",
    "CONNECT\naccept-version:1.2\n\n\0",
    "DISCONNECT\nreceipt:bye\n\n\0",
];

/// Those that a session survives come more often.
fn script() -> impl Strategy<Value = Vec<u8>> {
    let frame = prop_oneof![20 => 0..8usize, 1 => 8..FRAMES.len()].prop_map(|index| FRAMES[index]);
    let version = prop_oneof![Just("1.0"), Just("1.1"), Just("1.2"), Just("2.0")];
    (version, prop::collection::vec(frame, 0..40)).prop_map(|(version, frames)| {
        let connect = format!("CONNECT\naccept-version:{version}\nhost:h\n\n\0");
        (connect + &frames.concat()).into_bytes()
    })
}

/// The script in pieces of these lengths.
fn pieces(script: &[u8], lengths: &[usize]) -> Vec<Vec<u8>> {
    let mut rest = script;
    let mut pieces = Vec::new();
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            return pieces;
        }
        let (piece, behind) = rest.split_at(rest.len().min(*length));
        pieces.push(piece.to_vec());
        rest = behind;
    }
    pieces
}

/// What differs from session to session is left out: its id, and the number that a server gives to a message.
fn without_ids(output: &[u8]) -> String {
    let lines = output.split_inclusive(|&byte| byte == b'\n');
    lines
        .map(|line| match line {
            line if line.starts_with(b"session:") => "session:?\n".to_owned(),
            line if line.starts_with(b"message-id:") => "message-id:?\n".to_owned(),
            line => String::from_utf8_lossy(line).into_owned(),
        })
        .collect()
}

async fn over_messages(pieces: &[Vec<u8>]) -> Vec<u8> {
    let mut client = TestConnection::open(&server());
    for piece in pieces {
        client.send(piece.clone());
        settle().await;
    }
    client.send(END);
    let mut output = Vec::new();
    while let Some(sent) = client.receive().await {
        match sent {
            Sent::Text(text) => output.extend(text.into_bytes()),
            Sent::Binary(data) => output.extend(data),
            Sent::Closed(_) => break,
        }
    }
    output
}

async fn over_a_stream(pieces: &[Vec<u8>]) -> Vec<u8> {
    let mut client = open(&server());
    for piece in pieces {
        // Whoever goes on for a second behind an ERROR finds the connection closed.
        if client.try_send(piece).await.is_err() {
            return client.read_to_end().await;
        }
        settle().await;
    }
    let _closed = client.try_send(END).await;
    client.read_to_end().await
}

/// Ends every session.
const END: &str = "\0DISCONNECT\nreceipt:the end\n\n\0";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn tcp_001_t_51_the_same_bytes_have_the_same_effects(
        script in script(),
        lengths in prop::collection::vec(1..200usize, 1..5),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let pieces = pieces(&script, &lengths);
            let over_messages = without_ids(&over_messages(&pieces).await);
            assert_eq!(without_ids(&over_a_stream(&pieces).await), over_messages);
            assert!(over_messages.contains("CONNECTED") || over_messages.contains("ERROR"));
        });
    }
}
