use axum::Router;
use stomp_core::endpoint::SockJsOptions;

use super::{
    applications::{Behavior, TestApplication},
    client::{Client, echo},
};

fn at(path: &'static str) -> Router {
    let mut application = TestApplication::new(Behavior::Echo);
    application.path = path;
    application.router(&SockJsOptions::default())
}

/// A service answers there as the protocol says.
async fn check(client: &Client, base: &str) {
    for (path, status) in [
        ("", 200),
        ("/", 200),
        ("/info", 200),
        ("/info/", 200),
        ("/iframe.html", 200),
        ("/websocket", 400),
        ("/0/a/websocket", 400),
        ("/0/a/jsonp?c=x", 200),
        ("//", 404),
        ("///", 404),
        ("/a", 404),
        ("/a/a/", 404),
        ("//info", 404),
        ("/info//", 404),
    ] {
        let path = format!("{base}{path}");
        assert_eq!(client.get(&path).await.status, status, "{path}");
    }
    assert_eq!(
        client.post(&format!("{base}/0/b%20c/xhr"), "").await.body,
        "o\n"
    );
    assert_eq!(
        client
            .post(&format!("{base}/9/b%20c/xhr_send"), "[\"x\"]")
            .await
            .status,
        204
    );
    assert_eq!(
        client.post(&format!("{base}/0/b%20c/xhr/"), "").await.body,
        "a[\"x\"]\n"
    );
    // SJ-URL-04
    for path in [
        "///xhr",
        "/a./a/xhr",
        "/a/a./xhr",
        "/./a/xhr",
        "//xhr",
        "/a//xhr",
    ] {
        let path = format!("{base}{path}");
        assert_eq!(client.get(&path).await.status, 404, "{path}");
        assert_eq!(client.post(&path, "").await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn sj_url_01_a_service_may_be_anywhere() {
    check(&Client::new(at("/echo")), "/echo").await;
    check(&Client::new(at("/a/b/echo")), "/a/b/echo").await;
    check(&Client::new(at("/echo/")), "/echo").await;
    check(&Client::new(at("/chat/{room}")), "/chat/a%2Fb%20c").await;
    check(&Client::new(at("/{a}/x/{b}")), "/1/x/2").await;
}

#[tokio::test]
async fn sj_url_01_a_service_may_be_nested() {
    check(
        &Client::new(Router::new().nest("/api", at("/echo"))),
        "/api/echo",
    )
    .await;
    check(
        &Client::new(Router::new().nest("/{tenant}/api", at("/chat/{room}"))),
        "/t/api/chat/r",
    )
    .await;
}

#[tokio::test]
async fn sj_url_01_a_service_may_be_at_the_root() {
    let client = Client::new(at("/"));
    assert_eq!(client.get("/").await.body, "Welcome to SockJS!\n");
    assert_eq!(client.get("/info").await.status, 200);
    assert_eq!(client.post("/0/a/xhr", "").await.body, "o\n");
    assert_eq!(client.get("//info").await.status, 404);
}

#[tokio::test]
async fn sj_ses_06_services_side_by_side_have_sessions_of_their_own() {
    let client = Client::new(at("/echo").merge(at("/echo2")));
    check(&client, "/echo").await;
    check(&client, "/echo2").await;
    assert_eq!(client.post("/echo/0/s/xhr", "").await.body, "o\n");
    assert_eq!(client.post("/echo2/0/s/xhr_send", "[]").await.status, 404);
}

#[tokio::test]
async fn what_is_percent_encoded_is_no_other_path() {
    // SJ-URL-05: an escaped slash is none, and an escaped dot is no dot.
    assert_eq!(echo().post("/echo/0/a%2Eb/xhr", "").await.body, "o\n");
    assert_eq!(echo().post("/echo/0/a%2Fxhr", "").await.status, 404);
    assert_eq!(echo().get("/echo/%69nfo").await.status, 404);
    // Not UTF-8 when it is decoded.
    assert_eq!(echo().post("/echo/0/%ff/xhr", "").await.body, "o\n");
}

#[tokio::test]
async fn sj_greet_02_who_takes_the_base_for_a_websocket_is_told() {
    let client = echo()
        .with("connection", "Upgrade")
        .with("upgrade", "websocket")
        .with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .with("sec-websocket-version", "13");
    for path in ["/echo", "/echo/"] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("/websocket"), "{}", answer.body);
    }
}
