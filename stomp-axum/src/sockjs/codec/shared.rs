use std::cell::Cell;

use bytes::Bytes;

use super::encode::messages_frame;

thread_local! {
    /// What this thread has encoded last.
    static LAST: Cell<Option<Encoded>> = const { Cell::new(None) };
}

struct Encoded {
    /// As long as it is kept, nothing else is at its address.
    message: Bytes,
    frame: Bytes,
}

/// `a[..]` of one message, of which it is known that it is UTF-8. A broadcast sends the same message to one session after
/// the other: it is encoded once in each thread, and shared.
pub(crate) fn message_frame(message: &Bytes) -> Bytes {
    let last = LAST.take().filter(|last| is_same(&last.message, message));
    let encoded = last.unwrap_or_else(|| Encoded {
        message: message.clone(),
        frame: messages_frame(&[message]).into(),
    });
    let frame = encoded.frame.clone();
    LAST.set(Some(encoded));
    frame
}

/// Whether it is the same memory, and so the same text.
fn is_same(one: &Bytes, other: &Bytes) -> bool {
    one.as_ptr() == other.as_ptr() && one.len() == other.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sj_frm_01_the_same_message_is_encoded_once_and_another_one_anew() {
        let message = Bytes::from(b"a \"b\"".to_vec());
        let first = message_frame(&message);
        assert_eq!(first, r#"a["a \"b\""]"#);
        assert!(is_same(&first, &message_frame(&message.slice(..))));
        // A part of it starts at the same address.
        assert_eq!(message_frame(&message.slice(..1)), r#"a["a"]"#);
        assert_eq!(message_frame(&message), first);
        // What is gone leaves its address to others.
        drop(message);
        for number in 0..100 {
            let message = Bytes::from(format!("{number:02}").into_bytes());
            assert_eq!(message_frame(&message), format!("a[\"{number:02}\"]"));
        }
        assert_eq!(message_frame(&Bytes::new()), "a[\"\"]");
    }
}
