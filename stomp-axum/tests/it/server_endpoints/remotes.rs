//! How a session sends (JSR-18 to JSR-21).

use std::time::Duration;

use bytes::Bytes;
use stomp_axum::{
    server_endpoint::{
        BoxError, PongMessage, RemoteError, SendError, Session, State, server_endpoint,
    },
    websocket::OverflowStrategy,
};
use tokio_tungstenite::tungstenite::Message as WsMessage;

use super::{Reports, Server, expect_text};

/// Sends what its client asks for.
#[derive(Default)]
struct Remote;

#[server_endpoint("/remote")]
impl Remote {
    #[on_message]
    async fn send(
        &mut self,
        what: String,
        session: Session,
        State(reports): State<Reports>,
    ) -> Result<(), BoxError> {
        let basic = session.basic_remote();
        let remote = session.async_remote();
        match what.as_str() {
            "basic" => {
                basic.send_text("text").await?;
                basic.send_binary(vec![1, 2]).await?;
                basic.send_object(&[1, 2]).await?;
                basic.send_ping("ping").await?;
                basic.send_pong("pong").await?;
                basic.send_message("message").await?;
            }
            "parts" => {
                basic.send_partial_text("one ", false).await?;
                // Whole messages come behind the last part, control frames do not.
                let whole = remote.send_text("whole");
                basic.send_ping("between").await?;
                basic.send_partial_text("text", true).await?;
                whole.await?;
                basic.send_partial_binary("a", false).await?;
                let mixed = basic.send_partial_text("b", true).await;
                reports.say(format!("{}", mixed.unwrap_err()));
                basic.send_partial_binary("b", true).await?;
            }
            "long" => {
                let ping = basic.send_ping(vec![0; 126]).await.unwrap_err();
                let pong = remote.send_pong(vec![0; 126]).await.unwrap_err();
                basic.send_ping(vec![0; 125]).await?;
                reports.say(format!("{ping}; {pong}"));
            }
            "nothing" => {
                let basic = basic.send_object(&None::<u8>).await.unwrap_err();
                let remote = remote.send_object(&()).await.unwrap_err();
                reports.say(format!("{basic}; {remote}"));
            }
            "async" => {
                let completions: Vec<_> = (0..3).map(|n| remote.send_object(&n)).collect();
                for completion in completions {
                    completion.await?;
                }
                remote.send_text("3").on_result(move |result| {
                    reports.say(format!("called back: {}", result.is_ok()));
                });
            }
            "closed" => {
                session.close();
                let basic = basic.send_text("a").await;
                let asynchronous = remote.send_text("b").await;
                for result in [basic, asynchronous] {
                    assert!(matches!(result, Err(RemoteError::Send(SendError::Closed))));
                }
                reports.say("both failed");
            }
            other => panic!("{other}"),
        }
        Ok(())
    }

    #[on_message]
    async fn pong(&mut self, pong: PongMessage, State(reports): State<Reports>) {
        reports.say(format!("pong {:?}", pong.as_bytes().len()));
    }
}

#[tokio::test]
async fn jsr_18_the_basic_remote_sends_everything_in_the_order_of_the_calls() {
    let server = Server::of::<Remote>().await;
    let mut client = server.connect("/remote").await;
    client.send("basic").await;
    for message in [
        WsMessage::text("text"),
        WsMessage::binary(vec![1, 2]),
        WsMessage::text("[1,2]"),
        WsMessage::Ping(Bytes::from_static(b"ping")),
        WsMessage::Pong(Bytes::from_static(b"pong")),
        WsMessage::text("message"),
    ] {
        assert_eq!(client.receive().await, Some(message));
    }
}

#[tokio::test]
async fn jsr_20_nothing_but_control_frames_comes_between_parts() {
    let mut server = Server::of::<Remote>().await;
    let mut client = server.connect("/remote").await;
    client.send("parts").await;
    let ping = WsMessage::Ping(Bytes::from_static(b"between"));
    assert_eq!(client.receive().await, Some(ping));
    expect_text(&mut client, "one text").await;
    expect_text(&mut client, "whole").await;
    assert_eq!(client.receive().await, Some(WsMessage::binary("ab")));
    // The client's pong comes when it likes to.
    let mut reports = vec![server.report().await, server.report().await];
    reports.sort();
    assert_eq!(
        reports,
        [
            "a message of the other kind is not complete; send its last part first",
            "pong 7"
        ]
    );
}

