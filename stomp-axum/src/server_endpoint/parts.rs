use bytes::{Bytes, BytesMut};

use crate::websocket::{BinaryMessage, TextMessage, WebSocketMessage};

/// Puts the parts of messages together, for a method that takes whole ones beside one that takes parts.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    /// One message at a time has parts, of whatever kind.
    so_far: BytesMut,
}

/// A message is larger than the endpoint takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MessageTooBig;

impl Assembler {
    /// Takes a message, or a part of one. Returns the whole message when it is complete.
    pub(super) fn push(
        &mut self,
        message: WebSocketMessage,
        max_bytes: usize,
    ) -> Result<Option<WebSocketMessage>, MessageTooBig> {
        if message.is_last() && self.so_far.is_empty() {
            return Ok(Some(message));
        }
        if message.payload_len() > max_bytes - self.so_far.len() {
            return Err(MessageTooBig);
        }
        let is_last = message.is_last();
        match message {
            WebSocketMessage::Text(text) => {
                self.so_far.extend_from_slice(text.as_str().as_bytes());
                // The parts of a text are texts, and so are all of them together.
                Ok(self.complete(is_last).and_then(|bytes| {
                    let text = TextMessage::try_from(bytes).ok()?;
                    Some(text.into())
                }))
            }
            WebSocketMessage::Binary(binary) => {
                self.so_far.extend_from_slice(binary.as_bytes());
                let complete = self.complete(is_last);
                Ok(complete.map(|bytes| BinaryMessage::new(bytes).into()))
            }
            control => Ok(Some(control)),
        }
    }

    fn complete(&mut self, is_last: bool) -> Option<Bytes> {
        is_last.then(|| std::mem::take(&mut self.so_far).freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jsr_13_parts_become_a_message_for_a_method_that_takes_whole_ones() {
        let mut assembler = Assembler::default();
        let part = |text, is_last| TextMessage::partial(text, is_last).into();
        assert_eq!(assembler.push(part("ab", false), 6), Ok(None));
        // A pong may come between the parts.
        let pong = WebSocketMessage::from(crate::websocket::PongMessage::default());
        assert_eq!(assembler.push(pong.clone(), 6), Ok(Some(pong)));
        assert_eq!(assembler.push(part("cd", false), 6), Ok(None));
        assert_eq!(
            assembler.push(part("ef", true), 6),
            Ok(Some("abcdef".into()))
        );
        assert_eq!(assembler.push("whole".into(), 6), Ok(Some("whole".into())));
    }

    #[test]
    fn jsr_13_parts_together_are_no_larger_than_a_whole_message_may_be() {
        let mut assembler = Assembler::default();
        let part = |is_last| WebSocketMessage::from(BinaryMessage::partial(vec![1, 2, 3], is_last));
        assert_eq!(assembler.push(part(false), 5), Ok(None));
        assert_eq!(assembler.push(part(true), 5), Err(MessageTooBig));
    }
}
