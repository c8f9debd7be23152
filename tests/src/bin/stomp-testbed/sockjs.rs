//! The services that suites for SockJS want: what they say is the protocol's, whoever writes the server (SJ-TS-01, SJ-TS-02).

use std::time::Duration;

use stomp_axum::{
    endpoint::{SockJsOptions, StompEndpoint},
    websocket::{
        BoxError, BuildError, CloseStatus, TextMessage, WebSocketEndpoint, WebSocketHandler,
        WebSocketSession, WebSockets,
    },
};

use crate::options::Options;

/// A response of a stream ends that soon, so that a suite sees it (SJ-TS-01).
const ECHO_STREAM_BYTES: usize = 4096;

/// Bytes of a message: suites send large ones.
const MESSAGE_BYTES: usize = 2 * 1024 * 1024;

/// STOMP over SockJS.
pub(crate) fn stomp_endpoint(options: &Options) -> StompEndpoint {
    StompEndpoint::new("/sockjs/stomp")
        .allowed_origins(["*"])
        .sockjs(sockjs_options(options))
}

/// The services without STOMP.
pub(crate) fn services(options: &Options) -> Result<WebSockets, BuildError> {
    let sockjs = || sockjs_options(options);
    WebSockets::builder()
        .endpoint(service(
            "echo",
            Echo,
            sockjs().stream_bytes_limit(ECHO_STREAM_BYTES),
        ))
        .endpoint(service(
            "disabled_websocket_echo",
            Echo,
            sockjs().web_socket_enabled(false),
        ))
        .endpoint(service(
            "cookie_needed_echo",
            Echo,
            sockjs().session_cookie_needed(true).jsession_id_cookie(),
        ))
        .endpoint(service("close", Close, sockjs()))
        .endpoint(service("ticker", Ticker, sockjs()))
        .endpoint(service("amplify", Amplify, sockjs()))
        .endpoint(service("broadcast", Broadcast, sockjs()))
        .build()
}

fn sockjs_options(options: &Options) -> SockJsOptions {
    let mut sockjs = SockJsOptions::default()
        .session_cookie_needed(false)
        // Suites send a lot at once, and try what is not there, from one address.
        .body_bytes(4 * MESSAGE_BYTES)
        .misses_per_minute(u32::MAX)
        .unattached_sessions_per_address(10_000);
    if let Some(url) = &options.sockjs_client_url {
        sockjs = sockjs.client_library_url(url);
    }
    if let Some(delay) = options.sockjs_disconnect_delay {
        sockjs = sockjs.disconnect_delay(delay);
    }
    sockjs
}

fn service<H: WebSocketHandler>(
    name: &str,
    handler: H,
    options: SockJsOptions,
) -> WebSocketEndpoint<H> {
    WebSocketEndpoint::new(format!("/sockjs/{name}"), handler)
        .allowed_origins(["*"])
        .max_text_message_bytes(MESSAGE_BYTES)
        .send_buffer_bytes(8 * MESSAGE_BYTES)
        .sockjs(options)
}

struct Echo;

impl WebSocketHandler for Echo {
    async fn handle_text_message(
        &self,
        session: &WebSocketSession,
        message: TextMessage,
    ) -> Result<(), BoxError> {
        session.send(message).await?;
        Ok(())
    }
}

struct Close;

impl WebSocketHandler for Close {
    async fn after_connection_established(
        &self,
        session: &WebSocketSession,
    ) -> Result<(), BoxError> {
        session.close_with(CloseStatus::new(3000).with_reason("Go away!"));
        Ok(())
    }
}

struct Ticker;

impl WebSocketHandler for Ticker {
    async fn after_connection_established(
        &self,
        session: &WebSocketSession,
    ) -> Result<(), BoxError> {
        let session = session.clone();
        tokio::spawn(async move {
            let mut seconds = tokio::time::interval(Duration::from_secs(1));
            // The first is at once.
            seconds.tick().await;
            loop {
                seconds.tick().await;
                if session.send("tick!").await.is_err() {
                    return;
                }
            }
        });
        Ok(())
    }
}

/// Answers a number with a message of 2 to the power of it.
struct Amplify;

impl WebSocketHandler for Amplify {
    async fn handle_text_message(
        &self,
        session: &WebSocketSession,
        message: TextMessage,
    ) -> Result<(), BoxError> {
        let number = message.as_str().trim().parse().unwrap_or(0.0_f64).floor();
        let power = if (1.0..=18.0).contains(&number) {
            number as u32
        } else {
            1
        };
        session.send("x".repeat(1 << power)).await?;
        Ok(())
    }
}

struct Broadcast;

impl WebSocketHandler for Broadcast {
    async fn handle_text_message(
        &self,
        session: &WebSocketSession,
        message: TextMessage,
    ) -> Result<(), BoxError> {
        session.broadcast(message);
        Ok(())
    }
}
