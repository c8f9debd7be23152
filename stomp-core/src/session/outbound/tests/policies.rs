//! What is dropped when there is no room: LIM-010, LIM-011.

use super::*;

const A: Overflow = Overflow::conflate(10);
const B: Overflow = Overflow::conflate(11);

/// Frames of 100 bytes that are told apart by a number.
fn numbered(number: u32) -> EncodedFrame {
    let empty =
        FrameBuilder::new(Command::Message, Version::V1_2).header("n", &format!("{number:03}"));
    let bytes = 100 - empty.clone().body(b"12345678901").len() + 11;
    let frame = empty.body(&vec![b'x'; bytes]);
    assert_eq!(frame.len(), 100);
    frame
}

/// Sends frames of these policies, numbered from 1, to a client that has room for five.
fn sent(policies: &[Overflow]) -> (Outbound, OutboundReceiver) {
    let (outbound, receiver) = Outbound::new(500);
    for (number, policy) in (1..).zip(policies) {
        outbound.send_or(numbered(number), *policy).unwrap();
    }
    (outbound, receiver)
}

/// The numbers of the frames that the writer gets.
fn numbers(receiver: &mut OutboundReceiver) -> Vec<u32> {
    let mut batch = VecDeque::new();
    let drained = receiver.poll_drain(&mut Context::from_waker(Waker::noop()), &mut batch);
    let frames: Vec<_> = batch.into_iter().filter_map(Queued::into_frame).collect();
    let expected = Drained::Frames {
        frames: frames.len(),
        bytes: frames.iter().map(EncodedFrame::len).sum(),
    };
    assert_eq!(drained, Poll::Ready(expected));
    let number = |frame: EncodedFrame| {
        let text = String::from_utf8(frame.bytes().to_vec()).unwrap();
        text["MESSAGE\nn:".len()..][..3].parse().unwrap()
    };
    frames.into_iter().map(number).collect()
}

use Overflow as O;

#[track_caller]
fn expect(policies: &[Overflow], expected: &[u32]) {
    let (outbound, mut receiver) = sent(policies);
    assert_eq!(numbers(&mut receiver), expected);
    let dropped = policies.len() - expected.len();
    assert_eq!(outbound.dropped(), dropped as u64);
    assert_eq!(outbound.waiting_bytes(), expected.len() * 100);
    expect_nothing(&mut receiver);
    assert_eq!(outbound.waiting_bytes(), 0);
}

#[test]
fn lim_011_policies_count_only_when_there_is_no_room() {
    expect(&[A, A, A, O::DROP_NEWEST, O::DROP_OLDEST], &[1, 2, 3, 4, 5]);
}

#[test]
fn lim_011_the_newest_are_dropped() {
    expect(&[O::DROP_NEWEST; 8], &[1, 2, 3, 4, 5]);
    // They take nothing away from others.
    let mut policies = [O::DROP_OLDEST; 6];
    policies[5] = O::DROP_NEWEST;
    expect(&policies, &[1, 2, 3, 4, 5]);
}

#[test]
fn lim_011_the_oldest_are_dropped() {
    expect(&[O::DROP_OLDEST; 8], &[4, 5, 6, 7, 8]);
    // Neither what must not be dropped, nor what drops itself.
    let mut policies = [O::DROP_OLDEST; 8];
    policies[0] = O::DISCONNECT;
    policies[2] = O::DROP_NEWEST;
    expect(&policies, &[1, 3, 6, 7, 8]);
    // Nothing is left that may be: the new one goes.
    let mut policies = [O::DISCONNECT; 7];
    policies[5] = O::DROP_OLDEST;
    policies[6] = A;
    expect(&policies, &[1, 2, 3, 4, 5]);
}

#[test]
fn lim_011_of_one_key_the_newest_stays_where_it_stands() {
    expect(&[A, B, A, B, A, O::DROP_OLDEST], &[4, 5, 6]);
    expect(&[A, B, A, O::DISCONNECT, O::DISCONNECT, A], &[2, 4, 5, 6]);
    // From then on at once, until the writer has taken what waits.
    expect(&[A, A, A, A, A, A, A, B, A, B], &[9, 10]);
    // When each key is there once, the oldest go.
    let keys: Vec<_> = (10..17).map(Overflow::conflate).collect();
    expect(&keys, &[3, 4, 5, 6, 7]);
    // The one that is replaced goes first, and what is older than it stays.
    let mut keys: Vec<_> = (10..15).map(Overflow::conflate).collect();
    keys.push(Overflow::conflate(12));
    expect(&keys, &[1, 2, 4, 5, 6]);
}

#[test]
fn lim_010_what_must_not_be_dropped_makes_room_for_itself() {
    let mut policies = [O::DROP_NEWEST; 8];
    policies[2] = O::DROP_OLDEST;
    policies[6] = O::DISCONNECT;
    policies[7] = O::DISCONNECT;
    // 6 was dropped, 3 and then 1 make room for 7 and 8.
    expect(&policies, &[2, 4, 5, 7, 8]);
    // Until nothing is left that may be dropped.
    let (outbound, mut receiver) = sent(&[O::DROP_OLDEST; 5]);
    for _ in 0..5 {
        outbound.send(numbered(0)).unwrap();
    }
    assert_eq!(
        outbound.send(numbered(0)),
        Err(SessionClosed(CloseReason::SlowConsumer))
    );
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(
        poll_drain(&mut receiver, &mut cx),
        Poll::Ready(Err(CloseReason::SlowConsumer))
    );
    // What is lost with the session is not counted as dropped.
    assert_eq!(outbound.dropped(), 5);
}

#[test]
fn lim_010_what_the_writer_has_taken_is_not_dropped() {
    let (outbound, mut receiver) = sent(&[A; 4]);
    assert_eq!(numbers(&mut receiver), [1, 2, 3, 4]);
    for number in 5..8 {
        outbound.send_or(numbered(number), A).unwrap();
    }
    assert_eq!(numbers(&mut receiver), [7]);
    assert_eq!(outbound.dropped(), 2);
}

#[test]
fn lim_011_a_frame_larger_than_the_queue_fits_only_alone() {
    let (outbound, mut receiver) = sent(&[O::DROP_OLDEST; 3]);
    outbound.send_or(frame(2000), O::DROP_OLDEST).unwrap();
    assert_eq!(outbound.dropped(), 3);
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(poll_drain(&mut receiver, &mut cx), Poll::Ready(Ok(1)));
    // It is being written.
    outbound.send_or(numbered(1), O::DROP_OLDEST).unwrap();
    outbound.send_or(frame(2000), O::DROP_OLDEST).unwrap();
    assert_eq!(outbound.dropped(), 5);
    expect_nothing(&mut receiver);
}
