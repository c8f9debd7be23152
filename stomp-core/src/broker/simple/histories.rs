use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use parking_lot::{Mutex, RwLock};
use tokio::time::Instant;

use super::published::Published;
use crate::{
    broker::{History, HistoryRequest, HistoryRules, Recovery},
    message::{HistoryPosition, Message, MessageId, SessionId},
};

/// The histories of destinations.
///
/// Publishing to a destination with a history and subscribing to it happen under one lock. So what a subscriber gets of
/// the past and what it gets live fit together without a hole, and offsets are in the order of delivery.
pub(super) struct Histories {
    rules: HistoryRules,
    logs: RwLock<HashMap<Arc<str>, Arc<Log>>>,
    bytes: AtomicUsize,
    bounds: HistoryBounds,
    /// Counts uses, to find the log that was not used for longest.
    uses: AtomicU64,
}

/// What all histories together may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct HistoryBounds {
    pub(super) bytes: usize,
    pub(super) destinations: usize,
}

/// The history of one destination.
struct Log {
    keep: History,
    /// 0 as long as nothing was published.
    last_use: AtomicU64,
    state: Mutex<LogState>,
}

struct LogState {
    epoch: Arc<str>,
    next_offset: u64,
    entries: VecDeque<Entry>,
    bytes: usize,
    /// It had to make room for others. There may be a new one of its destination.
    is_gone: bool,
}

struct Entry {
    published: Arc<Published>,
    at: Instant,
    bytes: usize,
}

impl Histories {
    pub(super) fn new(rules: HistoryRules, bounds: HistoryBounds) -> Self {
        Self {
            rules,
            logs: RwLock::default(),
            bytes: AtomicUsize::new(0),
            bounds,
            uses: AtomicU64::new(1),
        }
    }

    /// What is kept of the messages to this destination.
    pub(super) fn rule(&self, destination: &str) -> Option<History> {
        self.rules.get(destination)
    }

    /// Publishes a message with `deliver`, and keeps it.
    pub(super) fn publish(
        &self,
        keep: History,
        message: Message,
        id: MessageId,
        deliver: impl FnOnce(&Arc<Published>),
    ) {
        loop {
            let log = self.log(message.destination().unwrap_or_default(), keep);
            let mut state = log.state.lock();
            if state.is_gone {
                continue;
            }
            self.touch(&log);
            let position = state.next_position();
            let published = Published::new(message, id, Some(position));
            deliver(&published);
            let before = state.bytes;
            state.push(published);
            state.trim(&log.keep);
            self.count(before, state.bytes);
            break;
        }
        self.make_room();
    }

    /// Makes a subscription with `subscribe`, which gets the messages that come first. `None` if the destination has no
    /// history.
    pub(super) fn subscribe(
        &self,
        destination: &str,
        request: Option<&HistoryRequest>,
        subscribe: impl FnOnce(Vec<Arc<Published>>),
    ) -> Option<Recovery> {
        let keep = self.rule(destination)?;
        let recovery = loop {
            let log = self.log(destination, keep);
            let mut state = log.state.lock();
            if state.is_gone {
                continue;
            }
            // Where nothing was published, there is nothing to lose: who may only subscribe, to whatever it likes, can't
            // have others' histories dropped (T-33).
            if state.next_offset > 1 {
                self.touch(&log);
            }
            let before = state.bytes;
            state.trim(&log.keep);
            self.count(before, state.bytes);
            let (entries, recovered) = state.requested(request);
            subscribe(entries);
            let recovery = Recovery {
                epoch: state.epoch.clone(),
                offset: state.next_offset - 1,
                recovered,
            };
            break recovery;
        };
        self.make_room();
        Some(recovery)
    }

    fn log(&self, destination: &str, keep: History) -> Arc<Log> {
        if let Some(log) = self.logs.read().get(destination) {
            return log.clone();
        }
        let mut logs = self.logs.write();
        let log = logs
            .entry(destination.into())
            .or_insert_with(|| Arc::new(Log::new(keep)));
        log.clone()
    }

