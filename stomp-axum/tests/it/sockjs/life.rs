use std::time::Duration;

use http::StatusCode;
use stomp_axum::prelude::*;

use super::client::{Receiving, SockJsClient, SockJsFrame};
use crate::support::{messaging_with, within};

#[tokio::test]
async fn ws_024_clients_are_told_that_the_server_stops() {
    for receiving in [Receiving::Polling, Receiving::Streaming] {
        let messaging = messaging_with(StompEndpoint::new("/ws").with_sockjs(), Limits::default());
        let router = messaging.router();
        let mut connected = SockJsClient::open(&router, "/ws", receiving).await;
        connected.stomp_connect("0,0").await;
        let mut not_connected_yet = SockJsClient::open(&router, "/ws", receiving).await;
        // A request waits for each of them.
        connected.attach().await;
        not_connected_yet.attach().await;

        let shutdown = messaging.shutdown(Duration::from_secs(5));
        let told = async {
            for client in [&mut connected, &mut not_connected_yet] {
                let closed = SockJsFrame::Close(1001, "the server stops".to_owned());
                assert_eq!(client.next_of_response().await, Some(closed));
                // The response ends, so that the server may.
                assert_eq!(client.next_of_response().await, None);
            }
        };
        let (in_time, ()) = within(async { tokio::join!(shutdown, told) }).await;
        assert!(in_time);
        assert_eq!(
            connected.send_all(&["too late"]).await,
            StatusCode::NO_CONTENT
        );
        let late = connected.with_id("too-late");
        let refused = late.post("xhr", String::new()).await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}

#[tokio::test]
async fn what_was_sent_before_the_end_is_delivered() {
    let messaging = messaging_with(StompEndpoint::new("/ws").with_sockjs(), Limits::default());
    let router = messaging.router();
    let mut client = SockJsClient::open(&router, "/ws", Receiving::Streaming).await;
    client.stomp_connect("0,0").await;
    client.subscribe("/topic/a").await;
    for number in 0..100 {
        let template = messaging.template();
        template
            .convert_and_send("/topic/a", &number.to_string())
            .await
            .unwrap();
    }
    let shutdown = messaging.shutdown(Duration::from_secs(5));
    let received = async {
        for number in 0..100 {
            let message = client.receive().await;
            assert!(message.ends_with(&format!("\n\n{number}\0")), "{message:?}");
        }
        let SockJsFrame::Close(1001, _) = client.receive_frame().await else {
            panic!("expected the good-bye");
        };
    };
    let (in_time, ()) = within(async { tokio::join!(shutdown, received) }).await;
    assert!(in_time);
}

#[test]
fn mistakes_are_reported_when_the_server_is_built() {
    use stomp_axum::endpoint::SockJsOptions;

    let options = SockJsOptions::default()
        .heartbeat_time(Duration::ZERO)
        .client_library_url("sockjs.js");
    let built = Messaging::builder()
        .simple_broker(["/topic"])
        .endpoint(StompEndpoint::new("/ws").sockjs(options))
        .build();
    let error = built.unwrap_err().to_string();
    assert!(
        error.contains("heartbeat_time") && error.contains("sockjs.js"),
        "{error}"
    );
}
