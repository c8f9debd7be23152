//! Messages in parts, as the client divides them (WS-15).

use proptest::{collection::vec, prelude::*};
use stomp_core::endpoint::TransportError;

use super::*;
use crate::{
    connection::PartsWebSocket,
    message_socket::{MessageSocket, Received},
};

/// The largest part, of either kind.
const MAX_PART_BYTES: usize = 16;

const CONTINUE_FINAL: u8 = 0x80;
const CONTINUE: u8 = 0x00;
const TEXT_FIRST: u8 = 0x01;
const BINARY_FIRST: u8 = 0x02;

fn parts_socket(input: impl AsRef<[u8]>) -> PartsWebSocket<Scripted> {
    let mut stream = Scripted::default();
    stream.input.extend(input.as_ref());
    PartsWebSocket::new(stream, MAX_PART_BYTES, MAX_PART_BYTES)
}

/// Everything that comes, with whether it is the last of its message; and the error, if there is one.
fn receive(
    socket: &mut PartsWebSocket<Scripted>,
) -> (Vec<(Received, bool)>, Option<TransportError>) {
    let mut parts = Vec::new();
    loop {
        match socket.poll_receive(&mut context()) {
            Poll::Ready(Some(Ok(received))) => parts.push((received, socket.is_last())),
            Poll::Ready(Some(Err(error))) => return (parts, Some(error)),
            Poll::Ready(None) => return (parts, None),
            Poll::Pending if socket.stream_mut().input.is_empty() => return (parts, None),
            // Its turn was over.
            Poll::Pending => {}
        }
    }
}

fn received(input: impl AsRef<[u8]>) -> Vec<(Received, bool)> {
    let (parts, error) = receive(&mut parts_socket(input));
    assert!(error.is_none(), "{error:?}");
    parts
}

fn text_part(text: &str, is_last: bool) -> (Received, bool) {
    (Received::Text(text.into()), is_last)
}

fn binary_part(bytes: &'static [u8], is_last: bool) -> (Received, bool) {
    (Received::Binary(Bytes::from_static(bytes)), is_last)
}

#[test]
fn ws_15_fragments_come_as_they_are_with_control_frames_between_them() {
    let input = [
        client_frame(TEXT_FIRST, b"a"),
        client_frame(PING, b"p"),
        client_frame(CONTINUE, b"b"),
        client_frame(CONTINUE_FINAL, b"c"),
        client_frame(BINARY, b"whole"),
        client_frame(BINARY_FIRST, b""),
        client_frame(PONG, b""),
        client_frame(CONTINUE_FINAL, b""),
    ];
    let expected = [
        text_part("a", false),
        (Received::Ping("p".into()), true),
        text_part("b", false),
        text_part("c", true),
        binary_part(b"whole", true),
        // The empty part is none, but the end of an empty message is.
        (Received::Pong("".into()), true),
        binary_part(b"", true),
    ];
    assert_eq!(received(input.concat()), expected);
}

#[test]
fn ws_15_a_large_frame_is_divided_between_characters() {
    let text = "\u{20ac}".repeat(11);
    let parts = received(client_frame(TEXT, text.as_bytes()));
    let expected = [
        text_part(&"\u{20ac}".repeat(5), false),
        text_part(&"\u{20ac}".repeat(5), false),
        text_part("\u{20ac}", true),
    ];
    assert_eq!(parts, expected);
}

#[test]
fn ws_15_a_character_may_be_divided_between_fragments() {
    let euro = "\u{20ac}".as_bytes();
    let input = [
        client_frame(TEXT_FIRST, &euro[..1]),
        client_frame(CONTINUE, &euro[1..2]),
        client_frame(CONTINUE_FINAL, &euro[2..]),
    ];
    assert_eq!(received(input.concat()), [text_part("\u{20ac}", true)]);
}

#[test]
fn ws_15_a_large_message_leaves_nothing_behind() {
    let mut socket = parts_socket(client_frame(BINARY, &[7; 1_000_000]));
    let (parts, error) = receive(&mut socket);
    assert!(error.is_none());
    assert_eq!(parts.len(), 1_000_000_usize.div_ceil(MAX_PART_BYTES));
    let is_last = |(_, is_last): &(Received, bool)| *is_last;
    assert!(is_last(parts.last().unwrap()));
    assert_eq!(parts.iter().filter(|part| is_last(part)).count(), 1);
}

