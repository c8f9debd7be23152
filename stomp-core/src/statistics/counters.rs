//! The counters of a server.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

use super::{
    BrokerStatistics, CommandCounts, ConnectionStatistics, HandlerStatistics, InboundStatistics,
    MessagingStatistics, OutboundStatistics, TransportCounts, TransportKind,
    counts::{COMMANDS, index},
    named::Named,
    sharded::Sharded,
};
use crate::codec::Command;

/// Counts what happens. Nothing here waits or allocates, but for the names of errors and limits.
#[derive(Debug)]
pub(crate) struct Counters {
    since: Instant,
    often: Sharded<Often>,
    connections: Connections,
    errors: Named,
    limits: Named,
}

/// What is counted for each message, or nearly.
#[derive(Debug, Default)]
pub(super) struct Often {
    frames_in: [AtomicU64; COMMANDS.len()],
    bytes_in: AtomicU64,
    /// Goes up and down, and in a single shard below zero: only the sum of all means something.
    waiting_in: AtomicU64,
    pub(super) frames_out: [AtomicU64; COMMANDS.len()],
    pub(super) heart_beats_out: AtomicU64,
    pub(super) bytes_out: AtomicU64,
    lost_out: AtomicU64,
    dropped_out: AtomicU64,
    publishes: AtomicU64,
    deliveries: AtomicU64,
    redeliveries: AtomicU64,
    dead_letters: AtomicU64,
    handlers_invoked: AtomicU64,
    handlers_ended: AtomicU64,
    handlers_failed: AtomicU64,
    handlers_panicked: AtomicU64,
    handlers_unhandled: AtomicU64,
}

/// What is counted once in the life of a connection.
#[derive(Debug, Default)]
struct Connections {
    opened: [AtomicU64; TransportKind::ALL.len()],
    closed: [AtomicU64; TransportKind::ALL.len()],
    connect_failures: AtomicU64,
    slow_consumers: AtomicU64,
    transport_errors: AtomicU64,
}

/// What others know at this moment, and need not be counted.
pub(crate) struct Kept {
    pub(crate) sessions: usize,
    pub(crate) users: usize,
    pub(crate) broker: BrokerStatistics,
    pub(crate) outbound_waiting_bytes: usize,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            often: Sharded::default(),
            connections: Connections::default(),
            errors: Named::default(),
            limits: Named::default(),
        }
    }
}

impl Counters {
    pub(super) fn opened(&self, kind: TransportKind) {
        add(&self.connections.opened[kind as usize], 1);
    }

    pub(super) fn closed(&self, kind: TransportKind) {
        add(&self.connections.closed[kind as usize], 1);
    }

    /// CONNECT did not come in time.
    pub(crate) fn connect_failed(&self) {
        add(&self.connections.connect_failures, 1);
    }

    /// A client is cut off, because of this limit.
    pub(crate) fn slow_consumer(&self, limit: &'static str) {
        add(&self.connections.slow_consumers, 1);
        self.limits.add(limit);
    }

    /// Reading or writing failed.
    pub(crate) fn transport_failed(&self) {
        add(&self.connections.transport_errors, 1);
    }

    /// A client has sent something.
    pub(crate) fn received_bytes(&self, bytes: usize) {
        add(&self.often.local().bytes_in, bytes as u64);
    }

    /// A client has sent a frame, whatever becomes of it.
    pub(crate) fn received_frame(&self, command: &Command) {
        add(&self.often.local().frames_in[index(command)], 1);
    }

    /// How many frames of a connection wait has changed.
    pub(super) fn waiting_frames(&self, before: usize, now: usize) {
        let change = (now as u64).wrapping_sub(before as u64);
        add(&self.often.local().waiting_in, change);
    }

    pub(super) fn often(&self) -> &Often {
        self.often.local()
    }

    /// Frames are lost that were meant for a client which is cut off, or gone.
    pub(crate) fn lost_frames(&self, frames: u64) {
        if frames > 0 {
            add(&self.often.local().lost_out, frames);
        }
    }

    /// Messages are dropped by the policy of their destination, because a client reads too slowly for them.
    pub(crate) fn dropped_messages(&self, messages: u64) {
        if messages > 0 {
            add(&self.often.local().dropped_out, messages);
        }
    }

