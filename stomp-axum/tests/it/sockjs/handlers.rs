//! Handlers without STOMP.

use stomp_axum::{
    endpoint::SockJsOptions,
    websocket::{
        BoxError, CloseStatus, TextMessage, WebSocketEndpoint, WebSocketHandler, WebSocketSession,
        WebSockets,
    },
};

use super::client::{Receiving, SockJsClient, SockJsFrame};
use crate::support::until;

struct Echo;

impl WebSocketHandler for Echo {
    async fn after_connection_established(
        &self,
        session: &WebSocketSession,
    ) -> Result<(), BoxError> {
        // SJ-SES-15: the id in the url is the client's secret.
        assert!(!session.uri().path().contains(session.id()));
        session.send("hello").await?;
        Ok(())
    }

    async fn handle_text_message(
        &self,
        session: &WebSocketSession,
        message: TextMessage,
    ) -> Result<(), BoxError> {
        match message.as_str() {
            "bye" => session.close_with(CloseStatus::new(3000).with_reason("say \"bye\"")),
            "fail" => return Err("it failed".into()),
            _ => session.send(message).await?,
        }
        Ok(())
    }
}

fn websockets() -> WebSockets {
    WebSockets::builder()
        .endpoint(WebSocketEndpoint::new("/echo/{room}", Echo).with_sockjs())
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_handler_has_sessions_over_http_as_others() {
    for receiving in [Receiving::Polling, Receiving::Streaming] {
        let websockets = websockets();
        let router = websockets.router();
        // SJ-SES-01: `o` comes before everything that the handler sends.
        let mut client = SockJsClient::open(&router, "/echo/1", receiving).await;
        assert_eq!(client.receive().await, "hello");
        client.send_all(&["a", "b", "c"]).await;
        for expected in ["a", "b", "c"] {
            assert_eq!(client.receive().await, expected);
        }
        assert_eq!(websockets.connection_count(), 1);
        client.send("bye").await;
        let closed = SockJsFrame::Close(3000, "say \"bye\"".to_owned());
        assert_eq!(client.receive_frame().await, closed);
        until(|| websockets.connection_count() == 0).await;
    }
}

#[tokio::test]
async fn sj_74_a_handler_that_fails_closes_the_session_and_the_request_succeeds() {
    let websockets = websockets();
    let mut client = SockJsClient::open(&websockets.router(), "/echo/1", Receiving::Polling).await;
    assert_eq!(client.receive().await, "hello");
    assert_eq!(client.send_all(&["fail", "a"]).await, 204);
    let SockJsFrame::Close(1011, _) = client.receive_frame().await else {
        panic!("expected the good-bye");
    };
}

#[test]
fn mistakes_are_reported_when_the_endpoints_are_built() {
    let options = SockJsOptions::default().body_bytes(0);
    let endpoint = WebSocketEndpoint::new("/echo", Echo).sockjs(options);
    let error = WebSockets::builder()
        .endpoint(endpoint)
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("body_bytes"), "{error}");
}
