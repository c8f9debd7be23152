//! What only real sockets show.

use std::{io, net::SocketAddr, os::fd::OwnedFd};

use stomp_axum::{codec::Command, statistics::TransportKind};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::*;

type Serving = JoinHandle<io::Result<()>>;

async fn listen(messaging: &Messaging) -> (SocketAddr, Serving) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, tokio::spawn(messaging.serve_tcp(listener)))
}

async fn dial(address: SocketAddr) -> Client<TcpStream> {
    Client::new(TcpStream::connect(address).await.unwrap())
}

/// Waits until the server is left with so many connections.
async fn wait_for_connections(messaging: &Messaging, count: usize) {
    while messaging.connection_count() != count {
        tokio::task::yield_now().await;
    }
}

#[subscribe_mapping("/address")]
async fn address(attributes: SessionAttributes) -> Option<SocketAddr> {
    attributes.get()
}

#[tokio::test]
async fn the_address_of_the_client_is_an_attribute_of_its_session() {
    let messaging = builder().handlers(handlers![address]).build().unwrap();
    let (server, _) = listen(&messaging).await;
    let mut client = dial(server).await;
    client.connect().await;
    client
        .send("SUBSCRIBE\nid:1\ndestination:/app/address\n\n\0")
        .await;
    let message = client.expect(Command::Message).await;
    let local = client.stream.local_addr().unwrap();
    assert_eq!(client::text(&message), format!("\"{local}\""));
    let open = messaging.statistics().connections.open;
    assert_eq!((open.of(TransportKind::Tcp), open.total()), (1, 1));
}

/// ERR-012: each goes on sending while the ERROR is on its way. The operating system would answer that with a reset if the
/// server just closed, and then the client may not get to read what came before.
#[tokio::test]
async fn neg_031_err_012_whoever_is_refused_gets_the_error() {
    let messaging = server();
    let (address, _) = listen(&messaging).await;
    let more = "x".repeat(40_000);
    let refused = [
        ("CONNECT\naccept-version:9\n\n\0", "unsupported-version"),
        (
            "CONNECT\nlogin:bad\naccept-version:1.2\n\n\0",
            "authentication-failed",
        ),
        ("SEND\ndestination:/topic/a\n\n\0", "not-connected"),
        ("CONNECT\nno colon\n\n\0", "malformed-frame"),
    ];
    for (start, code) in refused.iter().cycle().take(1000) {
        let mut client = dial(address).await;
        client.send(start).await;
        client.stream.readable().await.unwrap();
        client.send(&more).await;
        client.expect_error(code).await;
    }
    wait_for_connections(&messaging, 0).await;
}

#[tokio::test]
async fn tcp_002_many_messages_of_any_size_arrive_whole() {
    let messaging = server_with(|limits| limits.outbound_bytes = 64 << 20);
    let (address, _) = listen(&messaging).await;
    let mut client = dial(address).await;
    client.connect().await;
    client.subscribe("/topic/a").await;
    let lengths = || (0..3000_usize).map(|number| number * 7919 % 5000);
    for length in lengths() {
        let body = "x".repeat(length);
        messaging
            .template()
            .convert_and_send("/topic/a", &body)
            .await
            .unwrap();
    }
    for length in lengths() {
        assert_eq!(client.expect(Command::Message).await.body.len(), length);
    }
}

#[tokio::test]
async fn tcp_004_half_closed() {
    let messaging = server();
    let (address, _) = listen(&messaging).await;
    let mut watcher = dial(address).await;
    watcher.connect().await;
    watcher.subscribe("/topic/a").await;
    let mut client = dial(address).await;
    client.send(client::CONNECT).await;
    for number in 0..100 {
        client
            .send(format!(
                "SEND\ndestination:/topic/a\nreceipt:{number}\n\n{number}\0"
            ))
            .await;
    }
    client.finish().await;
    client.expect(Command::Connected).await;
    for number in 0..100 {
        client.expect_receipt(&number.to_string()).await;
        let message = watcher.expect(Command::Message).await;
        assert_eq!(client::text(&message), number.to_string());
    }
    client.expect_end().await;
    wait_for_connections(&messaging, 1).await;
}

#[tokio::test]
async fn tcp_005_a_reset_in_a_frame_is_cleaned_up() {
    let messaging = server();
    let (address, _) = listen(&messaging).await;
    let mut client = dial(address).await;
    client.connect().await;
    client.subscribe("/topic/a").await;
    client.send("SEND\ndestination:/topic/a\n\nhal").await;
    client.stream.set_zero_linger().unwrap();
    drop(client);
    wait_for_connections(&messaging, 0).await;
    assert!(messaging.sessions().is_empty());
    assert_eq!(messaging.broker_statistics(), Default::default());
}

/// The fastest of many: the machine may be busy.
#[tokio::test]
async fn tcp_008_connect_is_answered_at_once() {
    let messaging = server();
    let (address, _) = listen(&messaging).await;
    let mut fastest = Duration::MAX;
    for _ in 0..50 {
        let mut client = dial(address).await;
        let started = std::time::Instant::now();
        client.connect().await;
        client.subscribe("/topic/a").await;
        fastest = fastest.min(started.elapsed());
    }
    assert!(fastest < Duration::from_millis(5), "{fastest:?}");
}

#[tokio::test]
async fn shutting_down_stops_accepting_at_once_and_tells_the_clients() {
    let gate = Gate::closed();
    let messaging = builder_with(&gate).build().unwrap();
    let (address, serving) = listen(&messaging).await;
    let mut client = dial(address).await;
    client.connect().await;
    client.send("SEND\ndestination:/app/wait\n\n\0").await;
    gate.arrival().await;
    let stopping = tokio::spawn({
        let messaging = messaging.clone();
        async move { messaging.shutdown(30 * SECOND).await }
    });
    serving.await.unwrap().unwrap();
    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    client.expect_error("shutdown").await;
    drop(client);
    // The handler runs on, and shutting down waits for it.
    wait_for_connections(&messaging, 0).await;
    assert!(!stopping.is_finished());
    gate.open(1);
    assert!(stopping.await.unwrap());
}

#[tokio::test]
async fn after_the_end_nothing_is_accepted() {
    let messaging = server();
    assert!(messaging.shutdown(SECOND).await);
    messaging.shutting_down().await;
    let (_, serving) = listen(&messaging).await;
    serving.await.unwrap().unwrap();
}

/// Stopping to accept ends no connection.
#[tokio::test]
async fn connections_outlive_the_listener() {
    let messaging = server();
    let (address, serving) = listen(&messaging).await;
    let mut client = dial(address).await;
    client.connect().await;
    serving.abort();
    assert!(serving.await.unwrap_err().is_cancelled());
    client.subscribe("/topic/a").await;
}

/// On Linux, a socket that was shut down accepts nothing, for ever.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_listener_that_does_not_listen_is_an_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let socket = std::net::TcpStream::from(OwnedFd::from(listener.try_clone().unwrap()));
    socket.shutdown(std::net::Shutdown::Both).unwrap();
    let listener = TcpListener::from_std(listener).unwrap();
    let error = server().serve_tcp(listener).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}
