//! STOMP over real WebSockets: how frames and messages map to each other, and how connections end.

use crate::support::{Client, messaging, start};

#[tokio::test]
async fn ws_007_connect_as_text() {
    let messaging = messaging();
    let address = start(&messaging).await;
    let mut client = Client::open(address).await;
    assert_eq!(
        client.stomp_connect("1.2").await.header("version"),
        Some("1.2")
    );
    client.subscribe("s", "/topic/a").await;
    messaging
        .template()
        .convert_and_send("/topic/a", "hello")
        .await
        .unwrap();
    assert_eq!(client.receive_frame().await.body, "hello");
}
