//! The socket over a connection that does as the test says, byte by byte.

mod closing;
mod parts;
mod reading;
mod scripted;
mod writing;

use std::{
    io::Cursor,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use tungstenite::{
    Error, Message,
    protocol::{Role, WebSocket, WebSocketConfig, frame::coding::Data},
};

use self::scripted::Scripted;
use super::socket::Socket;

/// The largest message that the sockets of the tests take.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// A socket whose client has sent `input`.
fn socket(input: impl AsRef<[u8]>) -> Socket<Scripted> {
    let mut stream = Scripted::default();
    stream.input.extend(input.as_ref());
    Socket::new(stream, MAX_MESSAGE_BYTES)
}

fn context() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// Everything that can be received now, as far as there is no error.
fn receive_all(socket: &mut Socket<Scripted>) -> Vec<Message> {
    std::iter::from_fn(|| match socket.poll_receive(&mut context()) {
        Poll::Ready(Some(Ok(message))) => Some(message),
        Poll::Ready(Some(Err(error))) => panic!("{error}"),
        Poll::Ready(None) | Poll::Pending => None,
    })
    .collect()
}

/// What a client makes of what the server has written.
fn as_client(written: &[u8]) -> Vec<Message> {
    let config = WebSocketConfig::default()
        .max_message_size(None)
        .max_frame_size(None);
    let stream = Cursor::new(written.to_vec());
    let mut client = WebSocket::from_raw_socket(stream, Role::Client, Some(config));
    let mut messages = Vec::new();
    loop {
        match client.read() {
            Ok(message) => messages.push(message),
            // The end of what was written.
            Err(Error::Protocol(_) | Error::ConnectionClosed) => break,
            Err(error) => panic!("{error} after {} messages", messages.len()),
        }
    }
    messages
}

/// A frame of a client, by the letter of RFC 6455.
fn client_frame(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [1, 2, 3, 4];

    let mut frame = vec![first_byte];
    push_length(&mut frame, 0x80, payload.len());
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(a, b)| a ^ b));
    frame
}

/// A message of a server, by the letter of RFC 6455.
fn server_frame(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first_byte];
    push_length(&mut frame, 0, payload.len());
    frame.extend(payload);
    frame
}

fn push_length(frame: &mut Vec<u8>, mask_bit: u8, length: usize) {
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length @ ..=125), _) => frame.push(mask_bit | length),
        (_, Ok(length)) => {
            frame.push(mask_bit | 126);
            frame.extend(length.to_be_bytes());
        }
        _ => {
            frame.push(mask_bit | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
}

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

fn text(len: usize) -> (Data, Bytes) {
    let text: Vec<u8> = (b'a'..=b'z').cycle().take(len).collect();
    (Data::Text, text.into())
}

fn binary(len: usize) -> (Data, Bytes) {
    let bytes: Vec<u8> = (0..=u8::MAX).rev().cycle().take(len).collect();
    (Data::Binary, bytes.into())
}

/// What is on the wire when these have been sent.
fn wire<'a>(messages: impl IntoIterator<Item = &'a (Data, Bytes)>) -> Vec<u8> {
    messages
        .into_iter()
        .flat_map(|(kind, payload)| {
            let first_byte = if *kind == Data::Text { TEXT } else { BINARY };
            server_frame(first_byte, payload)
        })
        .collect()
}
