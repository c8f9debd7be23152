use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection whose other end does what a test says.
#[derive(Debug)]
pub(super) struct Scripted {
    /// What the client has sent.
    pub(super) input: VecDeque<u8>,
    /// How much of it one read returns at most.
    pub(super) read_at_most: usize,
    /// Whether the client sends no more.
    pub(super) is_closed: bool,
    /// What the client got.
    pub(super) output: Vec<u8>,
    /// How much each of the next writes takes; 0 for none at all.
    pub(super) writes: VecDeque<usize>,
    /// The same for the writes behind those.
    pub(super) then: usize,
    /// How often something was written.
    pub(super) write_calls: usize,
    pub(super) is_vectored: bool,
    /// Whether the client is gone: every write fails.
    pub(super) is_broken: bool,
}

impl Default for Scripted {
    fn default() -> Self {
        Self {
            input: VecDeque::new(),
            read_at_most: usize::MAX,
            is_closed: false,
            output: Vec::new(),
            writes: VecDeque::new(),
            then: usize::MAX,
            write_calls: 0,
            is_vectored: true,
            is_broken: false,
        }
    }
}

impl AsyncRead for Scripted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.input.is_empty() && !self.is_closed {
            return Poll::Pending;
        }
        let count = self
            .input
            .len()
            .min(buffer.remaining())
            .min(self.read_at_most);
        let bytes: Vec<u8> = self.input.drain(..count).collect();
        buffer.put_slice(&bytes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Scripted {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.is_broken {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let takes = self.writes.pop_front().unwrap_or(self.then);
        if takes == 0 {
            return Poll::Pending;
        }
        self.write_calls += 1;
        let slices = if self.is_vectored {
            slices
        } else {
            &slices[..slices.len().min(1)]
        };
        let mut rest = takes;
        for slice in slices {
            let count = slice.len().min(rest);
            self.output.extend(&slice[..count]);
            rest -= count;
        }
        Poll::Ready(Ok(takes - rest))
    }

    fn is_write_vectored(&self) -> bool {
        self.is_vectored
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
