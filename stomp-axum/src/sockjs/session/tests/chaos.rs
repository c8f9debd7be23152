//! Clients and applications that do anything at any time, on threads of their own: nothing is left behind.

use std::time::Instant;

use super::*;
use crate::sockjs::session::OpenError;

const CLIENTS: u64 = 4;
const ROUNDS: usize = 400;

/// Numbers that are no pattern.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// Echoes, until it is told otherwise.
async fn serve(mut socket: SessionSocket) {
    while let Some(message) = socket.receive().await {
        match message.as_str() {
            "go" => return,
            "close" => return socket.close(3000, "bye").await,
            "cut off" => return socket.close(4500, "").await,
            _ => {}
        }
        // The client may be gone.
        let ready = poll_fn(|cx| {
            socket.poll_unread(cx);
            socket.poll_ready(cx)
        });
        if ready.await.is_ok() {
            socket.send(MessageKind::Text, &Bytes::from(message));
            let _gone = poll_fn(|cx| socket.poll_flush(cx)).await;
        }
    }
}

async fn client(sessions: Sessions, seed: u64) {
    let mut dice = Dice(seed);
    for _ in 0..ROUNDS {
        let id = ["a", "b", "c", "d", "e", "f"][dice.roll(6) as usize];
        let binding = Binding {
            address: Some([192, 0, 2, dice.roll(2) as u8].into()),
            ..Binding::default()
        };
        let session = match sessions.get(id) {
            Some(session) => session,
            None => match sessions.open(id, binding, TransportKind::HttpPolling) {
                Ok((session, socket)) => {
                    tokio::spawn(serve(socket));
                    session
                }
                // Another client was faster.
                Err(error) => {
                    assert_eq!(error, OpenError::Exists);
                    continue;
                }
            },
        };
        // Not too often: a closed session lives as long as clients ask for it, and nothing happens to it any more.
        let text = match dice.roll(60) {
            0 => "go",
            1 => "close",
            2 => "cut off",
            _ => "x",
        };
        match dice.roll(4) {
            0 => drop(session.deliver(messages(&["x", text])).await),
            1 => drop(session.deliver(messages(&[text])).now_or_never()),
            roll => {
                let mut body = session.attach(formats()[dice.roll(5) as usize].clone());
                let patience = Duration::from_millis(dice.roll(4));
                let _cut_off = tokio::time::timeout(patience, async {
                    for _ in 0..roll * 2 {
                        if body.next().await.is_none() {
                            break;
                        }
                    }
                })
                .await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sj_ses_09_nothing_is_left_of_sessions_whatever_is_done_to_them() {
    let sessions = Sessions::new(Settings {
        disconnect_delay: Duration::from_millis(3),
        heartbeat_time: Duration::from_millis(2),
        http_message_cache_size: 2,
        inbound_messages: 2,
        unattached_per_address: 6,
        ..Settings::default()
    });
    let clients: Vec<_> = (1..=CLIENTS)
        .map(|seed| tokio::spawn(client(sessions.clone(), seed << 40 | 1)))
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    let started = Instant::now();
    while sessions.len() > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "{sessions:?}");
        tokio::task::yield_now().await;
    }
    assert_eq!(sessions.0.addresses(), 0);
}
