//! One connection from its first byte to its end: a single task that reads, handles and writes.
//!
//! Everything is polled side by side, so that a slow handler stops neither reading nor heart-beats, and a slow client
//! stops no handler. Frames are handled one after another, in the order in which they came.

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes};
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use super::{
    Incoming, Transport, TransportError,
    connections::OpenConnection,
    heart_beat::Negotiated,
    protocol::{Authenticated, Authenticating, Connected, Connecting, EndpointServices, Handled},
    refusal::Refusal,
    timers::{HeartBeats, Timer},
};
use crate::{
    codec::{Command, Decoder, EncodedFrame, Frame, FrameBuilder, Version},
    handler::Dispatched,
    message::Principal,
    session::{CloseReason, Drained, Outbound, OutboundReceiver, SessionAttributes},
};

/// How long a client may take to close its side after the server has closed.
const CLOSE_GRACE: Duration = Duration::from_secs(1);
/// How many pieces of input and frames one connection handles before others have their turn.
const STEPS_PER_TURN: usize = 64;
/// How many bytes of input one connection handles before others have their turn.
const BYTES_PER_TURN: usize = 32 * 1024;

/// Serves one connection until it ends. `principal` is the user that the handshake found.
pub(crate) async fn serve<T: Transport>(
    transport: T,
    services: Arc<EndpointServices>,
    principal: Option<Principal>,
    attributes: SessionAttributes,
) {
    let (outbound, receiver) = Outbound::new(services.limits.outbound_bytes);
    let open = services.connections.open(&outbound);
    let now = Instant::now();
    let mut decoder_limits = services.limits.decoder();
    decoder_limits.frame_bytes = decoder_limits
        .frame_bytes
        .min(services.limits.pre_connect_bytes);
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
        waiting: VecDeque::new(),
        outbound,
        receiver,
        batch: VecDeque::new(),
        writing: Writing::Idle,
        write_deadline: None,
        connect_deadline: Some(now + services.limits.connect_timeout),
        heart_beats: HeartBeats {
            send_after: None,
            dead_after: None,
            last_write: now,
            last_read: now,
        },
        timer: Timer::default(),
        turn: Turn::default(),
        services,
        _open: open,
    };
    poll_fn(|cx| connection.poll(cx)).await;
    connection.leave_work_behind();
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
    /// Frames that wait until those before them are handled.
    waiting: VecDeque<Result<Frame, Refusal>>,

    outbound: Outbound,
    receiver: OutboundReceiver,
    /// Frames that are being written.
    batch: VecDeque<EncodedFrame>,
    writing: Writing,
    /// When a write that makes no progress is given up.
    write_deadline: Option<Instant>,

    connect_deadline: Option<Instant>,
    heart_beats: HeartBeats,
    timer: Timer,
    turn: Turn,
    _open: OpenConnection,
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
    Authenticating(Authenticating, BoxFuture<'static, Authenticated>),
    Connected(Connected),
    /// A frame is being handled, and these wait for it.
    Busy {
        session: Connected,
        work: BoxFuture<'static, Result<Dispatched, Refusal>>,
        receipt: Option<String>,
    },
    /// Nothing is processed any more.
    Ended,
}

