//! WebSockets over HTTP/2 (RFC 8441).

use bytes::{BufMut, Bytes, BytesMut};
use h2::{client::SendRequest, ext::Protocol};
use http::{HeaderValue, Request, Response, StatusCode, Version};
use stomp_axum::prelude::*;
use tokio::net::TcpStream;

use crate::support::{messaging, messaging_with, start, within};

/// A client whose server has said that it takes WebSockets.
async fn http2() -> (SendRequest<Bytes>, String) {
    http2_of(&messaging()).await
}

async fn http2_of(messaging: &Messaging) -> (SendRequest<Bytes>, String) {
    let address = start(messaging).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    while !client.is_extended_connect_protocol_enabled() {
        tokio::task::yield_now().await;
        client = client.ready().await.unwrap();
    }
    (client, format!("http://{address}/ws"))
}

fn request(method: &str, uri: &str) -> http::request::Builder {
    Request::builder().method(method).uri(uri)
}

/// A text message of a client, masked with zeros.
fn text(text: &str) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_u8(0x81);
    frame.put_u8(0x80 | u8::try_from(text.len()).unwrap());
    frame.put_u32(0);
    frame.put_slice(text.as_bytes());
    frame.freeze()
}

#[tokio::test]
async fn hs_01_connect_makes_a_websocket() {
    let (mut client, uri) = within(http2()).await;
    let request = request("CONNECT", &uri)
        .header("sec-websocket-version", "13")
        .header("sec-websocket-protocol", "v11.stomp, v12.stomp")
        .header("origin", uri.strip_suffix("/ws").unwrap())
        .extension(Protocol::from_static("websocket"))
        .body(())
        .unwrap();
    let (response, mut send) = client.send_request(request, false).unwrap();
    let response = within(response).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["sec-websocket-protocol"], "v12.stomp");

    send.send_data(text("CONNECT\naccept-version:1.2\nhost:/\n\n\0"), false)
        .unwrap();
    let mut body = response.into_body();
    let mut received = Vec::new();
    while !received.ends_with(b"\0") {
        received.extend(within(body.data()).await.unwrap().unwrap());
    }
    assert!(
        received[2..].starts_with(b"CONNECTED\nversion:1.2\n"),
        "{received:?}"
    );
}

async fn refusal(request: Request<()>) -> Response<h2::RecvStream> {
    let (mut client, _) = within(http2()).await;
    let (response, _) = client.send_request(request, true).unwrap();
    within(response).await.unwrap()
}

#[tokio::test]
async fn hs_01_hs_05_hs_40_refusals() {
    let get = request("GET", "http://a.example/ws").body(()).unwrap();
    let response = refusal(get).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["allow"], "GET, CONNECT");

    let connect = |origin, version| {
        request("CONNECT", "http://a.example/ws")
            .header("sec-websocket-version", version)
            .header("origin", origin)
            .extension(Protocol::from_static("websocket"))
            .body(())
            .unwrap()
    };
    let response = refusal(connect("http://a.example", "8")).await;
    assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
    assert_eq!(response.headers()["sec-websocket-version"], "13");
    let response = refusal(connect("http://b.example", "13")).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

/// A request for a WebSocket, or whatever `protocol` is.
fn connect(uri: &str, protocol: &'static str) -> Request<()> {
    request("CONNECT", uri)
        .header("sec-websocket-version", "13")
        .extension(Protocol::from_static(protocol))
        .body(())
        .unwrap()
}

/// `:protocol` stands for `Upgrade` (RFC 8441).
#[tokio::test]
async fn hs_02_other_protocols_are_refused() {
    let endpoint = StompEndpoint::new("/ws")
        .interceptor(|_: &mut Handshake| unreachable!("it is refused before"));
    let messaging = messaging_with(endpoint, Limits::default());
    let (mut client, uri) = within(http2_of(&messaging)).await;
    for protocol in ["webtransport", "connect-udp", ""] {
        let (response, _) = client.send_request(connect(&uri, protocol), true).unwrap();
        let response = within(response).await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{protocol}");
        let body = within(response.into_body().data()).await.unwrap().unwrap();
        assert_eq!(body, "The \":protocol\" must be \"websocket\".");
    }
    assert_eq!(messaging.connection_count(), 0);
}

#[tokio::test]
async fn hs_30_hs_31_interceptors() {
    let by_agent = |handshake: &mut Handshake| {
        assert_eq!(handshake.request().version, Version::HTTP_2);
        let headers = handshake.response_headers_mut();
        for name in [
            "connection",
            "upgrade",
            "transfer-encoding",
            "content-length",
        ] {
            // Illegal in HTTP/2, or in the response to CONNECT.
            headers.insert(name, HeaderValue::from_static("7"));
        }
        headers.insert("x-seen", HeaderValue::from_static("yes"));
        let agent = handshake.request().headers.get("user-agent");
        let agent = agent.ok_or((StatusCode::UNAUTHORIZED, "Who are you?"))?;
        let user = agent.to_str().map_err(|_| StatusCode::BAD_REQUEST)?;
        let user = Principal::new(user);
        handshake.set_principal(Some(user));
        Ok(())
    };
    let messaging = messaging_with(
        StompEndpoint::new("/ws").interceptor(by_agent),
        Limits::default(),
    );
    let (mut client, uri) = within(http2_of(&messaging)).await;

    let (response, _) = client
        .send_request(connect(&uri, "websocket"), false)
        .unwrap();
    let response = within(response).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()["x-seen"], "yes");
    assert_eq!(response.headers()["content-length"], "12");
    let body = within(response.into_body().data()).await.unwrap().unwrap();
    assert_eq!(body, "Who are you?");

    // The next stream of the same connection.
    let mut request = connect(&uri, "websocket");
    let agent = HeaderValue::from_static("joe");
    request.headers_mut().insert("user-agent", agent);
    let (response, mut send) = client.send_request(request, false).unwrap();
    let response = within(response).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["x-seen"], "yes");
    for name in [
        "connection",
        "upgrade",
        "transfer-encoding",
        "content-length",
    ] {
        assert!(!response.headers().contains_key(name), "{name}");
    }
    send.send_data(text("CONNECT\naccept-version:1.2\nhost:/\n\n\0"), false)
        .unwrap();
    let mut body = response.into_body();
    let mut received = Vec::new();
    while !received.ends_with(b"\0") {
        received.extend(within(body.data()).await.unwrap().unwrap());
    }
    let received = String::from_utf8_lossy(&received);
    assert!(received.contains("\nuser-name:joe\n"), "{received}");
}
