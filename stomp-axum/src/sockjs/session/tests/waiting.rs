//! Messages that wait for the client are bounded: SJ-SES-10.

use super::*;

fn bounded(
    http_message_cache_size: usize,
    http_cache_bytes: usize,
) -> (Arc<Session>, SessionSocket) {
    let settings = Settings {
        http_message_cache_size,
        http_cache_bytes,
        ..Settings::default()
    };
    open(&Sessions::new(settings), "one")
}

#[tokio::test(start_paused = true)]
async fn sj_ses_10_the_application_waits_when_100_messages_do() {
    let (session, mut socket) = polled().await;
    for _ in 0..100 {
        assert!(socket.has_room());
        socket.say("x").await;
    }
    assert!(!socket.has_room());
    assert_eq!(poll(&session).await.len(), "a[]\n".len() + 100 * 4 - 1);
    assert!(socket.has_room());
}

#[tokio::test(start_paused = true)]
async fn sj_ses_10_bytes_count_too() {
    let (session, mut socket) = bounded(100, 10);
    assert_eq!(poll(&session).await, "o\n");
    socket.say("12345").await;
    assert!(socket.has_room());
    // One may be larger than what is left.
    socket.say("1234567890").await;
    assert!(!socket.has_room());
    assert_eq!(poll(&session).await, "a[\"12345\",\"1234567890\"]\n");
    assert!(socket.has_room());
}

#[tokio::test(start_paused = true)]
async fn sj_ses_10_what_is_not_flushed_counts() {
    let (_session, mut socket) = bounded(3, 1000);
    for _ in 0..3 {
        assert!(socket.has_room());
        socket.send(MessageKind::Text, &Bytes::from_static(b"x"));
    }
    assert!(!socket.has_room());
    poll_fn(|cx| socket.poll_flush(cx)).await.unwrap();
    assert!(!socket.has_room());
}

#[tokio::test(start_paused = true)]
async fn sj_ses_10_who_waits_for_room_is_woken_by_the_next_poll() {
    let (session, mut socket) = bounded(1, 1000);
    assert_eq!(poll(&session).await, "o\n");
    socket.say("a").await;
    let sent = tokio::spawn(async move {
        socket.say("b").await;
        socket
    });
    tokio::task::yield_now().await;
    assert!(!sent.is_finished());
    assert_eq!(poll(&session).await, "a[\"a\"]\n");
    let mut socket = sent.await.unwrap();
    assert_eq!(poll(&session).await, "a[\"b\"]\n");
    assert!(socket.has_room());
}

#[tokio::test(start_paused = true)]
async fn sj_ses_10_a_stream_that_is_not_read_makes_the_application_wait() {
    let (session, mut socket) = bounded(2, 1000);
    let mut stream = stream(&session).await;
    socket.say("a").await;
    socket.say("b").await;
    assert!(!socket.has_room());
    assert_eq!(stream.next().await.unwrap(), "a[\"a\",\"b\"]\n");
    assert!(socket.has_room());
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_owns_no_buffer() {
    let (session, mut socket, mut stream) = streamed().await;
    for _ in 0..50 {
        poll_fn(|cx| socket.poll_ready(cx)).await.unwrap();
        socket.send(MessageKind::Text, &Bytes::from_static(b"x"));
    }
    socket.say("x").await;
    socket.say("x").await;
    stream.next().await.unwrap();
    session.deliver(messages(&["x"; 50])).await.unwrap();
    while socket.receive().now_or_never().is_some() {}
    assert_eq!(socket.unflushed_capacity(), 0);
    assert_eq!(session.state.lock().capacities(), (0, 0));
}
