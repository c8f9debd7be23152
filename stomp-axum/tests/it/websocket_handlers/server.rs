//! Decorators, the server around the sessions, and slow clients (WS-32 to WS-45).

use super::*;

/// Writes its name before each message.
struct Named<H> {
    name: &'static str,
    handler: H,
}

impl<H: WebSocketHandler> WebSocketHandlerDecorator for Named<H> {
    type Handler = H;

    fn handler(&self) -> &H {
        &self.handler
    }

    async fn handle_text_message(
        &self,
        session: &WebSocketSession,
        message: TextMessage,
    ) -> Result<(), BoxError> {
        let named = format!("{}{}", message.as_str(), self.name);
        self.handler
            .handle_message(session, WebSocketMessage::from(named))
            .await
    }
}

#[tokio::test]
async fn ws_32_ws_33_the_last_decorator_is_the_outermost() {
    let (mut echo, mut events) = Echo::new();
    echo.sub_protocols = vec!["chat".to_owned()];
    let endpoint = WebSocketEndpoint::new("/echo", echo)
        .decorator(|handler| Named { name: "1", handler })
        .decorator(|handler| Named { name: "2", handler });
    let address = start(endpoint).await;
    let mut client = open(address, &[("sec-websocket-protocol", "chat")]).await;
    client.send("a").await;
    expect_text(&mut client, "a21").await;
    // What they do not change comes through.
    client.send_message(WsMessage::binary(vec![1])).await;
    assert_eq!(client.receive().await, Some(WsMessage::binary(vec![1])));
    assert_eq!(events.next().await, "established /echo?q=1");
}

#[tokio::test]
async fn sessions_can_be_sent_to_from_outside() {
    let (echo, mut events) = Echo::new();
    let (other, _other_events) = Echo::new();
    let websockets = WebSockets::builder()
        .endpoint(WebSocketEndpoint::new("/echo", echo))
        .endpoint(WebSocketEndpoint::new("/other", other))
        .build()
        .unwrap();
    let address = start_app(websockets.router()).await;
    let mut client = open(address, &[]).await;
    events.next().await;
    assert_eq!(websockets.open_sessions("/other"), []);
    let sessions = websockets.open_sessions("/echo");
    assert_eq!(sessions.len(), 1);
    sessions[0].send("news").await.unwrap();
    expect_text(&mut client, "news").await;
}

#[tokio::test]
async fn shutting_down_closes_with_1001_and_refuses_new_sessions() {
    let (echo, mut events) = Echo::new();
    let websockets = websockets(WebSocketEndpoint::new("/echo", echo));
    let address = start_app(websockets.router()).await;
    let mut client = open(address, &[]).await;
    events.next().await;
    let shutdown = tokio::spawn({
        let websockets = websockets.clone();
        async move { websockets.shutdown(Duration::from_secs(20)).await }
    });
    let close = client.expect_close().await;
    assert_eq!(u16::from(close.code), 1001);
    assert!(within(shutdown).await.unwrap());
    assert!(websockets.is_shutting_down());
    assert_eq!(events.next().await, "closed 1001 the server stops");
    assert!(Client::try_open_path(address, "/echo", &[]).await.is_err());
}

#[tokio::test]
async fn beside_stomp_in_one_application() {
    let messaging = crate::support::messaging();
    let (echo, _events) = Echo::new();
    let websockets = websockets(WebSocketEndpoint::new("/echo", echo));
    let app = messaging.router().merge(websockets.router());
    let address = start_app(app).await;
    Client::connect(address).await;
    let mut client = open(address, &[]).await;
    client.send("a").await;
    expect_text(&mut client, "a").await;
    let signal = Arc::new(tokio::sync::Notify::new());
    let both = {
        let (first, second) = (Arc::clone(&signal), Arc::clone(&signal));
        let patience = Duration::from_secs(20);
        let first = messaging.shutdown_on(async move { first.notified().await }, patience);
        let second = websockets.shutdown_on(async move { second.notified().await }, patience);
        tokio::spawn(async move { tokio::join!(first, second) })
    };
    // Both of them wait.
    until(|| {
        signal.notify_waiters();
        messaging.is_shutting_down() && websockets.is_shutting_down()
    })
    .await;
    assert_eq!(u16::from(client.expect_close().await.code), 1001);
    within(both).await.unwrap();
}

