//! What comes, what goes, and how sessions end (WS-10 to WS-30, SRV-02).

use super::*;

#[tokio::test]
async fn ws_10_ws_11_a_session_from_its_beginning_to_its_end() {
    let (echo, mut events) = Echo::new();
    let address = start(WebSocketEndpoint::new("/echo", echo)).await;
    let mut client = open(address, &[]).await;
    client.send("a").await;
    expect_text(&mut client, "a").await;
    client.send_message(WsMessage::binary(vec![1, 2])).await;
    assert_eq!(client.receive().await, Some(WsMessage::binary(vec![1, 2])));
    // Fragments become one message.
    client.send_message(fragment(b"b", Data::Text, false)).await;
    client
        .send_message(fragment(b"c", Data::Continue, true))
        .await;
    expect_text(&mut client, "bc").await;
    let close = CloseFrame {
        code: 4000.into(),
        reason: "enough".into(),
    };
    within(client.socket.close(Some(close.clone())))
        .await
        .unwrap();
    assert_eq!(client.receive().await, Some(WsMessage::Close(Some(close))));
    for event in [
        "established /echo?q=1",
        "text \"a\" true",
        "binary 2 true",
        "text \"bc\" true",
        "closed 4000 enough",
    ] {
        assert_eq!(events.next().await, event);
    }
}

#[tokio::test]
async fn ws_12_t_004_pongs_come_and_pings_are_answered() {
    let (echo, mut events) = Echo::new();
    let address = start(WebSocketEndpoint::new("/echo", echo)).await;
    let mut client = open(address, &[]).await;
    client.send_message(WsMessage::Pong("".into())).await;
    client.send_message(WsMessage::Ping("x".into())).await;
    assert_eq!(client.receive().await, Some(WsMessage::Pong("x".into())));
    client.send("ping").await;
    assert_eq!(client.receive().await, Some(WsMessage::Ping("p".into())));
    // The client answers with what it sends next, and behind it.
    client.send("a").await;
    for event in [
        "established /echo?q=1",
        "pong []",
        "text \"a\" true",
        "pong [112]",
    ] {
        assert_eq!(events.next().await, event);
    }
}

#[tokio::test]
async fn ws_15_parts_come_as_the_client_sends_them_and_may_be_sent() {
    let (mut echo, mut events) = Echo::new();
    echo.takes_parts = true;
    let endpoint = WebSocketEndpoint::new("/echo", echo).max_binary_message_bytes(1000);
    let address = start(endpoint).await;
    let mut client = open(address, &[]).await;
    client.send_message(fragment(b"a", Data::Text, false)).await;
    client.send_message(WsMessage::Ping("".into())).await;
    assert_eq!(client.receive().await, Some(WsMessage::Pong("".into())));
    client
        .send_message(fragment(b"b", Data::Continue, true))
        .await;
    expect_text(&mut client, "ab").await;
    client.send_message(WsMessage::binary(vec![7; 2500])).await;
    assert_eq!(
        client.receive().await,
        Some(WsMessage::binary(vec![7; 2500]))
    );
    client
        .send_message(fragment(&[0xff], Data::Text, true))
        .await;
    let close = client.expect_close().await;
    assert_eq!(u16::from(close.code), 1007);
    for event in [
        "established /echo?q=1",
        "text \"a\" false",
        "text \"b\" true",
        "binary 1000 false",
        "binary 1000 false",
        "binary 500 true",
        "error a text message is not UTF-8",
        "closed 1007 a text message is not UTF-8",
    ] {
        assert_eq!(events.next().await, event);
    }
}

#[tokio::test]
async fn ws_27_a_message_may_be_sent_in_parts() {
    let (echo, _events) = Echo::new();
    let address = start(WebSocketEndpoint::new("/echo", echo)).await;
    let mut client = open(address, &[]).await;
    client.send("parts").await;
    expect_text(&mut client, "ab").await;
}

#[tokio::test]
async fn ws_30_a_failure_closes_with_1011() {
    let (echo, mut events) = Echo::new();
    let address = start(WebSocketEndpoint::new("/echo", echo)).await;
    let mut client = open(address, &[]).await;
    client.send("fail").await;
    let close = client.expect_close().await;
    assert_eq!((u16::from(close.code), close.reason.as_str()), (1011, ""));
    events.next().await;
    assert_eq!(events.next().await, "closed 1011");
}

#[tokio::test]
async fn ws_11_a_lost_client_is_1006() {
    let (echo, mut events) = Echo::new();
    let websockets = websockets(WebSocketEndpoint::new("/echo", echo));
    let address = start_app(websockets.router()).await;
    let client = open(address, &[]).await;
    events.next().await;
    assert_eq!(websockets.connection_count(), 1);
    drop(client);
    assert_eq!(events.next().await, "error the connection is broken");
    assert_eq!(events.next().await, "closed 1006");
    assert_eq!(websockets.connection_count(), 0);
}

#[tokio::test]
async fn srv_02_a_message_that_is_too_big_closes_with_1009() {
    for (message, too_big) in [
        (WsMessage::text("abc"), WsMessage::text("abcd")),
        (WsMessage::binary(vec![1; 5]), WsMessage::binary(vec![1; 6])),
        (
            WsMessage::binary(vec![1; 5]),
            WsMessage::binary(vec![1; 100]),
        ),
    ] {
        let (echo, mut events) = Echo::new();
        let endpoint = WebSocketEndpoint::new("/echo", echo)
            .max_text_message_bytes(3)
            .max_binary_message_bytes(5);
        let address = start(endpoint).await;
        let mut client = open(address, &[]).await;
        client.send_message(message.clone()).await;
        assert_eq!(client.receive().await, Some(message));
        client.send_message(too_big).await;
        assert_eq!(u16::from(client.expect_close().await.code), 1009);
        events.next().await;
        events.next().await;
        assert!(events.next().await.starts_with("error"));
        assert_eq!(events.next().await, "closed 1009 message too big");
    }
}

#[tokio::test]
async fn t_001_a_binary_message_to_a_handler_of_texts() {
    let (echo, _events) = Echo::new();
    let endpoint = WebSocketEndpoint::new("/echo", TextWebSocketHandler::new(echo));
    let address = start(endpoint).await;
    let mut client = open(address, &[]).await;
    client.send("a").await;
    expect_text(&mut client, "a").await;
    client.send_message(WsMessage::binary(vec![1])).await;
    let close = client.expect_close().await;
    assert_eq!(u16::from(close.code), 1003);
    assert_eq!(close.reason.as_str(), "Binary messages not supported");
}
