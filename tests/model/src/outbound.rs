//! Senders, the writer, whoever closes the session, and those that wait for room, in every order.

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{Arc, Weak},
    task::{Context, Poll, Waker},
};

use loom::{future::block_on, sync::Mutex, thread};
use stomp_core::codec::{Command, EncodedFrame, FrameBuilder, Version};

use crate::session::{
    CloseReason,
    outbound::{
        Drained, Outbound, OutboundReceiver, Overflow, Queued, RoomWaiter, SessionClosed, Unsent,
    },
};
use crate::statistics::Counters;

/// Runs `check` in every order in which no more than [`PREEMPTIONS`] times a thread has to give way where it would not wait
/// by itself. `LOOM_MAX_PREEMPTIONS` in the environment sets another number; each one more takes ten times as long.
fn model(check: impl Fn() + Send + Sync + 'static) {
    /// Bugs that need more are next to unheard of, says loom.
    const PREEMPTIONS: usize = 3;

    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(PREEMPTIONS);
    builder.check(check);
}

/// A frame that is known by its length.
fn frame(bytes: usize) -> EncodedFrame {
    let padding = "x".repeat(bytes - "MESSAGE\nx:\n\n\0".len());
    let frame = FrameBuilder::new(Command::Message, Version::V1_2);
    let frame = frame.header("x", &padding).finish();
    assert_eq!(frame.len(), bytes);
    frame
}

/// The frames of one batch, or why the session is closed.
fn poll_drain(
    receiver: &mut OutboundReceiver,
    cx: &mut Context<'_>,
) -> Poll<Result<Vec<usize>, CloseReason>> {
    let mut batch = VecDeque::new();
    receiver.poll_drain(cx, &mut batch).map(|drained| {
        let frames = batch.into_iter().filter_map(Queued::into_frame);
        match drained {
            Drained::Frames { .. } => Ok(frames.map(|frame| frame.len()).collect()),
            Drained::Closed(reason) => Err(reason),
        }
    })
}

/// A writer that writes to the end, and sleeps when there is nothing to write. A wake-up that is lost lets it sleep for
/// ever, which loom finds.
fn write_all(receiver: &mut OutboundReceiver) -> (Vec<usize>, CloseReason) {
    let mut written = Vec::new();
    loop {
        match block_on(poll_fn(|cx| poll_drain(receiver, cx))) {
            Ok(frames) => {
                assert!(!frames.is_empty(), "woken for nothing");
                written.extend(frames);
            }
            Err(reason) => return (written, reason),
        }
    }
}

#[test]
fn every_frame_is_written_once_and_in_order_and_nothing_behind_the_end() {
    model(|| {
        let (outbound, mut receiver) = Outbound::new(1000);
        let sender = thread::spawn({
            let outbound = outbound.clone();
            move || [101, 102].map(|bytes| outbound.send(frame(bytes)))
        });
        let closer = thread::spawn({
            let outbound = outbound.clone();
            move || {
                let sent = outbound.send(frame(200));
                outbound.close(CloseReason::Shutdown);
                sent
            }
        });
        let (written, reason) = write_all(&mut receiver);
        assert_eq!(reason, CloseReason::Shutdown);
        let sent = sender.join().unwrap();
        assert_eq!(closer.join().unwrap(), Ok(()));
        let mut expected: Vec<usize> = vec![200];
        for (bytes, sent) in [101, 102].into_iter().zip(&sent) {
            match sent {
                Ok(()) => expected.push(bytes),
                Err(closed) => assert_eq!(*closed, SessionClosed(CloseReason::Shutdown)),
            }
        }
        let position = |bytes| written.iter().position(|other| *other == bytes);
        if let (Some(first), Some(second)) = (position(101), position(102)) {
            assert!(first < second);
        }
        let mut sorted = written.clone();
        sorted.sort_unstable();
        expected.sort_unstable();
        assert_eq!(sorted, expected);
        assert_eq!(outbound.waiting_bytes(), 0);
        // The end is the end.
        let mut cx = Context::from_waker(Waker::noop());
        assert!(outbound.send(frame(100)).is_err());
        assert_eq!(
            poll_drain(&mut receiver, &mut cx),
            Poll::Ready(Err(CloseReason::Shutdown))
        );
    });
}