#[test]
fn ws_15_who_breaks_the_protocol_gets_1002() {
    let unmasked = server_frame(TEXT, b"a");
    for broken in [
        client_frame(CONTINUE, b"nothing to continue"),
        [client_frame(TEXT_FIRST, b"a"), client_frame(TEXT, b"b")].concat(),
        client_frame(0x09, b"a ping in fragments"),
        client_frame(PING, &[0; 126]),
        client_frame(0xc1, b"reserved bit"),
        client_frame(0x83, b"reserved opcode"),
        client_frame(0x8b, b"reserved opcode"),
        client_frame(CLOSE, &[3]),
        client_frame(CLOSE, &1005_u16.to_be_bytes()),
        client_frame(CLOSE, &999_u16.to_be_bytes()),
        unmasked,
    ] {
        let (_, error) = receive(&mut parts_socket(&broken));
        assert!(
            matches!(error, Some(TransportError::Protocol(_))),
            "{broken:?}: {error:?}"
        );
    }
}

#[test]
fn ws_15_who_sends_no_utf_8_gets_1007() {
    let broken_reason = [&1000_u16.to_be_bytes()[..], &[0xff]].concat();
    for broken in [
        client_frame(TEXT, &[b'a', 0xff]),
        client_frame(TEXT_FIRST, &[0xff]),
        // Half a character at the end.
        client_frame(TEXT, &[0xe2, 0x82]),
        [
            client_frame(TEXT_FIRST, &[0xe2]),
            client_frame(CONTINUE_FINAL, b"a"),
        ]
        .concat(),
        client_frame(CLOSE, &broken_reason),
    ] {
        let (_, error) = receive(&mut parts_socket(&broken));
        assert!(
            matches!(error, Some(TransportError::InvalidText)),
            "{broken:?}: {error:?}"
        );
    }
}

#[test]
fn a_length_that_is_too_long_for_memory_is_only_a_long_message() {
    let mut input = vec![BINARY, 0x80 | 127];
    input.extend((u64::MAX / 2).to_be_bytes());
    input.extend([0; 4]);
    input.extend([1; 40]);
    let parts = received(input);
    assert_eq!(parts.len(), 2);
}

#[test]
fn ws_019_pings_are_answered_and_t_11_only_the_last_where_there_is_no_room() {
    let pings: Vec<u8> = (0..10_000_u16)
        .flat_map(|number| client_frame(PING, &number.to_be_bytes()))
        .collect();
    let mut socket = parts_socket(pings);
    socket.stream_mut().then = 0;
    let (parts, _) = receive(&mut socket);
    assert_eq!(parts.len(), 10_000);
    assert!(socket.waiting() <= 64 * 1024 + 4);
    // It reads again, at last.
    socket.stream_mut().then = usize::MAX;
    let mut flushed = Poll::Pending;
    while flushed.is_pending() {
        flushed = socket
            .poll_flush(&mut context())
            .map(|flushed| flushed.is_ok());
    }
    socket.stream_mut().input.extend(client_frame(PONG, b""));
    receive(&mut socket);
    let pongs = as_client(&socket.stream_mut().output.clone());
    let last = Bytes::copy_from_slice(&9_999_u16.to_be_bytes());
    assert_eq!(pongs.last(), Some(&Message::Pong(last)));
}

#[test]
fn ws_020_a_close_frame_is_answered_once() {
    let payload = [&4001_u16.to_be_bytes()[..], b"bye"].concat();
    let mut socket = parts_socket(client_frame(CLOSE, &payload));
    let (parts, _) = receive(&mut socket);
    assert_eq!(parts, [(Received::Close(Some((4001, "bye".into()))), true)]);
    let closed = socket.poll_close(&mut context(), 1000, "too late");
    assert!(closed.is_ready());
    assert_eq!(socket.stream_mut().output, server_frame(CLOSE, &payload));
}

