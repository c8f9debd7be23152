//! How sessions end.

use super::*;

#[tokio::test(start_paused = true)]
async fn ws_28_close_writes_what_was_sent_before_and_takes_no_more() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    handler.noted(1).await;
    served.client.block(true);
    served.session.try_send("a").unwrap();
    served
        .session
        .close_with(CloseStatus::new(4000).with_reason("bye"));
    assert!(!served.session.is_open());
    assert_eq!(served.session.try_send("b"), Err(SendError::Closed));
    served.client.send("late");
    tokio::time::sleep(Duration::from_secs(1)).await;
    served.client.block(false);
    let written = served.ended().await;
    assert_eq!(written, [text("a"), close(4000, "bye")]);
    assert_eq!(handler.notes(), ["established", "closed: 4000 bye"]);
}

#[tokio::test(start_paused = true)]
async fn ws_28_a_message_behind_the_one_that_closes_is_not_handled() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.client.block(true);
    served.session.try_send("a").unwrap();
    served.client.send("close");
    served.client.send("b");
    handler.noted(2).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    served.client.block(false);
    let written = served.ended().await;
    assert_eq!(written, [text("a"), close(1000, "")]);
    assert_eq!(handler.notes(), ["established", "close", "closed: 1000"]);
}

#[tokio::test(start_paused = true)]
async fn ws_47_t_014_only_the_first_close_counts() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.session.close_with(CloseStatus::PROTOCOL_ERROR);
    served.session.close_with(CloseStatus::SERVER_ERROR);
    assert_eq!(served.ended().await, [close(1002, "")]);
}

#[tokio::test(start_paused = true)]
async fn ws_05_a_reserved_code_is_not_sent() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.session.close_with(CloseStatus::NO_STATUS_CODE);
    assert_eq!(served.ended().await, [close(1000, "")]);
}

#[tokio::test(start_paused = true)]
async fn the_client_gets_a_second_to_close_its_side() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    handler.noted(1).await;
    let start = tokio::time::Instant::now();
    served.session.close();
    handler.noted(2).await;
    assert_eq!(start.elapsed(), Duration::ZERO, "the handler need not wait");
    assert!(!served.client.is_dropped());
    served.ended().await;
    assert_eq!(start.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn ws_11_a_lost_connection_is_an_error_and_then_1006() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.client.send("a");
    served.client.fail(TransportError::Broken("gone".into()));
    served.ended().await;
    let expected = [
        "established",
        "a",
        "error: the connection is broken",
        "closed: 1006",
    ];
    assert_eq!(handler.notes(), expected);
}

#[tokio::test(start_paused = true)]
async fn ws_11_a_session_that_just_ends_is_closed_with_1006() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.client.end();
    served.ended().await;
    assert_eq!(handler.notes(), ["established", "closed: 1006"]);
}

#[tokio::test(start_paused = true)]
async fn ws_11_what_came_before_a_write_failed_is_handled() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.client.send("wait");
    served.client.send("b");
    handler.noted(2).await;
    served.client.break_writes();
    let sent = served.session.send("c").await;
    assert_eq!(sent, Err(SendError::Closed));
    handler.permits.add_permits(1);
    served.ended().await;
    let expected = [
        "established",
        "wait",
        "b",
        "error: the connection is broken",
        "closed: 1006",
    ];
    assert_eq!(handler.notes(), expected);
}

#[tokio::test(start_paused = true)]
async fn ws_17_no_callback_is_cancelled_when_the_client_has_gone() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.client.send("wait");
    served.client.end();
    handler.noted(2).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!served.session.is_open());
    assert!(served.client.is_dropped(), "the socket is not kept for it");
    assert_eq!(handler.notes(), ["established", "wait"]);
    handler.permits.add_permits(1);
    served.ended().await;
    assert_eq!(handler.notes().last().unwrap(), "closed: 1006");
}

