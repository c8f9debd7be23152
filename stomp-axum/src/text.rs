//! Bytes that are known to be UTF-8 as the text type of axum.

use std::cell::RefCell;

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;

/// Up to here, looking at the bytes again is no slower than sharing the outcome between threads.
const CHEAP_BYTES: usize = 512;

thread_local! {
    /// The last large frame that this thread has sent.
    static LAST: RefCell<Utf8Bytes> = const { RefCell::new(Utf8Bytes::from_static("")) };
}

/// `bytes` as text, or `bytes` again if they are none.
///
/// The only safe conversion validates, and a broadcast shares one encoded frame between all of its receivers: without
/// care, every byte would be validated once per receiver. So the last one is remembered. Memory that it keeps alive
/// can't be reused, so the same address and length mean the same bytes.
pub(crate) fn to_text(bytes: Bytes) -> Result<Utf8Bytes, Bytes> {
    if bytes.len() <= CHEAP_BYTES {
        return validate(bytes);
    }
    LAST.with_borrow_mut(|last| {
        let is_last = last.as_ptr() == bytes.as_ptr() && last.len() == bytes.len();
        if !is_last {
            *last = validate(bytes)?;
        }
        Ok(last.clone())
    })
}

fn validate(bytes: Bytes) -> Result<Utf8Bytes, Bytes> {
    // Sharing instead of copying: the error of the conversion does not give the bytes back.
    Utf8Bytes::try_from(bytes.clone()).map_err(|_| bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_are_shared_and_never_copied() {
        for len in [1, CHEAP_BYTES, CHEAP_BYTES + 1, 100_000] {
            let bytes = Bytes::from("ü".repeat(len).into_bytes());
            for _ in 0..2 {
                let text = to_text(bytes.clone()).unwrap();
                assert_eq!(text.as_str().as_bytes(), bytes);
                assert_eq!(text.as_ptr(), bytes.as_ptr());
            }
        }
    }

    #[test]
    fn other_bytes_are_never_taken_for_the_last() {
        let text = Bytes::from("x".repeat(1000));
        // The same address with another length, another address with the same length.
        for part in [text.clone(), text.slice(..900), text.slice(100..)] {
            let result = to_text(part.clone()).unwrap();
            assert_eq!((result.as_ptr(), result.len()), (part.as_ptr(), part.len()));
        }
    }

    #[test]
    fn what_is_no_text_is_given_back() {
        for len in [1, 1000] {
            let bytes = Bytes::from(vec![0xff; len]);
            assert_eq!(to_text(bytes.clone()), Err(bytes));
        }
    }

    #[test]
    fn memory_that_was_freed_and_reused_is_validated_again() {
        for round in 0..100_u8 {
            let bytes = Bytes::from(vec![b'a' + round % 26; 1000]);
            let text = to_text(bytes.clone()).unwrap();
            assert_eq!(text.as_str().as_bytes(), bytes);
        }
    }
}
