//! What one connection counts.

use std::sync::Arc;

use super::{Counters, TransportKind, counters::add, counts::index};
use crate::codec::{Command, EncodedFrame};

/// An open connection, as the statistics see it; dropping it closes it.
pub(crate) struct ConnectionCounter {
    counters: Arc<Counters>,
    kind: TransportKind,
    /// How many of its frames wait.
    waiting: u32,
    /// What is in the queue.
    queued: Others,
    /// What is being written.
    batch: Batch,
}

/// Plain numbers, so that a batch costs the same atomic operations however many frames are in it.
#[derive(Default)]
struct Batch {
    bytes: u64,
    /// All frames, heart-beats included.
    frames: u32,
    others: Others,
}

/// Frames that the connection itself has made. In most batches there are none; all others are messages, so that nobody
/// needs to look at those.
#[derive(Clone, Copy, Default)]
struct Others {
    receipts: u32,
    connected: u8,
    errors: u8,
    heart_beats: u8,
}

impl ConnectionCounter {
    pub(crate) fn open(counters: Arc<Counters>, kind: TransportKind) -> Self {
        counters.opened(kind);
        Self {
            counters,
            kind,
            waiting: 0,
            queued: Others::default(),
            batch: Batch::default(),
        }
    }

    /// So many of its frames wait now, of those that may; at the end of a turn, in which they come and go.
    #[inline]
    pub(crate) fn waiting_frames(&mut self, waiting: usize, limit: usize) {
        if waiting != self.waiting as usize {
            self.waiting_changed(waiting, limit);
        }
    }

    #[inline(never)]
    fn waiting_changed(&mut self, waiting: usize, limit: usize) {
        let before = self.waiting as usize;
        if waiting >= limit && before < limit {
            self.counters.limit_reached("inbound_frames");
        }
        self.waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        self.counters.waiting_frames(before, self.waiting as usize);
    }

    /// The connection has put a frame into the queue that is no message.
    pub(crate) fn queued(&mut self, command: &Command) {
        let queued = &mut self.queued;
        match command {
            Command::Connected => queued.connected += 1,
            Command::Receipt => queued.receipts += 1,
            Command::Error => queued.errors += 1,
            _ => debug_assert!(false, "the connection makes no {command}"),
        }
    }

    /// All that is in the queue is going to be written: so many frames, with so many bytes.
    pub(crate) fn writing(&mut self, frames: usize, bytes: usize) {
        self.batch = Batch {
            bytes: bytes as u64,
            frames: u32::try_from(frames).unwrap_or(u32::MAX),
            // It is the connection that takes frames out of the queue, too: none of them was there before.
            others: std::mem::take(&mut self.queued),
        };
    }

    /// A heart-beat is going to be written, and nothing else.
    pub(crate) fn writing_heart_beat(&mut self) {
        self.batch = Batch {
            bytes: EncodedFrame::heart_beat().len() as u64,
            frames: 1,
            others: Others {
                heart_beats: 1,
                ..Others::default()
            },
        };
    }

    /// An ERROR of so many bytes is going to be written, and nothing else: what else was in the queue is written, or lost.
    pub(crate) fn writing_error(&mut self, bytes: usize) {
        self.queued = Others::default();
        self.batch = Batch {
            bytes: bytes as u64,
            frames: 1,
            others: Others {
                errors: 1,
                ..Others::default()
            },
        };
    }

    /// All of it is written.
    pub(crate) fn written(&mut self) {
        let Batch {
            bytes,
            frames,
            others,
        } = std::mem::take(&mut self.batch);
        let often = self.counters.often();
        add(&often.bytes_out, bytes);
        let messages = frames.saturating_sub(others.all());
        if messages > 0 {
            add(&often.frames_out[index(&Command::Message)], messages.into());
        }
        if others.all() > 0 {
            self.others_written(others);
        }
    }

    #[inline(never)]
    fn others_written(&self, others: Others) {
        let often = self.counters.often();
        for (command, frames) in [
            (Command::Connected, others.connected.into()),
            (Command::Receipt, others.receipts),
            (Command::Error, others.errors.into()),
        ] {
            if frames > 0 {
                add(&often.frames_out[index(&command)], frames.into());
            }
        }
        if others.heart_beats > 0 {
            add(&often.heart_beats_out, others.heart_beats.into());
        }
    }

