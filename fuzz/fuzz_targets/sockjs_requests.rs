//! Any method, path, headers and bodies, in any order, to endpoints with and without SockJS: never a server error but those of the
//! rules, no session of pages that may not connect, responses that no browser takes for something else, and nothing is
//! left when all have gone (T-01, T-16, T-17).

#![no_main]

mod server;

use std::time::Duration;

use arbitrary::Arbitrary;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
    header::{
        ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CONTENT_TYPE, HOST, ORIGIN, SEC_WEBSOCKET_KEY,
        SEC_WEBSOCKET_VERSION, UPGRADE,
    },
    response::Parts,
};
use libfuzzer_sys::fuzz_target;

use self::server::{MAX_SESSIONS, Server, block_on, check_status, only, read};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    for_all_origins: bool,
    requests: Vec<Request<'a>>,
}

#[derive(Arbitrary, Debug)]
struct Request<'a> {
    method: u8,
    endpoint: u8,
    path: Path<'a>,
    query: &'a str,
    headers: Vec<Header<'a>>,
    body: &'a [u8],
    client: u8,
    reading: Reading,
}

#[derive(Arbitrary, Debug)]
enum Path<'a> {
    /// What SockJS knows below a session, or the endpoint.
    Known {
        server: u8,
        session: u8,
        name: u8,
        slash: bool,
    },
    Segments(Vec<&'a str>),
    Any(&'a str),
}

#[derive(Arbitrary, Debug)]
enum Header<'a> {
    /// One that means something here.
    Known(u8, Value<'a>),
    Any(&'a str, &'a [u8]),
}

#[derive(Arbitrary, Debug)]
enum Value<'a> {
    Known(u8),
    Octets(&'a [u8]),
}

/// What becomes of a response.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Reading {
    ToTheEnd,
    /// The client goes away.
    Not,
    /// Somebody else is waiting meanwhile.
    Later,
}

const METHODS: [&str; 9] = [
    "GET", "POST", "OPTIONS", "HEAD", "CONNECT", "PUT", "DELETE", "PATCH", "BREW",
];

const ENDPOINTS: [&str; 6] = [
    "/echo-sockjs",
    "/stomp-sockjs",
    "/echo",
    "/stomp",
    "",
    "/other",
];

const NAMES: [&str; 16] = [
    "xhr",
    "xhr_streaming",
    "xhr_send",
    "eventsource",
    "htmlfile",
    "jsonp",
    "jsonp_send",
    "websocket",
    "info",
    "iframe.html",
    "iframe-1.html",
    "",
    "xhr;a",
    "xhr%2f",
    "..",
    "XHR",
];

const HEADERS: [&str; 16] = [
    "origin",
    "host",
    "upgrade",
    "connection",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-protocol",
    "sec-websocket-extensions",
    "content-type",
    "content-length",
    "transfer-encoding",
    "cookie",
    "if-none-match",
    "access-control-request-headers",
    "access-control-request-method",
    "x-forwarded-for",
];

const VALUES: [&str; 20] = [
    "http://server.example",
    "https://evil.example",
    "null",
    "",
    "server.example",
    "websocket",
    "keep-alive, Upgrade",
    "dGhlIHNhbXBsZSBub25jZQ==",
    "13",
    "v12.stomp, v11.stomp",
    "permessage-deflate",
    "application/x-www-form-urlencoded",
    "text/plain; charset=UTF-8",
    "5",
    "-1",
    "chunked",
    "JSESSIONID=a; JSESSIONID=b",
    "JSESSIONID=a\u{7f}",
    "*",
    "X-A, x-b\u{e9}",
];

impl Request<'_> {
    fn method(&self) -> Method {
        let name = METHODS[usize::from(self.method) % METHODS.len()];
        Method::from_bytes(name.as_bytes()).expect("a token is a method")
    }

    /// `None` for what no HTTP server would let through.
    fn uri(&self) -> Option<Uri> {
        let mut uri = ENDPOINTS[usize::from(self.endpoint) % ENDPOINTS.len()].to_owned();
        match &self.path {
            Path::Known {
                server,
                session,
                name,
                slash,
            } => {
                let name = NAMES[usize::from(*name) % NAMES.len()];
                uri += &match server % 8 {
                    0 => format!("/{name}"),
                    server => format!("/{server}/{}/{name}", session % 8),
                };
                if *slash {
                    uri.push('/');
                }
            }
            Path::Segments(segments) => {
                for segment in segments {
                    uri.push('/');
                    uri += segment;
                }
            }
            Path::Any(path) => uri += path,
        }
        if !self.query.is_empty() {
            uri.push('?');
            uri += self.query;
        }
        uri.parse().ok()
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("server.example"));
        for header in self.headers.iter().take(20) {
            let (name, value) = match header {
                Header::Known(name, value) => {
                    let name = HEADERS[usize::from(*name) % HEADERS.len()];
                    let value = match value {
                        Value::Known(value) => {
                            VALUES[usize::from(*value) % VALUES.len()].as_bytes()
                        }
                        Value::Octets(octets) => octets,
                    };
                    (name, value)
                }
                Header::Any(name, value) => (*name, *value),
            };
            if let (Ok(name), Ok(value)) =
                (name.parse::<HeaderName>(), HeaderValue::from_bytes(value))
            {
                headers.append(name, value);
            }
        }
        headers
    }
}

