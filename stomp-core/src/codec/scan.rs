//! The searches of the decoder. They stand here so that tests can count how many octets were looked at, which
//! shows linear time without a clock (STR-010 to STR-012).

/// Where the next LF or NUL is.
pub(super) fn line_end_or_nul(input: &[u8]) -> Option<usize> {
    count(input, memchr::memchr2(b'\n', 0, input))
}

/// Where the next NUL is.
pub(super) fn nul(input: &[u8]) -> Option<usize> {
    count(input, memchr::memchr(0, input))
}

#[cfg(not(test))]
const fn count(_: &[u8], found: Option<usize>) -> Option<usize> {
    found
}

#[cfg(test)]
fn count(input: &[u8], found: Option<usize>) -> Option<usize> {
    SCANNED.with(|scanned| scanned.set(scanned.get() + found.map_or(input.len(), |at| at + 1)));
    found
}

#[cfg(test)]
thread_local! {
    static SCANNED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How many octets this thread has looked at since the last call.
#[cfg(test)]
pub(super) fn take_scanned() -> usize {
    SCANNED.with(std::cell::Cell::take)
}