enum Writing {
    /// Nothing to write.
    Idle,
    /// Frames of the batch go to the transport, which writes them out as it likes.
    Batch,
    /// The transport writes out what it has.
    Flushing,
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
            let mut changed = false;
            // Answers to frames that came together are written together.
            while !self.turn.is_over() {
                let read = self.poll_read(cx);
                let handled = self.poll_handle(cx);
                if !(read || handled) {
                    break;
                }
                changed = true;
            }
            changed |= self.poll_write(cx);
            if matches!(self.writing, Writing::Gone) && self.is_done() {
                return Poll::Ready(());
            }
            changed |= self.poll_timers(cx);
            if self.turn.is_over() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if !changed {
                return Poll::Pending;
            }
        }
    }

    /// Whether everything that the client sent before the connection was lost has been started (RCP-013).
    fn is_done(&self) -> bool {
        match &self.state {
            State::Ended => true,
            // Frames behind the CONNECT of a client that has left are not worth the wait for the authenticator.
            State::Authenticating(..) => self.waiting.is_empty(),
            State::Connecting(_) | State::Connected(_) | State::Busy { .. } => {
                self.waiting.is_empty() && self.input.is_empty()
            }
        }
    }

    /// A handler that still runs when its client is gone runs on by itself, as it would in Spring; the session ends
    /// now.
    fn leave_work_behind(&mut self) {
        if let State::Busy { work, .. } = std::mem::replace(&mut self.state, State::Ended) {
            self.services.connections.spawn(async move {
                let _nobody_waits = work.await;
            });
        }
    }

    // ---- handling ------------------------------------------------------------------------------------------------

    /// Handles what can be handled now. Whether anything has changed.
    fn poll_handle(&mut self, cx: &mut Context<'_>) -> bool {
        let mut changed = false;
        while !self.turn.is_over() {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => {
                    self.waiting.clear();
                    self.input = Bytes::new();
                    return changed;
                }
                State::Connecting(connecting) => match self.decode() {
                    Ok(Some(frame)) => self.connect(connecting, &frame),
                    Ok(None) => {
                        self.state = State::Connecting(connecting);
                        return changed;
                    }
                    Err(refusal) => self.refuse(&refusal),
                },
                State::Authenticating(authenticating, mut authenticated) => {
                    match authenticated.as_mut().poll(cx) {
                        Poll::Ready(authenticated) => self.connected(authenticating, authenticated),
                        Poll::Pending => {
                            self.state = State::Authenticating(authenticating, authenticated);
                            return changed;
                        }
                    }
                }
                State::Connected(session) => match self.next_frame() {
                    Ok(Some(frame)) => self.handle(session, frame),
                    Ok(None) => {
                        self.state = State::Connected(session);
                        return changed;
                    }
                    Err(refusal) => self.refuse(&refusal),
                },
                State::Busy {
                    session,
                    mut work,
                    receipt,
                } => match work.as_mut().poll(cx) {
                    Poll::Ready(result) => self.finish(session, result, receipt.as_deref()),
                    Poll::Pending => {
                        self.state = State::Busy {
                            session,
                            work,
                            receipt,
                        };
                        return self.decode_ahead() || changed;
                    }
                },
            }
            changed = true;
        }
        changed
    }

    fn connect(&mut self, connecting: Connecting, frame: &Frame) {
        match connecting.connect(frame) {
            Ok((authenticating, authenticated)) => {
                self.connect_deadline = None;
                self.state = State::Authenticating(authenticating, authenticated);
            }
            Err(refusal) => self.refuse(&refusal),
        }
    }

    fn connected(&mut self, authenticating: Authenticating, authenticated: Authenticated) {
        let version = authenticating.version();
        match authenticating.finish(authenticated) {
            Ok((session, heart_beat)) => {
                self.decoder.set_version(version);
                self.decoder.set_limits(self.services.limits.decoder());
                self.start_heart_beats(heart_beat);
                self.state = State::Connected(session);
            }
            Err(refusal) => self.refuse(&refusal),
        }
    }

    fn handle(&mut self, mut session: Connected, frame: Frame) {
        let receipt = frame.header("receipt").map(str::to_owned);
        match session.handle(frame) {
            Ok(Handled::Done) => {
                self.send_receipt(session.session().version(), receipt.as_deref());
                self.state = State::Connected(session);
            }
            Ok(Handled::Pending(work)) => {
                self.state = State::Busy {
                    session,
                    work,
                    receipt,
                }
            }
            Ok(Handled::Disconnected) => {
                self.send_receipt(session.session().version(), receipt.as_deref());
                self.outbound.close(CloseReason::Disconnected);
            }
            Err(refusal) => self.refuse(&refusal),
        }
    }

    fn finish(
        &mut self,
        session: Connected,
        result: Result<Dispatched, Refusal>,
        receipt: Option<&str>,
    ) {
        match result {
            Ok(dispatched) => {
                // A message whose handler failed was not processed, which is what a RECEIPT would say.
                if dispatched == Dispatched::Handled {
                    self.send_receipt(session.session().version(), receipt);
                }
                self.state = State::Connected(session);
            }
            Err(refusal) => self.refuse(&refusal.with_receipt(receipt)),
        }
    }

    fn send_receipt(&self, version: Version, receipt: Option<&str>) {
        if let Some(receipt) = receipt {
            let frame = FrameBuilder::new(Command::Receipt, version)
                .header("receipt-id", receipt)
                .finish();
            // A queue that is closed already means that the connection ends anyway.
            let _closed = self.outbound.send(frame);
        }
    }

    /// Sends ERROR and closes; nothing that the client sent behind it is processed (STR-014, ERR-001).
    fn refuse(&mut self, refusal: &Refusal) {
        tracing::debug!(
            code = refusal.code(),
            message = refusal.message(),
            "refused"
        );
        let frame = refusal.to_frame(self.decoder.version());
        let _closed = self.outbound.send(frame);
        self.outbound.close(refusal.reason());
        self.state = State::Ended;
    }

    // ---- reading -------------------------------------------------------------------------------------------------

    /// Reads what can be read now, if there is room for it. Whether anything has changed.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> bool {
        let mut changed = false;
        while self.reading && self.has_room() {
            match self.transport.poll_receive(cx) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(incoming))) => {
                    self.turn.steps += 1;
                    self.heart_beats.last_read = Instant::now();
                    if let Incoming::Data(data) = incoming {
                        self.receive(data);
                    }
                    changed = true;
                    break;
                }
                Poll::Ready(end) => {
                    self.reading = false;
                    match (
                        end.and_then(Result::err)
                            .as_ref()
                            .and_then(Refusal::of_transport),
                        &self.state,
                    ) {
                        (Some(refusal), State::Connecting(_)) => self.refuse(&refusal),
                        (Some(refusal), _) => self.waiting.push_back(Err(refusal)),
                        (None, _) => self.lost(),
                    }
                    changed = true;
                }
            }
        }
        changed
    }

    /// Whether to read on: not while frames wait that the client sent too fast (the client then waits, too, since its
    /// packets are not taken).
    fn has_room(&self) -> bool {
        match self.state {
            // What comes after the end is drained, so that the client gets to read the ERROR (ERR-012).
            State::Ended => true,
            _ => self.input.is_empty() && self.waiting.len() < self.services.limits.inbound_frames,
        }
    }

    fn receive(&mut self, data: Bytes) {
        match self.state {
            State::Ended => return,
            State::Connecting(_) | State::Authenticating(..) => {
                self.bytes_before_connected += data.len();
                let limit = self.services.limits.pre_connect_bytes;
                if self.bytes_before_connected > limit {
                    let what = "too many bytes before CONNECTED";
                    self.refuse(&Refusal::limit(
                        "too-large",
                        what,
                        limit,
                        "pre_connect_bytes",
                    ));
                    return;
                }
            }
            State::Connected(_) | State::Busy { .. } => {}
        }
        self.input = data;
        self.frames_in_input = 0;
    }

    /// The next frame in the order in which they came.
    fn next_frame(&mut self) -> Result<Option<Frame>, Refusal> {
        match self.waiting.pop_front() {
            Some(frame) => {
                self.turn.steps += 1;
                frame.map(Some)
            }
            None => self.decode(),
        }
    }

    fn decode(&mut self) -> Result<Option<Frame>, Refusal> {
        let mut rest = &self.input[..];
        let decoded = self.decoder.decode(&mut rest);
        let consumed = self.input.len() - rest.len();
        self.input.advance(consumed);
        self.turn.steps += 1;
        self.turn.bytes += consumed;
        if self.input.is_empty() {
            // What is kept must not keep the buffer that the transport read into.
            self.input = Bytes::new();
        }
        let frame = decoded?;
        if frame.is_some() {
            self.frames_in_input += 1;
            let limit = self.services.limits.frames_per_message;
            if self.frames_in_input > limit {
                let what = "too many frames in one message";
                return Err(Refusal::limit(
                    "too-many-frames",
                    what,
                    limit,
                    "frames_per_message",
                ));
            }
        }
        Ok(frame)
    }

    /// Decodes frames that must wait for the one that is being handled. What is wrong with them is answered when it is
    /// their turn. Whether anything has changed.
    fn decode_ahead(&mut self) -> bool {
        let mut changed = false;
        while !self.input.is_empty() && self.waiting.len() < self.services.limits.inbound_frames {
            changed = true;
            match self.decode() {
                Ok(Some(frame)) => self.waiting.push_back(Ok(frame)),
                Ok(None) => {}
                Err(refusal) => {
                    self.waiting.push_back(Err(refusal));
                    self.input = Bytes::new();
                }
            }
        }
        changed
    }

    // ---- writing -------------------------------------------------------------------------------------------------

    /// Writes what can be written now. Whether anything has changed.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> bool {
        let mut changed = false;
        loop {
            match self.poll_write_step(cx) {
                Poll::Ready(Ok(())) => changed = true,
                Poll::Ready(Err(error)) => {
                    tracing::debug!(%error, "writing failed");
                    self.lost();
                    return true;
                }
                Poll::Pending => {
                    self.watch_write(changed);
                    return changed;
                }
            }
        }
    }

    fn poll_write_step(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match self.writing {
            Writing::Idle => match ready!(self.receiver.poll_drain(cx, &mut self.batch)) {
                Drained::Frames => self.writing = Writing::Batch,
                Drained::Closed(reason) => self.writing = Writing::Closing(reason),
            },
            Writing::Batch => match self.poll_writable(cx) {
                Poll::Ready(ready) => {
                    ready?;
                    match self.batch.pop_front() {
                        Some(frame) => self.transport.send(frame)?,
                        None => self.writing = Writing::Flushing,
                    }
                }
                Poll::Pending => ready!(self.poll_cut_off(cx)),
            },
            Writing::Flushing => match self.transport.poll_flush(cx) {
                Poll::Ready(flushed) => {
                    flushed?;
                    self.heart_beats.last_write = Instant::now();
                    self.writing = Writing::Idle;
                }
                Poll::Pending => ready!(self.poll_cut_off(cx)),
            },
            Writing::Closing(reason) => {
                ready!(self.transport.poll_close(cx, reason))?;
                self.leave_work_behind();
                self.writing = Writing::Closed {
                    until: Instant::now() + CLOSE_GRACE,
                };
            }
            Writing::Closed { .. } | Writing::Gone => return Poll::Pending,
        }
        Poll::Ready(Ok(()))
    }

    /// Ready to send a frame, or, with nothing left to send, to flush.
    fn poll_writable(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        if self.batch.is_empty() {
            Poll::Ready(Ok(()))
        } else {
            self.transport.poll_ready(cx)
        }
    }

    /// Ready when a client that does not read was cut off by somebody who sent to it.
    fn poll_cut_off(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.receiver.poll_cut_off(cx));
        self.batch.clear();
        self.writing = Writing::Closing(CloseReason::SlowConsumer);
        Poll::Ready(())
    }

    /// Sets the time at which a write that makes no progress is given up.
    fn watch_write(&mut self, progress: bool) {
        let patience = match self.writing {
            Writing::Batch | Writing::Flushing => self.services.limits.write_timeout,
            Writing::Closing(_) => CLOSE_GRACE,
            Writing::Idle | Writing::Closed { .. } | Writing::Gone => {
                self.write_deadline = None;
                return;
            }
        };
        if progress || self.write_deadline.is_none() {
            self.write_deadline = Some(Instant::now() + patience);
        }
    }

    /// The connection is gone: nobody can be told anything any more.
    fn lost(&mut self) {
        self.reading = false;
        self.batch.clear();
        self.outbound.close(CloseReason::ConnectionLost);
        self.writing = Writing::Gone;
        self.write_deadline = None;
        if let State::Connected(session) | State::Busy { session, .. } = &mut self.state {
            session.leave();
        }
    }

    // ---- time ----------------------------------------------------------------------------------------------------

    fn start_heart_beats(&mut self, negotiated: Negotiated) {
        let now = Instant::now();
        self.heart_beats = HeartBeats {
            // Early enough for the byte to arrive in time (HB-008).
            send_after: negotiated.send_every.map(|interval| interval * 4 / 5),
            dead_after: negotiated
                .expect_every
                .map(|interval| interval * self.services.limits.heart_beat_tolerance),
            last_write: now,
            last_read: now,
        };
    }

    /// Does what is due. Whether anything has changed.
    fn poll_timers(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(deadline) = self.deadline() else {
            return false;
        };
        if self.timer.poll(deadline, cx).is_pending() {
            return false;
        }
        let now = Instant::now();
        let is_due = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now);
        if is_due(self.write_deadline) {
            tracing::info!("the client reads too slowly: nothing could be written for too long");
            self.outbound.close(CloseReason::SlowConsumer);
            self.lost();
        }
        if matches!(self.writing, Writing::Closed { until } if until <= now) {
            self.lost();
        }
        if matches!(self.state, State::Ended) {
            return true;
        }
        if is_due(self.connect_deadline) {
            self.connect_deadline = None;
            self.refuse(&Refusal::new(
                "connect-timeout",
                "CONNECT did not arrive in time",
            ));
        }
        if is_due(self.heart_beats.write_deadline()) {
            self.heart_beats.last_write = now;
            if matches!(self.writing, Writing::Idle) && self.outbound.closed().is_none() {
                self.batch.push_back(EncodedFrame::heart_beat());
                self.writing = Writing::Batch;
            }
        }
        if is_due(self.read_deadline()) {
            self.heart_beats.dead_after = None;
            self.refuse(&Refusal::new(
                "heart-beat-lost",
                "nothing was received from the client for too long",
            ));
        }
        true
    }

    /// The next moment at which something is due.
    fn deadline(&self) -> Option<Instant> {
        let closed = match self.writing {
            Writing::Closed { until } => Some(until),
            _ => None,
        };
        let is_ended = matches!(self.state, State::Ended);
        let while_alive = [
            self.connect_deadline,
            self.heart_beats.write_deadline(),
            self.read_deadline(),
        ];
        let while_alive = while_alive.into_iter().flatten().filter(|_| !is_ended);
        [self.write_deadline, closed]
            .into_iter()
            .flatten()
            .chain(while_alive)
            .min()
    }

    /// When the client is taken for dead; never while it is the server that does not read.
    fn read_deadline(&self) -> Option<Instant> {
        self.heart_beats
            .read_deadline()
            .filter(|_| self.reading && self.has_room())
    }
}
