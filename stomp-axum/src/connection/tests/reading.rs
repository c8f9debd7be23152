//! What is read, however it comes (WS-017, WS-018, WS-021, LIM-009, T-11).

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake},
};

use tungstenite::{Error, Message, error::ProtocolError};

use super::*;

/// Fragments of a message: the first, and those that follow.
const FIRST: u8 = 0x02;
const NEXT: u8 = 0x00;
const LAST: u8 = 0x80;

fn received(socket: &mut Socket<Scripted>) -> Result<Message, Error> {
    match socket.poll_receive(&mut context()) {
        Poll::Ready(Some(received)) => received,
        other => panic!("{other:?}"),
    }
}

#[test]
fn messages_in_pieces_of_every_size() {
    let large = "ü".repeat(20_000);
    let input = [
        client_frame(TEXT, b"one"),
        client_frame(BINARY, &[0xff; 1000]),
        client_frame(TEXT, large.as_bytes()),
        client_frame(PONG, b""),
        client_frame(TEXT, b""),
    ]
    .concat();
    let expected = [
        Message::text("one"),
        Message::binary(vec![0xff; 1000]),
        Message::text(large),
        Message::Pong("".into()),
        Message::text(""),
    ];
    for read_at_most in [1, 2, 3, 7, 14, 100, 511, 512, 513, 4096, usize::MAX] {
        let mut socket = socket(&input);
        socket.stream_mut().read_at_most = read_at_most;
        let mut messages = Vec::new();
        // A large one may take several turns.
        while !socket.stream_mut().input.is_empty() {
            messages.extend(receive_all(&mut socket));
        }
        messages.extend(receive_all(&mut socket));
        assert!(messages == expected, "{read_at_most}");
        assert_eq!(socket.unread(), 0);
    }
}

#[test]
fn ws_018_fragments_with_a_ping_between_them() {
    let input = [
        client_frame(FIRST, b"ab"),
        client_frame(PING, b"p"),
        client_frame(NEXT, b""),
        client_frame(LAST, b"cd"),
    ];
    let mut socket = socket(input.concat());
    let expected = [Message::Ping("p".into()), Message::binary("abcd")];
    assert_eq!(receive_all(&mut socket), expected);
}

#[test]
fn lim_009_a_message_of_exactly_the_limit_and_one_byte_more() {
    for fragments in [1, 4] {
        for excess in [0, 1] {
            let payload = vec![b'x'; MAX_MESSAGE_BYTES + excess];
            let parts: Vec<_> = payload.chunks(payload.len().div_ceil(fragments)).collect();
            let input = parts.iter().enumerate().flat_map(|(index, part)| {
                let first = if index == 0 { FIRST } else { NEXT };
                let last = if index + 1 == parts.len() { LAST } else { 0 };
                client_frame(first | last, part)
            });
            let mut socket = socket(input.collect::<Vec<_>>());
            let received = loop {
                if let Poll::Ready(received) = socket.poll_receive(&mut context()) {
                    break received;
                }
            };
            if excess == 0 {
                let data = received.unwrap().unwrap().into_data();
                assert!(data == payload);
            } else {
                assert!(matches!(received, Some(Err(Error::Capacity(_)))));
            }
        }
    }
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// They end with an error, take turns until then, and a message of few bytes may well come in many.
#[test]
fn t_11_empty_fragments_have_a_bound_and_leave_others_their_turn() {
    let mut socket = socket(client_frame(FIRST, b""));
    let empty = client_frame(NEXT, b"").repeat(10_000);
    let woken = Arc::new(Woken::default());
    let waker = woken.clone().into();
    for turn in 1.. {
        socket.stream_mut().input.extend(&empty);
        let before = socket.stream_mut().input.len();
        let received = socket.poll_receive(&mut Context::from_waker(&waker));
        let read = before - socket.stream_mut().input.len();
        assert!(read <= 48 * 1024, "{read} bytes in one turn");
        match received {
            Poll::Pending => assert_eq!(woken.0.load(Ordering::Relaxed), turn),
            Poll::Ready(Some(Err(Error::Capacity(_)))) => {
                assert!((3..8).contains(&turn), "{turn}");
                return;
            }
            Poll::Ready(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn t_11_pings_without_end_are_no_unfinished_message() {
    let mut socket = socket("");
    for _ in 0..100 {
        let pings = client_frame(PING, &[0; 100]).repeat(100);
        socket.stream_mut().input.extend(pings);
        assert_eq!(receive_all(&mut socket).len(), 100);
    }
}

#[test]
fn a_fragment_for_each_byte() {
    let mut input = client_frame(FIRST, b"x");
    input.extend(client_frame(NEXT, b"x").repeat(9_998));
    input.extend(client_frame(LAST, b"x"));
    let mut socket = socket(input);
    let message = loop {
        if let Poll::Ready(message) = socket.poll_receive(&mut context()) {
            break message.unwrap().unwrap();
        }
    };
    assert_eq!(message, Message::binary(vec![b'x'; 10_000]));
}

#[test]
fn a_large_message_leaves_no_buffer_behind() {
    for len in [5_000, 60_000] {
        let mut socket = socket(client_frame(BINARY, &vec![7; len]));
        let mut received = Vec::new();
        while received.is_empty() {
            received.extend(receive_all(&mut socket));
        }
        assert!(socket.poll_receive(&mut context()).is_pending());
        let Some(Message::Binary(data)) = received.pop() else {
            panic!("not the message");
        };
        // Nobody else holds on to its memory.
        assert!(data.is_unique(), "{len}");
    }
}

#[test]
fn ws_017_text_that_is_not_utf_8() {
    let mut socket = socket(client_frame(TEXT, b"\xff"));
    assert!(matches!(received(&mut socket), Err(Error::Utf8(_))));
}

#[test]
fn frames_that_break_the_protocol() {
    for input in [
        client_frame(LAST, b"nothing to continue"),
        client_frame(TEXT | 0x40, b"reserved bits"),
        client_frame(0x83, b"an opcode that there is not"),
        client_frame(0x09, b"a ping in fragments"),
        client_frame(PING, &[0; 126]),
        server_frame(TEXT, b"no mask"),
    ] {
        let mut socket = socket(&input);
        assert!(
            matches!(received(&mut socket), Err(Error::Protocol(_))),
            "{input:?}"
        );
    }
}

#[test]
fn ws_021_the_end_of_the_input_without_a_close_frame() {
    for input in [vec![], client_frame(TEXT, b"unfinished")[..5].to_vec()] {
        let mut socket = socket(input);
        socket.stream_mut().is_closed = true;
        assert!(matches!(
            received(&mut socket),
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))
        ));
    }
}

/// RCP-013: what the client sent before it was lost is handled.
#[test]
fn rcp_013_an_answer_that_cannot_be_written_hides_no_message() {
    let input = [
        client_frame(PING, b"1"),
        client_frame(TEXT, b"a"),
        client_frame(PING, b"2"),
        client_frame(TEXT, b"b"),
    ];
    let mut socket = socket(input.concat());
    socket.stream_mut().is_broken = true;
    let expected = [
        Message::Ping("1".into()),
        Message::text("a"),
        Message::Ping("2".into()),
        Message::text("b"),
    ];
    for message in expected {
        assert_eq!(received(&mut socket).unwrap(), message);
    }
    assert!(matches!(received(&mut socket), Err(Error::Io(_))));
}
