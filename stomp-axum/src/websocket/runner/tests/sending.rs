//! What waits for slow clients, and what becomes of it (WS-40 to WS-47).

use bytes::Bytes;

use super::{
    super::super::{OverflowStrategy, PingMessage, TextMessage},
    *,
};
use crate::message_socket::{FrameKind, MessageKind};

const SLOW: &str = "Failed to send message within the configured send limit";

fn small(overflow: OverflowStrategy) -> SendLimits {
    SendLimits {
        buffer_bytes: 1024,
        overflow,
    }
}

/// A session in which a write is blocked.
async fn blocked(handler: &Arc<Noting>, send_limits: SendLimits) -> Served {
    let served = serve_with(handler, limits(), send_limits, pair());
    served.client.block(true);
    served.session.try_send("first").unwrap();
    // Until it was handed to the socket.
    while served.session.buffered_bytes() > 0 {
        tokio::task::yield_now().await;
    }
    served
}

#[tokio::test(start_paused = true)]
async fn ws_41_t_009_an_idle_session_sends_at_once() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.session.send("a").await.unwrap();
    assert_eq!(served.client.written(), [text("a")]);
    assert_eq!(served.session.buffered_bytes(), 0);
    assert!(served.session.is_open());
}

#[tokio::test(start_paused = true)]
async fn ws_43_t_010_messages_behind_a_blocked_one_wait() {
    let handler = Arc::new(Noting::default());
    let served = blocked(&handler, small(OverflowStrategy::Terminate)).await;
    for _ in 0..5 {
        served.session.try_send("7 bytes").unwrap();
    }
    assert_eq!(served.session.buffered_bytes(), 35);
    assert!(served.session.is_open());
    served.client.block(false);
    let written = served.client.receive(6).await;
    assert_eq!(written[1..], vec![text("7 bytes"); 5]);
    assert_eq!(served.session.buffered_bytes(), 0);
}

#[tokio::test(start_paused = true)]
async fn ws_44_t_011_a_write_that_hangs_ends_the_session_without_a_later_send() {
    let handler = Arc::new(Noting::default());
    let start = tokio::time::Instant::now();
    let served = blocked(&handler, SendLimits::default()).await;
    let waiting = served.session.send("second").await;
    assert_eq!(waiting, Err(SendError::Closed));
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    let notes = handler.noted(2).await;
    assert_eq!(notes[1], format!("closed: 4500 {SLOW}"));
    // It might have taken the close frame.
    assert_eq!(start.elapsed(), Duration::from_secs(11));
    served.ended().await;
}

#[tokio::test(start_paused = true)]
async fn ws_44_whoever_goes_on_reading_is_told_why() {
    let handler = Arc::new(Noting::default());
    let served = blocked(&handler, SendLimits::default()).await;
    tokio::time::sleep(Duration::from_millis(10_500)).await;
    served.client.block(false);
    let written = served.client.receive(2).await;
    assert_eq!(written, [text("first"), close(4500, SLOW)]);
}

#[tokio::test(start_paused = true)]
async fn ws_44_progress_is_enough() {
    let handler = Arc::new(Noting::default());
    let served = blocked(&handler, SendLimits::default()).await;
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_secs(9)).await;
        served.client.block(false);
        let written = served.client.written().len();
        served.client.receive(written + 1).await;
        served.client.block(true);
        served.session.try_send("more").unwrap();
    }
    assert!(served.session.is_open());
}

#[tokio::test(start_paused = true)]
async fn ws_45_t_012_too_much_closes_with_4500() {
    let handler = Arc::new(Noting::default());
    let served = blocked(&handler, small(OverflowStrategy::Terminate)).await;
    served.session.try_send("x").unwrap();
    served.session.try_send("x".repeat(1023)).unwrap();
    assert_eq!(
        served.session.buffered_bytes(),
        1024,
        "it may be full, and not more"
    );
    let error = served.session.try_send("x".repeat(1022)).unwrap_err();
    let id = served.session.id();
    let text = format!("Buffer size 2046 bytes for session '{id}' exceeds the allowed limit 1024");
    assert!(error.to_string().starts_with(&text), "{error}");
    assert_eq!(
        served.session.buffered_bytes(),
        0,
        "the memory is freed at once"
    );
    // An error, where Spring is silent (T-015).
    assert_eq!(served.session.try_send("y"), Err(SendError::Closed));
    let cut_off = tokio::time::Instant::now();
    let notes = handler.noted(2).await;
    assert_eq!(notes[1], format!("closed: 4500 {SLOW}"));
    // Time enough for the close frame, and no more.
    assert_eq!(cut_off.elapsed(), Duration::from_secs(1));
}

