//! Interceptors of handshakes (HS-30 to HS-34), over HTTP/1.1.

use std::sync::{Arc, Mutex};

use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{LOCATION, SET_COOKIE},
};
use stomp_axum::prelude::*;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    handshake::{COMPLETE, request},
    support::{Client, messaging_with, start, until},
};

fn endpoint() -> StompEndpoint {
    StompEndpoint::new("/ws")
}

async fn serve(endpoint: StompEndpoint) -> (Messaging, std::net::SocketAddr) {
    let messaging = messaging_with(endpoint, Limits::default());
    let address = start(&messaging).await;
    (messaging, address)
}

/// Leaves a cookie in both phases, and writes down what became of the handshake.
struct Cookies(Arc<Mutex<Vec<u16>>>);

impl HandshakeInterceptor for Cookies {
    async fn before_handshake(&self, handshake: &mut Handshake) -> Result<(), HandshakeRefused> {
        let cookie = HeaderValue::from_static("before=1");
        handshake.response_headers_mut().append(SET_COOKIE, cookie);
        Ok(())
    }

    fn after_handshake(&self, handshake: &mut Handshake, status: StatusCode) {
        let cookie = HeaderValue::from_static("after=1");
        handshake.response_headers_mut().append(SET_COOKIE, cookie);
        self.0.lock().unwrap().push(status.as_u16());
    }
}

