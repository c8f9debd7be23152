//! The frames of SockJS, and what clients send.

mod decode;
mod encode;
mod escape;
mod shared;
#[cfg(test)]
mod tests;

pub(crate) use self::{
    decode::{DecodeError, decode_message, decode_messages},
    encode::{HEART_BEAT, OPEN, close_frame, messages_frame},
    shared::message_frame,
};
