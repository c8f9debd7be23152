//! What is written, however the system takes it (WS-013 to WS-016, WS-019, LIM-010, T-11).

use std::task::Poll;

use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use tungstenite::{Message, protocol::frame::coding::Data};

use super::{
    super::{outgoing::Outgoing, socket::MAX_WAITING_BYTES},
    *,
};

/// Both lengths of headers, and payloads that are copied and that are not.
fn some_messages() -> Vec<(Data, Bytes)> {
    vec![
        text(0),
        binary(1),
        text(125),
        binary(126),
        text(8192),
        text(8192),
        binary(300),
        binary(9000),
        text(1),
    ]
}

fn outgoing(messages: &[(Data, Bytes)]) -> Outgoing {
    let mut outgoing = Outgoing::default();
    for (kind, payload) in messages {
        outgoing.push_message(*kind, payload);
    }
    outgoing
}

fn poll_write(outgoing: &mut Outgoing, stream: &mut Scripted) -> bool {
    let polled = outgoing.poll_write(&mut context(), stream);
    polled.map(Result::unwrap).is_ready()
}

#[test]
fn headers_are_those_of_rfc_6455() {
    for length in [0, 1, 125, 126, 127, 65_535, 65_536, 100_000] {
        let messages = [text(length), binary(length)];
        let mut stream = Scripted::default();
        assert!(poll_write(&mut outgoing(&messages), &mut stream));
        assert!(stream.output == wire(&messages), "{length}");
    }
}

#[test]
fn a_write_may_stop_at_every_byte() {
    let messages = some_messages();
    let expected = wire(&messages);
    for stop in 1..expected.len() {
        let mut stream = Scripted {
            writes: [stop, 0].into(),
            ..Scripted::default()
        };
        let mut outgoing = outgoing(&messages);
        assert_eq!(outgoing.len(), expected.len());
        assert!(!poll_write(&mut outgoing, &mut stream));
        assert_eq!(stream.output.len(), stop);
        assert_eq!(outgoing.len(), expected.len() - stop);
        assert!(poll_write(&mut outgoing, &mut stream));
        assert_eq!(outgoing.len(), 0);
        assert!(stream.output == expected, "{stop}");
    }
}

#[test]
fn a_write_may_take_a_byte_at_a_time() {
    let messages = some_messages();
    for is_vectored in [false, true] {
        let mut stream = Scripted {
            then: 1,
            is_vectored,
            ..Scripted::default()
        };
        assert!(poll_write(&mut outgoing(&messages), &mut stream));
        assert!(stream.output == wire(&messages));
    }
}

#[test]
fn a_batch_is_one_call() {
    let small: Vec<_> = (0..200).map(|number| text(number % 200)).collect();
    let large: Vec<_> = (0..10).map(|_| binary(9000)).collect();
    for messages in [small, large, some_messages()] {
        let mut stream = Scripted::default();
        assert!(poll_write(&mut outgoing(&messages), &mut stream));
        assert_eq!(stream.write_calls, 1);
        assert!(stream.output == wire(&messages));
    }
}

#[test]
fn more_pieces_than_fit_into_a_call() {
    let messages: Vec<_> = (0..200).map(|_| text(9000)).collect();
    let mut stream = Scripted::default();
    assert!(poll_write(&mut outgoing(&messages), &mut stream));
    assert!(stream.output == wire(&messages));
}

#[test]
fn a_system_that_takes_nothing_is_broken() {
    let mut outgoing = outgoing(&[text(1)]);
    let mut full = std::io::Cursor::new(Vec::new().into_boxed_slice());
    let Poll::Ready(Err(error)) = outgoing.poll_write(&mut context(), &mut full) else {
        panic!("nothing was written");
    };
    assert_eq!(error.kind(), std::io::ErrorKind::WriteZero);
}

#[test]
fn lim_010_a_client_that_reads_too_little_makes_nothing_grow() {
    let mut socket = socket("");
    socket.stream_mut().then = 0;
    let mut sent = Vec::new();
    for round in 0..1000 {
        while socket.poll_ready(&mut context()).is_ready() {
            let message = text(round % 100 * 100);
            socket.send(message.0, &message.1);
            sent.push(message);
        }
        assert!(socket.waiting() < MAX_WAITING_BYTES + 10_100);
        assert!(socket.queue_memory() < 4 * MAX_WAITING_BYTES);
        // It takes a third of what waits.
        socket
            .stream_mut()
            .writes
            .extend([MAX_WAITING_BYTES / 3, 0]);
    }
    socket.stream_mut().writes.clear();
    socket.stream_mut().then = usize::MAX;
    assert!(socket.poll_flush(&mut context()).is_ready());
    assert!(socket.stream_mut().output == wire(&sent));
}

#[test]
fn a_queue_has_the_size_of_what_waits_and_an_idle_connection_has_none() {
    // A queue with much room, which is kept for the next.
    let mut stream = Scripted::default();
    let many: Vec<_> = (0..100).map(|_| text(500)).collect();
    assert!(poll_write(&mut outgoing(&many), &mut stream));

    let mut socket = socket("");
    assert_eq!(socket.queue_memory(), 0);
    socket.stream_mut().then = 0;
    socket.send(Data::Text, &"x".repeat(100).into());
    assert!(socket.poll_flush(&mut context()).is_pending());
    assert!(
        (102..2048).contains(&socket.queue_memory()),
        "{}",
        socket.queue_memory()
    );
    socket.stream_mut().then = usize::MAX;
    assert!(socket.poll_flush(&mut context()).is_ready());
    assert_eq!(socket.queue_memory(), 0);
}

