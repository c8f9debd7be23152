//! Handlers of raw WebSockets, over real ones (WS-10 to WS-47, T-0xx).

use stomp_axum::websocket::{
    BoxError, TextMessage, WebSocketEndpoint, WebSocketHandler, WebSocketSession, WebSockets,
};
use tokio_tungstenite::tungstenite::Message as WsMessage;

use crate::support::{Client, start_app};

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

#[tokio::test]
async fn ws_10_an_echo() {
    let websockets = WebSockets::builder()
        .endpoint(WebSocketEndpoint::new("/echo", Echo))
        .build()
        .unwrap();
    let address = start_app(websockets.router()).await;
    let mut client = Client::try_open_path(address, "/echo", &[]).await.unwrap();
    for text in ["a", "b"] {
        client.send(text).await;
        assert_eq!(client.receive().await, Some(WsMessage::text(text)));
    }
}
