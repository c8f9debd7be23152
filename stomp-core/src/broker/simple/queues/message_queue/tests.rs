use std::sync::atomic::Ordering;

use bytes::Bytes;

use super::*;
use crate::{
    broker::SubscribeOptions,
    codec::Version,
    message::{Message, MessageIds, SessionId},
    session::{CloseReason, Outbound, OutboundReceiver, Session, SessionAttributes},
};

const BOUNDS: QueueBounds = QueueBounds {
    bytes: 1 << 20,
    total_bytes: 1 << 20,
    unacknowledged: 128,
    deliveries: 10,
};

fn session(outbound_bytes: usize) -> (Session, OutboundReceiver) {
    let (outbound, receiver) = Outbound::new(outbound_bytes);
    let session = Session::new(
        SessionId::random(),
        Version::V1_2,
        None,
        SessionAttributes::default(),
        Default::default(),
        outbound,
    );
    (session, receiver)
}

fn subscription(session: &Session, number: u64, ack: AckMode) -> Subscription {
    let options = SubscribeOptions {
        ack,
        ..SubscribeOptions::default()
    };
    let destination = "/queue/a".into();
    Subscription::new(session.clone(), None, destination, number, false, options)
}

fn queue(total: &Arc<AtomicUsize>) -> Arc<MessageQueue> {
    MessageQueue::shared(BOUNDS, OutboundChannel::default(), total.clone())
}

fn add(queue: &Arc<MessageQueue>, subscription: &Subscription) {
    assert!(queue.add(subscription));
    queue.start(subscription);
}

fn published(ids: &MessageIds, bytes: usize) -> Arc<Published> {
    let message = Message::new("/queue/a", Bytes::from(vec![b'x'; bytes]));
    Published::new(message, ids.next(), None)
}

/// Writes all that waits for a client.
async fn write(receiver: &mut OutboundReceiver) {
    let mut frames = VecDeque::new();
    std::future::poll_fn(|cx| {
        while receiver.poll_drain(cx, &mut frames).is_ready() && !frames.is_empty() {
            frames.clear();
        }
        std::task::Poll::Ready(())
    })
    .await;
}

/// A consumer that does not read is not asked again whenever another one has room, and waits once.
#[tokio::test]
async fn t_23_a_slow_consumer_waits_once_however_often_others_have_room() {
    let total = Arc::default();
    let queue = queue(&total);
    let ids = MessageIds::new();
    let (slow, _slow_receiver) = session(1000);
    let (fast, mut receiver) = session(1000);
    let slow = subscription(&slow, 0, AckMode::Auto);
    let fast = subscription(&fast, 0, AckMode::Auto);
    add(&queue, &slow);
    add(&queue, &fast);
    for _ in 0..100 {
        for _ in 0..3 {
            queue.push(&published(&ids, 600)).unwrap();
        }
        while queue.waiting() > 0 {
            write(&mut receiver).await;
        }
    }
    let state = queue.state.lock();
    let waits_at: Vec<_> = state.consumers.iter().map(Consumer::waits_at).collect();
    assert_eq!(waits_at, [1, 0]);
}

#[tokio::test]
async fn lim_011_bytes_are_those_of_what_is_there() {
    let total = Arc::default();
    let queue = queue(&total);
    let ids = MessageIds::new();
    let bytes = |queue: &MessageQueue| queue.state.lock().bytes;
    let (client, mut receiver) = session(1 << 20);
    let subscription = subscription(&client, 0, AckMode::ClientIndividual);
    let one = published(&ids, 100);
    let cost = one.bytes();
    for _ in 0..4 {
        queue.push(&one).unwrap();
    }
    queue.reserve(cost).unwrap();
    assert_eq!(
        (bytes(&queue), total.load(Ordering::Relaxed)),
        (5 * cost, 5 * cost)
    );
    queue.release_reserved(cost);
    add(&queue, &subscription);
    write(&mut receiver).await;
    // Delivered, and not acknowledged.
    assert_eq!((bytes(&queue), queue.waiting()), (4 * cost, 0));
    assert!(queue.settle(&subscription, 1, Verdict::Accepted).is_empty());
    assert_eq!(queue.settle(&subscription, 0, Verdict::Rejected).len(), 1);
    // Again, and of no use.
    assert!(queue.settle(&subscription, 0, Verdict::Rejected).is_empty());
    assert!(
        queue
            .settle(&subscription, u64::MAX, Verdict::Accepted)
            .is_empty()
    );
    queue.settle(&subscription, 2, Verdict::Returned);
    assert_eq!(total.load(Ordering::Relaxed), 2 * cost);
    assert!(queue.remove(&subscription).is_empty());
    assert!(queue.remove(&subscription).is_empty());
    assert_eq!((queue.waiting(), queue.consumers()), (2, 0));
    assert_eq!(total.load(Ordering::Relaxed), 2 * cost);
    assert!(!queue.remove_if_idle());
    client.outbound().close(CloseReason::Disconnected);
    let (client, _receiver) = session(1 << 20);
    let auto = super::tests::subscription(&client, 0, AckMode::Auto);
    add(&queue, &auto);
    assert_eq!((bytes(&queue), total.load(Ordering::Relaxed)), (0, 0));
    queue.remove(&auto);
    assert!(queue.remove_if_idle());
    assert_eq!(queue.push(&one), Err(NotTaken::Gone));
    assert!(!queue.add(&auto));
}

