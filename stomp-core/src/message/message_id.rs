use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::message::SessionId;

/// Numbers the messages that leave the server. An id is the same for all receivers of a message, so that they can
/// share one encoded frame, and differs between servers and between starts of one server.
pub(crate) struct MessageIds {
    prefix: [u8; 8],
    next: AtomicU64,
}

/// The id of one message, written without an allocation.
pub(crate) struct MessageId {
    text: [u8; 29],
    len: u8,
}

impl MessageIds {
    pub(crate) fn new() -> Self {
        let mut prefix = [0; 8];
        prefix.copy_from_slice(&SessionId::random().as_str().as_bytes()[..8]);
        Self {
            prefix,
            next: AtomicU64::new(0),
        }
    }

    pub(crate) fn next(&self) -> MessageId {
        let mut digits = itoa::Buffer::new();
        let digits = digits
            .format(self.next.fetch_add(1, Ordering::Relaxed))
            .as_bytes();
        let mut text = [b'-'; 29];
        text[..8].copy_from_slice(&self.prefix);
        text[9..9 + digits.len()].copy_from_slice(digits);
        MessageId {
            text,
            len: 9 + digits.len() as u8,
        }
    }
}

impl MessageId {
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..self.len.into()])
            .expect("hexadecimal digits, a hyphen and digits")
    }
}

impl fmt::Debug for MessageIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageIds")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_037_ids_are_unique_and_need_no_escaping() {
        let ids = MessageIds {
            prefix: *b"0123abcd",
            next: AtomicU64::new(9),
        };
        assert_eq!(ids.next().as_str(), "0123abcd-9");
        assert_eq!(ids.next().as_str(), "0123abcd-10");
        let last = MessageIds {
            prefix: *b"0123abcd",
            next: AtomicU64::new(u64::MAX),
        };
        assert_eq!(last.next().as_str(), "0123abcd-18446744073709551615");
    }
}
