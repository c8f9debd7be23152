//! T-16: a request may be anything.

use http::Method;
use stomp_core::endpoint::SockJsOptions;

use super::{
    applications::{Behavior, TestApplication},
    client::{Client, all, echo},
};

const PATHS: [&str; 26] = [
    "/echo",
    "/echo/",
    "/echo//",
    "/echo/info",
    "/echo/info/",
    "/echo/iframe.html",
    "/echo/iframe-1.html",
    "/echo/iframe",
    "/echo/websocket",
    "/echo/websocket/",
    "/echo/0/a/websocket",
    "/echo/0/a/xhr",
    "/echo/0/a/xhr_streaming",
    "/echo/0/a/xhr_send",
    "/echo/0/a/eventsource",
    "/echo/0/a/htmlfile",
    "/echo/0/a/htmlfile?c=%ff",
    "/echo/0/a/jsonp?c=x",
    "/echo/0/a/jsonp",
    "/echo/0/a/jsonp_send",
    "/echo/%00/%ff/xhr",
    "/echo/a/b/c/d",
    "/echo/0/a/xhr;x",
    "/echo/%2e%2e/info",
    "/echo/0/a./xhr",
    "/echo/0/a/",
];

const METHODS: [&str; 10] = [
    "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "XYZ",
];

const HEADERS: [&[(&str, &str)]; 12] = [
    &[],
    &[("upgrade", "websocket")],
    &[("upgrade", "WebSocket"), ("connection", "close")],
    &[
        ("upgrade", "websocket"),
        ("connection", "keep-alive, Upgrade"),
    ],
    &[
        ("upgrade", "websocket"),
        ("connection", "Upgrade"),
        ("sec-websocket-version", "8"),
        ("sec-websocket-key", "x"),
    ],
    &[
        ("upgrade", "websocket"),
        ("connection", "Upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "\u{fc}"),
    ],
    &[("upgrade", "\u{fc}"), ("connection", "\u{fc}")],
    &[("origin", "\u{fc}"), ("cookie", "JSESSIONID=\u{fc}")],
    &[("origin", "http://a"), ("origin", "http://b")],
    &[
        ("if-none-match", "\u{fc}"),
        ("access-control-request-headers", "\u{fc}"),
    ],
    &[("content-type", "\u{fc}"), ("host", "\u{fc}")],
    &[
        ("content-length", "-1"),
        ("transfer-encoding", "x"),
        ("expect", "x"),
    ],
];

/// CVE-2020-7693 and its like: no path, method and header together are more than this server can take.
#[tokio::test]
async fn t_16_no_request_breaks_anything() {
    let options = SockJsOptions::default().jsession_id_cookie();
    let client = Client::of(&TestApplication::new(Behavior::Close(3000)), &options);
    for path in PATHS {
        for method in METHODS {
            for headers in HEADERS {
                let client = headers
                    .iter()
                    .fold(client.clone(), |client, (name, value)| {
                        client.with(name, value)
                    });
                let method: Method = method.parse().unwrap();
                let answer = client.stream(method.clone(), path, "x").await;
                let context = format!("{method} {path} {headers:?}: {answer:?}");
                // The protocol wants it when the callback, or the messages, are missing.
                let may_fail = match path.rsplit('/').next().unwrap() {
                    "htmlfile" | "htmlfile?c=%ff" | "jsonp" => method == Method::GET,
                    "xhr_send" | "jsonp_send" => method == Method::POST,
                    _ => false,
                };
                let failed = answer.status.is_server_error();
                assert!(!failed || (may_fail && answer.status == 500), "{context}");
            }
        }
    }
}

#[tokio::test]
async fn sj_url_08_a_wrong_method_is_told_which_are_right() {
    for (path, allowed) in [
        ("/echo", "GET"),
        ("/echo/", "GET"),
        ("/echo/info", "OPTIONS, GET"),
        ("/echo/iframe.html", "GET"),
        ("/echo/websocket", "GET"),
        ("/echo/0/a/websocket", "GET"),
        ("/echo/0/a/xhr", "OPTIONS, POST"),
        ("/echo/0/a/xhr_streaming", "OPTIONS, POST"),
        ("/echo/0/a/xhr_send", "OPTIONS, POST"),
        ("/echo/0/a/eventsource", "GET"),
        ("/echo/0/a/htmlfile", "GET"),
        ("/echo/0/a/jsonp", "GET"),
        ("/echo/0/a/jsonp_send", "POST"),
    ] {
        for method in METHODS {
            if allowed.contains(method) {
                continue;
            }
            let answer = echo().request(method.parse().unwrap(), path, "").await;
            let said = (answer.status.as_u16(), all(&answer.headers, "allow"));
            assert_eq!(said, (405, allowed.to_owned()), "{method} {path}");
            assert_eq!(
                (all(&answer.headers, "content-type"), answer.body),
                Default::default()
            );
        }
    }
}

#[tokio::test]
async fn sj_ws_06_what_is_no_upgrade_is_refused() {
    for path in ["/echo/websocket", "/echo/0/a/websocket"] {
        let answer = echo().get(path).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.body, "Can \"Upgrade\" only to \"WebSocket\".");
        // SJ-SUITE-02
        let client = echo()
            .with("upgrade", "WebSocket")
            .with("connection", "close");
        let answer = client.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (400, "\"Connection\" must be \"upgrade\".")
        );
    }
}

#[tokio::test]
async fn sj_ws_10_without_websockets_their_urls_are_not_there() {
    let options = SockJsOptions::default().web_socket_enabled(false);
    let client = Client::of(&TestApplication::new(Behavior::Echo), &options);
    let upgrading = client
        .with("connection", "Upgrade")
        .with("upgrade", "websocket")
        .with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .with("sec-websocket-version", "13");
    for path in ["/echo/websocket", "/echo/0/a/websocket"] {
        assert_eq!(client.get(path).await.status, 404);
        assert_eq!(upgrading.get(path).await.status, 404);
    }
}