    fn touch(&self, log: &Log) {
        let now = self.uses.fetch_add(1, Ordering::Relaxed);
        log.last_use.store(now, Ordering::Relaxed);
    }

    /// Under the lock of the log: what is counted is what is dropped with it.
    fn count(&self, before: usize, after: usize) {
        if after >= before {
            self.bytes.fetch_add(after - before, Ordering::Relaxed);
        } else {
            self.bytes.fetch_sub(before - after, Ordering::Relaxed);
        }
    }

    /// Drops those histories that were not used for longest, if there are too many of them, or too many bytes in them.
    fn make_room(&self) {
        let HistoryBounds {
            bytes: max_bytes,
            destinations: max_destinations,
        } = self.bounds;
        let is_full = |count: usize| {
            count > max_destinations || self.bytes.load(Ordering::Relaxed) > max_bytes
        };
        if !is_full(self.logs.read().len()) {
            return;
        }
        let mut logs = self.logs.write();
        let mut by_use: Vec<_> = logs
            .iter()
            .map(|(destination, log)| (log.last_use.load(Ordering::Relaxed), destination.clone()))
            .collect();
        by_use.sort_unstable_by_key(|(last_use, _)| *last_use);
        // An eighth of them at once: looking for them costs as much as there are.
        let at_least = by_use.len().div_ceil(8);
        for (dropped, (_, destination)) in by_use.into_iter().enumerate() {
            if dropped >= at_least && !is_full(logs.len()) {
                return;
            }
            if let Some(log) = logs.remove(&destination) {
                let mut state = log.state.lock();
                state.is_gone = true;
                self.count(state.bytes, 0);
            }
        }
    }
}

impl Log {
    fn new(keep: History) -> Self {
        Self {
            keep,
            last_use: AtomicU64::new(0),
            state: Mutex::new(LogState {
                // It must differ from that of any other life of the history, and that is all.
                epoch: SessionId::random().as_str()[..16].into(),
                next_offset: 1,
                entries: VecDeque::new(),
                bytes: 0,
                is_gone: false,
            }),
        }
    }
}

impl LogState {
    fn next_position(&mut self) -> HistoryPosition {
        let offset = self.next_offset;
        self.next_offset += 1;
        HistoryPosition {
            epoch: self.epoch.clone(),
            offset,
        }
    }

    fn push(&mut self, published: Arc<Published>) {
        let bytes = published.bytes();
        self.bytes += bytes;
        self.entries.push_back(Entry {
            published,
            at: Instant::now(),
            bytes,
        });
    }

    fn trim(&mut self, keep: &History) {
        let now = Instant::now();
        while let Some(oldest) = self.entries.front()
            && (self.entries.len() > keep.messages
                || self.bytes > keep.bytes
                || now - oldest.at > keep.age)
        {
            self.bytes -= oldest.bytes;
            self.entries.pop_front();
        }
    }

    /// The messages that are asked for, and whether those are all.
    fn requested(&self, request: Option<&HistoryRequest>) -> (Vec<Arc<Published>>, Option<bool>) {
        let last = |count: usize| {
            let skipped = self.entries.len().saturating_sub(count);
            let entries = self.entries.iter().skip(skipped);
            entries.map(|entry| entry.published.clone()).collect()
        };
        match request {
            None => (Vec::new(), None),
            Some(HistoryRequest::Last(count)) => (last(*count), None),
            Some(HistoryRequest::Behind { epoch, offset }) => {
                let last_offset = self.next_offset - 1;
                // More than there were is a mistake of the client, and no less a reason to start anew.
                let missed = last_offset
                    .checked_sub(*offset)
                    .filter(|_| **epoch == *self.epoch)
                    .and_then(|missed| usize::try_from(missed).ok());
                match missed {
                    Some(missed) => (last(missed), Some(missed <= self.entries.len())),
                    None => (last(usize::MAX), Some(false)),
                }
            }
        }
    }
}
