//! Histories under publishers and subscribers on several threads.

use std::collections::HashMap;

use stomp_axum::broker::History;

use super::{
    consumer::*,
    history::{Position, history_server_with},
    *,
};

const TOPIC: &str = "/topic/a";

fn on_threads(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap()
        .block_on(test);
}

/// Subscribers that come and go while others publish, on several threads: offsets without a hole and without a
/// repetition, each with its own message.
#[test]
fn no_hole_and_no_repetition_while_others_publish() {
    const PUBLISHERS: usize = 3;
    const MESSAGES: usize = 400;
    on_threads(async {
        let history = History::last(10_000);
        let messaging = history_server_with(history, |limits| limits.outbound_bytes = 1 << 24);
        let mut publishing = Vec::new();
        for publisher in 0..PUBLISHERS {
            let messaging = messaging.clone();
            publishing.push(tokio::spawn(async move {
                for number in 0..MESSAGES {
                    publish(&messaging, TOPIC, &format!("{publisher} {number}")).await;
                    tokio::task::yield_now().await;
                }
            }));
        }
        let mut receiving = Vec::new();
        for mode in ["auto", "client", "client-individual"] {
            let messaging = messaging.clone();
            receiving.push(tokio::spawn(async move {
                receive_all(&messaging, mode, PUBLISHERS * MESSAGES).await
            }));
        }
        for task in publishing {
            task.await.unwrap();
        }
        let mut all = Vec::new();
        for task in receiving {
            all.push(task.await.unwrap());
        }
        assert_eq!(all[0], all[1]);
        assert_eq!(all[0], all[2]);
    });
}

/// Receives all messages, in many sessions, each of which goes on where the last one was lost.
async fn receive_all(messaging: &Messaging, mode: &str, count: usize) -> Vec<String> {
    let mut received = Vec::new();
    let mut headers = "history:100000".to_owned();
    let mut session = 0;
    while received.len() < count {
        let mut client = Consumer::connect(messaging, "1.2").await;
        client.send(format!(
            "SUBSCRIBE\nid:s\ndestination:{TOPIC}\nack:{mode}\nreceipt:r\n{headers}\n\n\0"
        ));
        session += 1;
        // Some sessions are short.
        let mut left = [1, 7, 50, 200][session % 4];
        while left > 0 && received.len() < count {
            let frame = client.expect_frame().await;
            if frame.header("receipt-id").is_some() {
                assert_ne!(frame.header("recovered"), Some("false"));
                continue;
            }
            let position = Position::of(&frame);
            assert_eq!(position.offset, received.len() as u64 + 1);
            received.push(text(&frame).to_owned());
            if mode != "auto" {
                client.send(format!("ACK\n{}\n\n\0", client.name(&frame)));
            }
            headers = position.recover();
            left -= 1;
        }
    }
    received
}

/// Histories that are dropped all the time, while others publish to them and subscribe: each epoch begins with 1 and has
/// no hole, a message has one position, and every message comes once.
#[test]
fn no_hole_in_an_epoch_while_histories_are_dropped() {
    const PUBLISHERS: usize = 4;
    const MESSAGES: usize = 250;
    const DESTINATIONS: usize = 6;
    on_threads(async {
        let messaging = history_server_with(History::last(20), |limits| {
            limits.history_destinations = 3;
            limits.history_bytes = 20_000;
            limits.outbound_bytes = 1 << 24;
        });
        let mut watchers = Vec::new();
        for destination in 0..DESTINATIONS {
            let topic = format!("/topic/{destination}");
            watchers.push(Consumer::new(&messaging, "1.2", &topic, "auto").await);
        }
        let mut publishing = Vec::new();
        for publisher in 0..PUBLISHERS {
            let messaging = messaging.clone();
            publishing.push(tokio::spawn(async move {
                for number in 0..MESSAGES {
                    let destination = (number * 7 + publisher) % DESTINATIONS;
                    let topic = format!("/topic/{destination}");
                    publish(&messaging, &topic, &format!("{publisher} {number}")).await;
                    tokio::task::yield_now().await;
                }
            }));
        }
        for task in publishing {
            task.await.unwrap();
        }
        let mut count = 0;
        for watcher in &mut watchers {
            let mut epochs: HashMap<String, u64> = HashMap::new();
            for message in watcher.all().await {
                let position = Position::of(&message);
                let last = epochs.entry(position.epoch).or_default();
                *last += 1;
                assert_eq!(position.offset, *last);
                count += 1;
            }
            assert!(epochs.len() > 1, "some of them were dropped");
        }
        assert_eq!(count, PUBLISHERS * MESSAGES);
    });
}
