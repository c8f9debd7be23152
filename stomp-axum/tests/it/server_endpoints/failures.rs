//! What fails, and who is told (JSR-15, JSR-16).

use bytes::Bytes;
use serde::Deserialize;
use stomp_axum::server_endpoint::{
    BoxError, CloseStatus, EndpointError, RemoteError, Session, State, server_endpoint,
};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message as WsMessage;

use super::{Reports, Server, expect_text};
use crate::support::{Client, Log};

#[derive(Debug, thiserror::Error)]
#[error("out of {0}")]
struct OutOf(&'static str);

#[derive(Deserialize)]
struct Order {
    item: String,
}

/// Fails as its client wants it to.
#[derive(Default)]
struct Fallible {
    orders: u32,
}

#[server_endpoint("/fallible/{id}", max_text_message_bytes = 64)]
impl Fallible {
    #[on_open]
    async fn open(&mut self, session: Session) -> Result<(), OutOf> {
        match session.query_string() {
            Some("fail") => Err(OutOf("order")),
            Some("panic") => panic!("at once"),
            _ => Ok(()),
        }
    }

    #[on_message]
    async fn order(&mut self, order: Order) -> Result<u32, OutOf> {
        self.orders += 1;
        match order.item.as_str() {
            "tea" => Err(OutOf("stock")),
            "panic" => panic!("no more"),
            _ => Ok(self.orders),
        }
    }

    #[on_message]
    async fn numbered(&mut self, data: Bytes, #[path_param] id: u8) -> u8 {
        drop(data);
        id
    }

    #[on_error]
    async fn error(
        &mut self,
        State(reports): State<Reports>,
        error: EndpointError,
        #[path_param] id: String,
        session: Session,
    ) {
        let kind = match &error {
            EndpointError::Decode(_) => "decode",
            EndpointError::PathParam { .. } => "path",
            EndpointError::Callback(_) if error.downcast_ref::<OutOf>().is_some() => "out of",
            EndpointError::Panicked { .. } => "panicked",
            EndpointError::Transport(_) => "transport",
            _ => "other",
        };
        let open = session.is_open();
        reports.say(format!("{kind} in {id}, open: {open}: {error}"));
        if error.to_string().contains("no more") {
            panic!("in on_error, too");
        }
    }

    #[on_close]
    async fn close(
        &mut self,
        status: CloseStatus,
        State(reports): State<Reports>,
    ) -> Result<(), OutOf> {
        reports.say(format!("close {}", status.code()));
        if status.reason() == Some("fail") {
            return Err(OutOf("time"));
        }
        Ok(())
    }
}

async fn close_code(client: &mut Client) -> u16 {
    client.expect_close().await.code.into()
}

#[tokio::test]
async fn jsr_12_an_error_of_on_open_goes_to_on_error_and_closes_with_1011() {
    let mut server = Server::of::<Fallible>().await;
    for (query, report) in [
        ("fail", "out of in 7, open: true: out of order"),
        (
            "panic",
            "panicked in 7, open: true: a method panicked: at once",
        ),
    ] {
        let mut client = server.connect(&format!("/fallible/7?{query}")).await;
        assert_eq!(close_code(&mut client).await, 1011);
        assert_eq!(server.report().await, report);
        assert_eq!(server.report().await, "close 1011");
    }
}

#[tokio::test]
async fn jsr_15_t_195_an_error_of_on_message_leaves_the_session_open_if_there_is_an_on_error() {
    let mut server = Server::of::<Fallible>().await;
    let mut client = server.connect("/fallible/7").await;
    client.send(r#"{"item": "tea"}"#).await;
    assert_eq!(
        server.report().await,
        "out of in 7, open: true: out of stock"
    );
    client.send(r#"{"item": "ink"}"#).await;
    expect_text(&mut client, "2").await;
}

#[tokio::test]
async fn jsr_15_what_cannot_be_decoded_goes_to_on_error() {
    let mut server = Server::of::<Fallible>().await;
    let mut client = server.connect("/fallible/7").await;
    client.send("{").await;
    let report = server.report().await;
    assert!(
        report.starts_with("decode in 7, open: true: a message could not be read"),
        "{report}"
    );
    client.send(r#"{"item": "ink"}"#).await;
    expect_text(&mut client, "1").await;
}

#[tokio::test]
async fn jsr_16_a_path_parameter_that_is_no_number_goes_to_on_error() {
    let mut server = Server::of::<Fallible>().await;
    let mut client = server.connect("/fallible/256").await;
    client.send_message(WsMessage::binary(vec![0])).await;
    assert_eq!(
        server.report().await,
        "path in 256, open: true: the path parameter `id` could not be read: number too large to fit in target type"
    );
}

#[tokio::test]
async fn jsr_15_a_panic_closes_with_1011_whoever_handles_errors() {
    let mut server = Server::of::<Fallible>().await;
    let mut client = server.connect("/fallible/7").await;
    client.send(r#"{"item": "panic"}"#).await;
    assert_eq!(
        server.report().await,
        "panicked in 7, open: true: a method panicked: no more"
    );
    // The `#[on_error]` panics, too, which is only logged.
    assert_eq!(close_code(&mut client).await, 1011);
    assert_eq!(server.report().await, "close 1011");
}

#[tokio::test]
async fn jsr_15_an_error_of_on_close_goes_to_on_error() {
    let mut server = Server::of::<Fallible>().await;
    let mut client = server.connect("/fallible/7").await;
    client
        .send_message(WsMessage::Close(Some(
            tokio_tungstenite::tungstenite::protocol::CloseFrame {
                code: 1000.into(),
                reason: "fail".into(),
            },
        )))
        .await;
    assert_eq!(server.report().await, "close 1000");
    assert_eq!(
        server.report().await,
        "out of in 7, open: false: out of time"
    );
}

#[tokio::test]
async fn jsr_15_a_client_that_breaks_the_protocol_is_an_error_and_then_a_close() {
    let mut server = Server::of::<Fallible>().await;
    let mut client = server.connect("/fallible/7").await;
    client.send("x".repeat(65)).await;
    let report = server.report().await;
    assert!(report.starts_with("transport in 7"), "{report}");
    assert_eq!(server.report().await, "close 1009");
    assert_eq!(close_code(&mut client).await, 1009);

    // A reserved opcode.
    let mut client = server.connect("/fallible/7").await;
    let frame = [0x83, 0x80, 0, 0, 0, 0];
    client.socket.get_mut().write_all(&frame).await.unwrap();
    let report = server.report().await;
    assert!(report.starts_with("transport in 7"), "{report}");
    assert_eq!(server.report().await, "close 1002");
}

/// Without an `#[on_error]`.
#[derive(Default)]
struct Unhandled;

#[server_endpoint("/unhandled")]
impl Unhandled {
    #[on_message]
    async fn text(&mut self, number: u32) -> Result<u32, OutOf> {
        if number == 0 {
            return Err(OutOf("range"));
        }
        Ok(number)
    }

    #[on_close]
    async fn close(&mut self, status: CloseStatus, State(reports): State<Reports>) {
        reports.say(format!("close {}", status.code()));
    }
}

#[tokio::test]
async fn jsr_15_without_an_on_error_failures_close_with_1011() {
    let mut server = Server::of::<Unhandled>().await;
    for message in ["0", "not a number"] {
        let mut client = server.connect("/unhandled").await;
        client.send("1").await;
        expect_text(&mut client, "1").await;
        client.send(message).await;
        assert_eq!(close_code(&mut client).await, 1011, "{message}");
        assert_eq!(server.report().await, "close 1011");
    }
}

/// Tells the client what is wrong, as most do.
#[derive(Default)]
struct Telling;

#[server_endpoint("/telling")]
impl Telling {
    #[on_message]
    async fn message(&mut self, text: String) -> String {
        text
    }

    #[on_error]
    async fn error(&mut self, error: EndpointError, session: Session) -> Result<(), BoxError> {
        let text = error.to_string();
        session.basic_remote().send_text(text).await?;
        Ok(())
    }

    #[on_close]
    async fn close(&mut self, _: CloseStatus, State(reports): State<Reports>) {
        reports.say("closed");
    }
}

/// Sends when it is too late.
#[derive(Default)]
struct Late;

#[server_endpoint("/late")]
impl Late {
    #[on_message]
    async fn message(&mut self, number: u8, session: Session) -> Result<(), RemoteError> {
        session.close();
        session.basic_remote().send_object(&number).await
    }

    #[on_close]
    async fn close(&mut self, _: CloseStatus, State(reports): State<Reports>) {
        reports.say("closed");
    }
}

#[tokio::test]
async fn jsr_15_what_can_not_be_sent_because_the_client_has_gone_is_no_error_of_the_log() {
    let log = Log::default();
    let _guard = log.start();
    let mut server = Server::of::<Telling>().await;
    let mut client = server.connect("/telling").await;
    client.send("x").await;
    expect_text(&mut client, "x").await;
    // Without a close frame.
    drop(client);
    assert_eq!(server.report().await, "closed");
    let lines = log.lines("an `#[on_error]` could not send");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("DEBUG"), "{lines:?}");

    let mut server = Server::of::<Late>().await;
    let mut client = server.connect("/late").await;
    client.send("1").await;
    assert_eq!(u16::from(client.expect_close().await.code), 1000);
    assert_eq!(server.report().await, "closed");
    let lines = log.lines("too late to be sent, and the endpoint has no `#[on_error]`");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(log.lines("ERROR"), [""; 0]);
}

#[tokio::test]
async fn jsr_15_the_log_says_why_an_endpoint_without_on_error_closes() {
    let log = Log::default();
    let _guard = log.start();
    let mut server = Server::of::<Late>().await;
    let mut client = server.connect("/late").await;
    client.send("x").await;
    assert_eq!(u16::from(client.expect_close().await.code), 1011);
    assert_eq!(server.report().await, "closed");
    let why = "a message could not be read, and the endpoint has no `#[on_error]`, so the session is closed with 1011";
    let lines = log.lines(why);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("DEBUG"), "{lines:?}");
    assert_eq!(log.lines("ERROR"), [""; 0]);
}
