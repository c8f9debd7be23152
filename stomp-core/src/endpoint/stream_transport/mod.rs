//! STOMP over a bare stream of bytes, such as TCP or TLS: frames one behind the other, without anything around them.

#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Incoming, Transport, TransportError};
use crate::{codec::EncodedFrame, session::CloseReason, statistics::TransportKind};

/// How much is read at once.
const READ_BYTES: usize = 16 * 1024;
/// How many bytes are collected until they are written without a flush; as over WebSockets.
const WRITE_BUFFER_BYTES: usize = 64 * 1024;
/// Frames up to that size are copied together for a write. Each piece of a vectored write costs the operating system more
/// than that: of 32 frames of 128 bytes, copied ones take half of the time, and a third if they are in no cache. Larger ones
/// are written from where all subscribers share them.
const COPIED_FRAME_BYTES: usize = 1024;
/// How many bytes of such frames one write copies.
const COPIED_BYTES: usize = 16 * 1024;
/// How many larger frames one write takes.
const SHARED_FRAMES: usize = 32;
/// How many frames the memory for those that wait may be for while none does.
const IDLE_FRAMES: usize = 16;

/// The server's end of a stream.
///
/// While nothing is read or written it owns no memory: what is read goes to the stack first, and from there to as much of
/// the heap as it needs. Neither does it copy more than once what is to be written, and that to the stack, too.
#[derive(Debug)]
pub(crate) struct StreamTransport<S> {
    stream: S,
    /// What is not written yet: frames, and of the first maybe only the rest.
    unwritten: VecDeque<Bytes>,
    unwritten_bytes: usize,
    written_bytes: u64,
}

impl<S: AsyncRead + AsyncWrite + Unpin> StreamTransport<S> {
    pub(crate) const fn new(stream: S) -> Self {
        Self {
            stream,
            unwritten: VecDeque::new(),
            unwritten_bytes: 0,
            written_bytes: 0,
        }
    }

    /// Writes on until no more than `bytes` wait.
    fn poll_write_down_to(
        &mut self,
        bytes: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), TransportError>> {
        while self.unwritten_bytes > bytes {
            match ready!(self.poll_write_once(cx)) {
                Ok(0) => return Poll::Ready(Err(broken(io::ErrorKind::WriteZero.into()))),
                Ok(written) => self.advance(written),
                Err(error) => return Poll::Ready(Err(broken(error))),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_once(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let stream = Pin::new(&mut self.stream);
        if let [frame] = self.unwritten.as_slices().0
            && self.unwritten.len() == 1
        {
            return stream.poll_write(cx, frame);
        }
        let mut memory = [const { MaybeUninit::uninit() }; COPIED_BYTES];
        let mut copied = ReadBuf::uninit(&mut memory);
        let taken = copy_small(&self.unwritten, &mut copied);
        // At most one slice of copied frames before each that is shared, and one behind them.
        let mut slices = [IoSlice::new(&[]); 2 * SHARED_FRAMES + 1];
        let taken = self.unwritten.iter().take(taken);
        let used = gather(taken, copied.filled(), &mut slices);
        // A stream that can't write several slices at once writes the first, which is all of them if they are copied.
        stream.poll_write_vectored(cx, &slices[..used])
    }

    /// Forgets what was written.
    fn advance(&mut self, written: usize) {
        self.unwritten_bytes -= written;
        self.written_bytes += written as u64;
        let mut rest = written;
        while let Some(frame) = self.unwritten.front_mut() {
            if rest < frame.len() {
                frame.advance(rest);
                return;
            }
            rest -= frame.len();
            self.unwritten.pop_front();
        }
        if self.unwritten.capacity() > IDLE_FRAMES {
            self.unwritten = VecDeque::new();
        }
    }
}

/// Copies the frames that are small, until one finds no room, or there are enough of the others. How many frames it has
/// looked at.
fn copy_small(frames: &VecDeque<Bytes>, copied: &mut ReadBuf<'_>) -> usize {
    let mut shared = 0;
    for (index, frame) in frames.iter().enumerate() {
        if frame.len() > COPIED_FRAME_BYTES {
            if shared == SHARED_FRAMES {
                return index;
            }
            shared += 1;
        } else if frame.len() <= copied.remaining() {
            copied.put_slice(frame);
        } else {
            return index;
        }
    }
    frames.len()
}

/// Puts frames in order: those that are small stand in `copied`, one behind the other. How many slices that makes.
fn gather<'a>(
    frames: impl Iterator<Item = &'a Bytes>,
    copied: &'a [u8],
    slices: &mut [IoSlice<'a>],
) -> usize {
    let mut used = 0;
    let mut push = |slice: &'a [u8]| {
        if !slice.is_empty() {
            slices[used] = IoSlice::new(slice);
            used += 1;
        }
    };
    let mut copies = copied;
    let mut length = 0;
    for frame in frames {
        if frame.len() <= COPIED_FRAME_BYTES {
            length += frame.len();
        } else {
            let (before, behind) = copies.split_at(length);
            push(before);
            push(frame);
            copies = behind;
            length = 0;
        }
    }
    push(copies);
    used
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Transport for StreamTransport<S> {
    /// Or TLS above it.
    fn kind(&self) -> TransportKind {
        TransportKind::Tcp
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Incoming, TransportError>>> {
        let mut memory = [const { MaybeUninit::uninit() }; READ_BYTES];
        let mut read = ReadBuf::uninit(&mut memory);
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read));
        Poll::Ready(Some(match result {
            Ok(()) if read.filled().is_empty() => Ok(Incoming::End),
            Ok(()) => Ok(Incoming::Data(Bytes::copy_from_slice(read.filled()))),
            Err(error) => Err(broken(error)),
        }))
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_write_down_to(WRITE_BUFFER_BYTES, cx)
    }

    fn send(&mut self, frame: EncodedFrame) -> Result<(), TransportError> {
        self.unwritten_bytes += frame.len();
        self.unwritten.push_back(frame.into_bytes());
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        ready!(self.poll_write_down_to(0, cx))?;
        Pin::new(&mut self.stream).poll_flush(cx).map_err(broken)
    }

    /// Closes the server's direction only. Whoever has not read the last frame yet would lose it if both were closed while
    /// there is input that was not read: the operating system would reset the connection (ERR-012).
    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        _reason: CloseReason,
    ) -> Poll<Result<(), TransportError>> {
        ready!(self.poll_flush(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx).map_err(broken)
    }

    fn is_stream(&self) -> bool {
        true
    }

    fn written_bytes(&self) -> u64 {
        self.written_bytes
    }
}

fn broken(error: io::Error) -> TransportError {
    TransportError::Broken(error.into())
}
