use super::*;

#[tokio::test]
async fn everything_that_waits_is_taken_at_once_and_then_the_end() {
    let (outbound, mut receiver) = Outbound::new(1000);
    outbound.send(frame(1)).unwrap();
    outbound.send(frame(1)).unwrap();
    outbound.close(CloseReason::Disconnected);
    assert_eq!(
        outbound.send(frame(1)),
        Err(SessionClosed(CloseReason::Disconnected))
    );
    assert_eq!(drain(&mut receiver).await, Ok(2));
    assert_eq!(drain(&mut receiver).await, Err(CloseReason::Disconnected));
}

#[tokio::test]
async fn in_15_a_full_queue_cuts_the_slow_consumer_off_and_frees_its_memory() {
    let (outbound, mut receiver) = Outbound::new(1000);
    outbound.send(frame(900)).unwrap();
    assert_eq!(
        outbound.send(frame(900)),
        Err(SessionClosed(CloseReason::SlowConsumer))
    );
    assert_eq!(drain(&mut receiver).await, Err(CloseReason::SlowConsumer));
}

#[tokio::test]
async fn bytes_count_until_they_are_written() {
    let (outbound, mut receiver) = Outbound::new(1000);
    outbound.send(frame(600)).unwrap();
    assert_eq!(drain(&mut receiver).await, Ok(1));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(receiver.poll_cut_off(&mut cx).is_pending());
    // The writer has taken the first, but it is not written yet.
    assert_eq!(
        outbound.send(frame(600)),
        Err(SessionClosed(CloseReason::SlowConsumer))
    );
    poll_fn(|cx| receiver.poll_cut_off(cx)).await;
}

#[tokio::test]
async fn one_frame_larger_than_the_queue_is_still_delivered() {
    let (outbound, mut receiver) = Outbound::new(10);
    outbound.send(frame(600)).unwrap();
    assert_eq!(drain(&mut receiver).await, Ok(1));
}

#[tokio::test]
async fn a_sleeping_writer_is_woken_by_a_frame_and_by_the_end() {
    let (outbound, mut receiver) = Outbound::new(1000);
    let (drained, ()) = tokio::join!(drain(&mut receiver), async {
        outbound.send(frame(1)).unwrap();
    });
    assert_eq!(drained, Ok(1));
    let (drained, ()) = tokio::join!(drain(&mut receiver), async {
        outbound.close(CloseReason::Shutdown);
    });
    assert_eq!(drained, Err(CloseReason::Shutdown));
}

#[test]
fn senders_learn_that_the_connection_is_gone() {
    let (outbound, receiver) = Outbound::new(1000);
    drop(receiver);
    assert_eq!(
        outbound.send(frame(1)),
        Err(SessionClosed(CloseReason::ConnectionLost))
    );
}
