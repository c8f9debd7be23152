//! The closing handshake, from either side (WS-020, WS-024).

use std::task::Poll;

use tungstenite::{Message, protocol::CloseFrame};

use super::*;

fn close_frame() -> CloseFrame {
    CloseFrame {
        code: 1001.into(),
        reason: "shutting down".into(),
    }
}

fn payload(close: &CloseFrame) -> Vec<u8> {
    let code = u16::from(close.code).to_be_bytes();
    [&code[..], close.reason.as_bytes()].concat()
}

#[test]
fn ws_020_a_close_frame_is_answered_behind_what_was_sent_before() {
    let message = text(10);
    let close = close_frame();
    let mut socket = socket(client_frame(CLOSE, &payload(&close)));
    socket.send(message.0, &message.1);
    let received = socket.poll_receive(&mut context());
    assert!(
        matches!(received, Poll::Ready(Some(Ok(Message::Close(Some(received))))) if received == close)
    );
    let answer = server_frame(CLOSE, &payload(&close));
    let expected = [wire([&message]), answer].concat();
    assert_eq!(socket.stream_mut().output, expected);
    // Both sides have closed.
    let received = socket.poll_receive(&mut context());
    assert!(matches!(received, Poll::Ready(None)));
}

#[test]
fn ws_024_good_bye_is_said_once_and_the_answer_ends_the_connection() {
    for stop in 1..20 {
        let mut socket = socket("");
        socket.stream_mut().writes = [stop, 0].into();
        let message = text(2);
        socket.send(message.0, &message.1);
        let close = payload(&close_frame());
        let expected = [wire([&message]), server_frame(CLOSE, &close)].concat();
        assert!(stop < expected.len());

        let closed = socket.poll_close(&mut context(), close_frame);
        assert!(closed.is_pending());
        let closed = socket.poll_close(&mut context(), close_frame);
        assert!(matches!(closed, Poll::Ready(Ok(()))));
        assert_eq!(socket.stream_mut().output, expected);

        // What the client sent before it knew, and its answer.
        let late = [client_frame(TEXT, b"late"), client_frame(PING, b"")];
        socket.stream_mut().input.extend(late.concat());
        socket
            .stream_mut()
            .input
            .extend(client_frame(CLOSE, &close));
        let received = receive_all(&mut socket);
        let expected_input = [
            Message::text("late"),
            Message::Ping("".into()),
            Message::Close(Some(close_frame())),
        ];
        assert_eq!(received, expected_input);
        // A ping behind the close frame has no answer.
        assert_eq!(socket.stream_mut().output, expected);
    }
}

#[test]
fn ws_024_t_11_good_bye_is_the_last_frame_even_after_pings_that_had_no_room() {
    let mut socket = socket("");
    socket.stream_mut().then = 0;
    let pings = client_frame(PING, &[0; 125]).repeat(2000);
    socket.stream_mut().input.extend(pings);
    assert_eq!(receive_all(&mut socket).len(), 2000);
    assert!(socket.poll_close(&mut context(), close_frame).is_pending());

    socket.stream_mut().then = usize::MAX;
    let closed = socket.poll_close(&mut context(), close_frame);
    assert!(matches!(closed, Poll::Ready(Ok(()))));
    let mut messages = as_client(&socket.stream_mut().output);
    assert_eq!(messages.pop(), Some(Message::Close(Some(close_frame()))));
    assert!(messages.len() > 500);
    let is_pong = |message: &Message| matches!(message, Message::Pong(_));
    assert!(messages.iter().all(is_pong));
}
