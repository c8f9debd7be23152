//! What comes in, and what goes back (JSR-13, JSR-20).

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use stomp_axum::server_endpoint::{
    BinaryMessage, PongMessage, Session, State, TextMessage, server_endpoint,
};
use tokio_tungstenite::tungstenite::{
    Message as WsMessage,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use super::{Reports, Server, expect_text};

#[derive(Default)]
struct Kinds;

#[server_endpoint("/kinds")]
impl Kinds {
    #[on_message]
    async fn text(&mut self, text: String) -> String {
        format!("text {text}")
    }

    #[on_message]
    async fn binary(&mut self, data: Vec<u8>) -> Bytes {
        data.into_iter().rev().collect()
    }

    #[on_message]
    async fn pong(&mut self, pong: PongMessage) -> String {
        format!("pong {:?}", pong.as_bytes())
    }
}

#[tokio::test]
async fn jsr_13_each_kind_of_message_has_its_method() {
    let server = Server::of::<Kinds>().await;
    let mut client = server.connect("/kinds").await;
    client.send("one").await;
    expect_text(&mut client, "text one").await;
    client.send("").await;
    expect_text(&mut client, "text ").await;
    client.send_message(WsMessage::binary(vec![1, 2, 3])).await;
    assert_eq!(
        client.receive().await,
        Some(WsMessage::binary(vec![3, 2, 1]))
    );
    client
        .send_message(WsMessage::Pong(Bytes::from_static(b"\x07")))
        .await;
    expect_text(&mut client, "pong [7]").await;
}

#[tokio::test]
async fn jsr_20_pings_are_answered_with_the_same_data() {
    let server = Server::of::<Kinds>().await;
    let mut client = server.connect("/kinds").await;
    let data = Bytes::from_static(b"17");
    client.send_message(WsMessage::Ping(data.clone())).await;
    assert_eq!(client.receive().await, Some(WsMessage::Pong(data)));
}

#[derive(Deserialize, Serialize)]
struct Point {
    x: i32,
    y: i32,
}

#[derive(Default)]
struct Decoded;

#[server_endpoint("/decoded")]
impl Decoded {
    #[on_message]
    async fn point(&mut self, Point { x, y }: Point) -> Point {
        Point { x: y, y: x }
    }

    #[on_message(binary)]
    async fn sum_up(&mut self, all: BTreeMap<String, u32>) -> Vec<u32> {
        all.into_values().collect()
    }
}

#[tokio::test]
async fn jsr_13_what_is_no_text_and_no_bytes_is_json() {
    let server = Server::of::<Decoded>().await;
    let mut client = server.connect("/decoded").await;
    client.send(r#"{"x": 1, "y": 2}"#).await;
    expect_text(&mut client, r#"{"x":2,"y":1}"#).await;
    client
        .send_message(WsMessage::binary(&br#"{"b": 2, "a": 1}"#[..]))
        .await;
    expect_text(&mut client, "[1,2]").await;
}

/// Makes an endpoint that sends back what it gets.
macro_rules! echoes {
    ($($name:ident($ty:ty) at $path:literal;)*) => {$(
        #[derive(Default)]
        struct $name;

        #[server_endpoint($path)]
        impl $name {
            #[on_message]
            async fn echo(&mut self, value: $ty) -> $ty {
                value
            }
        }
    )*};
}

echoes! {
    Bool(bool) at "/bool";
    Number(i64) at "/number";
    Float(f64) at "/float";
    Character(char) at "/char";
    BoxedText(Box<str>) at "/boxed";
    AsText(TextMessage) at "/text";
    AsBinary(BinaryMessage) at "/binary";
}

#[tokio::test]
async fn jsr_13_scalars_are_text() {
    let server = Server::with(|builder| {
        builder
            .server_endpoint::<Bool>()
            .server_endpoint::<Number>()
            .server_endpoint::<Float>()
            .server_endpoint::<Character>()
            .server_endpoint::<BoxedText>()
            .server_endpoint::<AsText>()
            .server_endpoint::<AsBinary>()
    })
    .await;
    for (path, sent, back) in [
        ("/bool", "true", "true"),
        ("/number", "-9223372036854775808", "-9223372036854775808"),
        ("/float", "1.5", "1.5"),
        ("/char", "\u{20ac}", "\u{20ac}"),
        ("/boxed", "\"quoted\"", "\"quoted\""),
        ("/text", "as it is", "as it is"),
    ] {
        let mut client = server.connect(path).await;
        client.send(sent).await;
        expect_text(&mut client, back).await;
    }
    let mut client = server.connect("/binary").await;
    client.send_message(WsMessage::binary(vec![0])).await;
    assert_eq!(client.receive().await, Some(WsMessage::binary(vec![0])));
}

#[derive(Default)]
struct Returned;

#[server_endpoint("/returned")]
impl Returned {
    #[on_message]
    async fn text(&mut self, text: String) -> Option<String> {
        (text != "nothing").then_some(text)
    }

    #[on_message]
    async fn binary(&mut self, _data: Bytes) {}
}

#[tokio::test]
async fn jsr_13_none_and_unit_send_nothing() {
    let server = Server::of::<Returned>().await;
    let mut client = server.connect("/returned").await;
    client.send("nothing").await;
    client.send_message(WsMessage::binary(vec![1])).await;
    client.send("something").await;
    expect_text(&mut client, "something").await;
}

#[derive(Default)]
struct TextsOnly {
    count: u32,
}

#[server_endpoint("/texts", max_text_message_bytes = 8)]
impl TextsOnly {
    #[on_message]
    async fn text(&mut self, _text: String) -> u32 {
        self.count += 1;
        self.count
    }
}

#[tokio::test]
async fn jsr_13_a_kind_without_a_method_is_discarded() {
    let server = Server::of::<TextsOnly>().await;
    let mut client = server.connect("/texts").await;
    client.send_message(WsMessage::binary(vec![1])).await;
    client
        .send_message(WsMessage::Pong(Bytes::from_static(b"x")))
        .await;
    client.send("a").await;
    expect_text(&mut client, "1").await;
}

#[tokio::test]
async fn jsr_13_messages_are_handled_in_their_order() {
    let server = Server::of::<TextsOnly>().await;
    let mut client = server.connect("/texts").await;
    for _ in 0..100 {
        client.send("a").await;
    }
    for count in 1..=100_u32 {
        expect_text(&mut client, &count.to_string()).await;
    }
}

#[tokio::test]
async fn jsr_13_a_message_beyond_the_limit_closes_with_1009() {
    let server = Server::of::<TextsOnly>().await;
    let mut client = server.connect("/texts").await;
    client.send("12345678").await;
    expect_text(&mut client, "1").await;
    client.send("123456789").await;
    assert_eq!(u16::from(client.expect_close().await.code), 1009);
}

/// Takes the parts of texts, and whole binary messages beside them.
#[derive(Default)]
struct Parts;

#[server_endpoint("/parts", max_binary_message_bytes = 4)]
impl Parts {
    #[on_message]
    async fn part(&mut self, text: String, last: bool) -> String {
        format!("{text} {last}")
    }

    #[on_message]
    async fn whole(&mut self, data: Vec<u8>) -> Vec<u8> {
        data
    }
}

fn part(kind: Data, data: &'static str, is_last: bool) -> WsMessage {
    let frame = Frame::message(data.as_bytes(), OpCode::Data(kind), is_last);
    WsMessage::Frame(frame)
}

#[tokio::test]
async fn jsr_13_a_method_with_last_takes_parts_as_they_come() {
    let server = Server::of::<Parts>().await;
    let mut client = server.connect("/parts").await;
    client.send_message(part(Data::Text, "a", false)).await;
    expect_text(&mut client, "a false").await;
    client.send_message(part(Data::Continue, "b", false)).await;
    expect_text(&mut client, "b false").await;
    client.send_message(part(Data::Continue, "c", true)).await;
    expect_text(&mut client, "c true").await;
    client.send("whole").await;
    expect_text(&mut client, "whole true").await;
}

#[tokio::test]
async fn jsr_13_a_method_without_last_takes_whole_messages_beside_one_that_takes_parts() {
    let server = Server::of::<Parts>().await;
    let mut client = server.connect("/parts").await;
    client.send_message(part(Data::Binary, "ab", false)).await;
    client.send_message(part(Data::Continue, "cd", true)).await;
    assert_eq!(client.receive().await, Some(WsMessage::binary("abcd")));
    // Together they are no larger than a whole message may be.
    client.send_message(part(Data::Binary, "abc", false)).await;
    client.send_message(part(Data::Continue, "de", true)).await;
    assert_eq!(u16::from(client.expect_close().await.code), 1009);
}

#[derive(Default)]
struct Slow;

#[server_endpoint("/slow")]
impl Slow {
    /// Never cancelled, although its client is gone.
    #[on_message]
    async fn text(&mut self, text: String, session: Session, State(reports): State<Reports>) {
        reports.say(format!("begin {text}"));
        while session.is_open() {
            tokio::task::yield_now().await;
        }
        reports.say(format!("end {text}"));
    }

    #[on_close]
    async fn close(&mut self, State(reports): State<Reports>) {
        reports.say("close");
    }
}

#[tokio::test]
async fn jsr_13_a_method_that_runs_is_neither_cancelled_nor_overtaken() {
    let mut server = Server::of::<Slow>().await;
    let mut client = server.connect("/slow").await;
    client.send("1").await;
    assert_eq!(server.report().await, "begin 1");
    drop(client);
    assert_eq!(server.report().await, "end 1");
    assert_eq!(server.report().await, "close");
}
