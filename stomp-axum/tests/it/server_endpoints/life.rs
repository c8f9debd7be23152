//! How connections begin and end (JSR-11, JSR-12, JSR-14).

use std::time::Duration;

use stomp_axum::server_endpoint::{CloseStatus, EndpointError, Session, State, server_endpoint};
use tokio_tungstenite::tungstenite::{
    Message as WsMessage,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use super::{Reports, Server, expect_text};

/// Reports all that happens to it.
#[derive(Default)]
struct Life {
    messages: u32,
}

#[server_endpoint("/life/{name}")]
impl Life {
    #[on_open]
    async fn open(&mut self, #[path_param] name: String, State(reports): State<Reports>) {
        reports.say(format!("open {name}"));
    }

    #[on_message]
    async fn text(
        &mut self,
        text: String,
        session: Session,
        State(reports): State<Reports>,
    ) -> u32 {
        self.messages += 1;
        reports.say(format!("message {text}"));
        if text == "close" {
            session.close_with(CloseStatus::new(4001).with_reason("enough"));
        }
        self.messages
    }

    #[on_error]
    async fn error(&mut self, error: EndpointError, State(reports): State<Reports>) {
        reports.say(format!("error {error}"));
    }

    #[on_close]
    async fn close(
        &mut self,
        status: CloseStatus,
        #[path_param] name: String,
        session: Session,
        State(reports): State<Reports>,
    ) {
        let sent = session.basic_remote().send_text("too late").await;
        reports.say(format!("close {name} {status}, sent: {}", sent.is_ok()));
    }
}

#[tokio::test]
async fn jsr_12_on_open_is_called_before_any_message() {
    let mut server = Server::of::<Life>().await;
    let mut client = server.connect("/life/a").await;
    client.send("1").await;
    assert_eq!(server.report().await, "open a");
    assert_eq!(server.report().await, "message 1");
}

#[tokio::test]
async fn jsr_14_on_close_has_what_the_client_gives() {
    let mut server = Server::of::<Life>().await;
    let mut client = server.connect("/life/a").await;
    assert_eq!(server.report().await, "open a");
    let frame = CloseFrame {
        code: CloseCode::Normal,
        reason: "bye".into(),
    };
    client.send_message(WsMessage::Close(Some(frame))).await;
    // Nothing can be sent in it any more.
    assert_eq!(server.report().await, "close a 1000 bye, sent: false");
    while client.receive().await.is_some() {}
    server.no_report();
}

#[tokio::test]
async fn jsr_14_a_close_frame_without_a_code_is_1005() {
    let mut server = Server::of::<Life>().await;
    let mut client = server.connect("/life/a").await;
    assert_eq!(server.report().await, "open a");
    client.send_message(WsMessage::Close(None)).await;
    assert_eq!(server.report().await, "close a 1005, sent: false");
}

#[tokio::test]
async fn jsr_14_a_lost_connection_is_1006() {
    let mut server = Server::of::<Life>().await;
    let client = server.connect("/life/a").await;
    assert_eq!(server.report().await, "open a");
    drop(client);
    let mut report = server.report().await;
    if report.starts_with("error") {
        report = server.report().await;
    }
    assert_eq!(report, "close a 1006, sent: false");
}

#[tokio::test]
async fn jsr_14_on_close_has_what_the_server_itself_gives() {
    let mut server = Server::of::<Life>().await;
    let mut client = server.connect("/life/a").await;
    client.send("close").await;
    let close = client.expect_close().await;
    assert_eq!(
        (u16::from(close.code), close.reason.as_str()),
        (4001, "enough")
    );
    assert_eq!(server.report().await, "open a");
    assert_eq!(server.report().await, "message close");
    // What the method returned could not be sent, which is no error: the method itself has closed.
    assert_eq!(server.report().await, "close a 4001 enough, sent: false");
}

#[tokio::test]
async fn jsr_14_shutting_down_is_1001() {
    let mut server = Server::of::<Life>().await;
    let mut client = server.connect("/life/a").await;
    assert_eq!(server.report().await, "open a");
    let websockets = server.websockets.clone();
    let shutdown = tokio::spawn(async move { websockets.shutdown(Duration::from_secs(20)).await });
    assert_eq!(u16::from(client.expect_close().await.code), 1001);
    assert!(shutdown.await.unwrap());
    let report = server.report().await;
    assert!(report.starts_with("close a 1001"), "{report}");
    server.no_report();
}

#[tokio::test]
async fn jsr_11_each_connection_has_an_instance_of_its_own() {
    let server = Server::of::<Life>().await;
    let mut first = server.connect("/life/a").await;
    let mut second = server.connect("/life/b").await;
    for count in ["1", "2"] {
        first.send("x").await;
        expect_text(&mut first, count).await;
    }
    second.send("x").await;
    expect_text(&mut second, "1").await;
}

/// Says when it is dropped.
struct Dropped(Reports);

#[server_endpoint("/dropped")]
impl Dropped {
    #[constructor]
    async fn new(State(reports): State<Reports>) -> Self {
        reports.say("made");
        Self(reports)
    }

    #[on_message]
    async fn text(&mut self, _text: String) {}

    #[on_close]
    async fn close(&mut self) {
        self.0.say("close");
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.say("dropped");
    }
}

#[tokio::test]
async fn jsr_11_t_003_an_instance_lives_as_long_as_its_connection() {
    let mut server = Server::of::<Dropped>().await;
    let mut client = server.connect("/dropped").await;
    assert_eq!(server.report().await, "made");
    client.send("x").await;
    client.send_message(WsMessage::Close(None)).await;
    assert_eq!(server.report().await, "close");
    assert_eq!(server.report().await, "dropped");
}
