//! Frames that wait to be written, and how the system gets many of them in one call.

use std::{
    cell::Cell,
    collections::VecDeque,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use tokio::io::AsyncWrite;
use tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Control, Data, OpCode},
};

use crate::message_socket::{FrameKind, MessageKind};

/// From here on a payload is handed to the system where it is. Below, its bytes are copied behind those of the frames
/// before it: in a broadcast they are in the processor's cache, and one more piece in a system call costs more than that.
/// Measured: at 1 KiB, with 1,000 receivers, sharing costs a quarter more CPU time per delivery; with 100 receivers it costs
/// a tenth more at 2 and 4 KiB, and from 8 KiB on there is no difference beyond that between runs.
const SHARE_FROM_BYTES: usize = 8 * 1024;
/// How many pieces the system gets in one call.
const MAX_SLICES: usize = 64;
/// A queue with more room than that is not kept for the next connection.
const SPARE_BYTES: usize = 128 * 1024;
/// So much room too much is not worth a copy.
const SLACK_BYTES: usize = 1024;

thread_local! {
    /// An empty queue with room in it. A connection has one only while something waits to be written, so that an idle one
    /// costs nothing, and a broadcast writes one connection after another out of the same memory, which is in the
    /// processor's cache.
    static SPARE: Cell<Option<Box<Queue>>> = const { Cell::new(None) };
}

/// What one connection has to write. Whole frames are appended, so nothing ever comes between the parts of one.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// `None` if nothing waits.
    queue: Option<Box<Queue>>,
}

/// Never empty in an [`Outgoing`].
#[derive(Debug, Default)]
struct Queue {
    /// Headers, and the payloads that are copied.
    copied: Vec<u8>,
    /// How much of it has been written.
    written: usize,
    /// The other payloads, in order.
    shared: VecDeque<Shared>,
    /// How many bytes of those wait.
    shared_bytes: usize,
}

#[derive(Debug)]
struct Shared {
    /// How much of what is copied comes before it.
    position: usize,
    /// What has not been written of it; never empty.
    payload: Bytes,
}