#[test]
fn in_15_a_writer_that_is_stuck_learns_that_the_client_was_cut_off() {
    model(|| {
        let counters = Arc::new(Counters::default());
        let (outbound, mut receiver) = Outbound::counted(300, counters.clone());
        outbound.send(frame(200)).unwrap();
        let mut cx = Context::from_waker(Waker::noop());
        assert_eq!(
            poll_drain(&mut receiver, &mut cx),
            Poll::Ready(Ok(vec![200]))
        );
        let senders: Vec<_> = [150, 160]
            .into_iter()
            .map(|bytes| {
                let outbound = outbound.clone();
                thread::spawn(move || outbound.send(frame(bytes)))
            })
            .collect();
        block_on(poll_fn(|cx| receiver.poll_cut_off(cx)));
        for sender in senders {
            assert_eq!(
                sender.join().unwrap(),
                Err(SessionClosed(CloseReason::SlowConsumer))
            );
        }
        assert_eq!(outbound.waiting_bytes(), 0);
        assert_eq!(
            write_all(&mut receiver),
            (vec![], CloseReason::SlowConsumer)
        );
        // One client, however many find no room; the frame of the second was never taken.
        assert_eq!(counters.read(), [0, 1, 1]);
    });
}

#[test]
fn lim_010_a_frame_is_written_or_dropped_and_bytes_are_never_more_than_may_be() {
    const KEY: Overflow = Overflow::conflate(7);
    model(|| {
        let counters = Arc::new(Counters::default());
        let (outbound, mut receiver) = Outbound::counted(300, counters.clone());
        let senders: Vec<_> = [
            [(100, Overflow::DROP_OLDEST), (101, KEY)],
            [(102, KEY), (103, Overflow::DROP_NEWEST)],
        ]
        .into_iter()
        .map(|frames| {
            let outbound = outbound.clone();
            thread::spawn(move || {
                for (bytes, overflow) in frames {
                    outbound.send_or(frame(bytes), overflow).unwrap();
                    assert!(outbound.waiting_bytes() <= 300);
                }
            })
        })
        .collect();
        let mut cx = Context::from_waker(Waker::noop());
        let mut written = Vec::new();
        for _ in 0..2 {
            if let Poll::Ready(frames) = poll_drain(&mut receiver, &mut cx) {
                written.extend(frames.unwrap());
            }
        }
        for sender in senders {
            sender.join().unwrap();
        }
        outbound.close(CloseReason::Disconnected);
        let (last, _) = write_all(&mut receiver);
        written.extend(last);
        let count = written.len();
        written.sort_unstable();
        written.dedup();
        assert_eq!(written.len(), count, "twice");
        assert_eq!(written.len() as u64 + outbound.dropped(), 4);
        assert_eq!(counters.read(), [outbound.dropped(), 0, 0]);
        assert_eq!(outbound.waiting_bytes(), 0);
    });
}

#[test]
fn senders_learn_that_the_connection_is_gone() {
    model(|| {
        let (outbound, receiver) = Outbound::new(300);
        outbound.send(frame(200)).unwrap();
        let sender = thread::spawn({
            let outbound = outbound.clone();
            move || outbound.send_or(frame(100), Overflow::DROP_OLDEST)
        });
        let waiting = thread::spawn({
            let outbound = outbound.clone();
            move || drop(block_on(outbound.room_for(200)))
        });
        drop(receiver);
        if let Err(closed) = sender.join().unwrap() {
            assert_eq!(closed, SessionClosed(CloseReason::ConnectionLost));
        }
        waiting.join().unwrap();
        assert_eq!(outbound.waiting_bytes(), 0);
        assert_eq!(outbound.closed(), Some(CloseReason::ConnectionLost));
    });
}

#[test]
fn senders_that_wait_for_room_all_get_it_and_nobody_is_cut_off() {
    model(|| {
        let (outbound, mut receiver) = Outbound::new(400);
        let senders: Vec<_> = [300, 301]
            .into_iter()
            .map(|bytes| {
                let outbound = outbound.clone();
                thread::spawn(move || {
                    let room = block_on(outbound.room_for(bytes));
                    outbound.send(frame(bytes)).unwrap();
                    drop(room);
                })
            })
            .collect();
        let mut written = Vec::new();
        while written.len() < 2 {
            written.extend(block_on(poll_fn(|cx| poll_drain(&mut receiver, cx))).unwrap());
        }
        for sender in senders {
            sender.join().unwrap();
        }
        written.sort_unstable();
        assert_eq!(written, [300, 301]);
    });
}