    /// The connection is lost, or cut off, and nobody knows how much of what was being written has arrived.
    pub(crate) fn lost(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        let heart_beats = batch.others.heart_beats.into();
        let frames = batch.frames.saturating_sub(heart_beats);
        self.counters.lost_frames(frames.into());
    }
}

impl Others {
    fn all(&self) -> u32 {
        let few = [self.connected, self.errors, self.heart_beats].map(u32::from);
        self.receipts + few.iter().sum::<u32>()
    }
}

impl Drop for ConnectionCounter {
    fn drop(&mut self) {
        self.lost();
        if self.waiting > 0 {
            self.counters.waiting_frames(self.waiting as usize, 0);
        }
        self.counters.closed(self.kind);
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{BrokerStatistics, Kept, OutboundStatistics},
        *,
    };

    fn outbound(counters: &Counters) -> OutboundStatistics {
        let kept = Kept {
            sessions: 0,
            users: 0,
            broker: BrokerStatistics::default(),
            outbound_waiting_bytes: 0,
        };
        counters.read(&kept).outbound
    }

    #[test]
    fn stat_03_what_is_queued_while_others_are_written_belongs_to_the_next_batch() {
        let counters = Arc::new(Counters::default());
        let mut connection = ConnectionCounter::open(counters.clone(), TransportKind::Tcp);
        connection.queued(&Command::Connected);
        connection.writing(2, 200);
        connection.queued(&Command::Receipt);
        connection.queued(&Command::Receipt);
        connection.written();
        let first = outbound(&counters);
        assert_eq!(first.frames.of(&Command::Connected), 1);
        assert_eq!(first.frames.of(&Command::Message), 1);
        assert_eq!(first.frames.total(), 2);

        connection.writing_heart_beat();
        connection.written();
        connection.writing(2, 20);
        connection.written();
        let second = outbound(&counters);
        assert_eq!(second.frames.of(&Command::Receipt), 2);
        assert_eq!(second.frames.total(), 4);
        assert_eq!((second.heart_beats, second.bytes), (1, 221));
    }

    #[test]
    fn what_is_lost_is_counted_once_and_no_heart_beat() {
        let counters = Arc::new(Counters::default());
        let mut connection = ConnectionCounter::open(counters.clone(), TransportKind::Tcp);
        connection.queued(&Command::Error);
        connection.writing(3, 300);
        connection.lost();
        connection.lost();
        connection.writing_heart_beat();
        drop(connection);
        let outbound = outbound(&counters);
        assert_eq!(outbound.lost_frames, 3);
        assert_eq!(
            outbound.frames.total() + outbound.bytes + outbound.heart_beats,
            0
        );
    }

    #[test]
    fn in_15_the_error_of_a_client_that_is_cut_off_takes_the_place_of_all_else() {
        let counters = Arc::new(Counters::default());
        let mut connection = ConnectionCounter::open(counters.clone(), TransportKind::Tcp);
        connection.queued(&Command::Connected);
        connection.writing(3, 300);
        connection.queued(&Command::Receipt);
        connection.lost();
        connection.writing_error(50);
        connection.written();
        let outbound = outbound(&counters);
        assert_eq!(outbound.frames.of(&Command::Error), 1);
        assert_eq!((outbound.frames.total(), outbound.bytes), (1, 50));
        assert_eq!(outbound.lost_frames, 3);
    }

    #[test]
    fn mon_01_a_full_list_is_told_once_until_there_was_room() {
        let counters = Arc::new(Counters::default());
        let mut connection = ConnectionCounter::open(counters.clone(), TransportKind::Tcp);
        for waiting in [1, 3, 4, 4, 3, 2, 3, 0] {
            connection.waiting_frames(waiting, 3);
        }
        connection.waiting_frames(2, 3);
        let kept = Kept {
            sessions: 0,
            users: 0,
            broker: BrokerStatistics::default(),
            outbound_waiting_bytes: 0,
        };
        let statistics = counters.read(&kept);
        assert_eq!(statistics.limits, [("inbound_frames", 2)].into());
        assert_eq!(statistics.inbound.waiting_frames, 2);
        drop(connection);
        let statistics = counters.read(&kept);
        assert_eq!(statistics.inbound.waiting_frames, 0);
        assert_eq!(statistics.connections.open.total(), 0);
        assert_eq!(statistics.connections.total.of(TransportKind::Tcp), 1);
    }
}
