//! What a session knows and does (JSR-10, JSR-16, JSR-17, JSR-21).

use std::time::Duration;

use axum::Router;
use stomp_axum::{
    server_endpoint::{Session, State, server_endpoint},
    websocket::WebSockets,
};
use tokio_tungstenite::tungstenite::Message as WsMessage;

use super::{Reports, Server, expect_text};
use crate::support::{Client, start_app};

#[derive(Clone)]
struct Nickname(String);

/// Answers questions about its session.
#[derive(Default)]
struct Chat;

#[server_endpoint("/chat/{room}/{seat}", sub_protocols = ["v2", "v1"])]
impl Chat {
    #[on_open]
    async fn open(&mut self, session: Session, #[path_param] seat: String) {
        session.attributes().insert(Nickname(seat));
    }

    #[on_message]
    async fn ask(&mut self, question: String, session: Session) -> String {
        match question.as_str() {
            "id" => session.id().to_owned(),
            "uri" => session.request_uri().to_string(),
            "query" => format!("{:?}", session.query_string()),
            "parameters" => {
                let all: Vec<_> = session.query_parameters().collect();
                format!("{all:?} {:?}", session.query_parameter("a"))
            }
            "path" => {
                let all: Vec<_> = session.path_parameters().collect();
                format!("{all:?} {:?}", session.path_parameter("none"))
            }
            "user" => format!("{:?}", session.principal()),
            "protocol" => format!("{:?}", session.negotiated_sub_protocol()),
            "open" => session.is_open().to_string(),
            "others" => {
                let mut names = Vec::new();
                for other in session.open_sessions() {
                    let room = other.path_parameter("room").unwrap_or_default();
                    let Nickname(name) = other.attributes().get().unwrap();
                    names.push(format!(
                        "{room}/{name}{}",
                        if other == session { "*" } else { "" }
                    ));
                }
                names.sort();
                names.join(" ")
            }
            "close" => {
                session.close();
                "closed".to_owned()
            }
            "to my room" => {
                let room = session.path_parameter("room");
                let is_here = |other: &Session| other.path_parameter("room") == room;
                let heard = session.broadcast_where(is_here, "between us");
                format!("{heard} of my room")
            }
            tell => format!("{} have heard it", session.broadcast(tell)),
        }
    }
}

async fn ask(client: &mut Client, question: &str) -> String {
    client.send(question).await;
    match client.receive().await {
        Some(WsMessage::Text(answer)) => answer.to_string(),
        other => panic!("expected an answer, got {other:?}"),
    }
}

