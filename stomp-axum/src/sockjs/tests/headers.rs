use http::Method;
use stomp_core::endpoint::SockJsOptions;

use super::{
    applications::{Behavior, TestApplication},
    client::{Client, all, echo},
};

const NO_CACHE: &str = "no-store, no-cache, no-transform, must-revalidate, max-age=0";

/// Every resource below a session that is no WebSocket, with what makes it succeed.
pub(super) const RESOURCES: [(&str, Method, &str); 7] = [
    ("xhr", Method::POST, ""),
    ("xhr_streaming", Method::POST, ""),
    ("xhr_send", Method::POST, "[]"),
    ("eventsource", Method::GET, ""),
    ("htmlfile?c=x", Method::GET, ""),
    ("jsonp?c=x", Method::GET, ""),
    ("jsonp_send", Method::POST, "[]"),
];

/// A successful response of a resource, whatever it needs.
pub(super) async fn succeed(
    client: &Client,
    (name, method, body): (&str, Method, &'static str),
) -> super::client::Stream {
    let id = format!("/echo/000/{}", name.replace('?', "-"));
    if name.ends_with("_send") {
        client.post(&format!("{id}/xhr"), "").await;
    }
    let stream = client.stream(method, &format!("{id}/{name}"), body).await;
    assert!(stream.status.is_success(), "{name}: {stream:?}");
    stream
}

#[tokio::test]
async fn sj_ct_02_types_letter_by_letter() {
    for (resource, content_type) in RESOURCES.into_iter().zip([
        "application/javascript; charset=UTF-8",
        "application/javascript; charset=UTF-8",
        "text/plain; charset=UTF-8",
        "text/event-stream",
        "text/html; charset=UTF-8",
        "application/javascript; charset=UTF-8",
        "text/plain; charset=UTF-8",
    ]) {
        let name = resource.0;
        let stream = succeed(&echo(), resource).await;
        assert_eq!(all(&stream.headers, "content-type"), content_type, "{name}");
    }
    for (path, content_type) in [
        ("/echo", "text/plain; charset=UTF-8"),
        ("/echo/", "text/plain; charset=UTF-8"),
        ("/echo/info", "application/json; charset=UTF-8"),
        ("/echo/iframe.html", "text/html; charset=UTF-8"),
    ] {
        let answer = echo().get(path).await;
        assert_eq!(all(&answer.headers, "content-type"), content_type, "{path}");
        assert_eq!(
            all(&answer.headers, "x-content-type-options"),
            "nosniff",
            "{path}"
        );
    }
}

#[tokio::test]
async fn sj_cache_01_nothing_of_a_session_is_kept_whatever_becomes_of_it() {
    for resource in RESOURCES {
        let name = resource.0;
        let succeeded = succeed(&echo(), resource.clone()).await;
        // Without a callback, with a body that is none, or for nobody.
        let (bare, method) = (name.split('?').next().unwrap(), resource.1);
        let failed = echo()
            .stream(method, &format!("/echo/0/unknown/{bare}"), "x")
            .await;
        for headers in [succeeded.headers, failed.headers] {
            assert_eq!(all(&headers, "cache-control"), NO_CACHE, "{name}");
            assert!(!headers.contains_key("expires") && !headers.contains_key("last-modified"));
        }
    }
    let info = echo().get("/echo/info").await;
    assert_eq!(all(&info.headers, "cache-control"), NO_CACHE);
}

#[tokio::test]
async fn sj_cook_01_there_are_no_cookies_by_default() {
    for resource in RESOURCES {
        let stream = succeed(&echo().with("cookie", "JSESSIONID=a"), resource).await;
        assert!(!stream.headers.contains_key("set-cookie"));
    }
}

#[tokio::test]
async fn sj_cook_03_the_cookie_is_set_with_every_response_of_a_session() {
    let options = SockJsOptions::default().jsession_id_cookie();
    let client = Client::of(&TestApplication::new(Behavior::Echo), &options);
    for resource in RESOURCES {
        let name = resource.0;
        let stream = succeed(&client, resource.clone()).await;
        assert_eq!(
            all(&stream.headers, "set-cookie"),
            "JSESSIONID=dummy; path=/",
            "{name}"
        );
        let other = Client::of(&TestApplication::new(Behavior::Echo), &options);
        let stream = succeed(&other.with("cookie", "JSESSIONID=abc"), resource).await;
        assert_eq!(
            all(&stream.headers, "set-cookie"),
            "JSESSIONID=abc; path=/",
            "{name}"
        );
    }
    for name in ["xhr", "xhr_streaming", "xhr_send"] {
        let answer = client.options(&format!("/echo/0/a/{name}")).await;
        assert_eq!(
            all(&answer.headers, "set-cookie"),
            "JSESSIONID=dummy; path=/",
            "{name}"
        );
    }
    // SJ-COOK-02
    for path in [
        "/echo",
        "/echo/info",
        "/echo/iframe.html",
        "/echo/0/a/websocket",
        "/echo/websocket",
    ] {
        let answer = client.get(path).await;
        assert!(!answer.headers.contains_key("set-cookie"), "{path}");
    }
}

#[tokio::test]
async fn sj_info_02_what_a_client_is_told() {
    let answers = [
        echo().get("/echo/info").await,
        echo().get("/echo/info?t=1").await,
    ];
    let infos =
        answers.map(|answer| serde_json::from_str::<serde_json::Value>(&answer.body).unwrap());
    for info in &infos {
        assert!(info["entropy"].as_u64().unwrap() <= u64::from(u32::MAX));
        assert_eq!(info["origins"], serde_json::json!(["*:*"]));
        // SJ-COOK-05
        assert_eq!(info["cookie_needed"], true);
        assert_eq!(info["websocket"], true);
        assert_eq!(info.as_object().unwrap().len(), 4);
    }
    assert_ne!(infos[0]["entropy"], infos[1]["entropy"]);

    let options = SockJsOptions::default()
        .web_socket_enabled(false)
        .session_cookie_needed(false);
    let client = Client::of(&TestApplication::new(Behavior::Echo), &options);
    let info = client.get("/echo/info").await.body;
    assert!(
        info.ends_with(r#""cookie_needed":false,"websocket":false}"#),
        "{info}"
    );
}

/// T-17: nothing runs what the jsonp url delivers but a script element.
#[tokio::test]
async fn sj_jp_02_jsonp_is_nothing_to_sniff_or_to_open() {
    let answer = echo().get("/echo/0/a/jsonp?c=_jp.a1b2c3d").await;
    assert_eq!(answer.body, "/**/_jp.a1b2c3d(\"o\");\r\n");
    assert_eq!(all(&answer.headers, "x-content-type-options"), "nosniff");
    assert_eq!(
        all(&answer.headers, "content-disposition"),
        "attachment; filename=\"f.txt\""
    );
}
