//! The handshake, and what it leaves (WS-21 to WS-25, HS-10, HS-40, HS-51).

use super::*;

#[tokio::test]
async fn ws_21_ws_22_ws_23_t_005_t_007_what_the_handshake_leaves() {
    let (echo, _events) = Echo::new();
    let endpoint =
        WebSocketEndpoint::new("/echo", echo).session_attributes(|request, attributes| {
            let agent = request.headers["user-agent"].to_str().unwrap_or_default();
            attributes.insert(UserAgent(agent.to_owned()));
        });
    let app = websockets(endpoint)
        .router()
        .layer(Extension(Principal::new("joe")));
    let address = start_app(app).await;
    let mut client = open(address, &[("x-test", "kept"), ("user-agent", "test/1")]).await;
    for (question, answer) in [
        ("who", "joe"),
        ("agent", "test/1"),
        ("header", "kept"),
        ("protocol", "none"),
        ("address", "none"),
    ] {
        client.send(question).await;
        expect_text(&mut client, answer).await;
    }
}

#[tokio::test]
async fn ws_23_whoever_has_no_user_may_be_refused() {
    let (echo, _events) = Echo::new();
    let address = start(WebSocketEndpoint::new("/echo", echo).require_user()).await;
    assert!(Client::try_open_path(address, "/echo", &[]).await.is_err());
}

#[tokio::test]
async fn ws_24_the_address_of_the_client_if_axum_knows_it() {
    let (echo, _events) = Echo::new();
    let app: Router = websockets(WebSocketEndpoint::new("/echo", echo)).router();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, service).into_future());
    let mut client = open(address, &[]).await;
    let own = client.socket.get_ref().local_addr().unwrap();
    client.send("address").await;
    expect_text(&mut client, &ConnectInfo(own).0.to_string()).await;
}

#[tokio::test]
async fn hs_10_t_020_t_021_the_first_that_the_client_offers_in_its_spelling() {
    let (mut echo, _events) = Echo::new();
    echo.sub_protocols = vec!["v12.chat".to_owned(), "v11.chat".to_owned()];
    let endpoint = WebSocketEndpoint::new("/echo", echo).sub_protocols(["mqtt"]);
    let address = start(endpoint).await;
    for (offered, expected) in [
        ("V11.Chat, v12.chat", "V11.Chat"),
        ("other, MQTT", "MQTT"),
        ("v12.chat", "v12.chat"),
    ] {
        let mut client = open(address, &[("sec-websocket-protocol", offered)]).await;
        let header = &client.response.headers()["sec-websocket-protocol"];
        assert_eq!(header, expected);
        client.send("protocol").await;
        expect_text(&mut client, expected).await;
    }
}

#[tokio::test]
async fn hs_40_t_031_other_origins_are_refused() {
    let (echo, _events) = Echo::new();
    let endpoint = WebSocketEndpoint::new("/echo", echo).allowed_origins(["https://good.example"]);
    let address = start(endpoint).await;
    open(address, &[("origin", "https://good.example")]).await;
    let refused = Client::try_open_path(address, "/echo", &[("origin", "https://evil.example")]);
    assert!(refused.await.is_err());
}

#[tokio::test]
async fn hs_51_t_033_other_requests_may_go_elsewhere() {
    let (echo, _events) = Echo::new();
    let endpoint = WebSocketEndpoint::new("/echo", echo).other_requests(get(async || Html("page")));
    let address = start(endpoint).await;
    let page = http(address, "GET /echo HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(
        page.starts_with("HTTP/1.1 200") && page.ends_with("page"),
        "{page}"
    );
    let post = http(
        address,
        "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
    assert!(post.starts_with("HTTP/1.1 405"), "{post}");
    let mut client = open(address, &[]).await;
    client.send("a").await;
    expect_text(&mut client, "a").await;

    // Without it, the handshake refuses.
    let (echo, _events) = Echo::new();
    let address = start(WebSocketEndpoint::new("/echo", echo)).await;
    let page = http(address, "GET /echo HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(page.starts_with("HTTP/1.1 400"), "{page}");
}

#[tokio::test]
async fn ws_21_the_parameters_of_the_path_wherever_it_is_nested() {
    let (echo, _events) = Echo::new();
    let (sockjs, _more_events) = Echo::new();
    let (none, _no_events) = Echo::new();
    let websockets = WebSockets::builder()
        .endpoint(WebSocketEndpoint::new("/chat/{room}/{*rest}", echo))
        .endpoint(WebSocketEndpoint::new("/sockjs/{room}", sockjs).with_sockjs())
        .endpoint(WebSocketEndpoint::new("/none", none))
        .build()
        .unwrap();
    let app = Router::new()
        .nest("/outer/{room}", websockets.router())
        .merge(WebSockets::router(&websockets));
    let address = start_app(app).await;
    let both = r#"Some("a/b") [("room", "a/b"), ("rest", "c/€")]"#;
    let room = r#"Some("a b") [("room", "a b")]"#;
    for (path, expected) in [
        ("/chat/a%2Fb/c/%E2%82%AC", both),
        ("/outer/x/chat/a%2Fb/c/%E2%82%AC", both),
        ("/sockjs/a%20b/websocket", room),
        ("/outer/x/sockjs/a%20b/websocket", room),
        ("/none", "None []"),
        ("/outer/x/none", "None []"),
    ] {
        let client = Client::try_open_path(address, path, &[]).await;
        let mut client = client.unwrap_or_else(|error| panic!("{path}: {error}"));
        client.send("path").await;
        expect_text(&mut client, expected).await;
    }
    let path = "/sockjs/a%20b/000/session1/websocket";
    let mut client = Client::try_open_path(address, path, &[]).await.unwrap();
    expect_text(&mut client, "o").await;
    client.send(r#"["path"]"#).await;
    let answer = client.receive().await.unwrap();
    assert!(answer.to_text().unwrap().contains("a b"), "{answer}");
}

#[tokio::test]
async fn jsr_16_a_path_that_is_no_text_is_a_bad_request_for_handlers_too() {
    let (echo, _events) = Echo::new();
    let address = start(WebSocketEndpoint::new("/chat/{room}", echo)).await;
    let opened = Client::try_open_path(address, "/chat/%FF", &[]).await;
    let Err(tokio_tungstenite::tungstenite::Error::Http(response)) = opened else {
        panic!("it was not refused")
    };
    assert_eq!(response.status(), 400);
}
