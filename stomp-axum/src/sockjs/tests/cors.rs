use stomp_core::endpoint::{HandshakeOptions, SockJsOptions};

use super::{
    applications::{Behavior, TestApplication},
    client::{Answer, Client, all, echo},
    headers::{RESOURCES, succeed},
};

const ORIGIN: &str = "access-control-allow-origin";
const CREDENTIALS: &str = "access-control-allow-credentials";
const REQUEST_HEADERS: &str = "access-control-request-headers";
const HEADERS: &str = "access-control-allow-headers";

/// SJ-CORS-05, SJ-CORS-06
fn has_cors(name: &str) -> bool {
    !matches!(name, "htmlfile?c=x" | "jsonp?c=x" | "jsonp_send")
}

#[tokio::test]
async fn sj_cors_01_the_origin_comes_back_verbatim_with_credentials() {
    for origin in ["http://a.example:81", "HTTP://A.EXAMPLE", "null"] {
        for resource in RESOURCES {
            let name = resource.0;
            let headers = succeed(&echo().with("origin", origin), resource)
                .await
                .headers;
            let expected = if has_cors(name) {
                (origin, "true", "Origin")
            } else {
                ("", "", "")
            };
            let sent = (
                all(&headers, ORIGIN),
                all(&headers, CREDENTIALS),
                all(&headers, "vary"),
            );
            assert_eq!((&*sent.0, &*sent.1, &*sent.2), expected, "{name}");
        }
        let info = echo().with("origin", origin).get("/echo/info").await;
        assert_eq!(all(&info.headers, ORIGIN), origin);
        assert_eq!(all(&info.headers, CREDENTIALS), "true");
        for path in ["/echo", "/echo/iframe.html"] {
            let answer = echo().with("origin", origin).get(path).await;
            assert_eq!(all(&answer.headers, ORIGIN), "", "{path}");
        }
    }
}

#[tokio::test]
async fn sj_cors_02_without_an_origin_there_is_a_star_and_no_credentials() {
    for resource in RESOURCES {
        let name = resource.0;
        let headers = succeed(&echo(), resource).await.headers;
        let expected = if has_cors(name) {
            ("*", "", "Origin")
        } else {
            ("", "", "")
        };
        let sent = (
            all(&headers, ORIGIN),
            all(&headers, CREDENTIALS),
            all(&headers, "vary"),
        );
        assert_eq!((&*sent.0, &*sent.1, &*sent.2), expected, "{name}");
    }
}

#[tokio::test]
async fn sj_cors_03_headers_that_are_asked_for_come_back_with_their_spaces() {
    let asking = echo().with(REQUEST_HEADERS, "a, b,  c");
    let not_asking = echo().with(REQUEST_HEADERS, "");
    for (path, is_post) in [("/echo/info", false), ("/echo/0/a/xhr", true)] {
        let ask = async |client: &Client| match is_post {
            true => client.post(path, "").await,
            false => client.get(path).await,
        };
        assert_eq!(all(&ask(&asking).await.headers, HEADERS), "a, b,  c");
        assert_eq!(
            all(&asking.options(path).await.headers, HEADERS),
            "a, b,  c"
        );
        assert!(!ask(&not_asking).await.headers.contains_key(HEADERS));
        assert!(!ask(&echo()).await.headers.contains_key(HEADERS));
    }
}

/// Otherwise a browser hides the status from the client.
#[tokio::test]
async fn sj_cors_05_a_page_can_read_errors() {
    let client = echo().with("origin", "http://a.example");
    for (path, body, status) in [
        ("/echo/0/unknown/xhr_send", "[]", 404),
        ("/echo/0/unknown/xhr_send", "", 500),
        ("/echo/0/unknown/xhr_send", "[", 500),
    ] {
        let answer = client.post(path, body).await;
        assert_eq!(answer.status, status);
        assert_eq!(all(&answer.headers, ORIGIN), "http://a.example");
        assert_eq!(all(&answer.headers, CREDENTIALS), "true");
    }
}

#[tokio::test]
async fn sj_cors_07_what_browsers_ask_first() {
    let client = echo()
        .with("origin", "http://a.example")
        .with("access-control-request-method", "OPTIONS, GET");
    for (path, methods) in [
        ("/echo/info", "OPTIONS, GET"),
        ("/echo/info/", "OPTIONS, GET"),
        ("/echo/0/a/xhr", "OPTIONS, POST"),
        ("/echo/0/a/xhr_streaming", "OPTIONS, POST"),
        ("/echo/0/a/xhr_send", "OPTIONS, POST"),
    ] {
        let Answer {
            status,
            headers,
            body,
        } = client.options(path).await;
        assert_eq!((status.as_u16(), &*body), (204, ""), "{path}");
        for (name, value) in [
            (ORIGIN, "http://a.example"),
            (CREDENTIALS, "true"),
            ("access-control-allow-methods", methods),
            ("access-control-max-age", "31536000"),
            ("cache-control", "public, max-age=31536000"),
            ("vary", "Origin"),
            ("content-type", ""),
        ] {
            assert_eq!(all(&headers, name), value, "{path}: {name}");
        }
        assert!(all(&headers, "expires").ends_with(" GMT"));
    }
    // No session came of it.
    assert_eq!(client.post("/echo/0/a/xhr_send", "[]").await.status, 404);
    for path in [
        "/echo",
        "/echo/iframe.html",
        "/echo/0/a/eventsource",
        "/echo/0/a/htmlfile",
        "/echo/0/a/jsonp_send",
    ] {
        assert_eq!(client.options(path).await.status, 405, "{path}");
    }
}

#[tokio::test]
async fn sj_cors_08_somebody_else_may_see_to_cors() {
    let options = SockJsOptions::default().suppress_cors(true);
    let client = Client::of(&TestApplication::new(Behavior::Echo), &options)
        .with("origin", "http://a.example");
    let answers = [
        client.get("/echo/info").await,
        client.options("/echo/info").await,
        client.post("/echo/0/a/xhr", "").await,
        client.options("/echo/0/a/xhr").await,
    ];
    for answer in answers {
        assert!(answer.status.is_success());
        assert_eq!(all(&answer.headers, ORIGIN), "");
        assert_eq!(all(&answer.headers, "vary"), "");
    }
    // The policy stays (SJ-61).
    let restricted = TestApplication::new(Behavior::Echo).handshake(HandshakeOptions::default());
    let client = Client::of(&restricted, &options).with("origin", "http://a.example");
    assert_eq!(client.get("/echo/info").await.status, 403);
}