    /// A message was published, and put into so many queues. To be called once for each message, whatever the number of
    /// its subscribers.
    pub(crate) fn published(&self, deliveries: u64) {
        let often = self.often.local();
        add(&often.publishes, 1);
        if deliveries > 0 {
            add(&often.deliveries, deliveries);
        }
    }

    /// A message that waited in a queue, or goes through one, was put into that of a subscriber.
    pub(crate) fn delivered(&self, is_redelivered: bool) {
        let often = self.often.local();
        add(&often.deliveries, 1);
        if is_redelivered {
            add(&often.redeliveries, 1);
        }
    }

    /// A message is not delivered again.
    pub(crate) fn dead_letter(&self) {
        add(&self.often.local().dead_letters, 1);
    }

    pub(super) fn handler_invoked(&self) {
        add(&self.often.local().handlers_invoked, 1);
    }

    pub(super) fn handler_ended(&self) {
        add(&self.often.local().handlers_ended, 1);
    }

    /// A handler has failed.
    pub(crate) fn handler_failed(&self) {
        add(&self.often.local().handlers_failed, 1);
    }

    /// A handler has panicked.
    pub(crate) fn handler_panicked(&self) {
        add(&self.often.local().handlers_panicked, 1);
    }

    /// No exception handler has handled an error.
    pub(crate) fn error_unhandled(&self) {
        add(&self.often.local().handlers_unhandled, 1);
    }

    /// A client gets an ERROR of this code.
    pub(crate) fn error(&self, code: &'static str) {
        self.errors.add(code);
    }

    /// A client has reached a limit, which is called so in `Limits`.
    pub(crate) fn limit_reached(&self, setting: &'static str) {
        self.limits.add(setting);
    }

    /// All figures.
    pub(crate) fn read(&self, kept: &Kept) -> MessagingStatistics {
        let sum = |figure: fn(&Often) -> &AtomicU64| {
            let figures = self.often.iter().map(|often| get(figure(often)));
            figures.fold(0, u64::wrapping_add)
        };
        let by_command = |figures: fn(&Often) -> &[AtomicU64; COMMANDS.len()]| {
            CommandCounts(std::array::from_fn(|at| {
                self.often
                    .iter()
                    .map(|often| get(&figures(often)[at]))
                    .sum()
            }))
        };
        let connections = &self.connections;
        // What ends is read before what starts: what happens in between must not leave less than nothing.
        let closed = connections.closed.each_ref().map(get);
        let total = connections.opened.each_ref().map(get);
        let ended = sum(|often| &often.handlers_ended);
        let invoked = sum(|often| &often.handlers_invoked);
        let waiting_frames = sum(|often| &often.waiting_in).cast_signed().max(0);
        MessagingStatistics {
            uptime: self.since.elapsed(),
            connections: ConnectionStatistics {
                open: TransportCounts(std::array::from_fn(|at| {
                    total[at].saturating_sub(closed[at])
                })),
                total: TransportCounts(total),
                connect_failures: get(&connections.connect_failures),
                slow_consumers: get(&connections.slow_consumers),
                transport_errors: get(&connections.transport_errors),
            },
            sessions: kept.sessions,
            users: kept.users,
            inbound: InboundStatistics {
                frames: by_command(|often| &often.frames_in),
                bytes: sum(|often| &often.bytes_in),
                waiting_frames: usize::try_from(waiting_frames).unwrap_or(usize::MAX),
            },
            outbound: OutboundStatistics {
                frames: by_command(|often| &often.frames_out),
                heart_beats: sum(|often| &often.heart_beats_out),
                bytes: sum(|often| &often.bytes_out),
                waiting_bytes: kept.outbound_waiting_bytes,
                dropped_messages: sum(|often| &often.dropped_out),
                lost_frames: sum(|often| &often.lost_out),
            },
            handlers: HandlerStatistics {
                running: invoked.saturating_sub(ended),
                invoked,
                failed: sum(|often| &often.handlers_failed),
                panicked: sum(|often| &often.handlers_panicked),
                unhandled: sum(|often| &often.handlers_unhandled),
            },
            broker: kept.broker,
            publishes: sum(|often| &often.publishes),
            deliveries: sum(|often| &often.deliveries),
            redeliveries: sum(|often| &often.redeliveries),
            dead_letters: sum(|often| &often.dead_letters),
            errors: self.errors.read(),
            limits: self.limits.read(),
        }
    }
}

/// Each figure stands for itself: nothing else is made visible by it.
pub(super) fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