#[test]
fn ws_024_good_bye_is_said_behind_what_was_sent_and_pings_are_answered_no_more() {
    let mut socket = parts_socket("");
    let (_, message) = text(3);
    socket.send(crate::message_socket::MessageKind::Text, &message);
    let closed = socket.poll_close(&mut context(), 1001, "bye");
    assert!(closed.is_ready());
    socket.stream_mut().input.extend(client_frame(PING, b""));
    socket.stream_mut().input.extend(client_frame(CLOSE, b""));
    let (parts, _) = receive(&mut socket);
    assert_eq!(parts.len(), 2);
    let close = [&1001_u16.to_be_bytes()[..], b"bye"].concat();
    let expected = [server_frame(TEXT, &message), server_frame(CLOSE, &close)].concat();
    assert_eq!(socket.stream_mut().output, expected);
}

#[test]
fn a_lost_connection_is_an_error_unless_good_bye_was_said() {
    let mut socket = parts_socket("");
    socket.stream_mut().is_closed = true;
    let (_, error) = receive(&mut socket);
    assert!(matches!(error, Some(TransportError::Broken(_))));

    let mut socket = parts_socket("");
    socket.stream_mut().is_closed = true;
    let closed = socket.poll_close(&mut context(), 1000, "");
    assert!(closed.is_ready());
    assert!(matches!(
        socket.poll_receive(&mut context()),
        Poll::Ready(None)
    ));
}

/// A message: whether it is text, and its fragments; and what comes behind each of them.
fn messages() -> impl Strategy<Value = Vec<(bool, Vec<(String, bool)>)>> {
    let fragment = ("[a-z\u{e4}\u{20ac}\u{1f600}]{0,12}", any::<bool>());
    vec((any::<bool>(), vec(fragment, 1..5)), 1..5)
}

proptest! {
    /// `tungstenite`, which everybody else's messages are read by, is the judge.
    #[test]
    fn ws_15_all_parts_together_are_the_messages(
        messages in messages(),
        read_at_most in 1_usize..40,
    ) {
        let mut input = Vec::new();
        for (is_text, fragments) in &messages {
            let last = fragments.len() - 1;
            for (index, (payload, has_ping)) in fragments.iter().enumerate() {
                let opcode = match (index, is_text) {
                    (0, true) => TEXT_FIRST,
                    (0, false) => BINARY_FIRST,
                    _ => CONTINUE,
                };
                let is_final = if index == last { CONTINUE_FINAL } else { 0 };
                input.extend(client_frame(opcode | is_final, payload.as_bytes()));
                if *has_ping {
                    input.extend(client_frame(PING, payload.as_bytes()));
                }
            }
        }
        let mut whole = socket(&input);
        let expected: Vec<_> = receive_all(&mut whole);

        let mut in_parts = parts_socket(&input);
        in_parts.stream_mut().read_at_most = read_at_most;
        let (parts, error) = receive(&mut in_parts);
        prop_assert!(error.is_none());

        let mut joined = Vec::new();
        let mut pings = Vec::new();
        let mut message = Vec::new();
        for (part, is_last) in parts {
            let is_text = match part {
                Received::Text(text) => {
                    prop_assert!(text.len() <= MAX_PART_BYTES);
                    message.extend_from_slice(text.as_bytes());
                    true
                }
                Received::Binary(bytes) => {
                    prop_assert!(bytes.len() <= MAX_PART_BYTES);
                    message.extend_from_slice(&bytes);
                    false
                }
                Received::Ping(payload) => {
                    pings.push(Message::Ping(payload));
                    continue;
                }
                other => panic!("{other:?}"),
            };
            if is_last {
                let bytes = std::mem::take(&mut message);
                joined.push(if is_text {
                    Message::text(String::from_utf8(bytes).unwrap())
                } else {
                    Message::binary(bytes)
                });
            }
        }
        let (expected_pings, expected): (Vec<_>, Vec<_>) = expected
            .into_iter()
            .partition(|message| matches!(message, Message::Ping(_)));
        prop_assert_eq!(joined, expected);
        prop_assert_eq!(pings, expected_pings);
        prop_assert_eq!(&in_parts.stream_mut().output, &whole.stream_mut().output);
    }

    #[test]
    fn t_11_nothing_that_a_client_sends_makes_it_panic(input in vec(any::<u8>(), 0..200)) {
        let (parts, _) = receive(&mut parts_socket(input));
        for (part, _) in parts {
            if let Received::Text(text) = part {
                prop_assert!(text.len() <= MAX_PART_BYTES);
            }
        }
    }
}
