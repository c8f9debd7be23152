//! What one connection counts.

use std::sync::Arc;

use super::{
    Counters, TransportKind,
    counters::add,
    counts::{COMMANDS, index},
};
use crate::codec::{Command, EncodedFrame};

/// An open connection, as the statistics see it; dropping it closes it.
pub(crate) struct ConnectionCounter {
    counters: Arc<Counters>,
    kind: TransportKind,
    /// How many of its frames wait.
    waiting: usize,
    batch: Batch,
}

/// What the transport has taken and not confirmed yet. Plain numbers, so that a batch costs the same atomic operations
/// however many frames are in it.
#[derive(Default)]
struct Batch {
    /// Nearly all of them.
    messages: u32,
    others: u32,
    connected: u32,
    receipts: u32,
    errors: u32,
    bytes: u64,
}

impl ConnectionCounter {
    pub(crate) fn open(counters: Arc<Counters>, kind: TransportKind) -> Self {
        counters.opened(kind);
        Self {
            counters,
            kind,
            waiting: 0,
            batch: Batch::default(),
        }
    }

    /// So many of its frames wait now, of those that may; at the end of a turn, in which they come and go.
    pub(crate) fn waiting_frames(&mut self, waiting: usize, limit: usize) {
        if waiting == self.waiting {
            return;
        }
        if waiting >= limit && self.waiting < limit {
            self.counters.limit_reached("inbound_frames");
        }
        self.counters.waiting_frames(self.waiting, waiting);
        self.waiting = waiting;
    }

    /// The transport has taken a frame, or a heart-beat.
    pub(crate) fn taken(&mut self, frame: &EncodedFrame) {
        let batch = &mut self.batch;
        batch.bytes += frame.len() as u64;
        // The first letter tells the commands of servers apart. To keep the command beside each frame would make the
        // queues of all clients larger.
        match frame.bytes().first() {
            Some(b'M') => batch.messages += 1,
            Some(b'R') => batch.receipts += 1,
            Some(b'C') => batch.connected += 1,
            Some(b'E') => batch.errors += 1,
            _ => batch.others += 1,
        }
    }

    /// The transport has written all that it has taken.
    pub(crate) fn written(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        let often = self.counters.often();
        let count = |command: usize, frames: u32| {
            if frames > 0 {
                add(&often.frames_out[command], frames.into());
            }
        };
        count(MESSAGE, batch.messages);
        count(RECEIPT, batch.receipts);
        count(CONNECTED, batch.connected);
        count(ERROR, batch.errors);
        if batch.others > 0 {
            add(&often.heart_beats_out, batch.others.into());
        }
        add(&often.bytes_out, batch.bytes);
    }

    /// What the transport has taken is lost, and so are `frames` that it has not.
    pub(crate) fn lost(&mut self, frames: impl IntoIterator<Item = EncodedFrame>) {
        for frame in frames {
            self.taken(&frame);
        }
        let batch = std::mem::take(&mut self.batch);
        let frames = batch.messages + batch.receipts + batch.connected + batch.errors;
        self.counters.dropped_frames(frames as usize);
    }
}

const MESSAGE: usize = index(&Command::Message);
const RECEIPT: usize = index(&Command::Receipt);
const CONNECTED: usize = index(&Command::Connected);
const ERROR: usize = index(&Command::Error);
const _: () = assert!(ERROR < COMMANDS.len());

impl Drop for ConnectionCounter {
    fn drop(&mut self) {
        self.lost([]);
        self.counters.waiting_frames(self.waiting, 0);
        self.counters.closed(self.kind);
    }
}
