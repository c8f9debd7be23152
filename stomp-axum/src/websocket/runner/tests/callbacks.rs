//! Which callbacks are called, in which order, and what becomes of their failures.

use super::{
    super::super::{BinaryWebSocketHandler, PerConnectionWebSocketHandler, TextWebSocketHandler},
    *,
};

#[tokio::test(start_paused = true)]
async fn ws_11_established_then_messages_in_order_then_closed_once() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.client.send("a");
    served.client.send_received(Received::Binary("b".into()));
    served.client.send("c");
    served.client.close(Some((4001, "enough")));
    served.ended().await;
    let expected = [
        "established",
        "a",
        "Binary(BinaryMessage(1 bytes))",
        "c",
        "closed: 4001 enough",
    ];
    assert_eq!(handler.notes(), expected);
}

#[tokio::test(start_paused = true)]
async fn ws_12_t_004_an_unsolicited_empty_pong_is_a_message_and_a_ping_is_none() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.client.send_received(Received::Ping("p".into()));
    served.client.send_received(Received::Pong("".into()));
    served.client.close(None);
    served.ended().await;
    let pong = format!("{:?}", WebSocketMessage::Pong(Default::default()));
    let expected = ["established", pong.as_str(), "closed: 1005"];
    assert_eq!(handler.notes(), expected);
}

#[tokio::test(start_paused = true)]
async fn ws_30_t_002_a_failure_closes_with_1011() {
    for callback in ["established", "message"] {
        let handler = Arc::new(Noting::failing(callback));
        let served = serve(&handler);
        served.client.send("a");
        let written = served.client.receive(1).await;
        assert_eq!(written, [close(1011, "")], "{callback}");
        // The client's answer.
        served.client.close(Some((1011, "")));
        served.ended().await;
        let notes = handler.notes();
        assert_eq!(notes.last().unwrap(), "closed: 1011");
        let closed = notes.iter().filter(|note| note.starts_with("closed"));
        assert_eq!(closed.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn ws_30_t_002_a_failure_of_the_error_callback_closes_nothing_twice() {
    let handler = Arc::new(Noting::failing("error"));
    let served = serve(&handler);
    served.client.fail(TransportError::InvalidText);
    let written = served.ended().await;
    // The error itself had closed before.
    assert_eq!(written, [close(1007, "a text message is not UTF-8")]);
    assert_eq!(handler.notes().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn ws_30_t_002_a_failure_of_the_closed_callback_is_only_logged() {
    let handler = Arc::new(Noting::failing("closed"));
    let served = serve(&handler);
    let session = served.session.clone();
    served.client.close(Some((1000, "")));
    let written = served.ended().await;
    assert_eq!(written, []);
    assert_eq!(session.close_status(), Some(CloseStatus::NORMAL));
}

#[tokio::test(start_paused = true)]
async fn ws_30_a_panic_is_a_failure() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.client.send("panic");
    served.client.send("after");
    let written = served.ended().await;
    assert_eq!(written, [close(1011, "")]);
    assert_eq!(handler.notes(), ["established", "panic", "closed: 1011"]);
}

#[tokio::test(start_paused = true)]
async fn ws_17_one_message_at_a_time_and_one_is_read_ahead() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    for message in ["wait", "b", "c", "d"] {
        served.client.send(message);
    }
    handler.noted(2).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(handler.notes(), ["established", "wait"]);
    assert_eq!(served.client.unread(), 2);
    handler.permits.add_permits(1);
    let notes = handler.noted(5).await;
    assert_eq!(notes[2..], ["b", "c", "d"]);
}

#[tokio::test(start_paused = true)]
async fn ws_17_a_slow_handler_stops_neither_pings_nor_what_is_sent() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    served.client.send("wait");
    handler.noted(2).await;
    for _ in 0..1000 {
        served.client.send_received(Received::Ping("".into()));
    }
    served.session.send("meanwhile").await.unwrap();
    assert_eq!(served.client.written(), [text("meanwhile")]);
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(served.client.unread(), 0);
    assert_eq!(handler.notes().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn ws_27_a_callback_may_wait_for_what_it_sends() {
    let handler = Arc::new(Noting::default());
    let served = serve(&handler);
    for _ in 0..100 {
        served.client.send("echo");
    }
    let written = served.client.receive(100).await;
    assert_eq!(written, vec![text("echo"); 100]);
}

#[tokio::test(start_paused = true)]
async fn ws_13_ws_14_t_001_the_wrong_kind_closes_with_1003() {
    let handler = Arc::new(TextWebSocketHandler::new(Noting::default()));
    let served = serve(&handler);
    served.client.send("a");
    served.client.send_received(Received::Pong("".into()));
    served.client.send_received(Received::Binary("b".into()));
    let written = served.ended().await;
    assert_eq!(written, [close(1003, "Binary messages not supported")]);

    let handler = Arc::new(BinaryWebSocketHandler::new(Noting::default()));
    let served = serve(&handler);
    served.client.send_received(Received::Binary("b".into()));
    served.client.send("a");
    let written = served.ended().await;
    assert_eq!(written, [close(1003, "Text messages not supported")]);
}

#[tokio::test(start_paused = true)]
async fn ws_34_t_003_one_handler_for_each_session_until_it_is_closed() {
    let made = Arc::new(Mutex::new(Vec::new()));
    let handler = {
        let made = Arc::clone(&made);
        Arc::new(PerConnectionWebSocketHandler::new(move |_| {
            let handler = Arc::new(Noting::failing("closed"));
            made.lock().push(Arc::downgrade(&handler));
            handler
        }))
    };
    let served = serve(&handler);
    served.client.send("echo");
    served.client.receive(1).await;
    assert_eq!(made.lock().len(), 1);
    assert_eq!(made.lock()[0].strong_count(), 1);
    served.client.close(None);
    served.ended().await;
    assert_eq!(made.lock().len(), 1);
    assert_eq!(made.lock()[0].strong_count(), 0, "although it has failed");
}
