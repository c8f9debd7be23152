use super::escape::push_escaped;

/// The first frame of each session (SJ-FRM-01).
pub(crate) const OPEN: &[u8] = b"o";
/// A sign of life.
pub(crate) const HEART_BEAT: &[u8] = b"h";

/// `a[..]`: messages, of which it is known that they are UTF-8.
pub(crate) fn messages_frame<M: AsRef<[u8]>>(messages: &[M]) -> Vec<u8> {
    // Room for quotes and commas, and for an escape here and there.
    let bytes: usize = messages.iter().map(|message| message.as_ref().len()).sum();
    let mut frame = Vec::with_capacity(3 + bytes + bytes / 8 + 3 * messages.len());
    frame.extend_from_slice(b"a[");
    for (index, message) in messages.iter().enumerate() {
        if index > 0 {
            frame.push(b',');
        }
        push_string(&mut frame, message.as_ref());
    }
    frame.push(b']');
    frame
}

/// `c[code,"reason"]`, with the reason escaped as any string (SJ-FRM-04).
pub(crate) fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    let mut frame = format!("c[{code},").into_bytes();
    push_string(&mut frame, reason.as_bytes());
    frame.push(b']');
    frame
}

fn push_string(frame: &mut Vec<u8>, text: &[u8]) {
    frame.push(b'"');
    push_escaped(frame, text);
    frame.push(b'"');
}
