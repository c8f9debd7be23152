//! Annotated endpoints over SockJS: as over WebSockets, with whole texts only.

use axum::{Router, body::Body};
use http::{Method, Request, StatusCode};
use stomp_axum::{
    server_endpoint::{CloseStatus, EndpointError, HandshakeRefused, Session, server_endpoint},
    websocket::WebSockets,
};
use tokio_tungstenite::tungstenite::Message as WsMessage;
use tower_service::Service as _;

use super::client::{Receiving, SockJsClient, SockJsFrame};
use crate::support::{Client, start_app, within};

struct Chat {
    room: String,
    messages: u32,
}

#[server_endpoint("/annotated/{room}", sockjs)]
impl Chat {
    #[constructor]
    async fn new(#[path_param] room: String) -> Result<Self, HandshakeRefused> {
        if room == "full" {
            return Err(HandshakeRefused::new(StatusCode::CONFLICT, "it is full"));
        }
        Ok(Self { room, messages: 0 })
    }

    #[on_message]
    async fn text(&mut self, text: String, session: Session) -> Option<String> {
        self.messages += 1;
        match text.as_str() {
            "binary" => {
                let sent = session.basic_remote().send_binary("bytes").await;
                Some(sent.unwrap_err().to_string())
            }
            "fail" => panic!("as it was told to"),
            "bye" => {
                session.close_with(CloseStatus::new(3001).with_reason("bye"));
                None
            }
            _ => Some(format!("{} {} {text}", self.room, self.messages)),
        }
    }

    #[on_error]
    async fn error(&mut self, error: EndpointError, #[path_param] room: String) {
        println!("{error} in {room}");
    }
}

fn router() -> Router {
    let websockets = WebSockets::builder().server_endpoint::<Chat>().build();
    websockets.unwrap().router()
}

#[tokio::test]
async fn an_endpoint_has_sessions_over_http_and_each_has_an_instance() {
    for receiving in [Receiving::Polling, Receiving::Streaming] {
        let router = router();
        let mut first = SockJsClient::open(&router, "/annotated/a%20b", receiving).await;
        let mut second = SockJsClient::open(&router, "/annotated/c", receiving).await;
        first.send_all(&["x", "y"]).await;
        assert_eq!(first.receive().await, "a b 1 x");
        assert_eq!(first.receive().await, "a b 2 y");
        second.send("z").await;
        assert_eq!(second.receive().await, "c 1 z");
        first.send("binary").await;
        assert_eq!(
            first.receive().await,
            "SockJS carries texts alone, and no binary messages"
        );
        first.send("bye").await;
        let closed = SockJsFrame::Close(3001, "bye".to_owned());
        assert_eq!(first.receive_frame().await, closed);
    }
}

#[tokio::test]
async fn jsr_15_a_panic_closes_a_session_over_http_too() {
    let router = router();
    let mut client = SockJsClient::open(&router, "/annotated/a", Receiving::Polling).await;
    client.send("fail").await;
    let SockJsFrame::Close(1011, _) = client.receive_frame().await else {
        panic!("expected the good-bye");
    };
}

#[tokio::test]
async fn jsr_11_a_constructor_refuses_the_request_that_would_open_a_session() {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = "/annotated/full/000/session/xhr".parse().unwrap();
    let response = within(router().call(request)).await.unwrap();
    assert_eq!(response.status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_websocket_without_the_frames_of_sockjs_is_below_the_path() {
    let address = start_app(router()).await;
    let client = Client::try_open_path(address, "/annotated/a/websocket", &[]).await;
    let mut client = client.unwrap();
    client.send("x").await;
    assert_eq!(client.receive().await, Some(WsMessage::text("a 1 x")));
}

/// SJ-URL-03, SJ-URL-05: ids are what they are, and none of the path's parameters.
#[tokio::test]
async fn an_id_need_not_be_text() {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = "/annotated/a/%fe/%ff/xhr".parse().unwrap();
    let response = within(router().call(request)).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}