/// What they take of the memory is bounded, and not only what they say.
#[tokio::test(start_paused = true)]
async fn ws_45_many_small_messages_are_too_much_too() {
    for overflow in [OverflowStrategy::Terminate, OverflowStrategy::Drop] {
        let handler = Arc::new(Noting::default());
        let served = blocked(&handler, small(overflow)).await;
        let sent = (0..1024).map(|_| served.session.try_send(""));
        let failed = sent.filter(Result::is_err).count();
        match overflow {
            OverflowStrategy::Terminate => assert!(failed > 900, "{failed}"),
            OverflowStrategy::Drop => assert_eq!(failed, 0),
        }
        served.client.block(false);
        served.session.close();
        handler.noted(2).await;
        let written = served.client.written().len();
        assert!(written < 100, "{written}");
    }
}

#[tokio::test(start_paused = true)]
async fn ws_45_a_message_alone_may_be_larger() {
    let handler = Arc::new(Noting::default());
    let send_limits = small(OverflowStrategy::Terminate);
    let served = serve_with(&handler, limits(), send_limits, pair());
    served.session.send("x".repeat(2000)).await.unwrap();
    served.session.try_send("x".repeat(2000)).unwrap();
    served.client.receive(2).await;
    assert!(served.session.is_open());
}

#[tokio::test(start_paused = true)]
async fn ws_46_t_013_the_oldest_are_dropped() {
    let handler = Arc::new(Noting::default());
    let served = blocked(&handler, small(OverflowStrategy::Drop)).await;
    let waiting = {
        let session = served.session.clone();
        tokio::spawn(async move { session.send("x".repeat(1023)).await })
    };
    while served.session.buffered_bytes() == 0 {
        tokio::task::yield_now().await;
    }
    for number in 1..5 {
        let message = number.to_string().repeat(1023);
        served.session.try_send(message).unwrap();
    }
    assert_eq!(served.session.buffered_bytes(), 1023);
    assert_eq!(waiting.await.unwrap(), Err(SendError::Dropped));
    assert!(served.session.is_open());
    served.client.block(false);
    let written = served.client.receive(2).await;
    let last = Sent::Message(MessageKind::Text, Bytes::from("4".repeat(1023)));
    assert_eq!(written, [text("first"), last]);
}

#[tokio::test(start_paused = true)]
async fn ws_47_t_014_whoever_can_not_be_told_is_closed_with_4500() {
    let handler = Arc::new(Noting::default());
    let served = blocked(&handler, SendLimits::default()).await;
    served.session.close_with(CloseStatus::PROTOCOL_ERROR);
    let notes = handler.noted(2).await;
    assert_eq!(notes[1], format!("closed: 4500 {SLOW}"));
    served.ended().await;
}

#[tokio::test(start_paused = true)]
async fn jsr_20_nothing_comes_between_the_parts_of_a_message_but_pings() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    let session = &served.session;
    session
        .send(TextMessage::partial("a", false))
        .await
        .unwrap();
    session.try_send("whole").unwrap();
    session.try_send(PingMessage::new("p")).unwrap();
    let other_kind = super::super::super::BinaryMessage::partial("x", false);
    assert_eq!(session.try_send(other_kind), Err(SendError::Interleaved));
    session.try_send(TextMessage::partial("b", false)).unwrap();
    session.send(TextMessage::partial("c", true)).await.unwrap();
    let part = |is_first, is_last, text: &'static str| {
        let kind = MessageKind::Text;
        let part = FrameKind::Part {
            kind,
            is_first,
            is_last,
        };
        Sent::Frame(part, text.into())
    };
    let expected = [
        part(true, false, "a"),
        Sent::Frame(FrameKind::Ping, "p".into()),
        part(false, false, "b"),
        part(false, true, "c"),
        text("whole"),
    ];
    assert_eq!(served.client.receive(5).await, expected);
    assert_eq!(
        session.try_send(PingMessage::new(vec![0; 126])),
        Err(SendError::ControlTooLong(126))
    );
}