#[tokio::test(start_paused = true)]
async fn srv_02_a_message_that_is_too_big_closes_with_1009() {
    let limits = SessionLimits {
        max_text_message_bytes: 3,
        max_binary_message_bytes: 2,
        ..limits()
    };
    for too_big in [
        Received::Text("four".into()),
        Received::Binary("bin".into()),
    ] {
        let handler = Arc::new(Noting::default());
        let served = serve_with(&handler, limits, SendLimits::default(), pair());
        served.client.send("abc");
        served.client.send_received(too_big);
        served.client.send("d");
        assert_eq!(served.ended().await, [close(1009, "message too big")]);
        let expected = [
            "established",
            "abc",
            "error: a message is larger than the transport takes",
            "closed: 1009 message too big",
        ];
        assert_eq!(handler.notes(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn srv_01_an_idle_session_is_closed() {
    let timeout = Duration::from_secs(60);
    let limits = SessionLimits {
        idle_timeout: Some(timeout),
        ..limits()
    };
    let handler = Arc::new(Noting::default());
    let served = serve_with(&handler, limits, SendLimits::default(), pair());
    let start = tokio::time::Instant::now();
    // Either direction counts, and the time of a handler does not.
    tokio::time::sleep(timeout / 2).await;
    served.client.send_received(Received::Ping("".into()));
    tokio::time::sleep(timeout / 2).await;
    served.session.send("a").await.unwrap();
    tokio::time::sleep(timeout / 2).await;
    served.client.send("wait");
    tokio::time::sleep(timeout * 2).await;
    handler.permits.add_permits(1);
    served.client.send("b");
    let closed = handler.noted(4).await;
    assert_eq!(closed[3], "closed: 1001 idle for too long");
    assert_eq!(start.elapsed(), timeout * 9 / 2);
    let written = served.ended().await;
    assert_eq!(written[1..], [close(1001, "idle for too long")]);
}

#[tokio::test(start_paused = true)]
async fn ws_22_attributes_are_emptied_at_the_end_so_that_no_session_keeps_itself() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    let session = served.session.clone();
    session.attributes().insert(session.clone());
    served.client.end();
    served.ended().await;
    assert!(!session.attributes().contains::<WebSocketSession>());
}

#[tokio::test(start_paused = true)]
async fn shutting_down_closes_with_1001_and_waits_for_handlers() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.client.send("wait");
    handler.noted(2).await;
    let sessions = served.sessions.clone();
    sessions.life().close();
    sessions.close_all();
    let ended = {
        let life = sessions.life().clone();
        tokio::spawn(async move { life.ended().await })
    };
    let written = served.client.receive(1).await;
    assert_eq!(written, [close(1001, "the server stops")]);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(!ended.is_finished());
    handler.permits.add_permits(1);
    ended.await.unwrap();
    assert_eq!(
        handler.notes().last().unwrap(),
        "closed: 1001 the server stops"
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_that_comes_too_late_is_closed_and_no_handler_hears_of_it() {
    let handler = Arc::new(Noting::default());
    let sessions = Sessions::new(Life::default());
    sessions.life().close();
    sessions.close_all();
    let (socket, client) = pair();
    let session = WebSocketSession::new(opened(), SendLimits::default(), true, sessions.clone());
    let shared = Shared(Arc::clone(&handler));
    run(socket, session, shared, limits(), &sessions).await;
    assert_eq!(client.written(), [close(1001, "the server stops")]);
    assert_eq!(handler.notes(), [""; 0]);
    assert_eq!(sessions.len(), 0);
}

/// What an idle session costs, beside its socket: its future lives as long as it does.
#[test]
fn a_session_is_its_future_and_little_else() {
    struct Silent;

    impl WebSocketHandler for Silent {}

    let sessions = Sessions::new(Life::default());
    let session = WebSocketSession::new(opened(), SendLimits::default(), true, sessions.clone());
    let (socket, _client) = pair();
    let shared = Shared(Arc::new(Silent));
    let serving = run(socket, session, shared, limits(), &sessions);
    let bytes = size_of_val(&serving);
    assert!(bytes <= 1000, "{bytes}");
}

#[tokio::test(start_paused = true)]
async fn ws_28_no_message_is_handled_after_a_close_that_waits_for_the_client_to_read() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    handler.noted(1).await;
    served.client.block(true);
    served.session.try_send("a").unwrap();
    // It is with the socket, so that the good-bye has to wait for it.
    tokio::time::sleep(Duration::from_millis(1)).await;
    served.session.close();
    for _ in 0..100 {
        served.client.send("late");
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    served.client.block(false);
    let written = served.ended().await;
    assert_eq!(written, [text("a"), close(1000, "")]);
    assert_eq!(handler.notes(), ["established", "closed: 1000"]);
}

#[tokio::test(start_paused = true)]
async fn sj_hb_01_a_socket_that_is_not_read_is_polled() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.client.send("wait");
    handler.noted(2).await;
    served.client.send("b");
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(served.client.unread(), 0, "one message is read ahead");
    let polls = served.client.unread_polls();
    served.session.send("x").await.unwrap();
    assert!(served.client.unread_polls() > polls);
    handler.permits.add_permits(1);
    served.client.end();
    served.ended().await;
}
