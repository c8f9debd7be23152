//! T-01: which pages may use which resource. A WebSocket's handshake has a test of its own, for plain endpoints as well.

use http::Method;
use stomp_core::endpoint::{HandshakeOptions, SockJsOptions, SockJsTransport};

use super::{
    applications::{Behavior, TestApplication},
    client::{Client, all},
};

/// Whether a page of such an origin may connect, to a server at `shop.example` that allows `https://allowed.example`.
const ORIGINS: [(Option<&str>, bool); 14] = [
    // No browser.
    (None, true),
    (Some("http://shop.example"), true),
    (Some("HTTP://SHOP.EXAMPLE"), true),
    (Some("http://shop.example:80"), true),
    (Some("https://allowed.example"), true),
    (Some("https://other.example"), false),
    // Opaque.
    (Some("null"), false),
    (Some(""), false),
    // Another port, or another scheme.
    (Some("http://shop.example:81"), false),
    (Some("http://allowed.example"), false),
    (Some("ftp://shop.example"), false),
    // Looks like it.
    (Some("http://shop.example.evil.example"), false),
    (Some("http://xn--shp-xqa.example"), false),
    (Some("http://shop.example@evil.example"), false),
];

/// Each resource that a page can use, with what makes it succeed.
const RESOURCES: [(Method, &str, &str); 12] = [
    (Method::GET, "info", ""),
    (Method::OPTIONS, "info", ""),
    (Method::POST, "0/g/xhr", ""),
    (Method::OPTIONS, "0/a/xhr", ""),
    (Method::POST, "0/b/xhr_streaming", ""),
    (Method::POST, "0/a/xhr_send", "[]"),
    (Method::GET, "0/c/eventsource", ""),
    (Method::GET, "0/d/htmlfile?c=x", ""),
    (Method::GET, "0/e/jsonp?c=x", ""),
    (Method::POST, "0/a/jsonp_send", "[]"),
    (Method::GET, "websocket", ""),
    (Method::GET, "0/f/websocket", ""),
];

fn client() -> Client {
    let mut handshake = HandshakeOptions::default();
    handshake.allow_origins(["https://allowed.example"]);
    let application = TestApplication::new(Behavior::Echo).handshake(handshake);
    let options = SockJsOptions::default().transports(SockJsTransport::ALL);
    Client::of(&application, &options).with("host", "shop.example")
}

#[tokio::test]
async fn t_01_only_pages_that_may_connect_get_anything() {
    for (origin, is_allowed) in ORIGINS {
        let own = client();
        // So that there is something to send to.
        assert_eq!(own.post("/echo/0/a/xhr", "").await.body, "o\n");
        let page = match origin {
            Some(origin) => own.with("origin", origin),
            None => own.clone(),
        };
        for (method, path, body) in RESOURCES {
            let mut client = page.clone();
            let is_websocket = path.ends_with("websocket");
            if is_websocket {
                client = client
                    .with("connection", "Upgrade")
                    .with("upgrade", "websocket")
                    .with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
                    .with("sec-websocket-version", "13");
            }
            let context = format!("{method} {path} from {origin:?}");
            let answer = client.stream(method, &format!("/echo/{path}"), body).await;
            if is_allowed {
                // There is nothing to upgrade here, which is found out after the origin.
                let ok = answer.status.is_success() || (is_websocket && answer.status == 426);
                assert!(ok, "{context}: {answer:?}");
            } else {
                assert_eq!(answer.status, 403, "{context}");
                assert_eq!(
                    all(&answer.headers, "access-control-allow-origin"),
                    "",
                    "{context}"
                );
            }
        }
    }
}

#[tokio::test]
async fn t_01_a_page_that_may_not_connect_opens_no_session() {
    let client = client();
    let other = client.with("origin", "https://other.example");
    assert_eq!(other.post("/echo/0/a/xhr", "").await.status, 403);
    assert_eq!(client.post("/echo/0/a/xhr_send", "[]").await.status, 404);
}

#[tokio::test]
async fn sj_js_06_what_all_pages_can_load_is_off_by_default() {
    let application = TestApplication::new(Behavior::Echo).handshake(HandshakeOptions::default());
    let client = Client::of(&application, &SockJsOptions::default());
    assert_eq!(client.post("/echo/0/a/xhr", "").await.body, "o\n");
    for (method, name) in [
        (Method::GET, "jsonp?c=x"),
        (Method::POST, "jsonp_send"),
        (Method::GET, "htmlfile?c=x"),
        // As if it had never been there.
        (Method::PUT, "jsonp"),
        (Method::OPTIONS, "htmlfile"),
    ] {
        let answer = client
            .request(method, &format!("/echo/0/a/{name}"), "[]")
            .await;
        assert_eq!(answer.status, 404, "{name}");
    }
    let stream = client.stream(Method::GET, "/echo/0/b/eventsource", "");
    assert_eq!(stream.await.status, 200);
}

#[tokio::test]
async fn only_the_transports_that_were_chosen_are_served() {
    let served = async |transports: &[SockJsTransport]| {
        let options = SockJsOptions::default().transports(transports.iter().copied());
        let client = Client::of(&TestApplication::new(Behavior::Close(3000)), &options);
        let mut served = Vec::new();
        for (method, name) in [
            (Method::POST, "xhr"),
            (Method::POST, "xhr_streaming"),
            (Method::GET, "eventsource"),
            (Method::GET, "htmlfile"),
            (Method::GET, "jsonp"),
            (Method::GET, "websocket"),
            (Method::POST, "xhr_send"),
            (Method::POST, "jsonp_send"),
        ] {
            let answer = client
                .request(method, &format!("/echo/0/{name}/{name}"), "")
                .await;
            if answer.status != 404 {
                served.push(name);
            }
        }
        served
    };
    use SockJsTransport as T;
    assert_eq!(served(&[T::Xhr]).await, ["xhr", "xhr_send"]);
    assert_eq!(
        served(&[T::XhrStreaming]).await,
        ["xhr_streaming", "xhr_send"]
    );
    assert_eq!(served(&[T::EventSource]).await, ["eventsource", "xhr_send"]);
    assert_eq!(served(&[T::HtmlFile]).await, ["htmlfile", "xhr_send"]);
    assert_eq!(served(&[T::Jsonp]).await, ["jsonp", "jsonp_send"]);
    assert_eq!(served(&[T::WebSocket]).await, ["websocket"]);
}
