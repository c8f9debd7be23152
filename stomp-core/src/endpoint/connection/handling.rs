//! Frames are handled one after another, in the order in which they came.

use std::task::{Context, Poll};

use bytes::Bytes;

use super::{
    super::{
        Transport,
        protocol::{
            Accepted, Authenticated, Authenticating, Connected, Connecting, Handled, Receipt,
        },
        refusal::Refusal,
    },
    Connection, State,
};
use crate::{
    codec::{Command, EncodedFrame, Frame},
    handler::Dispatched,
    session::CloseReason,
};

impl<T: Transport> Connection<T> {
    /// Handles what can be handled now. Whether anything has changed.
    pub(super) fn poll_handle(&mut self, cx: &mut Context<'_>) -> bool {
        // The start of a frame is left to the decoder without anything being handled; then there is room to read on.
        let had_input = !self.input.is_empty();
        let mut changed = false;
        while !self.turn.is_over() {
            changed |= self.poll_running(cx);
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => {
                    self.waiting.clear();
                    self.input = Bytes::new();
                    return changed;
                }
                State::Connecting(connecting) => match self.decode() {
                    Ok(Some(frame)) => self.connect(connecting, &frame),
                    Ok(None) if self.decoder.is_in_unknown_command() => self.refuse_unknown(),
                    Ok(None) => {
                        self.state = State::Connecting(connecting);
                        return changed || had_input;
                    }
                    Err(refusal) => self.refuse(&refusal),
                },
                State::Authenticating(authenticating, mut authenticated) => {
                    match authenticated.as_mut().poll(cx) {
                        Poll::Ready(authenticated) => {
                            self.connected(*authenticating, authenticated);
                        }
                        Poll::Pending => {
                            self.state = State::Authenticating(authenticating, authenticated);
                            return changed;
                        }
                    }
                }
                State::Announcing(accepted, mut listening) => match listening.as_mut().poll(cx) {
                    Poll::Ready(()) => self.start(*accepted),
                    Poll::Pending => {
                        self.state = State::Announcing(accepted, listening);
                        return changed;
                    }
                },
                State::Connected(session) if !self.may_handle_next() => {
                    self.state = State::Connected(session);
                    return changed;
                }
                State::Connected(session) => match self.next_frame() {
                    Ok(Some(frame)) => self.handle(session, frame),
                    Ok(None) => {
                        self.state = State::Connected(session);
                        return changed || had_input;
                    }
                    Err(refusal) => self.refuse(&refusal),
                },
                State::Busy {
                    session,
                    work,
                    receipt,
                    parallel: Some(parallel),
                } if self.running.has_room(parallel) => {
                    self.running.push(parallel, work, receipt);
                    self.state = State::Connected(session);
                }
                State::Busy {
                    session,
                    mut work,
                    receipt,
                    parallel,
                } => match parallel.map_or_else(|| work.as_mut().poll(cx), |_| Poll::Pending) {
                    Poll::Ready(result) => {
                        self.state = State::Connected(session);
                        self.finish(result, receipt.as_ref());
                    }
                    Poll::Pending => {
                        self.state = State::Busy {
                            session,
                            work,
                            receipt,
                            parallel,
                        };
                        return self.decode_ahead() || changed;
                    }
                },
            }
            changed = true;
        }
        changed
    }

    /// Whoever starts with something else than a command, such as a request of HTTP, waits for an answer, and would never
    /// send the rest of a frame (NEG-030).
    fn refuse_unknown(&mut self) {
        self.refuse(&Refusal::not_connected());
    }

    fn connect(&mut self, connecting: Connecting, frame: &Frame) {
        match connecting.connect(frame) {
            Ok((authenticating, authenticated)) => {
                self.connect_deadline = None;
                self.state = State::Authenticating(Box::new(authenticating), authenticated);
            }
            Err(refusal) => self.refuse(&refusal),
        }
    }

    fn connected(&mut self, authenticating: Authenticating, authenticated: Authenticated) {
        match authenticating.finish(authenticated) {
            Ok(mut accepted) => match accepted.listening.take() {
                Some(listening) => self.state = State::Announcing(Box::new(accepted), listening),
                None => self.start(accepted),
            },
            Err(refusal) => self.refuse(&refusal),
        }
    }

    /// Answers CONNECTED (NEG-022); from then on there are heart-beats.
    fn start(&mut self, accepted: Accepted) {
        let Accepted {
            mut session,
            version,
            connected,
            heart_beat,
            ..
        } = accepted;
        self.answer(&Command::Connected, connected);
        if self.is_half_closed {
            session.leave();
        }
        self.decoder.set_version(version);
        self.decoder.set_limits(self.services.limits.decoder());
        self.start_heart_beats(heart_beat);
        self.state = State::Connected(session);
    }

    fn handle(&mut self, mut session: Connected, frame: Frame) {
        let mut receipt = frame.header("receipt").map(Receipt::new);
        match session.handle(frame, receipt.as_mut()) {
            Ok(Handled::Done) => {
                self.send_receipt(receipt.as_ref());
                self.state = State::Connected(session);
            }
            Ok(Handled::NotProcessed) => self.state = State::Connected(session),
            Ok(Handled::Pending(work, parallel)) => {
                self.state = State::Busy {
                    session,
                    work,
                    receipt,
                    parallel,
                }
            }
            Ok(Handled::Disconnected) => {
                self.send_receipt(receipt.as_ref());
                self.outbound.close(CloseReason::Disconnected);
            }
            Err(refusal) => self.refuse(&refusal.with_receipt(receipt.as_ref().map(Receipt::id))),
        }
    }

    /// Polls what handlers do at the same time. Whether anything has changed.
    fn poll_running(&mut self, cx: &mut Context<'_>) -> bool {
        let mut changed = false;
        while !self.turn.is_over()
            && let Some(finished) = self.running.poll_finished(cx)
        {
            self.turn.steps += 1;
            self.finish(finished.result, finished.receipt.as_ref());
            changed = true;
        }
        changed
    }

    /// Whether the next frame can be handled beside those that run: not if these are as many as may wait, and
    /// DISCONNECT only when all are done (RCP-014).
    fn may_handle_next(&mut self) -> bool {
        if self.running.is_empty() {
            return true;
        }
        // To see what it is.
        self.decode_ahead();
        let is_disconnect =
            matches!(self.waiting.front(), Some(Ok(frame)) if frame.command == Command::Disconnect);
        !is_disconnect && self.running.len() < self.services.limits.inbound_frames
    }

    fn finish(&mut self, result: Result<Dispatched, Refusal>, receipt: Option<&Receipt>) {
        match result {
            // A message whose handler failed was not processed, which is what a RECEIPT would say.
            Ok(Dispatched::Failed | Dispatched::Swallowed) => {}
            Ok(Dispatched::Handled) => self.send_receipt(receipt),
            Err(refusal) => self.refuse(&refusal.with_receipt(receipt.map(Receipt::id))),
        }
    }

    fn send_receipt(&mut self, receipt: Option<&Receipt>) {
        // CONNECT, before which there is no version, has no receipt.
        if let (Some(receipt), Some(version)) = (receipt, self.decoder.version()) {
            self.answer(&Command::Receipt, receipt.to_frame(version));
        }
    }

    /// Sends a frame that is no message; whether it is in the queue. One that is closed already means that the connection
    /// ends anyway.
    fn answer(&mut self, command: &Command, frame: EncodedFrame) -> bool {
        let is_queued = self.outbound.send(frame).is_ok();
        if is_queued {
            self.counter.queued(command);
        }
        is_queued
    }

    /// Sends ERROR and closes; nothing that the client sent behind it is processed (STR-014, ERR-001).
    pub(super) fn refuse(&mut self, refusal: &Refusal) {
        tracing::debug!(
            code = refusal.code(),
            message = refusal.message(),
            "refused"
        );
        let frame = refusal.to_frame(self.decoder.version());
        if self.answer(&Command::Error, frame) {
            self.services.counters.error(refusal.code());
        }
        if let Some(limit) = refusal.reached_limit() {
            self.services.counters.limit_reached(limit);
        }
        self.outbound.close(refusal.reason());
        self.leave_work_behind();
    }
}
