//! Any selector and any message, through a whole server in memory: no panic; a selector is refused with ERROR, or its
//! subscription gets a message or not; and never do a selector and its opposite want the same message.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use stomp_core::{
    codec::{Command, Frame, Version, encode},
    message::Message,
    server::Messaging,
    testing::{Sent, TestConnection},
};
use tokio::runtime::Builder;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    selector: &'a str,
    headers: Vec<(&'a str, &'a str)>,
}

/// Behind it, nothing comes any more.
const LAST: &str = "/topic/last";

fuzz_target!(|input: Input<'_>| {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without IO needs nothing");
    runtime.block_on(run(input));
});

async fn run(input: Input<'_>) {
    let messaging = Messaging::builder()
        .simple_broker(["/topic"])
        .build()
        .expect("nothing is wrong with the server");
    let selector = input.selector;
    let mut wanted = Subscriber::open(&messaging, Some(selector)).await;
    let mut opposite = Subscriber::open(&messaging, Some(&format!("NOT ({selector})"))).await;
    let mut twice =
        Subscriber::open(&messaging, Some(&format!("({selector}) AND ({selector})"))).await;
    let mut all = Subscriber::open(&messaging, None).await;

    let message =
        Message::new("/topic/a", "payload").with_headers(input.headers.into_iter().collect());
    for message in [message, Message::new(LAST, "")] {
        messaging
            .template()
            .send(message)
            .await
            .expect("the broker serves /topic");
    }

    let wanted = wanted.has_got_it().await;
    let opposite = opposite.has_got_it().await;
    assert_eq!(all.has_got_it().await, Some(true));
    assert!(wanted != Some(true) || opposite != Some(true));
    // What is refused alone is refused with more around it. The longer one may be too long, or too deep, and a text with
    // a prefix, or with parentheses that close too early, is another one.
    if let (Some(wanted), Some(twice)) = (wanted, twice.has_got_it().await) {
        assert_eq!(wanted, twice);
    }
}

/// A client, if its selector was not refused.
struct Subscriber(Option<TestConnection>);

impl Subscriber {
    async fn open(messaging: &Messaging, selector: Option<&str>) -> Self {
        let mut connection = TestConnection::connect(messaging).await;
        let mut frame = Frame::new(Command::Subscribe)
            .with_header("id", "1")
            .with_header("destination", "/topic/a")
            .with_header("receipt", "r");
        if let Some(selector) = selector {
            frame = frame.with_header("selector", selector);
        }
        connection.send(encode(&frame, Version::V1_2).into_bytes());
        let answer = connection.expect_frame().await;
        match answer.command {
            Command::Receipt => {
                connection.send(format!(
                    "SUBSCRIBE\nid:2\ndestination:{LAST}\nreceipt:s\n\n\0"
                ));
                connection.expect_receipt("s").await;
                Self(Some(connection))
            }
            Command::Error => {
                assert!(answer.header("code").is_some() && answer.body.len() <= 1024);
                assert!(matches!(connection.receive().await, Some(Sent::Closed(_))));
                Self(None)
            }
            other => panic!("{other:?}"),
        }
    }

    async fn has_got_it(&mut self) -> Option<bool> {
        let connection = self.0.as_mut()?;
        let mut has_got_it = false;
        loop {
            let message = connection.expect_message().await;
            match message.header("destination") {
                Some(LAST) => return Some(has_got_it),
                _ => {
                    assert!(!has_got_it, "delivered twice");
                    has_got_it = true;
                }
            }
        }
    }
}