#[test]
fn build_reports_all_mistakes_at_once() {
    let endpoint = |path: &str| WebSocketEndpoint::new(path, Echo::new().0);
    let mut parts = Echo::new().0;
    parts.takes_parts = true;
    let error = WebSockets::builder()
        .endpoint(endpoint("echo").allowed_origins(["no origin"]))
        .endpoint(endpoint("/a/{id}").sub_protocols(["a b"]))
        .endpoint(endpoint("/a/{name}").max_text_message_bytes(0))
        .endpoint(endpoint("/b").idle_timeout(Duration::ZERO))
        .endpoint(WebSocketEndpoint::new("/c", parts).max_text_message_bytes(3))
        .endpoint(
            endpoint("/d")
                .with_sockjs()
                .other_requests(get(async || "page")),
        )
        .build()
        .unwrap_err();
    let text = error.to_string();
    for mistake in [
        "\"echo\": a path starts with `/`",
        "no origin",
        "\"/a/{id}\": \"a b\" is no sub-protocol",
        "\"/a/{id}\": endpoints can't share a path: /a/{id}, /a/{name}",
        "with `max_text_message_bytes` of 0",
        "an `idle_timeout` of 0 would close every session",
        "\"/c\": a part of a text has room for a character",
        "leave `other_requests` out",
    ] {
        assert!(text.contains(mistake), "{mistake} in {text}");
    }
    assert_eq!(error.errors().len(), 8, "{text}");
}

#[test]
fn the_log_says_which_endpoints_are_served() {
    let log = Log::default();
    let _guard = log.start();
    let endpoint = |path: &str| WebSocketEndpoint::new(path, Echo::new().0);
    WebSockets::builder()
        .endpoint(endpoint("/a/{b}"))
        .endpoint(endpoint("/b").with_sockjs())
        .build()
        .unwrap();
    let lines = log.lines("mapped WebSocket");
    let echo = "it::websocket_handlers::Echo";
    assert_eq!(lines.len(), 2, "{lines:?}");
    let first = format!("mapped WebSocket /a/{{b}} onto {echo}");
    assert!(lines[0].ends_with(&first), "{lines:?}");
    let second = format!("mapped WebSocket /b onto {echo}, with SockJS");
    assert!(lines[1].ends_with(&second), "{lines:?}");
    assert!(lines[0].contains("INFO"), "{lines:?}");
    assert!(log.lines("no WebSocket endpoint").is_empty());

    WebSockets::builder().build().unwrap();
    let lines = log.lines("no WebSocket endpoint");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].contains("WARN") && lines[0].contains("`.server_endpoints()`"),
        "{lines:?}"
    );
}

#[tokio::test]
async fn ws_30_what_can_not_be_sent_because_the_session_is_closed_is_no_error_of_the_log() {
    let log = Log::default();
    let _guard = log.start();
    let (echo, mut events) = Echo::new();
    let address = start(WebSocketEndpoint::new("/echo", echo)).await;
    let mut client = open(address, &[]).await;
    events.next().await;
    client.send("late").await;
    assert_eq!(u16::from(client.expect_close().await.code), 1000);
    assert_eq!(events.next().await, "closed 1000");
    let lines = log.lines("a WebSocket handler could not send");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("DEBUG"), "{lines:?}");
    assert_eq!(log.lines("ERROR"), [""; 0]);

    // All else that fails is.
    let mut client = open(address, &[]).await;
    events.next().await;
    client.send("fail").await;
    assert_eq!(u16::from(client.expect_close().await.code), 1011);
    let lines = log.lines("a WebSocket handler failed");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("ERROR"), "{lines:?}");
}

#[test]
fn sj_url_01_paths_that_a_router_would_panic_at_are_mistakes() {
    let endpoint = |path: &str| WebSocketEndpoint::new(path, Echo::new().0);
    for (endpoints, expected) in [
        (vec![endpoint("/y/:a")], "write `{a}` instead of `:a`"),
        (vec![endpoint("/y/{a")], "a `}` is missing in `{a`"),
        (
            vec![endpoint("/y/{a}/{a}")],
            "two parameters of the path are called `a`",
        ),
        (vec![endpoint("/y/{}")], "`{}` names no parameter"),
        (
            vec![endpoint("/y/{*a}").with_sockjs()],
            "write `{a}` for one segment",
        ),
        (
            vec![endpoint("/y/{sockjs}").with_sockjs()],
            "can be called `sockjs`",
        ),
        (
            vec![endpoint("/y/websocket"), endpoint("/y").with_sockjs()],
            "\"/y/websocket\": what is below \"/y\" belongs to SockJS there",
        ),
        (
            vec![endpoint("/y/").with_sockjs(), endpoint("/y")],
            "endpoints can't share a path: /y/, /y",
        ),
        (
            vec![endpoint("/y").send_buffer_bytes(0)],
            "with `send_buffer_bytes` of 0, nothing could wait for a client",
        ),
    ] {
        let builder = WebSockets::builder();
        let builder = endpoints
            .into_iter()
            .fold(builder, WebSocketsBuilder::endpoint);
        let error = builder.build().unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.errors().len(), 1, "{error}");
    }
}

