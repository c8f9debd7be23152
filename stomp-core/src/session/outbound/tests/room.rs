use std::sync::Weak;

use super::*;

#[tokio::test]
async fn senders_that_wait_go_on_when_half_of_the_queue_is_written() {
    let (outbound, mut receiver) = Outbound::new(1000);
    drop(outbound.room_for(0).await);
    outbound.send(frame(600)).unwrap();
    let mut waiting = pin!(outbound.room_for(0));
    assert!(futures_util::poll!(waiting.as_mut()).is_pending());
    // Taken is not written.
    assert_eq!(drain(&mut receiver).await, Ok(1));
    assert!(futures_util::poll!(waiting.as_mut()).is_pending());
    expect_nothing(&mut receiver);
    drop(waiting.await);
}

#[tokio::test]
async fn senders_that_wait_have_room_for_all_that_they_send() {
    let (outbound, mut receiver) = Outbound::new(1000);
    outbound.send(frame(300)).unwrap();
    drop(outbound.room_for(100).await);
    let mut waiting = pin!(outbound.room_for(900));
    assert!(futures_util::poll!(waiting.as_mut()).is_pending());
    let mut larger_than_the_queue = pin!(outbound.room_for(usize::MAX));
    assert!(futures_util::poll!(larger_than_the_queue.as_mut()).is_pending());
    assert_eq!(drain(&mut receiver).await, Ok(1));
    expect_nothing(&mut receiver);
    drop(waiting.await);
    drop(larger_than_the_queue.await);
}

#[tokio::test]
async fn senders_that_wait_learn_of_the_end() {
    let (outbound, receiver) = Outbound::new(1000);
    outbound.send(frame(600)).unwrap();
    let (_, ()) = tokio::join!(outbound.room_for(0), async {
        outbound.close(CloseReason::Shutdown);
    });
    let (outbound_of_lost, receiver_of_lost) = Outbound::new(1000);
    outbound_of_lost.send(frame(600)).unwrap();
    let (_, ()) = tokio::join!(outbound_of_lost.room_for(0), async {
        drop(receiver_of_lost);
    });
    drop(receiver);
}

#[tokio::test]
async fn room_is_not_promised_to_two_senders() {
    let (outbound, _receiver) = Outbound::new(1000);
    let first = outbound.room_for(600).await;
    let mut second = pin!(outbound.room_for(600));
    assert!(futures_util::poll!(second.as_mut()).is_pending());
    assert!(matches!(
        outbound.send_if_room(frame(600), Overflow::DISCONNECT),
        Err(Unsent::NoRoom(_))
    ));
    // Others are not kept from sending.
    outbound.send(frame(300)).unwrap();
    // The first has sent nothing after all.
    drop(first);
    let second = second.await;
    drop(second);
    assert_eq!(outbound.closed(), None);
}

#[tokio::test]
async fn a_sender_that_gives_up_is_forgotten() {
    let (outbound, mut receiver) = Outbound::new(1000);
    outbound.send(frame(600)).unwrap();
    for _ in 0..10 {
        let mut waiting = Box::pin(outbound.room_for(0));
        for _ in 0..3 {
            assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        }
        assert_eq!(outbound.0.lock().room.as_ref().unwrap().tasks(), 1);
    }
    assert_eq!(outbound.0.lock().room.as_ref().unwrap().tasks(), 0);
    assert_eq!(drain(&mut receiver).await, Ok(1));
}

/// A queue of a broker in small: it has messages left, and sends them as there is room.
struct Backlog {
    this: Weak<Self>,
    outbound: Outbound,
    left: Mutex<usize>,
    bytes: usize,
}

impl RoomWaiter for Backlog {
    fn has_room(&self) {
        let mut left = self.left.lock();
        while *left > 0 {
            match self
                .outbound
                .send_if_room(frame(self.bytes), Overflow::DISCONNECT)
            {
                Ok(()) => *left -= 1,
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

#[tokio::test]
async fn lim_014_a_backlog_goes_on_as_there_is_room_and_never_cuts_its_client_off() {
    for bytes in [1, 100, 400, 600, 2000] {
        let (outbound, mut receiver) = Outbound::new(1000);
        let backlog = Arc::new_cyclic(|this| Backlog {
            this: Weak::clone(this),
            outbound: outbound.clone(),
            left: Mutex::new(50),
            bytes,
        });
        backlog.has_room();
        let mut delivered = 0;
        while delivered < 50 {
            assert!(outbound.waiting_bytes() <= 1000.max(frame(bytes).len()));
            delivered += drain(&mut receiver).await.unwrap();
        }
        assert_eq!(*backlog.left.lock(), 0);
        assert_eq!(outbound.closed(), None);
        expect_nothing(&mut receiver);
    }
}

#[tokio::test]
async fn waiters_are_told_once_and_by_the_connection_only() {
    #[derive(Default)]
    struct Counter(Mutex<usize>);
    impl RoomWaiter for Counter {
        fn has_room(&self) {
            *self.0.lock() += 1;
        }
    }

    let (outbound, mut receiver) = Outbound::new(1000);
    let counter = Arc::new(Counter::default());
    let waiter: Arc<dyn RoomWaiter> = counter.clone();
    let told = || *counter.0.lock();
    assert!(!outbound.when_room(600, &waiter));
    outbound.send(frame(600)).unwrap();
    // However often it says that it waits.
    assert!(outbound.when_room(0, &waiter));
    assert!(outbound.when_room(0, &waiter));
    assert_eq!(drain(&mut receiver).await, Ok(1));
    assert_eq!(told(), 0);
    expect_nothing(&mut receiver);
    assert_eq!(told(), 1);
    expect_nothing(&mut receiver);
    assert_eq!(told(), 1);

    // Room that was kept for another sender is given back: the connection is woken to say so.
    let room = outbound.room_for(900).await;
    assert!(outbound.when_room(600, &waiter));
    let ((), ()) = tokio::join!(
        poll_fn(|cx| {
            assert!(poll_drain(&mut receiver, cx).is_pending());
            if told() == 2 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }),
        async { drop(room) }
    );

    // A sender that cuts the client off holds locks, perhaps that of the waiter.
    outbound.send(frame(900)).unwrap();
    assert!(outbound.when_room(0, &waiter));
    outbound.send(frame(900)).unwrap_err();
    assert_eq!(told(), 2);
    assert_eq!(drain(&mut receiver).await, Err(CloseReason::SlowConsumer));
    assert_eq!(told(), 3);
    assert!(!outbound.when_room(0, &waiter));

    // Whoever is gone is not told, and not kept.
    let (outbound, receiver) = Outbound::new(1000);
    outbound.send(frame(900)).unwrap();
    for _ in 0..10 {
        let gone: Arc<dyn RoomWaiter> = Arc::new(Counter::default());
        assert!(outbound.when_room(0, &gone));
    }
    assert!(outbound.when_room(0, &waiter));
    assert_eq!(outbound.0.lock().room.as_ref().unwrap().waiters(), 1);
    drop(receiver);
    assert_eq!(told(), 4);
}
