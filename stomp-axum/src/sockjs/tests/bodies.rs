//! What clients send, and what becomes of it.

use std::convert::Infallible;

use axum::body::Body;
use futures_util::{StreamExt as _, stream};
use stomp_core::endpoint::SockJsOptions;

use super::{
    applications::{Behavior, TestApplication},
    client::{Client, all, echo},
};

async fn opened() -> Client {
    let client = echo();
    client.post("/echo/0/a/xhr", "").await;
    client
}

#[tokio::test]
async fn sj_send_02_a_body_is_json_whatever_it_says_that_it_is() {
    let client = opened().await;
    for content_type in [
        "text/plain",
        "T",
        "application/json",
        "application/xml",
        "",
        "application/json; charset=utf-16",
        "image/png",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "\u{fc}",
    ] {
        let client = client.with("content-type", content_type);
        let answer = client.post("/echo/0/a/xhr_send", "[\"x\"]").await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (204, ""),
            "{content_type:?}"
        );
    }
    let pieces = stream::iter(["[", "\"x", "\"]"]).map(Ok::<_, Infallible>);
    // SJ-SEND-07
    assert_eq!(
        client
            .post("/echo/0/a/xhr_send", Body::from_stream(pieces))
            .await
            .status,
        204
    );
    assert_eq!(
        client.post("/echo/0/a/xhr", "").await.body,
        format!("a[{}]\n", ["\"x\""; 11].join(","))
    );
}

#[tokio::test]
async fn sj_send_03_what_is_no_messages_harms_no_session() {
    let client = opened().await;
    for (body, text) in [
        ("", "Payload expected."),
        ("{}", "Payload expected."),
        ("null", "Payload expected."),
        ("1", "Payload expected."),
        ("\"x\"", "Payload expected."),
        ("[\"x", "Broken JSON encoding."),
        ("x", "Broken JSON encoding."),
        ("[1]", "Broken JSON encoding."),
        ("[null,\"x\"]", "Broken JSON encoding."),
        ("[\"x\"]]", "Broken JSON encoding."),
    ] {
        for name in ["xhr_send", "jsonp_send"] {
            let answer = client.post(&format!("/echo/0/a/{name}"), body).await;
            assert_eq!(
                (answer.status.as_u16(), &*answer.body),
                (500, text),
                "{name} {body}"
            );
        }
    }
    // SJ-ESC-08
    let answer = client.post("/echo/0/a/xhr_send", &b"[\"\xff\"]"[..]).await;
    assert_eq!(answer.body, "Broken JSON encoding.");
    assert_eq!(
        client.post("/echo/0/a/xhr_send", "[\"x\"]").await.status,
        204
    );
    assert_eq!(client.post("/echo/0/a/xhr", "").await.body, "a[\"x\"]\n");
}

#[tokio::test]
async fn sj_send_05_what_is_wrong_with_the_body_comes_first() {
    for name in ["xhr_send", "jsonp_send"] {
        let path = format!("/echo/0/unknown/{name}");
        assert_eq!(echo().post(&path, "").await.status, 500);
        assert_eq!(echo().post(&path, "[").await.status, 500);
        assert_eq!(echo().post(&path, "[]").await.status, 404);
    }
}

#[tokio::test]
async fn sj_js_02_jsonp_takes_forms_and_json() {
    let client = opened().await;
    let form = client.with(
        "content-type",
        "application/x-www-form-urlencoded; charset=UTF-8",
    );
    let json = client.with("content-type", "text/plain");
    for (client, body) in [
        (&form, "i=1&d=%5B%22a+%2B%22%5D"),
        (&json, "[\"%61bc\"]"),
        (&client, "[\"c\"]"),
    ] {
        let answer = client.post("/echo/0/a/jsonp_send", body).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (200, "ok"),
            "{body}"
        );
    }
    for body in ["", "d=", "x=1"] {
        let answer = form.post("/echo/0/a/jsonp_send", body).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (500, "Payload expected."),
            "{body}"
        );
    }
    assert_eq!(
        client.post("/echo/0/a/xhr", "").await.body,
        "a[\"a +\",\"%61bc\",\"c\"]\n"
    );
}

#[tokio::test]
async fn t_15_bodies_are_bounded_in_bytes_and_messages() {
    let options = SockJsOptions::default().body_bytes(1000).body_messages(3);
    let mut application = TestApplication::new(Behavior::Echo);
    application.max_message_bytes = 100;
    let client = Client::of(&application, &options);
    client.post("/echo/0/a/xhr", "").await;
    let long = "x".repeat(101);
    for (body, status) in [
        ("[\"a\",\"b\",\"c\"]".to_owned(), 204),
        ("[\"a\",\"b\",\"c\",\"d\"]".to_owned(), 413),
        (format!("[{}]", "\"\",".repeat(200)), 413),
        (format!("[\"{}\"]", &long[1..]), 204),
        (format!("[\"{long}\"]"), 413),
        (format!("[{}]", " ".repeat(999)), 413),
        (format!("[{}]", " ".repeat(998)), 204),
        ("\n".repeat(1000), 500),
        ("[".repeat(1000), 500),
    ] {
        let answer = client.post("/echo/0/a/xhr_send", body.clone()).await;
        assert_eq!(answer.status, status, "{body:?}");
    }
    let endless = stream::repeat("[").map(Ok::<_, Infallible>);
    let answer = client
        .post("/echo/0/a/xhr_send", Body::from_stream(endless))
        .await;
    assert_eq!(answer.status, 413);
    // Nobody reads the rest of it.
    assert_eq!(all(&answer.headers, "connection"), "close");
    let endless = stream::repeat(" ").map(Ok::<_, Infallible>);
    assert_eq!(
        client
            .post("/echo/0/b/xhr", Body::from_stream(endless))
            .await
            .status,
        413
    );
    // SJ-XHR-01: otherwise nobody is interested in it.
    assert_eq!(client.post("/echo/0/b/xhr", "whatever").await.body, "o\n");
}
