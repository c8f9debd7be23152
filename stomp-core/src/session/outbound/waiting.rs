//! The frames that wait, and which of them are dropped when there is no room.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasherDefault, Hasher},
};

use super::overflow::{Droppable, Overflow};
use crate::codec::EncodedFrame;

/// A frame in the queue, or in the hands of the writer: two words, since a broadcast waits for the memory of all queues.
#[derive(Debug)]
pub(crate) struct Queued {
    /// `None` once it was dropped: closing the gap each time would move all that stands behind it.
    frame: Option<EncodedFrame>,
    overflow: Overflow,
}

impl Queued {
    /// The frame, unless it was dropped.
    pub(crate) fn into_frame(self) -> Option<EncodedFrame> {
        self.frame
    }
}

impl From<EncodedFrame> for Queued {
    fn from(frame: EncodedFrame) -> Self {
        Self {
            frame: Some(frame),
            overflow: Overflow::DISCONNECT,
        }
    }
}

/// The frames that wait, in the order in which they were sent.
///
/// What remains is in that order, too, whatever is dropped: of frames that replace each other, the newest stays where it
/// stands, and those before it go. It can't be put off for ever by newer ones, since the writer takes all that waits at once.
///
/// Nothing here walks over all frames for one of them: to drop a frame takes the same time however many wait, on
/// average, and nothing is looked at twice in vain.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    frames: VecDeque<Queued>,
    bytes: usize,
    /// Those of `bytes` that may be dropped [for newer frames](Droppable::ForNewer).
    bytes_for_newer: usize,
    /// Those of `bytes` that may be dropped [for frames that may not](Droppable::ForKept).
    bytes_for_kept: usize,
    /// How many frames with a key wait.
    keyed: usize,
    /// There was no room since the writer has taken what waited.
    slow: Option<Box<Slow>>,
}

/// What is known about frames of a client that is slow.
#[derive(Debug, Default)]
struct Slow {
    /// How many were taken away at the front. A frame's position is its index and that, so that it stays the same.
    offset: usize,
    /// How many of those that are left were dropped.
    gaps: usize,
    /// No frame that may be dropped for newer ones stands before this position.
    next_for_newer: usize,
    /// No frame that may be dropped for those that may not stands before this position.
    next_for_kept: usize,
    /// The position of the one frame of each key; `None` as long as there may be several.
    positions: Option<Positions>,
}

type Positions = HashMap<u64, usize, BuildHasherDefault<KeyHasher>>;

/// Keys are hashes already.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// Fewer entries than these are not worth closing their gaps.
const MIN_COMPACTED: usize = 32;
/// An idle queue that has room for more entries than these gives its memory back.
const MAX_IDLE_CAPACITY: usize = 64;