#[tokio::test]
async fn jsr_17_a_session_knows_its_request() {
    let server = Server::of::<Chat>().await;
    let path = "/chat/a%2Fb/%E2%82%AC?a=1&b=%20&a=2+3";
    let headers = [("sec-websocket-protocol", "v1, v2")];
    let client = Client::try_open_path(server.address, path, &headers).await;
    let mut client = client.unwrap();
    assert_eq!(ask(&mut client, "uri").await, path);
    assert_eq!(
        ask(&mut client, "query").await,
        r#"Some("a=1&b=%20&a=2+3")"#
    );
    assert_eq!(
        ask(&mut client, "parameters").await,
        r#"[("a", "1"), ("b", " "), ("a", "2 3")] Some("1")"#
    );
    // JSR-10, JSR-16: decoded.
    assert_eq!(
        ask(&mut client, "path").await,
        "[(\"room\", \"a/b\"), (\"seat\", \"\u{20ac}\")] None"
    );
    assert_eq!(ask(&mut client, "user").await, "None");
    // JSR-10: the server's order counts.
    assert_eq!(ask(&mut client, "protocol").await, r#"Some("v2")"#);
    assert_eq!(ask(&mut client, "open").await, "true");
}

#[tokio::test]
async fn jsr_16_a_path_that_is_no_text_is_a_bad_request() {
    let server = Server::of::<Chat>().await;
    let opened = Client::try_open_path(server.address, "/chat/%FF/a", &[]).await;
    let Err(tokio_tungstenite::tungstenite::Error::Http(response)) = opened else {
        panic!("it was not refused")
    };
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn jsr_16_a_parameter_of_the_path_is_its_own_wherever_it_is_nested() {
    let websockets = WebSockets::builder().server_endpoint::<Chat>().build();
    let routes = websockets.unwrap().router();
    let address = start_app(Router::new().nest("/{room}/{tenant}", routes)).await;
    let path = "/outer/%FE/chat/inner/1";
    let mut client = Client::try_open_path(address, path, &[]).await.unwrap();
    assert_eq!(
        ask(&mut client, "path").await,
        "[(\"room\", \"inner\"), (\"seat\", \"1\")] None"
    );
}

#[tokio::test]
async fn jsr_17_ids_are_unique_and_open_sessions_are_those_of_the_endpoint() {
    let server = Server::with(|builder| {
        builder
            .server_endpoint::<Chat>()
            .server_endpoint::<Literal>()
    })
    .await;
    let mut a = server.connect("/chat/red/a").await;
    let mut b = server.connect("/chat/blue/b").await;
    let _other_endpoint = server.connect("/chat/red").await;
    assert_ne!(ask(&mut a, "id").await, ask(&mut b, "id").await);
    assert_eq!(ask(&mut a, "others").await, "blue/b red/a*");
    b.send("close").await;
    assert_eq!(u16::from(b.expect_close().await.code), 1000);
    assert_eq!(ask(&mut a, "others").await, "red/a*");
}

#[tokio::test]
async fn jsr_21_a_broadcast_reaches_all_sessions_of_the_endpoint() {
    let server = Server::of::<Chat>().await;
    let mut a = server.connect("/chat/red/a").await;
    let mut b = server.connect("/chat/blue/b").await;
    // Both are open, and not only upgraded.
    assert_eq!(ask(&mut b, "others").await, "blue/b* red/a");
    a.send("hello").await;
    expect_text(&mut b, "hello").await;
    expect_text(&mut a, "hello").await;
    expect_text(&mut a, "2 have heard it").await;

    // Or those of them that are asked for.
    a.send("to my room").await;
    expect_text(&mut a, "between us").await;
    expect_text(&mut a, "1 of my room").await;
    assert_eq!(ask(&mut b, "open").await, "true");
}

/// Literal where another has parameters.
#[derive(Default)]
struct Literal;

#[server_endpoint("/chat/red")]
impl Literal {
    #[on_message]
    async fn text(&mut self, _text: String) -> &'static str {
        "literal"
    }
}

#[derive(Default)]
struct OneParameter;

#[server_endpoint("/chat/{room}")]
impl OneParameter {
    #[on_message]
    async fn text(&mut self, _text: String, #[path_param] room: String) -> String {
        room
    }
}

#[tokio::test]
async fn jsr_10_the_more_literal_path_wins() {
    let server = Server::with(|builder| {
        builder
            .server_endpoint::<OneParameter>()
            .server_endpoint::<Literal>()
            .server_endpoint::<Chat>()
    })
    .await;
    for (path, answer) in [
        ("/chat/red", "literal"),
        ("/chat/blue", "blue"),
        ("/chat/red/x", "0 have heard it"),
    ] {
        let mut client = server.connect(path).await;
        let answered = ask(&mut client, "hi").await;
        if path == "/chat/red/x" {
            // Its own broadcast comes first.
            assert_eq!(answered, "hi");
        } else {
            assert_eq!(answered, answer);
        }
    }
}

#[derive(Default)]
struct Idle;

#[server_endpoint("/idle", idle_timeout_seconds = 600)]
impl Idle {
    #[on_message]
    async fn timeout(&mut self, millis: u64, session: Session) -> String {
        let before = session.max_idle_timeout();
        if millis != 1 {
            session.set_max_idle_timeout(Duration::from_millis(millis));
        }
        format!("{before:?}")
    }

    #[on_message]
    async fn set_elsewhere(
        &mut self,
        _data: Vec<u8>,
        session: Session,
        State(reports): State<Reports>,
    ) {
        tokio::spawn(async move {
            reports.say("set");
            session.set_max_idle_timeout(Duration::from_millis(20));
        });
    }
}

#[tokio::test]
async fn jsr_17_an_idle_session_is_closed_when_its_time_is_up() {
    let mut server = Server::of::<Idle>().await;
    let mut client = server.connect("/idle").await;
    assert_eq!(ask(&mut client, "0").await, "Some(600s)");
    // Zero is never.
    assert_eq!(ask(&mut client, "1").await, "None");
    assert_eq!(ask(&mut client, "20").await, "None");
    assert_eq!(u16::from(client.expect_close().await.code), 1001);

    // While the connection waits, it is told.
    let mut client = server.connect("/idle").await;
    client.send_message(WsMessage::binary(vec![0])).await;
    assert_eq!(server.report().await, "set");
    assert_eq!(u16::from(client.expect_close().await.code), 1001);
}
