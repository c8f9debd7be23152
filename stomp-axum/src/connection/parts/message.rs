use bytes::Bytes;
use stomp_core::endpoint::TransportError;
use tungstenite::Utf8Bytes;

use crate::message_socket::{MessageKind, Received};

/// The message of which parts come.
#[derive(Debug)]
pub(super) struct PartialMessage {
    kind: MessageKind,
    /// What has come of the next part. It begins with the bytes of a character that the last one ended in.
    part: Vec<u8>,
}

impl PartialMessage {
    pub(super) fn new(kind: MessageKind) -> Self {
        Self {
            kind,
            part: Vec::new(),
        }
    }

    pub(super) fn kind(&self) -> MessageKind {
        self.kind
    }

    /// The part that comes.
    pub(super) fn part(&mut self) -> &mut Vec<u8> {
        &mut self.part
    }

    /// What is to be handed out of the part that has come: `None` if it is empty, and not the last.
    pub(super) fn take(&mut self, is_last: bool) -> Result<Option<Received>, TransportError> {
        let part = std::mem::take(&mut self.part);
        let received = match self.kind {
            MessageKind::Binary => Received::Binary(part.into()),
            MessageKind::Text => Received::Text(self.text(part, is_last)?),
        };
        let is_empty = match &received {
            Received::Text(text) => text.is_empty(),
            Received::Binary(bytes) => bytes.is_empty(),
            _ => false,
        };
        Ok((is_last || !is_empty).then_some(received))
    }

    /// Keeps the bytes of a character that is not complete.
    fn text(&mut self, mut part: Vec<u8>, is_last: bool) -> Result<Utf8Bytes, TransportError> {
        if let Err(error) = std::str::from_utf8(&part) {
            if is_last || error.error_len().is_some() {
                return Err(TransportError::InvalidText);
            }
            self.part = part.split_off(error.valid_up_to());
        }
        // Looked at once more only where a character was cut off, or that is a whole part: the type has no other way.
        Utf8Bytes::try_from(Bytes::from(part)).map_err(|_| TransportError::InvalidText)
    }
}
