use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::Instant;

use super::{
    Session,
    state::{Attached, Outgoing},
};
use crate::{
    sockjs::{codec, format::Format},
    timer::Timer,
};

/// How long the receiving request that is there may take to show that its client has gone, before another one is refused
/// (SJ-SES-08).
const CONFLICT_GRACE: Duration = Duration::from_millis(50);

/// The body of the response to a receiving request. Each frame, and the prelude, is a piece of data of its own, because
/// clients may take them chunk by chunk (SJ-FRM-06).
///
/// Dropping it before its end means that the client has gone (SJ-SES-08).
#[derive(Debug)]
pub(crate) struct ReceivingBody {
    session: Arc<Session>,
    format: Format,
    needs_prelude: bool,
    step: Step,
    /// Bytes of frames so far (SJ-LIM-02).
    written: usize,
    /// When the last frame was written, or the request came.
    last_written: Instant,
    timer: Timer,
}

#[derive(Debug)]
enum Step {
    /// Another request receives: its client may be about to go.
    Conflict {
        until: Instant,
    },
    /// This is the one that receives.
    Receiving,
    /// The only frame, of a request that does not receive.
    Last(Bytes),
    Ended,
}

impl Session {
    /// Makes a request the receiving one, if it can be.
    pub(crate) fn attach(self: &Arc<Self>, format: Format) -> ReceivingBody {
        let now = Instant::now();
        let step = self.try_attach().unwrap_or(Step::Conflict {
            until: now + CONFLICT_GRACE,
        });
        ReceivingBody {
            session: self.clone(),
            format,
            needs_prelude: true,
            step,
            written: 0,
            last_written: now,
            timer: Timer::default(),
        }
    }

    /// `None` if another request receives.
    fn try_attach(&self) -> Option<Step> {
        match self.change(|state, _| state.attach()) {
            Attached::Receiver => Some(Step::Receiving),
            Attached::Conflict => None,
            Attached::Closed(frame) => Some(Step::Last(frame)),
            Attached::Dead => {
                let frame = codec::close_frame(1002, "Connection interrupted");
                Some(Step::Last(frame.into()))
            }
        }
    }

    fn next_deadline(&self) -> Instant {
        Instant::now() + self.settings().disconnect_delay
    }
}

impl ReceivingBody {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.needs_prelude {
            self.needs_prelude = false;
            if let Some(prelude) = self.format.prelude() {
                return Poll::Ready(Some(prelude));
            }
        }
        if let Step::Conflict { until } = self.step {
            ready!(self.timer.poll(until, cx));
            self.step = self.session.try_attach().unwrap_or_else(|| {
                let frame = codec::close_frame(2010, "Another connection still open");
                Step::Last(frame.into())
            });
        }
        match std::mem::replace(&mut self.step, Step::Ended) {
            Step::Last(frame) => Poll::Ready(Some(self.format.wrap(&frame))),
            Step::Ended => Poll::Ready(None),
            Step::Receiving | Step::Conflict { .. } => {
                self.step = Step::Receiving;
                self.poll_frame_of_session(cx)
            }
        }
    }

    fn poll_frame_of_session(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let outgoing = self
            .session
            .change(|state, wakers| state.poll_outgoing(cx, wakers));
        let frame = match outgoing {
            Poll::Ready(Outgoing::Open) => self.format.open(),
            Poll::Ready(Outgoing::Messages(messages)) => self.format.messages(&messages),
            Poll::Ready(Outgoing::Close(frame)) => {
                self.end();
                return Poll::Ready(Some(self.format.wrap(&frame)));
            }
            Poll::Ready(Outgoing::Nothing) => {
                self.end();
                return Poll::Ready(None);
            }
            Poll::Pending => {
                ready!(self.poll_heart_beat(cx));
                self.format.heart_beat()
            }
        };
        self.written = self.written.saturating_add(frame.len());
        let limit = self.session.settings().stream_bytes_limit;
        if self.format.ends_after_frame() || self.written >= limit {
            self.end();
        } else {
            self.last_written = Instant::now();
        }
        Poll::Ready(Some(frame))
    }

    /// Ready when nothing was written for so long that the client is to get a heart-beat: any frame postpones it
    /// (SJ-HB-03).
    fn poll_heart_beat(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let due = self.last_written + self.session.settings().heartbeat_time;
        ready!(self.timer.poll(due, cx));
        if self.session.change(|state, _| state.beats()) {
            Poll::Ready(())
        } else {
            self.last_written = Instant::now();
            Poll::Pending
        }
    }

    /// The next request may come.
    fn end(&mut self) {
        self.step = Step::Ended;
        let deadline = self.session.next_deadline();
        self.session
            .change(|state, wakers| state.detach(deadline, wakers));
    }
}

impl Body for ReceivingBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.poll_next(cx).map(|data| data.map(Frame::data).map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.step, Step::Ended)
    }
}

impl Drop for ReceivingBody {
    fn drop(&mut self) {
        if matches!(self.step, Step::Receiving) {
            let deadline = self.session.next_deadline();
            self.session
                .change(|state, wakers| state.abort(deadline, wakers));
        }
    }
}
