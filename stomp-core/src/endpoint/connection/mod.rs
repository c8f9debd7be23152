//! One connection from its first byte to its end: a single task that reads, handles and writes.
//!
//! Everything is polled side by side, so that a slow handler stops neither reading nor heart-beats, and a slow client
//! stops no handler. Frames are handled one after another, in the order in which they came, unless a handler says that it
//! takes several at the same time.

mod handling;
mod parallel;
mod reading;
#[cfg(test)]
mod tests;
mod time;
mod timers;
mod writing;

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use self::{
    parallel::Running,
    timers::{HeartBeats, Timer},
};
use super::{
    Transport,
    connections::OpenConnection,
    protocol::{
        Accepted, Authenticated, Authenticating, Connected, Connecting, EndpointServices, Receipt,
        Work,
    },
    refusal::Refusal,
};
use crate::{
    codec::{Decoder, Frame},
    event::Listening,
    handler::Parallel,
    message::Principal,
    session::{CloseReason, Outbound, OutboundReceiver, Queued, SessionAttributes},
    statistics::ConnectionCounter,
};

/// How long a client may take to close its side after the server has closed.
const CLOSE_GRACE: Duration = Duration::from_secs(1);
/// How many pieces of input and frames one connection handles before others have their turn.
const STEPS_PER_TURN: usize = 64;
/// How many bytes of input one connection handles before others have their turn.
const BYTES_PER_TURN: usize = 32 * 1024;

/// Serves one connection until it ends. `principal` is the user that the handshake found.
///
/// The future is the connection, and little else: an `async fn` would keep its arguments beside it.
pub(crate) fn serve<T: Transport>(
    transport: T,
    services: Arc<EndpointServices>,
    principal: Option<Principal>,
    attributes: SessionAttributes,
) -> impl Future<Output = ()> + Send {
    let counters = services.counters.clone();
    let (outbound, receiver) = Outbound::counted(services.limits.outbound_bytes, counters.clone());
    let open = services.connections.open(&outbound);
    let now = Instant::now();
    let mut decoder_limits = services.limits.decoder();
    decoder_limits.frame_bytes = decoder_limits
        .frame_bytes
        .min(services.limits.pre_connect_bytes);
    let counter = ConnectionCounter::open(counters, transport.kind());
    let mut connection = Connection {
        transport,
        decoder: Decoder::new(decoder_limits),
        state: State::Connecting(Connecting {
            services: services.clone(),
            principal,
            attributes,
            outbound: outbound.clone(),
        }),
        input: Bytes::new(),
        frames_in_input: 0,
        bytes_before_connected: 0,
        reading: true,
        is_half_closed: false,
        waiting: VecDeque::new(),
        running: Running::default(),
        outbound,
        receiver,
        batch: VecDeque::new(),
        writing: Writing::Idle,
        write_deadline: None,
        written_bytes: 0,
        connect_deadline: Some(now + services.limits.connect_timeout),
        heart_beats: HeartBeats {
            send_after: None,
            dead_after: None,
            last_write: now,
            last_read: now,
        },
        timer: Timer::default(),
        turn: Turn::default(),
        counter,
        services,
        open,
    };
    async move {
        poll_fn(|cx| {
            let ended = connection.poll(cx);
            connection.count_waiting();
            ended
        })
        .await;
        connection.leave_work_behind();
    }
}

struct Connection<T> {
    transport: T,
    services: Arc<EndpointServices>,
    state: State,

    decoder: Decoder,
    /// What was received and is not decoded yet.
    input: Bytes,
    frames_in_input: usize,
    bytes_before_connected: usize,
    /// Whether there may be more input.
    reading: bool,
    /// Whether the client sends nothing any more, but may still read.
    is_half_closed: bool,
    /// Frames that wait until those before them are handled.
    waiting: VecDeque<Result<Frame, Refusal>>,
    /// What handlers that take several frames at the same time have not finished.
    running: Running,

    outbound: Outbound,
    receiver: OutboundReceiver,
    /// Frames that are being written.
    batch: VecDeque<Queued>,
    writing: Writing,
    /// When a write that makes no progress is given up.
    write_deadline: Option<Instant>,
    /// How far the transport had come when that was looked at last.
    written_bytes: u64,