/// A message whose session is closed while it is offered to it waits for the next.
#[tokio::test]
async fn ack_002_a_closed_session_takes_nothing_out_of_a_queue() {
    let total = Arc::default();
    let queue = queue(&total);
    let ids = MessageIds::new();
    let (client, _receiver) = session(1 << 20);
    let subscription = subscription(&client, 0, AckMode::Auto);
    add(&queue, &subscription);
    client.outbound().close(CloseReason::ConnectionLost);
    for _ in 0..3 {
        queue.push(&published(&ids, 1)).unwrap();
    }
    assert_eq!(queue.waiting(), 3);
    // That of a subscription to a topic keeps nothing for it.
    let bounds = QueueBounds {
        bytes: 1000,
        ..BOUNDS
    };
    let private = MessageQueue::private(bounds, OutboundChannel::default(), &subscription, []);
    private.start(&subscription);
    for _ in 0..10 {
        private.push(&published(&ids, 500)).unwrap();
    }
    assert_eq!((private.waiting(), private.state.lock().bytes), (0, 0));
}

/// Those that have capacity are counted, whatever happens to them.
#[tokio::test]
async fn consumers_with_capacity_are_counted() {
    let bounds = QueueBounds {
        unacknowledged: 2,
        ..BOUNDS
    };
    let queue = MessageQueue::shared(bounds, OutboundChannel::default(), Arc::default());
    let ids = MessageIds::new();
    let able = || {
        let state = queue.state.lock();
        let able = state.consumers.iter().filter(|it| it.has_capacity());
        assert_eq!(state.able, able.count());
        state.able
    };
    let (slow, _slow_receiver) = session(1000);
    let (fast, mut receiver) = session(2000);
    let slow = subscription(&slow, 0, AckMode::Auto);
    let fast = subscription(&fast, 0, AckMode::ClientIndividual);
    assert!(queue.add(&slow));
    assert_eq!(able(), 0);
    queue.start(&slow);
    queue.start(&slow);
    add(&queue, &fast);
    assert_eq!(able(), 2);
    for _ in 0..6 {
        queue.push(&published(&ids, 600)).unwrap();
        able();
    }
    // No room, and no window.
    write(&mut receiver).await;
    assert_eq!((able(), queue.waiting()), (0, 3));
    for delivery in [0, 0, 1] {
        queue.settle(&fast, delivery, Verdict::Accepted);
        write(&mut receiver).await;
        able();
    }
    queue.settle(&fast, 2, Verdict::Returned);
    queue.settle(&fast, 4, Verdict::Rejected);
    able();
    queue.remove(&slow);
    queue.serve();
    able();
    fast.session.end();
    queue.settle(&fast, 3, Verdict::Returned);
    assert_eq!(able(), 0);
    queue.remove(&fast);
    assert_eq!(able(), 0);
}

/// Consumers of a session are removed one by one, and what they had is offered then. Whoever publishes meanwhile is behind
/// it.
#[tokio::test]
async fn ord_007_a_new_message_does_not_overtake_what_has_come_back() {
    let queue = queue(&Arc::default());
    let ids = MessageIds::new();
    let (lost, _lost_receiver) = session(1 << 20);
    let (other, _receiver) = session(1 << 20);
    let lost = subscription(&lost, 0, AckMode::Client);
    let other = subscription(&other, 0, AckMode::Client);
    let messages: Vec<_> = (0..3).map(|_| published(&ids, 1)).collect();
    add(&queue, &lost);
    queue.push(&messages[0]).unwrap();
    queue.push(&messages[1]).unwrap();
    add(&queue, &other);
    queue.remove(&lost);
    queue.push(&messages[2]).unwrap();
    queue.serve();
    for (delivery, message) in messages.iter().enumerate() {
        let name = DeliveryName::MessageId(message.id.as_str());
        assert_eq!(queue.unsettled(&other, name), Some(delivery as u64));
    }
}