#[tokio::test(start_paused = true)]
async fn ws_46_no_part_of_a_message_is_dropped() {
    let handler = Arc::new(Noting::default());
    let served = blocked(&handler, small(OverflowStrategy::Drop)).await;
    let part = |is_last| TextMessage::partial("p".repeat(500), is_last);
    served.session.try_send(part(false)).unwrap();
    served.session.try_send("w".repeat(500)).unwrap();
    served.session.try_send(part(true)).unwrap();
    // The whole one is gone, and what is left is no message without its parts.
    assert_eq!(served.session.buffered_bytes(), 1000);
    let part = TextMessage::partial("p".repeat(500), false);
    let error = served.session.try_send(part).unwrap_err();
    assert!(matches!(error, SendError::BufferLimit { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn ws_46_the_oldest_that_wait_for_the_end_of_a_message_are_dropped() {
    let handler = Arc::new(Noting::default());
    let served = blocked(&handler, small(OverflowStrategy::Drop)).await;
    let part = |is_last| TextMessage::partial("p", is_last);
    served.session.try_send(part(false)).unwrap();
    for number in 1..5 {
        let message = number.to_string().repeat(1000);
        served.session.try_send(message).unwrap();
    }
    served.session.try_send(part(true)).unwrap();
    served.client.block(false);
    let written = served.client.receive(4).await;
    let last = Sent::Message(MessageKind::Text, Bytes::from("4".repeat(1000)));
    assert_eq!(written[3], last);
}

#[tokio::test(start_paused = true)]
async fn ws_47_whoever_has_closed_is_not_cut_off() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.client.close(Some((4000, "bye")));
    handler.noted(2).await;
    served.session.outbound().cut_off();
    let status = CloseStatus::new(4000).with_reason("bye");
    assert_eq!(served.session.close_status(), Some(status));
    served.ended().await;
}

#[tokio::test(start_paused = true)]
async fn over_sockjs_parts_are_joined_and_there_are_texts_alone() {
    let handler = Arc::new(Noting::default());
    let (socket, client) = pair();
    let client = client.over_sockjs();
    let send_limits = small(OverflowStrategy::Terminate);
    let served = serve_with(&handler, limits(), send_limits, (socket, client));
    let session = &served.session;
    session
        .send(TextMessage::partial("a", false))
        .await
        .unwrap();
    assert_eq!(session.buffered_bytes(), 1);
    session.send("whole").await.unwrap();
    session.send(TextMessage::partial("b", true)).await.unwrap();
    assert_eq!(served.client.written(), [text("whole"), text("ab")]);
    let binary = session.try_send(vec![1]);
    assert_eq!(binary, Err(SendError::Unsupported("binary messages")));
    let ping = session.try_send(PingMessage::default());
    assert_eq!(ping, Err(SendError::Unsupported("pings")));
    // What is joined counts, too.
    session
        .try_send(TextMessage::partial("x".repeat(1000), false))
        .unwrap();
    let more = session.try_send(TextMessage::partial("x".repeat(1000), false));
    assert!(matches!(more, Err(SendError::BufferLimit { .. })));
}

#[tokio::test(start_paused = true)]
async fn jsr_21_a_broadcast_reaches_all_that_are_open() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    let (socket, other) = pair();
    let sessions = served.sessions.clone();
    let session = WebSocketSession::new(opened(), SendLimits::default(), true, sessions.clone());
    let shared = Shared(Arc::clone(&handler));
    tokio::spawn(run(socket, session.clone(), shared, limits(), &sessions));
    assert_eq!(session.open_sessions().len(), 2);
    assert_eq!(served.session.broadcast("news"), 2);
    assert_eq!(other.receive(1).await, [text("news")]);
    assert_eq!(served.client.receive(1).await, [text("news")]);
    session.close();
    assert_eq!(served.session.broadcast("more"), 1);
}

#[tokio::test(start_paused = true)]
async fn ws_44_a_limit_beyond_all_time_is_none() {
    let limits = SessionLimits {
        send_time_limit: Duration::MAX,
        idle_timeout: Some(Duration::MAX),
        ..limits()
    };
    let handler = Arc::new(Noting::default());
    let served = serve_with(&handler, limits, SendLimits::default(), pair());
    served.client.block(true);
    served.session.try_send("a").unwrap();
    tokio::time::sleep(Duration::from_secs(1_000_000)).await;
    served.client.block(false);
    assert_eq!(served.client.receive(1).await, [text("a")]);
}