    connect_deadline: Option<Instant>,
    heart_beats: HeartBeats,
    timer: Timer,
    turn: Turn,
    open: OpenConnection,
    counter: ConnectionCounter,
}

/// What a connection has done since the runtime polled it. A client that sends faster than the server handles would
/// never let go of its thread otherwise: those that its messages are for could not write them meanwhile, and would be
/// cut off as slow consumers.
#[derive(Default)]
struct Turn {
    steps: usize,
    bytes: usize,
}

impl Turn {
    fn is_over(&self) -> bool {
        self.steps >= STEPS_PER_TURN || self.bytes >= BYTES_PER_TURN
    }
}

enum State {
    Connecting(Connecting),
    /// Boxed as what follows, since every connection has room for the largest state, and few are in these.
    Authenticating(Box<Authenticating>, BoxFuture<'static, Authenticated>),
    /// Those who want to know of a new session are told before the client is.
    Announcing(Box<Accepted>, Listening),
    Connected(Connected),
    /// A frame is being handled, and these wait for it.
    Busy {
        session: Connected,
        work: Work,
        receipt: Option<Receipt>,
        /// Its handler takes several frames at the same time, and has as many as it takes: the work waits for one of
        /// them.
        parallel: Option<Parallel>,
    },
    /// Nothing is processed any more.
    Ended,
}

enum Writing {
    /// Nothing to write.
    Idle,
    /// A heart-beat goes to the transport. It has no batch, so that an idle session needs none.
    HeartBeat,
    /// Frames of the batch go to the transport, which writes them out as it likes.
    Batch,
    /// The transport writes out what it has.
    Flushing,
    /// The client reads too slowly. The batch is what it is told about that, if it takes anything any more.
    CutOff,
    /// The transport says good-bye.
    Closing(CloseReason),
    /// The transport has said good-bye; the client may do so, too.
    Closed { until: Instant },
    /// The connection is gone.
    Gone,
}

impl<T: Transport> Connection<T> {
    /// Ready when the connection has ended.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.turn = Turn::default();
        loop {
            // Answers to frames that came together are written together.
            while !self.turn.is_over() {
                let read = self.poll_read(cx);
                let handled = self.poll_handle(cx);
                if !(read || handled) {
                    break;
                }
            }
            if self.has_answered_all() {
                self.outbound.close(CloseReason::ConnectionLost);
            }
            let written = self.poll_write(cx);
            if matches!(self.writing, Writing::Gone) && self.is_done() {
                return Poll::Ready(());
            }
            let was_due = self.poll_timers(cx);
            if self.turn.is_over() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            // What was written is no reason to look for input again, unless the connection is about to end.
            let goes_on = was_due || (written && self.is_ending());
            if !goes_on {
                if self.reading && !self.has_room() {
                    self.transport.poll_unread(cx);
                }
                return Poll::Pending;
            }
        }
    }

    fn is_ending(&self) -> bool {
        match self.writing {
            Writing::Idle | Writing::HeartBeat | Writing::Batch | Writing::Flushing => false,
            Writing::CutOff | Writing::Closing(_) | Writing::Closed { .. } | Writing::Gone => true,
        }
    }

    /// Whether everything that the client sent before the connection was lost has been started (RCP-013).
    fn is_done(&self) -> bool {
        match &self.state {
            State::Ended => true,
            // Frames behind the CONNECT of a client that has left are not worth the wait for the authenticator.
            State::Authenticating(..) => self.waiting.is_empty(),
            State::Connecting(_)
            | State::Announcing(..)
            | State::Connected(_)
            | State::Busy { .. } => self.waiting.is_empty() && self.input.is_empty(),
        }
    }

    /// Handlers that still run when their client is gone run on by themselves, as they would in Spring, and so do
    /// listeners; the session ends now.
    fn leave_work_behind(&mut self) {
        let connections = &self.services.connections;
        let running = std::mem::take(&mut self.running);
        let mut last = None;
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Busy {
                work,
                parallel: None,
                ..
            } => connections.spawn(async move {
                let _nobody_waits = work.await;
            }),
            State::Busy {
                work,
                parallel: Some(parallel),
                ..
            } => last = Some((parallel, work)),
            State::Announcing(_, listening) => connections.spawn(listening),
            _ => {}
        }
        if last.is_some() || !running.is_empty() {
            connections.spawn(running.finish(last));
        }
    }
}
