//! Random sequences, compared with a list that is searched from end to end each time.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    Send(usize, Overflow),
    SendIfRoom(usize, Overflow),
    Drain,
    Close(CloseReason),
}

/// What the queue is said to do, as simply as it can be said.
#[derive(Default)]
struct Model {
    waiting: Vec<(EncodedFrame, Overflow)>,
    taken: usize,
    max_bytes: usize,
    dropped: u64,
    closed: Option<CloseReason>,
    /// There was no room, and the writer has not taken what waits since.
    conflates: bool,
}

impl Model {
    fn bytes(&self) -> usize {
        let waiting: usize = self.waiting.iter().map(|(frame, _)| frame.len()).sum();
        waiting + self.taken
    }

    fn fits(&self, bytes: usize) -> bool {
        self.bytes() == 0 || self.bytes() + bytes <= self.max_bytes
    }

    /// Drops the first frame for which this holds.
    fn drop_first(&mut self, which: impl Fn(Overflow) -> bool) -> bool {
        let found = self
            .waiting
            .iter()
            .position(|(_, overflow)| which(*overflow));
        if let Some(index) = found {
            self.waiting.remove(index);
            self.dropped += 1;
        }
        found.is_some()
    }

    fn is_keyed(overflow: Overflow) -> bool {
        ![
            Overflow::DISCONNECT,
            Overflow::DROP_NEWEST,
            Overflow::DROP_OLDEST,
        ]
        .contains(&overflow)
    }

    fn conflate(&mut self) {
        for index in (0..self.waiting.len()).rev() {
            let overflow = self.waiting[index].1;
            let is_replaced = self.waiting[index + 1..]
                .iter()
                .any(|(_, newer)| *newer == overflow);
            if Self::is_keyed(overflow) && is_replaced {
                self.waiting.remove(index);
                self.dropped += 1;
            }
        }
    }

    fn send(&mut self, frame: EncodedFrame, overflow: Overflow) -> Result<(), SessionClosed> {
        if let Some(reason) = self.closed {
            return Err(SessionClosed(reason));
        }
        if !self.fits(frame.len()) && overflow != Overflow::DROP_NEWEST {
            if Self::is_keyed(overflow) || self.waiting.iter().any(|one| Self::is_keyed(one.1)) {
                self.conflate();
                self.conflates = true;
            }
            let before = (self.waiting.clone(), self.dropped);
            if !self.fits(frame.len()) && Self::is_keyed(overflow) {
                self.drop_first(|other| other == overflow);
            }
            let for_newer = |other| other == Overflow::DROP_OLDEST || Self::is_keyed(other);
            while !self.fits(frame.len()) {
                let was_dropped = self.drop_first(for_newer)
                    || overflow == Overflow::DISCONNECT
                        && self.drop_first(|other| other == Overflow::DROP_NEWEST);
                if !was_dropped {
                    (self.waiting, self.dropped) = before;
                    break;
                }
            }
        }
        if !self.fits(frame.len()) {
            if overflow == Overflow::DISCONNECT {
                self.close(CloseReason::SlowConsumer);
                return Err(SessionClosed(CloseReason::SlowConsumer));
            }
            self.dropped += 1;
            return Ok(());
        }
        self.push(frame, overflow);
        Ok(())
    }

    fn send_if_room(&mut self, frame: EncodedFrame, overflow: Overflow) -> Result<(), Unsent> {
        if let Some(reason) = self.closed {
            return Err(Unsent::Closed(SessionClosed(reason)));
        }
        if self.bytes() > self.max_bytes / 2 || !self.fits(frame.len()) {
            return Err(Unsent::NoRoom(frame));
        }
        self.push(frame, overflow);
        Ok(())
    }

    fn push(&mut self, frame: EncodedFrame, overflow: Overflow) {
        if self.conflates && Self::is_keyed(overflow) {
            self.drop_first(|other| other == overflow);
        }
        self.waiting.push((frame, overflow));
    }

    fn close(&mut self, reason: CloseReason) {
        if self.closed.is_none() {
            self.closed = Some(reason);
            if reason == CloseReason::SlowConsumer {
                self.waiting.clear();
            }
        }
    }

    fn drain(&mut self) -> Poll<Result<Vec<EncodedFrame>, CloseReason>> {
        self.taken = 0;
        if self.waiting.is_empty() {
            return self
                .closed
                .map_or(Poll::Pending, |reason| Poll::Ready(Err(reason)));
        }
        self.taken = self.bytes();
        self.conflates = false;
        let frames = std::mem::take(&mut self.waiting);
        Poll::Ready(Ok(frames.into_iter().map(|(frame, _)| frame).collect()))
    }
}

fn policy() -> impl Strategy<Value = Overflow> {
    prop_oneof![
        1 => Just(Overflow::DISCONNECT),
        2 => Just(Overflow::DROP_NEWEST),
        3 => Just(Overflow::DROP_OLDEST),
        6 => (10u64..20).prop_map(Overflow::conflate),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let bytes = || prop_oneof![20 => 4usize..40, 1 => 40usize..3000];
    prop_oneof![
        200 => (bytes(), policy()).prop_map(|(bytes, policy)| Step::Send(bytes, policy)),
        20 => (bytes(), policy()).prop_map(|(bytes, policy)| Step::SendIfRoom(bytes, policy)),
        8 => Just(Step::Drain),
        1 => prop_oneof![
            Just(Step::Close(CloseReason::Shutdown)),
            Just(Step::Close(CloseReason::SlowConsumer)),
        ],
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn lim_010_lim_011_it_does_what_is_said(
        max_bytes in 1usize..3000,
        steps in prop::collection::vec(step(), 1..400),
    ) {
        let (outbound, mut receiver) = Outbound::new(max_bytes);
        let mut model = Model { max_bytes, ..Model::default() };
        let mut batch = VecDeque::new();
        for (number, step) in steps.into_iter().enumerate() {
            let frame = |bytes| {
                FrameBuilder::new(Command::Message, Version::V1_2)
                    .body(format!("{number:0bytes$}").as_bytes())
            };
            match step {
                Step::Send(bytes, overflow) => {
                    let sent = outbound.send_or(frame(bytes), overflow);
                    prop_assert_eq!(sent, model.send(frame(bytes), overflow));
                }
                Step::SendIfRoom(bytes, overflow) => {
                    let sent = outbound.send_if_room(frame(bytes), overflow);
                    prop_assert_eq!(sent, model.send_if_room(frame(bytes), overflow));
                }
                Step::Close(reason) => {
                    prop_assert_eq!(outbound.close(reason), model.closed.is_none());
                    model.close(reason);
                }
                Step::Drain => {
                    let mut cx = Context::from_waker(Waker::noop());
                    let drained = receiver.poll_drain(&mut cx, &mut batch);
                    let frames = batch.drain(..).filter_map(Queued::into_frame).collect();
                    prop_assert_eq!(model.drain(), drained.map(|drained| match drained {
                        Drained::Frames { .. } => Ok(frames),
                        Drained::Closed(reason) => Err(reason),
                    }));
                }
            }
            prop_assert_eq!(outbound.waiting_bytes(), model.bytes());
            prop_assert_eq!(outbound.dropped(), model.dropped);
            prop_assert_eq!(outbound.closed(), model.closed);
            let queue = outbound.0.lock();
            prop_assert_eq!(queue.waiting.len(), model.waiting.len());
            // A client that reads nothing costs no more entries than twice what waits, and a few.
            prop_assert!(queue.waiting.entries() <= 2 * model.waiting.len() + 32);
        }
    }
}