/// A queue of a broker in small: it has frames left for a subscriber, and a lock.
struct Backlog {
    this: Weak<Self>,
    outbound: Outbound,
    left: Mutex<Vec<usize>>,
}

impl Backlog {
    fn new(outbound: &Outbound, left: Vec<usize>) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            this: this.clone(),
            outbound: outbound.clone(),
            left: Mutex::new(left),
        })
    }
}

impl RoomWaiter for Backlog {
    fn has_room(&self) {
        let mut left = self.left.lock().unwrap();
        while let Some(bytes) = left.last().copied() {
            match self
                .outbound
                .send_if_room(frame(bytes), Overflow::DISCONNECT)
            {
                Ok(()) => {
                    left.pop();
                }
                Err(Unsent::NoRoom(frame)) => {
                    let waiter: Arc<dyn RoomWaiter> = self.this.upgrade().unwrap();
                    if self.outbound.when_room(frame.len(), &waiter) {
                        return;
                    }
                }
                Err(Unsent::Closed(_)) => return,
            }
        }
    }
}

#[test]
fn lim_014_a_backlog_goes_on_as_there_is_room() {
    model(|| {
        let (outbound, mut receiver) = Outbound::new(400);
        // It holds its lock while it sends, and is told by the writer, or tells itself.
        let backlog = Backlog::new(&outbound, vec![303, 302, 301]);
        let publisher = thread::spawn({
            let backlog = backlog.clone();
            move || backlog.has_room()
        });
        let mut written = Vec::new();
        while written.len() < 3 {
            written.extend(block_on(poll_fn(|cx| poll_drain(&mut receiver, cx))).unwrap());
        }
        publisher.join().unwrap();
        assert_eq!(written, [301, 302, 303]);
        assert!(backlog.left.lock().unwrap().is_empty());
    });
}

#[test]
fn lim_014_room_that_another_sender_gives_back_is_told_of() {
    model(|| {
        let (outbound, mut receiver) = Outbound::new(400);
        let stream = thread::spawn({
            let outbound = outbound.clone();
            // What it keeps room for is never sent.
            move || drop(block_on(outbound.room_for(300)))
        });
        let backlog = Backlog::new(&outbound, vec![301]);
        backlog.has_room();
        let written = block_on(poll_fn(|cx| poll_drain(&mut receiver, cx)));
        assert_eq!(written, Ok(vec![301]));
        // Whatever the stream waited for, it is through.
        let mut cx = Context::from_waker(Waker::noop());
        assert!(poll_drain(&mut receiver, &mut cx).is_pending());
        stream.join().unwrap();
    });
}

#[test]
fn lim_014_a_backlog_is_told_of_the_end_whoever_ends_it() {
    model(|| {
        let (outbound, mut receiver) = Outbound::new(400);
        outbound.send(frame(300)).unwrap();
        let backlog = Backlog::new(&outbound, vec![301, 302]);
        backlog.has_room();
        let sender = thread::spawn({
            let (outbound, backlog) = (outbound.clone(), backlog.clone());
            move || {
                // Under the lock that the backlog takes when it is told.
                let left = backlog.left.lock().unwrap();
                let _cut_off = outbound.send(frame(350));
                drop(left);
            }
        });
        let closer = thread::spawn({
            let outbound = outbound.clone();
            move || outbound.close(CloseReason::Shutdown)
        });
        let (written, reason) = write_all(&mut receiver);
        sender.join().unwrap();
        closer.join().unwrap();
        assert!(matches!(
            reason,
            CloseReason::SlowConsumer | CloseReason::Shutdown
        ));
        assert!(written.len() <= 4);
        drop(receiver);
        // Nobody stands in a list that is never looked at again.
        assert_eq!(Arc::strong_count(&backlog), 1);
        assert_eq!(outbound.waiting_bytes(), 0);
    });
}