impl Waiting {
    /// How many bytes wait.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    pub(super) fn len(&self) -> usize {
        self.frames.len() - self.slow.as_ref().map_or(0, |slow| slow.gaps)
    }

    /// Puts a frame behind the others. One that may be dropped is [announced](Self::announce) before.
    // On the way of every delivery: as a function of its own it makes a send a tenth more expensive.
    #[inline(always)]
    pub(super) fn push(&mut self, frame: EncodedFrame, overflow: Overflow) {
        self.bytes += frame.len();
        self.frames.push_back(Queued {
            frame: Some(frame),
            overflow,
        });
    }

    /// Counts a frame of so many bytes that is going to be pushed, and may be dropped later. How many of those that wait
    /// are dropped in its favour.
    pub(super) fn announce(&mut self, bytes: usize, overflow: Overflow) -> u64 {
        *self.droppable_bytes(overflow) += bytes;
        let Some(key) = overflow.key() else { return 0 };
        self.keyed += 1;
        // Since there was no room, and until the writer takes what waits, there is one frame of each key.
        let older = self.position_of(overflow);
        if let Some(older) = older {
            self.drop_at(older);
        }
        if let Some(slow) = &mut self.slow
            && let Some(positions) = &mut slow.positions
        {
            positions.insert(key, slow.offset + self.frames.len());
        }
        u64::from(older.is_some())
    }

    /// Drops what may be dropped in favour of a new frame until `lacking` bytes are free, or nothing but what has been
    /// replaced, if that is not possible. How many frames are dropped, and whether so many bytes are free.
    ///
    /// What waits may be dropped by its own policy, and what is new must let what waits go by its own, too:
    ///
    /// * a frame that is dropped when it finds no room leaves all others alone;
    /// * one that drops the oldest drops the oldest of its kind;
    /// * one that must not be dropped comes before all that may be. Those of which the newest are dropped go last.
    #[cold]
    pub(super) fn make_room(&mut self, mut lacking: usize, overflow: Overflow) -> (u64, bool) {
        let droppable = overflow.droppable();
        if droppable == Droppable::ForKept {
            return (0, false);
        }
        let mut dropped = 0;
        if self.keyed > 0 || overflow.key().is_some() {
            let before = self.bytes;
            dropped += self.conflate();
            lacking = lacking.saturating_sub(before - self.bytes);
        }
        let available = match droppable {
            Droppable::Never => self.bytes_for_newer + self.bytes_for_kept,
            Droppable::ForKept | Droppable::ForNewer => self.bytes_for_newer,
        };
        if lacking > available {
            return (dropped, false);
        }
        let target = self.bytes - lacking;
        if let Some(position) = self.position_of(overflow) {
            self.drop_at(position);
            dropped += 1;
        }
        while self.bytes > target {
            let class = if self.bytes_for_newer > 0 {
                Droppable::ForNewer
            } else {
                Droppable::ForKept
            };
            let Some(position) = self.oldest(class) else {
                debug_assert!(false, "the bytes that may be dropped are those of frames");
                return (dropped, false);
            };
            self.drop_at(position);
            dropped += 1;
        }
        (dropped, true)
    }

    /// Leaves only the newest frame of each key, in one pass. From then on, until the writer takes what waits, a frame
    /// takes the place of the one before it at once: so there is no other pass.
    fn conflate(&mut self) -> u64 {
        if self.slow.get_or_insert_default().positions.is_some() {
            return 0;
        }
        let mut newest = Positions::default();
        for (index, queued) in self.frames.iter().enumerate() {
            if let (Some(key), Some(_)) = (queued.overflow.key(), &queued.frame) {
                newest.insert(key, index);
            }
        }
        let mut dropped = 0;
        for (index, queued) in self.frames.iter_mut().enumerate() {
            if let Some(key) = queued.overflow.key()
                && newest.get(&key) != Some(&index)
                && let Some(frame) = queued.frame.take()
            {
                self.bytes -= frame.len();
                self.bytes_for_newer -= frame.len();
                self.keyed -= 1;
                dropped += 1;
            }
        }
        self.slow.get_or_insert_default().positions = Some(newest);
        self.close_gaps();
        dropped
    }

    /// Where the frame stands that one of this policy replaces.
    fn position_of(&self, overflow: Overflow) -> Option<usize> {
        let positions = self.slow.as_ref()?.positions.as_ref()?;
        positions.get(&overflow.key()?).copied()
    }

    /// Where the oldest frame of a kind stands.
    fn oldest(&mut self, class: Droppable) -> Option<usize> {
        let slow = self.slow.get_or_insert_default();
        let next = match class {
            Droppable::ForNewer => &mut slow.next_for_newer,
            Droppable::Never | Droppable::ForKept => &mut slow.next_for_kept,
        };
        let start = next.saturating_sub(slow.offset);
        let is_of_class =
            |queued: &Queued| queued.frame.is_some() && queued.overflow.droppable() == class;
        let found = self.frames.iter().skip(start).position(is_of_class);
        *next = slow.offset + found.map_or(self.frames.len(), |found| start + found);
        found.map(|_| *next)
    }

    fn drop_at(&mut self, position: usize) {
        let slow = self.slow.get_or_insert_default();
        let queued = &mut self.frames[position - slow.offset];
        let overflow = queued.overflow;
        let Some(frame) = queued.frame.take() else {
            return;
        };
        slow.gaps += 1;
        self.bytes -= frame.len();
        if let Some(key) = overflow.key() {
            self.keyed -= 1;
            if let Some(positions) = &mut slow.positions {
                positions.remove(&key);
            }
        }
        while self
            .frames
            .pop_front_if(|queued| queued.frame.is_none())
            .is_some()
        {
            slow.offset += 1;
            slow.gaps -= 1;
        }
        if self.frames.len() >= MIN_COMPACTED && slow.gaps > self.frames.len() / 2 {
            self.close_gaps();
        }
        *self.droppable_bytes(overflow) -= frame.len();
    }

    /// Without it, a client that reads nothing, and is sent much that is dropped, would own more and
    /// more entries.
    fn close_gaps(&mut self) {
        self.frames.retain(|queued| queued.frame.is_some());
        let slow = self.slow.get_or_insert_default();
        slow.gaps = 0;
        slow.next_for_newer = slow.offset;
        slow.next_for_kept = slow.offset;
        if let Some(positions) = &mut slow.positions {
            let frames = self.frames.iter().zip(slow.offset..);
            positions.clear();
            positions.extend(
                frames.filter_map(|(queued, position)| Some((queued.overflow.key()?, position))),
            );
        }
    }

    fn droppable_bytes(&mut self, overflow: Overflow) -> &mut usize {
        match overflow.droppable() {
            Droppable::ForNewer => &mut self.bytes_for_newer,
            Droppable::Never | Droppable::ForKept => &mut self.bytes_for_kept,
        }
    }

    /// Exchanges what waits for `empty`, whose memory is used from now on.
    pub(super) fn take(&mut self, empty: &mut VecDeque<Queued>) {
        std::mem::swap(&mut self.frames, empty);
        self.bytes = 0;
        self.bytes_for_newer = 0;
        self.bytes_for_kept = 0;
        self.keyed = 0;
        self.slow = None;
    }

    /// Gives back what memory a burst has left behind, in the queue and in what the writer keeps. Small buffers stay:
    /// a client that gets a few frames at a time, again and again, should not cost an allocation each time.
    pub(super) fn shrink(&mut self, batch: &mut VecDeque<Queued>) {
        for frames in [&mut self.frames, batch] {
            if frames.capacity() > MAX_IDLE_CAPACITY {
                *frames = VecDeque::new();
            }
        }
    }

    /// Gives all memory back.
    pub(super) fn release(&mut self) {
        debug_assert!(self.is_empty(), "nothing that waits is lost");
        self.frames = VecDeque::new();
    }
}

#[cfg(all(test, not(loom)))]
impl Waiting {
    pub(super) fn entries(&self) -> usize {
        self.frames.len()
    }

    pub(super) fn capacity(&self) -> usize {
        self.frames.capacity()
    }
}
