//! The upgraded connection as `tungstenite` wants it: a stream of the standard library that never waits.

use std::{
    cell::Cell,
    io::{self, ErrorKind, Read, Write},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::outgoing::Outgoing;

/// How much is read in one system call.
const SCRATCH_BYTES: usize = 16 * 1024;
/// The longest header of a client's frame.
const HEADER_BYTES: usize = 14;

thread_local! {
    /// Where all connections of a thread read to. What they need at once they copy out of it, so that an idle connection
    /// has no buffer for what may come.
    static SCRATCH: Cell<Box<[u8]>> = Cell::default();
}

/// The connection, for the length of one call.
pub(super) struct Blocking<'a, 'b, S> {
    pub(super) stream: &'a mut S,
    pub(super) cx: &'a mut Context<'b>,
    /// What was read, and has not been asked for.
    pub(super) received: &'a mut Bytes,
    pub(super) outgoing: &'a mut Outgoing,
    /// How many bytes may still be read. Whoever sends fragments without end must not keep the thread for himself.
    pub(super) budget: usize,
    /// While so many bytes wait to be written, none are taken.
    pub(super) max_waiting: usize,
    /// How many bytes the protocol took.
    pub(super) taken: usize,
    /// Whether something was written.
    pub(super) has_written: bool,
    /// Whether something was not taken.
    pub(super) has_refused: bool,
}

impl<S: AsyncRead + Unpin> Blocking<'_, '_, S> {
    fn take(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.received.is_empty() {
            return self.receive(out);
        }
        let count = self.received.len().min(out.len());
        out[..count].copy_from_slice(&self.received[..count]);
        self.received.advance(count);
        if self.received.is_empty() {
            // Without its memory.
            *self.received = Bytes::new();
        }
        Ok(count)
    }

    /// Reads into the scratch buffer, gives `out` its part, and keeps the rest.
    fn receive(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.budget == 0 {
            self.cx.waker().wake_by_ref();
            return Err(ErrorKind::WouldBlock.into());
        }
        let mut scratch = take_scratch();
        let mut buffer = ReadBuf::new(&mut scratch);
        let polled = Pin::new(&mut *self.stream).poll_read(self.cx, &mut buffer);
        let read = buffer.filled();
        let count = read.len().min(out.len());
        out[..count].copy_from_slice(&read[..count]);
        if count < read.len() {
            *self.received = Bytes::copy_from_slice(&read[count..]);
        }
        self.budget = self.budget.saturating_sub(read.len());
        keep_scratch(scratch);
        match polled {
            Poll::Ready(result) => result.map(|()| count),
            Poll::Pending => Err(ErrorKind::WouldBlock.into()),
        }
    }
}

impl<S: AsyncRead + Unpin> Read for Blocking<'_, '_, S> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // A header comes by itself, as far as can be told: what comes with it is room too much in the buffer that is then
        // made for a large frame, and because of that room the buffer would be kept.
        let most = if self.taken == 0 {
            HEADER_BYTES.min(out.len())
        } else {
            out.len()
        };
        let count = self.take(&mut out[..most])?;
        self.taken += count;
        Ok(count)
    }
}

impl<S: AsyncWrite + Unpin> Write for Blocking<'_, '_, S> {
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        if self.outgoing.len() >= self.max_waiting
            && let Poll::Ready(Err(error)) = self.outgoing.poll_write(self.cx, self.stream)
        {
            return Err(error);
        }
        if self.outgoing.len() >= self.max_waiting {
            // The task is woken when there is room.
            self.has_refused = true;
            return Err(ErrorKind::WouldBlock.into());
        }
        self.has_written = true;
        self.outgoing.push_frames(frames);
        Ok(frames.len())
    }

    /// Whoever owns the connection writes it out.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lets `read` read into the memory that all connections of a thread share.
pub(super) fn with_scratch<R>(read: impl FnOnce(&mut ReadBuf<'_>) -> R) -> R {
    let mut scratch = take_scratch();
    let result = read(&mut ReadBuf::new(&mut scratch));
    keep_scratch(scratch);
    result
}

fn take_scratch() -> Box<[u8]> {
    // Nothing is kept any more while a thread ends.
    let scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
    if scratch.is_empty() {
        vec![0; SCRATCH_BYTES].into_boxed_slice()
    } else {
        scratch
    }
}

fn keep_scratch(scratch: Box<[u8]>) {
    let _dropped = SCRATCH.try_with(|kept| kept.set(scratch));
}
