//! How a server ends.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use stomp_axum::prelude::*;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::support::{Client, http, messaging, start, within};

const DEADLINE: Duration = Duration::from_secs(5);

/// A server that ends on a signal.
async fn start_until(
    messaging: &Messaging,
) -> (
    SocketAddr,
    oneshot::Sender<()>,
    JoinHandle<std::io::Result<()>>,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (signal, signalled) = oneshot::channel();
    let shutdown = messaging.shutdown_on(async { signalled.await.unwrap() }, DEADLINE);
    let server = axum::serve(listener, messaging.router::<()>()).with_graceful_shutdown(shutdown);
    (address, signal, tokio::spawn(server.into_future()))
}

#[tokio::test]
async fn ws_024_clients_are_told_and_the_server_returns() {
    let messaging = messaging();
    let (address, signal, server) = start_until(&messaging).await;
    let mut connected = Client::connect(address).await;
    let mut not_connected_yet = Client::open(address).await;
    crate::support::until(|| messaging.connection_count() == 2).await;

    let start = Instant::now();
    signal.send(()).unwrap();
    for client in [&mut connected, &mut not_connected_yet] {
        let close = client.expect_close().await;
        assert_eq!(close.code, CloseCode::Away);
        assert_eq!(close.reason.as_str(), "the server stops");
    }
    within(server).await.unwrap().unwrap();
    assert!(start.elapsed() < DEADLINE, "{:?}", start.elapsed());
    assert_eq!(messaging.connection_count(), 0);
}

#[tokio::test]
async fn what_was_sent_before_the_end_is_delivered() {
    let messaging = messaging();
    let (address, signal, server) = start_until(&messaging).await;
    let mut client = Client::connect(address).await;
    client.subscribe("s", "/topic/a").await;
    for number in 0..100 {
        let template = messaging.template();
        template
            .convert_and_send("/topic/a", &number)
            .await
            .unwrap();
    }
    signal.send(()).unwrap();
    for number in 0..100 {
        assert_eq!(client.receive_frame().await.body, number.to_string());
    }
    assert_eq!(client.expect_close().await.code, CloseCode::Away);
    within(server).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_does_not_answer_does_not_hold_the_server_up() {
    let messaging = messaging();
    let (address, signal, server) = start_until(&messaging).await;
    let client = Client::connect(address).await;
    let start = Instant::now();
    signal.send(()).unwrap();
    within(server).await.unwrap().unwrap();
    assert!(start.elapsed() < DEADLINE, "{:?}", start.elapsed());
    drop(client);
}

#[tokio::test]
async fn new_connections_are_refused_while_the_server_shuts_down() {
    let messaging = messaging();
    let address = start(&messaging).await;
    assert!(messaging.shutdown(DEADLINE).await);
    let response = http(address, "GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 503"), "{response}");
    assert!(
        response.ends_with("The server is shutting down."),
        "{response}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_and_sigterm_shut_down() {
    for signal in ["-INT", "-TERM"] {
        let messaging = messaging();
        let mut shutdown = std::pin::pin!(messaging.shutdown_on_ctrl_c());
        // From here on the signal is listened to.
        assert!(futures_util::poll!(shutdown.as_mut()).is_pending());
        let process = std::process::id().to_string();
        let killed = std::process::Command::new("kill")
            .args([signal, &process])
            .status();
        assert!(killed.unwrap().success());
        within(shutdown).await;
        assert!(messaging.is_shutting_down());
    }
}