impl Outgoing {
    /// How many bytes wait.
    pub(super) fn len(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.len())
    }

    /// Appends a message of one frame.
    pub(super) fn push_message(&mut self, kind: Data, payload: &Bytes) {
        self.push_frame(OpCode::Data(kind), true, payload);
    }

    /// Appends a frame.
    #[inline]
    pub(super) fn push_frame(&mut self, opcode: OpCode, is_final: bool, payload: &Bytes) {
        let queue = self.queue();
        queue.make_room();
        push_header(&mut queue.copied, opcode, is_final, payload.len());
        if payload.len() < SHARE_FROM_BYTES {
            queue.copied.extend_from_slice(payload);
        } else {
            queue.shared_bytes += payload.len();
            queue.shared.push_back(Shared {
                position: queue.copied.len(),
                payload: payload.clone(),
            });
        }
    }

    /// Appends frames as they are.
    pub(super) fn push_frames(&mut self, frames: &[u8]) {
        if !frames.is_empty() {
            let queue = self.queue();
            queue.make_room();
            queue.copied.extend_from_slice(frames);
        }
    }

    /// How many bytes the queue holds on to, besides shared payloads.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| {
            size_of::<Queue>()
                + queue.copied.capacity()
                + queue.shared.capacity() * size_of::<Shared>()
        })
    }

    fn queue(&mut self) -> &mut Queue {
        self.queue.get_or_insert_with(take_spare)
    }

    /// Writes; ready when nothing waits any more.
    pub(super) fn poll_write<S: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
    ) -> Poll<io::Result<()>> {
        while let Some(queue) = &mut self.queue {
            match queue.poll_write(cx, stream) {
                Poll::Ready(written) => {
                    queue.advance(written?);
                    if queue.len() == 0
                        && let Some(queue) = self.queue.take()
                    {
                        keep_spare(queue);
                    }
                }
                Poll::Pending => {
                    queue.shrink();
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Queue {
    fn len(&self) -> usize {
        self.copied.len() - self.written + self.shared_bytes
    }

    /// Hands what waits to the system, and returns how much it took.
    fn poll_write<S: AsyncWrite + Unpin>(
        &self,
        cx: &mut Context<'_>,
        stream: &mut S,
    ) -> Poll<io::Result<usize>> {
        let stream = Pin::new(stream);
        let written = if self.shared.is_empty() {
            ready!(stream.poll_write(cx, &self.copied[self.written..]))?
        } else {
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let count = self.fill(&mut slices);
            ready!(stream.poll_write_vectored(cx, &slices[..count]))?
        };
        Poll::Ready(if written == 0 {
            Err(io::ErrorKind::WriteZero.into())
        } else {
            Ok(written)
        })
    }

    /// As much of what waits as fits. Returns how many slices there are.
    fn fill<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut pieces = Pieces {
            queue: self,
            position: self.written,
            next: 0,
        };
        let mut count = 0;
        for slice in slices {
            let Some(piece) = pieces.next() else { break };
            *slice = IoSlice::new(piece);
            count += 1;
        }
        count
    }

    /// Takes note that so many bytes have been written.
    fn advance(&mut self, mut written: usize) {
        while written > 0 {
            let end = self
                .shared
                .front()
                .map_or(self.copied.len(), |shared| shared.position);
            let of_copied = written.min(end - self.written);
            self.written += of_copied;
            written -= of_copied;
            if written == 0 {
                return;
            }
            let Some(shared) = self.shared.front_mut() else {
                unreachable!("more was written than there was");
            };
            let of_shared = written.min(shared.payload.len());
            shared.payload.advance(of_shared);
            written -= of_shared;
            self.shared_bytes -= of_shared;
            if shared.payload.is_empty() {
                self.shared.pop_front();
            }
        }
    }

    /// Forgets what has been written, if that is at least half. Otherwise a client that always reads a little less than
    /// it gets would make the queue grow.
    fn make_room(&mut self) {
        if self.written > 0 && self.written >= self.copied.len() / 2 {
            self.copied.drain(..self.written);
            self.rebase();
        }
    }

    /// The positions after what was written was removed.
    fn rebase(&mut self) {
        for shared in &mut self.shared {
            shared.position -= self.written;
        }
        self.written = 0;
    }

    /// Gives back memory that is not needed for what waits: a client that does not read keeps it for long.
    fn shrink(self: &mut Box<Self>) {
        let waiting = self.copied.len() - self.written;
        if self.copied.capacity() <= 2 * waiting + SLACK_BYTES {
            return;
        }
        let mut small = Box::new(Self {
            copied: self.copied[self.written..].to_vec(),
            written: self.written,
            shared: self.shared.drain(..).collect(),
            shared_bytes: self.shared_bytes,
        });
        small.rebase();
        keep_spare(std::mem::replace(self, small));
    }
}

/// What waits, piece by piece.
struct Pieces<'a> {
    queue: &'a Queue,
    /// How much of what is copied has been returned.
    position: usize,
    /// The next shared payload.
    next: usize,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let queue = self.queue;
        let shared = queue.shared.get(self.next);
        let end = shared.map_or(queue.copied.len(), |shared| shared.position);
        if self.position < end {
            let piece = &queue.copied[self.position..end];
            self.position = end;
            return Some(piece);
        }
        self.next += 1;
        Some(&shared?.payload)
    }
}

/// The header of a frame. A server does not mask.
fn push_header(out: &mut Vec<u8>, opcode: OpCode, is_final: bool, payload_len: usize) {
    let header = FrameHeader {
        is_final,
        opcode,
        ..FrameHeader::default()
    };
    let formatted = header.format(payload_len as u64, out);
    debug_assert!(formatted.is_ok(), "there is always room in memory");
}

/// Appends a frame that is no whole message.
pub(super) fn push_frame(outgoing: &mut Outgoing, frame: FrameKind, payload: &Bytes) {
    let (opcode, is_final) = match frame {
        FrameKind::Part {
            kind,
            is_first,
            is_last,
        } => {
            let data = match (is_first, kind) {
                (false, _) => Data::Continue,
                (true, MessageKind::Text) => Data::Text,
                (true, MessageKind::Binary) => Data::Binary,
            };
            (OpCode::Data(data), is_last)
        }
        FrameKind::Ping => (OpCode::Control(Control::Ping), true),
        FrameKind::Pong => (OpCode::Control(Control::Pong), true),
    };
    outgoing.push_frame(opcode, is_final, payload);
}

fn take_spare() -> Box<Queue> {
    // Nothing is kept any more while a thread ends.
    let spare = SPARE.try_with(Cell::take);
    spare.ok().flatten().unwrap_or_default()
}

fn keep_spare(mut queue: Box<Queue>) {
    if queue.copied.capacity() <= SPARE_BYTES {
        queue.copied.clear();
        queue.shared.clear();
        queue.written = 0;
        queue.shared_bytes = 0;
        let _dropped = SPARE.try_with(|spare| spare.set(Some(queue)));
    }
}