/// Whether a browser would send this for a page that is none of the server's.
fn is_foreign(request: &HeaderMap) -> bool {
    let mut hosts = request.get_all(HOST).iter();
    let is_own_host = hosts.all(|host| host == "server.example");
    is_own_host
        && request
            .get(ORIGIN)
            .is_some_and(|origin| origin == "https://evil.example")
}

fuzz_target!(|input: Input<'_>| block_on(run(input)));

async fn run(input: Input<'_>) {
    let server = Server::start(input.for_all_origins);
    let mut later = Vec::new();
    for request in input.requests.iter().take(32) {
        let Some(uri) = request.uri() else { continue };
        let headers = request.headers();
        let is_refused = !input.for_all_origins && is_foreign(&headers);
        let before = server.session_count();
        let method = request.method();
        let answer = server.request(
            method.clone(),
            uri.clone(),
            headers.clone(),
            request.body.to_vec(),
            request.client,
        );
        // A request whose messages nobody takes waits for that.
        let Ok((head, mut body)) = tokio::time::timeout(Duration::from_secs(1), answer).await
        else {
            assert!(
                uri.path().trim_end_matches('/').ends_with("_send"),
                "{uri} waits"
            );
            continue;
        };
        let context = || format!("{method} {uri} {headers:?}: {head:?}");
        if is_refused {
            assert_eq!(server.session_count(), before, "{}", context());
            assert!(
                !head.headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN),
                "{}",
                context()
            );
            let path = uri.path().trim_end_matches('/');
            let is_page = path.ends_with(".html") || ENDPOINTS.contains(&path);
            assert!(!head.status.is_success() || is_page, "{}", context());
        }
        check_head(&head, &headers);
        assert!(server.session_count() <= 2 * MAX_SESSIONS);
        let is_to_be_read =
            !head.status.is_success() || matches!(request.reading, Reading::ToTheEnd);
        if is_to_be_read {
            let (received, has_ended) = read(&mut body, Duration::from_secs(1)).await;
            assert!(has_ended || head.status == StatusCode::OK, "{}", context());
            check_status(head.status, &received);
            check_body(&head, &received);
        } else if matches!(request.reading, Reading::Later) && later.len() < 4 {
            later.push((head, body));
        }
    }
    for (head, mut body) in later {
        let (received, _) = read(&mut body, Duration::from_secs(30)).await;
        check_body(&head, &received);
    }
    server.end().await;
}

fn check_head(head: &Parts, request: &HeaderMap) {
    // There is no connection below that could be upgraded.
    assert_ne!(head.status, StatusCode::SWITCHING_PROTOCOLS);
    let headers = &head.headers;
    for name in [
        CONTENT_TYPE,
        ACCESS_CONTROL_ALLOW_ORIGIN,
        ALLOW,
        SEC_WEBSOCKET_VERSION,
    ] {
        only(headers, name.as_str());
    }
    assert!(!headers.contains_key(UPGRADE) && !headers.contains_key(SEC_WEBSOCKET_KEY));
    if head.status == StatusCode::METHOD_NOT_ALLOWED {
        assert!(headers.contains_key(ALLOW));
    }
    // Cookies are sent along only where the page is named.
    let origin = headers.get(ACCESS_CONTROL_ALLOW_ORIGIN);
    if headers.contains_key("access-control-allow-credentials") {
        assert_eq!(origin, request.get(ORIGIN));
    }
}

fn check_body(head: &Parts, received: &[u8]) {
    let Some(content_type) = head.headers.get(CONTENT_TYPE) else {
        assert!(received.is_empty(), "a body without a type");
        return;
    };
    let content_type = content_type.to_str().expect("a type is ASCII");
    let text = std::str::from_utf8(received).expect("all bodies are text");
    if content_type.starts_with("application/javascript") {
        // What stands at the start is the server's: a comment, or a frame (T-17).
        assert_eq!(head.headers["x-content-type-options"], "nosniff");
        let starts = ["/**/", "o\n", "h", "a[", "c["];
        let is_safe = text.is_empty() || starts.iter().any(|start| text.starts_with(start));
        assert!(is_safe, "{text:?}");
    }
    if content_type.starts_with("text/event-stream") {
        assert!(text.is_empty() || text.starts_with("\r\n"), "{text:?}");
        // An event is one line (T-18).
        for event in text
            .split("\r\n\r\n")
            .map(str::trim)
            .filter(|event| !event.is_empty())
        {
            assert!(
                event.starts_with("data: ") && !event.contains(['\r', '\n']),
                "{event:?}"
            );
        }
    }
}