#[test]
fn ws_019_an_answer_never_comes_between_the_parts_of_a_frame() {
    let message = text(300);
    let on_wire = wire([&message]);
    for stop in 1..on_wire.len() {
        let mut socket = socket("");
        socket.stream_mut().writes = [stop, 0].into();
        socket.send(message.0, &message.1);
        assert!(socket.poll_flush(&mut context()).is_pending());
        socket.stream_mut().then = 0;
        socket
            .stream_mut()
            .input
            .extend(client_frame(PING, b"between"));
        assert_eq!(receive_all(&mut socket), [Message::Ping("between".into())]);
        socket.send(message.0, &message.1);

        socket.stream_mut().then = usize::MAX;
        assert!(socket.poll_flush(&mut context()).is_ready());
        let pong = server_frame(PONG, b"between");
        let expected = [&on_wire[..], &pong, &on_wire].concat();
        assert!(socket.stream_mut().output == expected, "{stop}");
    }
}

#[test]
fn ws_019_pings_are_answered_without_anybody_writing() {
    let mut socket = socket(client_frame(PING, b"1"));
    let received = socket.poll_receive(&mut context());
    assert!(matches!(received, Poll::Ready(Some(Ok(Message::Ping(_))))));
    assert_eq!(socket.stream_mut().output, server_frame(PONG, b"1"));
}

#[test]
fn ws_019_the_answers_to_pings_that_come_together_are_written_together() {
    // More than the protocol takes at once.
    let pings: Vec<u8> = (0..200)
        .flat_map(|number: u8| client_frame(PING, &[number; 100]))
        .collect();
    let mut socket = socket(pings);
    assert_eq!(receive_all(&mut socket).len(), 200);
    let stream = socket.stream_mut();
    let expected: Vec<u8> = (0..200)
        .flat_map(|number: u8| server_frame(PONG, &[number; 100]))
        .collect();
    assert!(stream.output == expected);
    assert!(stream.write_calls < 20, "{}", stream.write_calls);
}

#[test]
fn t_11_pings_of_a_client_that_does_not_read_have_a_bound() {
    let mut socket = socket("");
    socket.stream_mut().then = 0;
    for number in 0..5000_u32 {
        let mut payload = [0; 100];
        payload[..4].copy_from_slice(&number.to_be_bytes());
        socket
            .stream_mut()
            .input
            .extend(client_frame(PING, &payload));
        assert_eq!(receive_all(&mut socket).len(), 1);
        assert!(socket.waiting() < MAX_WAITING_BYTES + 200);
    }
    // It reads again: it gets answers, at last that to its last ping.
    socket.stream_mut().then = usize::MAX;
    assert_eq!(receive_all(&mut socket), []);
    let pongs = as_client(&socket.stream_mut().output);
    let numbers: Vec<u32> = pongs
        .into_iter()
        .map(|pong| match pong {
            Message::Pong(payload) => u32::from_be_bytes(payload[..4].try_into().unwrap()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(numbers.is_sorted());
    assert!(numbers.len() > 500);
    assert_eq!(numbers.last(), Some(&4999));
}

/// What happens to a socket, in any order.
#[derive(Clone, Debug)]
enum Step {
    Send(bool, usize),
    Ping(Vec<u8>),
    Flush,
    /// How much the next writes take.
    Writes(Vec<usize>),
}

fn step() -> impl Strategy<Value = Step> {
    let size = prop_oneof![0..200_usize, 120..130_usize, 8000..9000_usize, Just(70_000)];
    prop_oneof![
        4 => (any::<bool>(), size).prop_map(|(is_text, size)| Step::Send(is_text, size)),
        1 => vec(any::<u8>(), 0..125).prop_map(Step::Ping),
        2 => Just(Step::Flush),
        2 => vec(prop_oneof![Just(0), 1..10_usize, 1..10_000_usize], 0..10).prop_map(Step::Writes),
    ]
}

proptest! {
    #[test]
    fn whatever_is_taken_and_when_a_client_gets_what_was_sent(
        steps in vec(step(), 0..60),
        is_vectored: bool,
    ) {
        let mut socket = Socket::new(Scripted { is_vectored, ..Scripted::default() }, MAX_MESSAGE_BYTES);
        let mut sent = Vec::new();
        let mut pings = Vec::new();
        for step in steps {
            match step {
                Step::Send(is_text, size) => {
                    let (kind, payload) = if is_text { text(size) } else { binary(size) };
                    if socket.poll_ready(&mut context()).is_ready() {
                        socket.send(kind, &payload);
                        sent.push((kind, payload));
                    }
                }
                Step::Ping(payload) => {
                    socket.stream_mut().input.extend(client_frame(PING, &payload));
                    pings.push(Bytes::from(payload));
                    prop_assert_eq!(receive_all(&mut socket).len(), 1);
                }
                Step::Flush => {
                    let _done_or_not = socket.poll_flush(&mut context());
                }
                Step::Writes(takes) => socket.stream_mut().writes.extend(takes),
            }
        }
        while socket.poll_flush(&mut context()).is_pending() {}

        let mut pongs = Vec::new();
        let mut got = Vec::new();
        for message in as_client(&socket.stream_mut().output) {
            match message {
                Message::Text(payload) => got.push((Data::Text, payload.into())),
                Message::Binary(payload) => got.push((Data::Binary, payload)),
                Message::Pong(payload) => pongs.push(payload),
                other => panic!("{other:?}"),
            }
        }
        prop_assert!(got == sent);
        // Some may be left out, but none is made up.
        let mut pings = pings.iter();
        prop_assert!(pongs.iter().all(|pong| pings.any(|ping| ping == pong)));
    }
}
