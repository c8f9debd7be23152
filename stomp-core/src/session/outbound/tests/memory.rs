//! What a queue costs: LIM-012.

use super::*;

#[test]
fn lim_012_an_entry_is_small() {
    assert!(size_of::<Queued>() <= 48, "{}", size_of::<Queued>());
    assert!(size_of::<Queue>() <= 208, "{}", size_of::<Queue>());
}

#[test]
fn lim_012_a_burst_leaves_no_memory_behind() {
    let (outbound, mut receiver) = Outbound::new(1_000_000);
    let mut batch = VecDeque::new();
    let mut cx = Context::from_waker(Waker::noop());
    let mut burst = |frames: usize, outbound: &Outbound, receiver: &mut OutboundReceiver| {
        for _ in 0..2 {
            for _ in 0..frames {
                outbound.send(frame(10)).unwrap();
            }
            assert!(receiver.poll_drain(&mut cx, &mut batch).is_ready());
            batch.clear();
        }
        assert!(receiver.poll_drain(&mut cx, &mut batch).is_pending());
        outbound.0.lock().waiting.capacity() + batch.capacity()
    };
    assert_eq!(burst(1000, &outbound, &mut receiver), 0);
    // A few frames at a time cost no allocation each time.
    let kept = burst(20, &outbound, &mut receiver);
    assert!((40..=128).contains(&kept), "{kept}");
    // Until the session is idle.
    receiver.release_memory();
    assert_eq!(outbound.0.lock().waiting.capacity(), 0);
}

#[test]
fn lim_012_what_waits_is_not_lost_with_the_memory() {
    let (outbound, mut receiver) = Outbound::new(1000);
    outbound.send(frame(10)).unwrap();
    receiver.release_memory();
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(poll_drain(&mut receiver, &mut cx), Poll::Ready(Ok(1)));
}
