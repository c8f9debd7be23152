use http::Method;
use stomp_core::endpoint::SockJsOptions;

use super::{
    applications::{Behavior, TestApplication},
    client::{Client, echo},
};

#[tokio::test]
async fn sj_ses_04_a_session_is_no_transport_s() {
    let client = echo();
    assert_eq!(client.post("/echo/0/a/xhr", "").await.body, "o\n");
    for (method, name, sender, received) in [
        (
            Method::GET,
            "jsonp?c=x",
            "xhr_send",
            "/**/x(\"a[\\\"m\\\"]\");\r\n",
        ),
        (Method::POST, "xhr", "jsonp_send", "a[\"m\"]\n"),
    ] {
        let sent = client.post(&format!("/echo/0/a/{sender}"), "[\"m\"]").await;
        assert!(sent.status.is_success());
        let answer = client
            .request(method, &format!("/echo/0/a/{name}"), "")
            .await;
        assert_eq!(answer.body, received);
    }
    let mut stream = client
        .stream(Method::GET, "/echo/0/a/eventsource", "")
        .await;
    assert_eq!(stream.next().await.unwrap(), "\r\n");
    client.post("/echo/0/a/xhr_send", "[\"100%41\"]").await;
    // SJ-ES-03
    assert_eq!(
        stream.next().await.unwrap(),
        "data: a[\"100%2541\"]\r\n\r\n"
    );
}

/// SJ-HF-05: no message ends the script element that it is in.
#[tokio::test]
async fn sj_hf_05_a_message_is_no_html() {
    let client = echo();
    let mut stream = client
        .stream(Method::GET, "/echo/0/a/htmlfile?c=x", "")
        .await;
    let head = stream.next().await.unwrap();
    assert!(head.len() > 1024 && head.contains("parent.x;"));
    assert_eq!(
        stream.next().await.unwrap(),
        "<script>\np(\"o\");\n</script>\r\n"
    );
    client
        .post("/echo/0/a/xhr_send", "[\"</script><script>alert(1)\"]")
        .await;
    assert_eq!(
        stream.next().await.unwrap(),
        "<script>\np(\"a[\\\"\\u003c/script\\u003e\\u003cscript\\u003ealert(1)\\\"]\");\n</script>\r\n"
    );
}

#[tokio::test]
async fn sj_ses_07_a_second_receiver_is_told_and_the_first_is_left_alone() {
    let client = echo();
    let mut first = client
        .stream(Method::POST, "/echo/0/a/xhr_streaming", "")
        .await;
    assert_eq!(first.next().await.unwrap().len(), 2049);
    assert_eq!(first.next().await.unwrap(), "o\n");
    let second = client.post("/echo/0/a/xhr", "").await;
    assert_eq!(
        (second.status.as_u16(), &*second.body),
        (200, "c[2010,\"Another connection still open\"]\n")
    );
    client.post("/echo/0/a/xhr_send", "[\"x\"]").await;
    assert_eq!(first.next().await.unwrap(), "a[\"x\"]\n");
}

#[tokio::test]
async fn sj_ses_08_a_receiver_that_goes_ends_the_session() {
    let application = TestApplication::new(Behavior::Echo);
    let client = Client::of(&application, &SockJsOptions::default());
    let mut stream = client
        .stream(Method::POST, "/echo/0/a/xhr_streaming", "")
        .await;
    stream.next().await.unwrap();
    stream.next().await.unwrap();
    drop(stream);
    assert_eq!(client.post("/echo/0/a/xhr_send", "[]").await.status, 404);
    assert_eq!(client.post("/echo/0/a/xhr", "").await.body, "o\n");
}

#[tokio::test]
async fn two_requests_may_open_the_same_session_at_once() {
    let application = TestApplication::new(Behavior::Flood(1));
    let client = Client::of(&application, &SockJsOptions::default());
    let (first, second) = tokio::join!(
        client.post("/echo/0/a/xhr", ""),
        client.post("/echo/0/a/xhr", "[]")
    );
    // One of them opens it, and there is only one session.
    assert_eq!([first.body, second.body], ["o\n", "a[\"0\"]\n"]);
    assert_eq!(application.serving(), 1);
}

#[tokio::test]
async fn sj_ses_12_a_closed_session_says_so_again_and_swallows_what_comes() {
    let client = Client::of(
        &TestApplication::new(Behavior::Close(3000)),
        &SockJsOptions::default(),
    );
    assert_eq!(client.post("/echo/0/a/xhr", "").await.body, "o\n");
    for _ in 0..2 {
        assert_eq!(
            client.post("/echo/0/a/xhr", "").await.body,
            "c[3000,\"Go away!\"]\n"
        );
    }
    let answer = client.get("/echo/0/a/jsonp?c=x").await;
    assert_eq!(answer.body, "/**/x(\"c[3000,\\\"Go away!\\\"]\");\r\n");
    // SJ-SES-14
    assert_eq!(
        client.post("/echo/0/a/xhr_send", "[\"x\"]").await.status,
        204
    );
    assert_eq!(
        client.post("/echo/0/a/jsonp_send", "d=%5B%5D").await.status,
        500
    );
    assert_eq!(client.post("/echo/0/a/jsonp_send", "[]").await.body, "ok");
}

#[tokio::test]
async fn sj_lim_01_a_stream_ends_and_the_session_goes_on() {
    let options = SockJsOptions::default().stream_bytes_limit(100);
    let client = Client::of(&TestApplication::new(Behavior::Flood(1)), &options);
    let mut stream = client
        .stream(Method::POST, "/echo/0/a/xhr_streaming", "")
        .await;
    let message = format!("[\"{}\"]", "x".repeat(200));
    client.post("/echo/0/a/xhr_send", message.clone()).await;
    client.post("/echo/0/a/xhr_send", "[\"y\"]").await;
    let received = stream.rest().await;
    assert!(
        received.ends_with(&format!("o\na[\"0\"]\na{message}\n")) || received.contains("\"y\""),
        "{received}"
    );
    let rest = client.post("/echo/0/a/xhr", "");
    if !received.contains("\"y\"") {
        assert_eq!(rest.await.body, "a[\"y\"]\n");
    }
}