/// T-028.
#[tokio::test]
async fn hs_30_hs_31_the_upgrade_has_the_headers_of_both_phases() {
    let statuses = Arc::default();
    let (_messaging, address) = serve(endpoint().interceptor(Cookies(Arc::clone(&statuses)))).await;
    let response = request(address, "GET", &COMPLETE).await;
    assert_eq!(response.status(), "101");
    assert!(response.headers("set-cookie").eq(["before=1", "after=1"]));
    assert_eq!(
        response.header("sec-websocket-accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
    assert_eq!(*statuses.lock().unwrap(), [101]);
}

/// T-027.
#[tokio::test]
async fn hs_31_a_refusal_is_the_response() {
    let statuses = Arc::default();
    let refuse = |handshake: &mut Handshake| {
        let seen = HeaderValue::from_static("yes");
        handshake.response_headers_mut().insert("x-seen", seen);
        Err(
            HandshakeRefused::new(StatusCode::SEE_OTHER, "Log in first.")
                .header(LOCATION, HeaderValue::from_static("/login")),
        )
    };
    let endpoint = endpoint()
        .interceptor(Cookies(Arc::clone(&statuses)))
        .interceptor(refuse)
        .interceptor(|_: &mut Handshake| unreachable!("it has been refused"));
    let (messaging, address) = serve(endpoint).await;
    let response = request(address, "GET", &COMPLETE).await;
    assert_eq!(response.status(), "303");
    assert_eq!(response.body(), "Log in first.");
    assert_eq!(response.header("location"), Some("/login"));
    assert_eq!(response.header("x-seen"), Some("yes"));
    assert!(response.headers("set-cookie").eq(["before=1", "after=1"]));
    for name in [
        "sec-websocket-accept",
        "upgrade",
        "connection",
        "content-encoding",
    ] {
        assert_eq!(response.header(name), None, "{name}");
    }
    assert_eq!(*statuses.lock().unwrap(), [303]);
    assert_eq!(messaging.connection_count(), 0);
}

#[tokio::test]
async fn hs_31_interceptors_cannot_break_the_upgrade() {
    let meddle = |handshake: &mut Handshake| {
        for (name, value) in [
            ("connection", "close"),
            ("upgrade", "h2c"),
            ("sec-websocket-accept", "mine"),
            ("sec-websocket-protocol", "mqtt"),
            ("sec-websocket-extensions", "permessage-deflate"),
            ("content-length", "12"),
            ("transfer-encoding", "chunked"),
            ("x-kept", "yes"),
        ] {
            let name = HeaderName::from_static(name);
            let headers = handshake.response_headers_mut();
            headers.append(&name, HeaderValue::from_static(value));
            headers.append(&name, HeaderValue::from_static(value));
        }
        Ok(())
    };
    let (_messaging, address) = serve(endpoint().interceptor(meddle)).await;
    let response = request(address, "GET", &COMPLETE).await;
    assert_eq!(response.status(), "101");
    assert!(response.headers("connection").eq(["upgrade"]));
    assert!(response.headers("upgrade").eq(["websocket"]));
    assert!(
        response
            .headers("sec-websocket-accept")
            .eq(["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="])
    );
    assert!(response.headers("x-kept").eq(["yes", "yes"]));
    for name in [
        "sec-websocket-protocol",
        "sec-websocket-extensions",
        "content-length",
        "transfer-encoding",
    ] {
        assert_eq!(response.header(name), None, "{name}");
    }

    let offer = [("sec-websocket-protocol", "mqtt, v12.stomp")];
    let mut client = Client::try_open(address, &offer).await.unwrap();
    assert_eq!(
        client.response.headers()["sec-websocket-protocol"],
        "v12.stomp"
    );
    client.stomp_connect("1.2").await;
}

/// Spring asks the interceptors first, and checks the origin behind them (T-034).
#[tokio::test]
async fn hs_34_hs_52_no_interceptor_sees_what_is_refused_anyway() {
    let endpoint = endpoint().interceptor(|_: &mut Handshake| unreachable!("nothing gets so far"));
    let (messaging, address) = serve(endpoint).await;
    assert_eq!(request(address, "POST", &COMPLETE).await.status(), "405");
    assert_eq!(
        request(address, "GET", &COMPLETE[1..]).await.status(),
        "400"
    );
    assert_eq!(
        request(address, "GET", &COMPLETE[..3]).await.status(),
        "426"
    );
    let mut foreign = COMPLETE.to_vec();
    foreign.push("Origin: https://evil.example");
    assert_eq!(request(address, "GET", &foreign).await.status(), "403");
    messaging.shutdown(std::time::Duration::ZERO).await;
    assert_eq!(request(address, "GET", &COMPLETE).await.status(), "503");
}

#[tokio::test]
async fn hs_32_a_panic_is_a_500() {
    let statuses = Arc::default();
    let endpoint = endpoint()
        .interceptor(Cookies(Arc::clone(&statuses)))
        .interceptor(|_: &mut Handshake| panic!("on purpose"));
    let (_messaging, address) = serve(endpoint).await;
    let response = request(address, "GET", &COMPLETE).await;
    assert_eq!((response.status(), response.body()), ("500", ""));
    assert_eq!(*statuses.lock().unwrap(), [500]);
}

/// Knows users by their tokens, and has to ask somebody.
struct ByToken;

impl HandshakeInterceptor for ByToken {
    async fn before_handshake(&self, handshake: &mut Handshake) -> Result<(), HandshakeRefused> {
        let query = handshake.request().uri.query().unwrap_or_default();
        let token = query.strip_prefix("token=").map(str::to_owned);
        tokio::task::yield_now().await;
        match token.as_deref() {
            Some("secret") => handshake.set_principal(Some(Principal::new("joe"))),
            Some(_) => return Err(StatusCode::UNAUTHORIZED.into()),
            None => {}
        }
        Ok(())
    }
}

#[tokio::test]
async fn hs_20_an_interceptor_that_waits_finds_the_user() {
    let (messaging, address) = serve(endpoint().interceptor(ByToken).require_user()).await;
    let open = async |path| Client::try_open_path(address, path, &[]).await;
    let mut joe = open("/ws?token=secret").await.unwrap();
    let connected = joe.stomp_connect("1.2").await;
    assert_eq!(connected.header("user-name"), Some("joe"));
    assert!(messaging.users().user("joe").is_some());
    for (path, status) in [
        ("/ws?token=guess", StatusCode::UNAUTHORIZED),
        ("/ws", StatusCode::FORBIDDEN),
    ] {
        match open(path).await.err().unwrap() {
            tokio_tungstenite::tungstenite::Error::Http(response) => {
                assert_eq!(response.status(), status, "{path}");
            }
            other => panic!("{other}"),
        }
    }
}

/// A permit among the attributes.
#[tokio::test]
async fn hs_30_ws_4_what_an_interceptor_takes_is_given_back_at_the_end_of_the_session() {
    struct Place {
        _permit: OwnedSemaphorePermit,
    }

    let places = Arc::new(Semaphore::new(1));
    let of_interceptor = Arc::clone(&places);
    let endpoint = endpoint().interceptor(move |handshake: &mut Handshake| {
        let permit = Arc::clone(&of_interceptor)
            .try_acquire_owned()
            .map_err(|_| (StatusCode::SERVICE_UNAVAILABLE, "There is no room."))?;
        handshake.attributes().insert(Place { _permit: permit });
        Ok(())
    });
    let (_messaging, address) = serve(endpoint).await;
    let client = Client::connect(address).await;
    assert_eq!(places.available_permits(), 0);
    let response = request(address, "GET", &COMPLETE).await;
    assert_eq!(
        (response.status(), response.body()),
        ("503", "There is no room.")
    );
    drop(client);
    until(|| places.available_permits() == 1).await;

    // One that never sends CONNECT, too.
    let client = Client::open(address).await;
    assert_eq!(places.available_permits(), 0);
    drop(client);
    until(|| places.available_permits() == 1).await;
}
