//! How instances are made, and who is refused (JSR-02, JSR-10, JSR-11, JSR-16).

use std::{
    convert::Infallible,
    sync::atomic::{AtomicU32, Ordering},
};

use axum::extract::FromRequestParts;
use http::{HeaderMap, StatusCode, request::Parts};
use stomp_axum::{
    endpoint::{Handshake, HandshakeInterceptor},
    server_endpoint::{HandshakeRefused, Principal, State, server_endpoint},
};
use tokio_tungstenite::tungstenite;

use super::{Reports, Server, expect_text};
use crate::support::Client;

/// The status and the body with which a handshake is refused.
async fn refused(server: &Server, path: &str, headers: &[(&'static str, &str)]) -> (u16, String) {
    match Client::try_open_path(server.address, path, headers).await {
        Err(tungstenite::Error::Http(response)) => {
            let body = response.body().clone().unwrap_or_default();
            (response.status().into(), String::from_utf8(body).unwrap())
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was not refused"),
    }
}

/// An extractor of axum.
struct Token(String);

impl<S: Sync> FromRequestParts<S> for Token {
    type Rejection = (StatusCode, [(&'static str, &'static str); 1], &'static str);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let token = parts.headers.get("x-token");
        match token.and_then(|token| token.to_str().ok()) {
            Some(token) => Ok(Self(token.to_owned())),
            None => Err((
                StatusCode::UNAUTHORIZED,
                [("x-hint", "token")],
                "Who are you?",
            )),
        }
    }
}

struct Guarded {
    greeting: String,
}

#[server_endpoint("/guarded/{age}")]
impl Guarded {
    #[constructor]
    async fn new(
        headers: HeaderMap,
        Token(token): Token,
        #[path_param] age: u8,
        State(reports): State<Reports>,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        reports.say("constructor");
        if age < 18 {
            let refused = HandshakeRefused::new(StatusCode::PAYMENT_REQUIRED, "too young");
            return Err(refused.into());
        }
        if headers.contains_key("x-panic") {
            panic!("as it was told to");
        }
        if headers.contains_key("x-fail") {
            return Err("the password of the database is secret".into());
        }
        Ok(Self {
            greeting: format!("{token} is {age}"),
        })
    }

    #[on_open]
    async fn open(&mut self, State(reports): State<Reports>) {
        reports.say("open");
    }

    #[on_message]
    async fn greet(&mut self, _text: String) -> &'static str {
        self.greeting.clone().leak()
    }
}

#[tokio::test]
async fn jsr_11_a_constructor_takes_what_the_request_has() {
    let server = Server::of::<Guarded>().await;
    let headers = [("x-token", "joe")];
    let client = Client::try_open_path(server.address, "/guarded/18", &headers).await;
    let mut client = client.unwrap();
    client.send("who").await;
    expect_text(&mut client, "joe is 18").await;
}

#[tokio::test]
async fn jsr_11_a_constructor_refuses_with_a_status_before_the_connection_is_opened() {
    let mut server = Server::of::<Guarded>().await;
    let token = ("x-token", "joe");
    assert_eq!(
        refused(&server, "/guarded/17", &[token]).await,
        (402, "too young".to_owned())
    );
    assert_eq!(server.report().await, "constructor");
    // Any other error is nothing for clients.
    let failing = [token, ("x-fail", "yes")];
    assert_eq!(
        refused(&server, "/guarded/18", &failing).await,
        (500, String::new())
    );
    assert_eq!(server.report().await, "constructor");
    let panicking = [token, ("x-panic", "yes")];
    assert_eq!(
        refused(&server, "/guarded/18", &panicking).await,
        (500, String::new())
    );
    assert_eq!(server.report().await, "constructor");
    // The connection was never open.
    server.no_report();
    assert_eq!(server.websockets.connection_count(), 0);
}

#[tokio::test]
async fn jsr_11_an_extractor_of_the_constructor_refuses_with_its_response() {
    let mut server = Server::of::<Guarded>().await;
    let opened = Client::try_open_path(server.address, "/guarded/18", &[]).await;
    let Err(tungstenite::Error::Http(response)) = opened else {
        panic!("it was not refused")
    };
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["x-hint"], "token");
    assert_eq!(response.body().as_deref(), Some(&b"Who are you?"[..]));
    server.no_report();
}

#[tokio::test]
async fn jsr_16_a_path_parameter_that_the_constructor_can_not_read_is_a_bad_request() {
    let mut server = Server::of::<Guarded>().await;
    let (status, text) = refused(&server, "/guarded/old", &[("x-token", "joe")]).await;
    assert_eq!(status, 400);
    assert_eq!(
        text,
        "the path parameter `age` could not be read: invalid digit found in string"
    );
    server.no_report();
}

struct OfUser(String);

#[server_endpoint("/user")]
impl OfUser {
    #[constructor]
    async fn new(user: Principal, State(reports): State<Reports>) -> Self {
        reports.say("constructor");
        Self(user.name().to_owned())
    }

    #[on_message]
    async fn name(&mut self, _text: String) -> String {
        self.0.clone()
    }
}

/// Lets everybody in who says a name.
struct Login;

impl HandshakeInterceptor for Login {
    async fn before_handshake(&self, handshake: &mut Handshake) -> Result<(), HandshakeRefused> {
        let name = handshake.request().headers.get("x-user");
        if let Some(Ok(name)) = name.map(|name| name.to_str()) {
            let user = Principal::new(name);
            handshake.set_principal(Some(user));
        }
        Ok(())
    }
}

#[tokio::test]
async fn hs_30_a_constructor_runs_behind_the_interceptors() {
    let mut server = Server::with(|builder| {
        builder
            .server_endpoints_in(module_path!())
            .configure_server_endpoint::<OfUser>(|endpoint| endpoint.interceptor(Login))
            .server_endpoint_instance(Shared::default())
    })
    .await;
    let joe = [("x-user", "joe")];
    let client = Client::try_open_path(server.address, "/user", &joe).await;
    let mut client = client.unwrap();
    client.send("who").await;
    expect_text(&mut client, "joe").await;
    assert_eq!(server.report().await, "constructor");
    // A constructor that takes a user refuses those who have not logged in.
    assert_eq!(refused(&server, "/user", &[]).await.0, 403);
    server.no_report();
}

#[tokio::test]
async fn hs_30_a_constructor_is_not_called_for_who_is_refused_anyway() {
    let mut server = Server::with(|builder| {
        builder
            .server_endpoint::<Guarded>()
            .configure_server_endpoint::<Guarded>(|endpoint| endpoint.require_user())
    })
    .await;
    let headers = [("x-token", "joe")];
    assert_eq!(refused(&server, "/guarded/18", &headers).await.0, 403);
    let elsewhere = [("x-token", "joe"), ("origin", "https://evil.example.com")];
    assert_eq!(refused(&server, "/guarded/18", &elsewhere).await.0, 403);
    server.no_report();
}

#[derive(Default)]
struct Shared {
    count: AtomicU32,
}

#[server_endpoint("/shared", shared, allowed_origins = ["https://shop.example.com"])]
impl Shared {
    #[on_message]
    async fn count(&self, step: u32) -> u32 {
        self.count.fetch_add(step, Ordering::Relaxed) + step
    }

    #[on_message]
    async fn binary(data: Vec<u8>) -> Result<Vec<u8>, Infallible> {
        Ok(data)
    }
}

#[tokio::test]
async fn jsr_02_jsr_11_all_connections_have_the_instance_of_a_shared_endpoint() {
    let server = Server::with(|builder| builder.server_endpoint_instance(Shared::default())).await;
    let mut first = server.connect("/shared").await;
    let mut second = server.connect("/shared").await;
    first.send("1").await;
    expect_text(&mut first, "1").await;
    second.send("10").await;
    expect_text(&mut second, "11").await;
}

#[tokio::test]
async fn jsr_10_origins_of_other_sites_are_refused_unless_they_are_allowed() {
    let server = Server::with(|builder| builder.server_endpoint_instance(Shared::default())).await;
    let evil = [("origin", "https://evil.example.com")];
    assert_eq!(refused(&server, "/shared", &evil).await.0, 403);
    let shop = [("origin", "https://shop.example.com")];
    let opened = Client::try_open_path(server.address, "/shared", &shop).await;
    assert!(opened.is_ok());
}