#[test]
fn whatever_path_is_no_mistake_is_one_for_the_router() {
    for path in [
        "/",
        "/y/",
        "/y/id-{a}",
        "/y/{{a}}/{b}",
        "/y/a:b*",
        "/y/{*a}",
        "/{sockjs}",
    ] {
        let endpoint = WebSocketEndpoint::new(path, Echo::new().0);
        let _: Router = websockets(endpoint).router();
    }
    for path in ["/", "/y/", "/y/id-{a}", "/y/{{a}}/{b}", "/y/{a}/"] {
        let endpoint = WebSocketEndpoint::new(path, Echo::new().0).with_sockjs();
        let _: Router = websockets(endpoint).router();
    }
}

#[tokio::test]
async fn ws_44_a_client_that_does_not_read_is_cut_off_and_others_are_not() {
    let (echo, mut events) = Echo::new();
    let endpoint = WebSocketEndpoint::new("/echo", echo).send_buffer_bytes(100_000);
    let websockets = websockets(endpoint);
    let address = start_app(websockets.router()).await;
    let _slow = open(address, &[]).await;
    events.next().await;
    let session = websockets.open_sessions("/echo").remove(0);
    // More than the system takes.
    let message = "x".repeat(50_000);
    until(|| session.try_send(message.as_str()).is_err()).await;
    let status = session.close_status().unwrap();
    assert_eq!(status, CloseStatus::SESSION_NOT_RELIABLE);
    assert!(events.next().await.starts_with("closed 4500"));
    let mut other = open(address, &[]).await;
    other.send("a").await;
    expect_text(&mut other, "a").await;
}

#[tokio::test]
async fn ws_27_whoever_waits_for_what_it_sends_is_as_fast_as_the_client() {
    let (echo, mut events) = Echo::new();
    let endpoint = WebSocketEndpoint::new("/echo", echo).send_buffer_bytes(10_000);
    let websockets = websockets(endpoint);
    let address = start_app(websockets.router()).await;
    let mut client = open(address, &[]).await;
    events.next().await;
    let session = websockets.open_sessions("/echo").remove(0);
    let sender = tokio::spawn(async move {
        let message = "x".repeat(50_000);
        for _ in 0..200 {
            session.send(message.as_str()).await?;
        }
        Ok::<_, SendError>(())
    });
    for _ in 0..200 {
        let received = client.receive().await.unwrap();
        assert_eq!(received.len(), 50_000);
    }
    sender.await.unwrap().unwrap();
    client.socket.close(None).await.unwrap();
}

#[tokio::test]
async fn ws_32_the_same_handler_serves_sockjs_with_and_without_its_frames() {
    let (echo, mut events) = Echo::new();
    let websockets = websockets(WebSocketEndpoint::new("/echo", echo).with_sockjs());
    let address = start_app(websockets.router()).await;
    let path = "/echo/000/session1/websocket";
    let mut client = Client::try_open_path(address, path, &[]).await.unwrap();
    expect_text(&mut client, "o").await;
    client.send(r#"["a"]"#).await;
    expect_text(&mut client, r#"a["a"]"#).await;
    client.send(r#"["parts"]"#).await;
    expect_text(&mut client, r#"a["ab"]"#).await;
    // What SockJS can't carry is the handler's failure.
    client.send(r#"["ping"]"#).await;
    let closed = client.receive().await.unwrap();
    assert!(closed.to_text().unwrap().starts_with("c[1011"), "{closed}");
    assert_eq!(events.next().await, format!("established {path}"));
    assert_eq!(events.next().await, "text \"a\" true");
    assert_eq!(events.next().await, "closed 1011");

    let mut plain = Client::try_open_path(address, "/echo/websocket", &[])
        .await
        .unwrap();
    plain.send("b").await;
    expect_text(&mut plain, "b").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ws_27_any_number_of_tasks_may_send_and_each_keeps_its_order() {
    const TASKS: usize = 8;
    const MESSAGES: usize = 500;

    let (echo, mut events) = Echo::new();
    let websockets = websockets(WebSocketEndpoint::new("/echo", echo));
    let address = start_app(websockets.router()).await;
    let mut client = open(address, &[]).await;
    events.next().await;
    let session = websockets.open_sessions("/echo").remove(0);
    for task in 0..TASKS {
        let session = session.clone();
        tokio::spawn(async move {
            for number in 0..MESSAGES {
                session.send(format!("{task} {number}")).await.unwrap();
            }
        });
    }
    let mut next = [0; TASKS];
    for _ in 0..TASKS * MESSAGES {
        let message = client.receive().await.unwrap();
        let (task, number) = message.to_text().unwrap().split_once(' ').unwrap();
        let next = &mut next[task.parse::<usize>().unwrap()];
        assert_eq!(number.parse(), Ok(*next));
        *next += 1;
    }
    assert_eq!(session.buffered_bytes(), 0);
}