#[tokio::test]
async fn jsr_18_more_than_125_bytes_of_a_ping_are_an_error() {
    let mut server = Server::of::<Remote>().await;
    let mut client = server.connect("/remote").await;
    client.send("long").await;
    let text = "a ping or pong has at most 125 bytes, and not 126";
    assert_eq!(server.report().await, format!("{text}; {text}"));
    let ping = WsMessage::Ping(vec![0; 125].into());
    assert_eq!(client.receive().await, Some(ping));
    // tungstenite answers it with the next that it reads or writes.
    client.send("nothing").await;
    let reports = [server.report().await, server.report().await];
    assert!(reports.contains(&"pong 125".to_owned()), "{reports:?}");
}

#[tokio::test]
async fn jsr_18_nothing_is_nothing_to_send() {
    let mut server = Server::of::<Remote>().await;
    let mut client = server.connect("/remote").await;
    client.send("nothing").await;
    let text = "`None` and `()` are no payload; there is nothing to send";
    assert_eq!(server.report().await, format!("{text}; {text}"));
}

#[tokio::test]
async fn jsr_19_the_async_remote_keeps_the_order_and_reports_completion() {
    let mut server = Server::of::<Remote>().await;
    let mut client = server.connect("/remote").await;
    client.send("async").await;
    for text in ["0", "1", "2", "3"] {
        expect_text(&mut client, text).await;
    }
    assert_eq!(server.report().await, "called back: true");
}

#[tokio::test]
async fn jsr_19_sending_on_a_closed_session_is_an_error_for_both_remotes() {
    let mut server = Server::of::<Remote>().await;
    let mut client = server.connect("/remote").await;
    client.send("closed").await;
    assert_eq!(server.report().await, "both failed");
    assert_eq!(u16::from(client.expect_close().await.code), 1000);
}

/// Larger than what a client that does not read can be sent.
const LARGE: usize = 16 * 1024 * 1024;

#[derive(Default)]
struct Flood;

#[server_endpoint("/flood")]
impl Flood {
    #[on_message]
    async fn flood(&mut self, _data: Bytes, session: Session, State(reports): State<Reports>) {
        let remote = session
            .async_remote()
            .send_timeout(Duration::from_millis(20));
        let result = remote.send_binary(vec![0; LARGE]).await;
        reports.say(format!(
            "{}, open: {}",
            result.unwrap_err(),
            session.is_open()
        ));
    }

    #[on_message]
    async fn tell(&mut self, text: String, session: Session) -> usize {
        session.broadcast(text)
    }
}

#[tokio::test]
async fn jsr_19_a_send_timeout_fails_the_completion_and_not_the_session() {
    let mut server = Server::of::<Flood>().await;
    let mut client = server.connect("/flood").await;
    client.send_message(WsMessage::binary(vec![0])).await;
    assert_eq!(
        server.report().await,
        "the message was not written within 0.020 s, open: true"
    );
    assert_eq!(
        client.receive().await,
        Some(WsMessage::binary(vec![0; LARGE]))
    );
}

#[tokio::test]
async fn jsr_21_a_slow_or_closed_peer_does_not_stop_a_broadcast() {
    let mut server = Server::with(|builder| {
        builder
            .server_endpoint::<Flood>()
            .configure_server_endpoint::<Flood>(|endpoint| {
                endpoint
                    .send_buffer_bytes(1024)
                    .overflow_strategy(OverflowStrategy::Terminate)
            })
    })
    .await;
    let mut slow = server.connect("/flood").await;
    slow.send_message(WsMessage::binary(vec![0])).await;
    let report = server.report().await;
    assert!(report.ends_with("open: true"), "{report}");
    let mut client = server.connect("/flood").await;
    // The first fits into the buffer of the slow one, the second does not, and with the third it is gone.
    let text = "x".repeat(1000);
    for sessions in ["2", "1", "1"] {
        client.send(&text).await;
        expect_text(&mut client, &text).await;
        expect_text(&mut client, sessions).await;
    }
}
