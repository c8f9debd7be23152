//! The opening handshake (HS-01 to HS-43, WS-001 to WS-006, WS-022, WS-023, WS-025).

use std::net::SocketAddr;

use stomp_axum::prelude::*;

use crate::support::{Client, http, messaging, messaging_with, start};

/// What every WebSocket request needs.
pub(crate) const COMPLETE: [&str; 4] = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
];

/// The response to a request of `method` with these header lines.
pub(crate) async fn request(address: SocketAddr, method: &str, headers: &[&str]) -> Response {
    let mut request = format!("{method} /ws HTTP/1.1\r\nHost: {address}\r\n");
    for line in headers {
        request += line;
        request += "\r\n";
    }
    Response(http(address, &(request + "\r\n")).await)
}

pub(crate) struct Response(String);

impl Response {
    pub(crate) fn status(&self) -> &str {
        &self.0["HTTP/1.1 ".len()..][..3]
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    pub(crate) fn headers<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let (head, _) = self.0.split_once("\r\n\r\n").unwrap();
        head.lines()
            .filter_map(move |line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(crate) fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").unwrap().1
    }
}

/// `COMPLETE` with one line changed, or left out if it is empty.
fn with(index: usize, line: &'static str) -> Vec<&'static str> {
    let mut headers = COMPLETE.to_vec();
    headers[index] = line;
    headers.retain(|line| !line.is_empty());
    headers
}

#[tokio::test]
async fn hs_50_where_an_endpoint_is() {
    let get = async |address: SocketAddr, path: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        Response(http(address, &request).await).status().to_owned()
    };
    let address = start(&messaging()).await;
    for (path, status) in [("/ws", "400"), ("/ws/", "404"), ("/ws/a", "404")] {
        assert_eq!(get(address, path).await, status, "{path}");
    }
    let endpoint = StompEndpoint::new("/ws").with_sockjs();
    let address = start(&messaging_with(endpoint, Limits::default())).await;
    for (path, status) in [
        ("/ws", "200"),
        ("/ws/", "200"),
        ("/ws/info", "200"),
        ("/ws/websocket", "400"),
        ("/wsinfo", "404"),
        ("//ws", "404"),
    ] {
        assert_eq!(get(address, path).await, status, "{path}");
    }
}

#[tokio::test]
async fn hs_01_methods() {
    let address = start(&messaging()).await;
    for method in [
        "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE", "BREW",
    ] {
        let response = request(address, method, &COMPLETE).await;
        assert_eq!(response.status(), "405", "{method}");
        assert_eq!(response.header("allow"), Some("GET, CONNECT"), "{method}");
    }
    assert_eq!(request(address, "GET", &COMPLETE).await.status(), "101");
}

#[tokio::test]
async fn hs_02_upgrade() {
    let address = start(&messaging()).await;
    for line in ["", "Upgrade: h2c", "Upgrade: websocket, h2c", "Upgrade:"] {
        let response = request(address, "GET", &with(0, line)).await;
        assert_eq!(response.status(), "400", "{line}");
        assert_eq!(
            response.body(),
            r#"Can "Upgrade" only to "WebSocket"."#,
            "{line}"
        );
    }
    let response = request(address, "GET", &with(0, "Upgrade: WebSocket")).await;
    assert_eq!(response.status(), "101");
}

#[tokio::test]
async fn hs_03_connection() {
    let address = start(&messaging()).await;
    for line in ["", "Connection: keep-alive", "Connection: upgraded"] {
        let response = request(address, "GET", &with(1, line)).await;
        assert_eq!(response.status(), "400", "{line}");
        assert_eq!(
            response.body(),
            r#""Connection" must be "upgrade"."#,
            "{line}"
        );
    }
    for line in [
        "Connection: upgrade",
        "Connection: UPGRADE",
        "Connection: keep-alive, Upgrade",
        "Connection: keep-alive\r\nConnection: Upgrade",
    ] {
        let response = request(address, "GET", &with(1, line)).await;
        assert_eq!(response.status(), "101", "{line}");
    }
}

#[tokio::test]
async fn hs_04_key() {
    let address = start(&messaging()).await;
    let response = request(address, "GET", &with(2, "")).await;
    assert_eq!((response.status(), response.body()), ("400", ""));

    let response = request(address, "GET", &COMPLETE).await;
    assert_eq!(
        response.header("sec-websocket-accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
}

#[tokio::test]
async fn hs_05_version() {
    let address = start(&messaging()).await;
    for line in [
        "",
        "Sec-WebSocket-Version: 8",
        "Sec-WebSocket-Version: 13, 8",
    ] {
        let response = request(address, "GET", &with(3, line)).await;
        assert_eq!(response.status(), "426", "{line}");
        assert_eq!(
            response.header("sec-websocket-version"),
            Some("13"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn hs_01_to_05_the_first_failure_counts() {
    let address = start(&messaging()).await;
    let origin = "Origin: https://evil.example";
    let status_and_body = async |method, headers: &[&str]| {
        let response = request(address, method, headers).await;
        (response.status().to_owned(), response.body().to_owned())
    };
    assert_eq!(status_and_body("POST", &[origin]).await.0, "405");
    let (status, body) = status_and_body("GET", &[origin]).await;
    assert_eq!((status.as_str(), body.contains("Can")), ("400", true));
    let (status, body) = status_and_body("GET", &[origin, COMPLETE[0]]).await;
    assert_eq!((status.as_str(), body.contains("must be")), ("400", true));
    let (status, body) = status_and_body("GET", &[origin, COMPLETE[0], COMPLETE[1]]).await;
    assert_eq!((status.as_str(), body.as_str()), ("400", ""));
    let until_key = [origin, COMPLETE[0], COMPLETE[1], COMPLETE[2]];
    assert_eq!(status_and_body("GET", &until_key).await.0, "426");
    let mut all = COMPLETE.to_vec();
    all.push(origin);
    assert_eq!(status_and_body("GET", &all).await.0, "403");
}

#[tokio::test]
async fn t_16_a_connection_that_cannot_be_upgraded_is_refused() {
    let address = start(&messaging()).await;
    let request = format!(
        "GET /ws HTTP/1.0\r\nHost: {address}\r\n{}\r\n\r\n",
        COMPLETE.join("\r\n")
    );
    let response = http(address, &request).await;
    assert!(response.contains(" 426 "), "{response}");
}

#[tokio::test]
async fn t_16_no_combination_is_a_server_error() {
    let address = start(&messaging()).await;
    for method in ["GET", "HEAD", "POST", "OPTIONS", "CONNECT"] {
        for chosen in 0..16 {
            let mut headers = COMPLETE.to_vec();
            let mut index = 0;
            headers.retain(|_| {
                index += 1;
                chosen & (1 << (index - 1)) != 0
            });
            let response = request(address, method, &headers).await;
            let expected = if method == "GET" && chosen == 15 {
                '1'
            } else {
                '4'
            };
            assert!(
                response.status().starts_with(expected),
                "{method} {headers:?} {}",
                response.0
            );
        }
    }
}

/// Offers these sub-protocols and returns what the server chose.
async fn negotiate(address: SocketAddr, offers: &[&'static str]) -> Option<String> {
    let mut headers = COMPLETE.to_vec();
    headers.extend(offers);
    let response = request(address, "GET", &headers).await;
    assert_eq!(response.status(), "101", "{offers:?}");
    response.header("sec-websocket-protocol").map(str::to_owned)
}

/// IN-1.
#[tokio::test]
async fn ws_001_to_005_the_highest_sub_protocol_that_is_offered() {
    let address = start(&messaging()).await;
    let v12 = Some("v12.stomp".to_owned());
    let v11 = Some("v11.stomp".to_owned());
    for (offers, chosen) in [
        (
            &["Sec-WebSocket-Protocol: v12.stomp, v11.stomp, v10.stomp"][..],
            &v12,
        ),
        (
            &["Sec-WebSocket-Protocol: v10.stomp,v11.stomp,v12.stomp"],
            &v12,
        ),
        (&["Sec-WebSocket-Protocol: v11.stomp, v12.stomp"], &v12),
        (&["Sec-WebSocket-Protocol: v10.stomp, v11.stomp"], &v11),
        (&["Sec-WebSocket-Protocol: mqtt, v11.stomp"], &v11),
        (
            &[
                "Sec-WebSocket-Protocol: v10.stomp",
                "Sec-WebSocket-Protocol: v12.stomp",
            ],
            &v12,
        ),
        (&[], &None),
        (&["Sec-WebSocket-Protocol: mqtt"], &None),
        (&["Sec-WebSocket-Protocol: v13.stomp, v12.stompx, ,"], &None),
    ] {
        assert_eq!(negotiate(address, offers).await, *chosen, "{offers:?}");
    }
}

#[tokio::test]
async fn hs_10_the_client_spells_the_sub_protocol() {
    let address = start(&messaging()).await;
    let chosen = negotiate(address, &["Sec-WebSocket-Protocol: mqtt, V12.STOMP"]).await;
    assert_eq!(chosen.as_deref(), Some("V12.STOMP"));
}

#[tokio::test]
async fn ws_006_the_sub_protocol_does_not_restrict_the_version() {
    let address = start(&messaging()).await;
    let offer = [("sec-websocket-protocol", "v10.stomp")];
    let mut client = Client::try_open(address, &offer).await.unwrap();
    assert_eq!(
        client.response.headers()["sec-websocket-protocol"],
        "v10.stomp"
    );
    let connected = client.stomp_connect("1.2").await;
    assert_eq!(connected.header("version"), Some("1.2"));
}

#[tokio::test]
async fn ws_025_compression_is_declined_and_the_connection_works() {
    let address = start(&messaging()).await;
    let offer = [(
        "sec-websocket-extensions",
        "permessage-deflate; client_max_window_bits",
    )];
    let mut client = Client::try_open(address, &offer).await.unwrap();
    assert!(
        !client
            .response
            .headers()
            .contains_key("sec-websocket-extensions")
    );
    client.stomp_connect("1.2").await;
}

/// The status of a handshake of a page of `origin`.
async fn status_for(address: SocketAddr, origin: &str) -> String {
    let origin = format!("Origin: {origin}");
    let mut headers = COMPLETE.to_vec();
    headers.push(&origin);
    let response = request(address, "GET", &headers).await;
    if response.status() == "403" {
        assert_eq!(response.body(), "The origin is not allowed.");
    }
    response.status().to_owned()
}

#[tokio::test]
async fn hs_40_hs_41_ws_022_only_pages_of_the_same_origin_by_default() {
    let messaging = messaging();
    let address = start(&messaging).await;
    assert_eq!(
        status_for(address, &format!("http://{address}")).await,
        "101"
    );
    let other_port = format!("http://{}:1", address.ip());
    for origin in ["https://evil.example", &other_port, "null", ""] {
        assert_eq!(status_for(address, origin).await, "403", "{origin}");
    }
    // The first one is the only one that has got in.
    crate::support::until(|| messaging.connection_count() == 0).await;
}

/// EP-13.
#[tokio::test]
async fn hs_42_hs_43_ws_023_other_pages_by_configuration() {
    let endpoint = StompEndpoint::new("/ws")
        .allowed_origins(["https://shop.example"])
        .allowed_origin_patterns(["https://*.example.com"]);
    let address = start(&messaging_with(endpoint, Limits::default())).await;
    for (origin, status) in [
        ("https://shop.example", "101"),
        ("https://a.b.example.com", "101"),
        ("https://evil-example.com", "403"),
        ("https://example.com.evil.com", "403"),
        ("http://shop.example", "403"),
    ] {
        assert_eq!(status_for(address, origin).await, status, "{origin}");
    }
}

#[tokio::test]
async fn hs_42_all_pages_by_configuration() {
    let endpoint = StompEndpoint::new("/ws").allowed_origins(["*"]);
    let address = start(&messaging_with(endpoint, Limits::default())).await;
    assert_eq!(status_for(address, "https://anything.example").await, "101");
}

#[tokio::test]
async fn hs_20_the_user_of_the_handshake_is_the_user_of_the_session() {
    let endpoint = StompEndpoint::new("/ws").user(|request| {
        let user = request.headers.get("x-user")?.to_str().ok()?;
        Some(Principal::new(user))
    });
    let messaging = messaging_with(endpoint, Limits::default());
    let address = start(&messaging).await;
    let mut joe = Client::try_open(address, &[("x-user", "joe")])
        .await
        .unwrap();
    let connected = joe.stomp_connect("1.2").await;
    assert_eq!(connected.header("user-name"), Some("joe"));
    assert!(messaging.users().user("joe").is_some());
    joe.subscribe("s", "/user/queue/hints").await;
    messaging
        .template()
        .convert_and_send_to_user("joe", "/queue/hints", "buy")
        .await
        .unwrap();
    assert_eq!(joe.receive_frame().await.body, "buy");
}

#[tokio::test]
async fn hs_20_an_endpoint_for_users_refuses_everybody_else() {
    let endpoint = StompEndpoint::new("/ws")
        .user(|request| Some(request.headers.get("x-user")?.to_str().ok()?.into()))
        .require_user();
    let address = start(&messaging_with(endpoint, Limits::default())).await;
    let refused = request(address, "GET", &COMPLETE).await;
    assert_eq!(refused.status(), "403");
    assert_eq!(refused.body(), "Only users who have logged in may connect.");
    let mut joe = Client::try_open(address, &[("x-user", "joe")])
        .await
        .unwrap();
    joe.stomp_connect("1.2").await;
}

#[tokio::test]
async fn ws_6_hs_33_the_handshake_fills_the_attributes_of_the_session() {
    #[derive(Clone, Debug, PartialEq)]
    struct Locale(String);

    let endpoint = StompEndpoint::new("/ws").session_attributes(|request, attributes| {
        if let Some(Ok(locale)) = request.headers.get("x-locale").map(|value| value.to_str()) {
            attributes.insert(Locale(locale.to_owned()));
        }
    });
    let messaging = messaging_with(endpoint, Limits::default());
    let address = start(&messaging).await;
    for (headers, expected) in [
        (&[("x-locale", "de")][..], Some(Locale("de".to_owned()))),
        (&[], None),
    ] {
        let mut client = Client::try_open(address, headers).await.unwrap();
        let connected = client.stomp_connect("1.2").await;
        let id = connected.header("session").unwrap().to_owned();
        let sessions = messaging.sessions().sessions();
        let session = sessions.iter().find(|session| session.id().as_str() == id);
        assert_eq!(session.unwrap().attributes().get::<Locale>(), expected);
    }
}
