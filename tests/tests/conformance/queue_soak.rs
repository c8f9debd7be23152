//! One queue, many publishers and consumers on several threads, who acknowledge, return, reject, and lose their
//! connections: each message is done once.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, Mutex},
};

use tokio::sync::watch;

use super::{consumer::*, *};

const QUEUE: &str = "/queue/a";
const PUBLISHERS: usize = 4;
const MESSAGES: usize = 300;
const CONSUMERS: usize = 6;

#[derive(Default)]
struct Books {
    /// What some consumer has read, and neither settled nor given back.
    held: HashSet<String>,
    /// What was read before, by whomever.
    seen: HashSet<String>,
    accepted: BTreeSet<String>,
    rejected: BTreeSet<String>,
}

impl Books {
    fn done(&self) -> usize {
        self.accepted.len() + self.rejected.len()
    }

    fn receive(&mut self, message: &Frame) {
        let body = text(message).to_owned();
        assert!(!self.accepted.contains(&body) && !self.rejected.contains(&body));
        if !self.seen.insert(body.clone()) {
            assert_eq!(message.header("redelivered"), Some("true"), "{body}");
        }
        assert!(self.held.insert(body.clone()), "{body} is at two consumers");
    }

    /// Before it is given back: the next one may be faster than whoever gives it back.
    fn let_go(&mut self, messages: &[Frame]) {
        for message in messages {
            assert!(self.held.remove(text(message)));
        }
    }
}

struct Worker {
    messaging: Messaging,
    books: Arc<Mutex<Books>>,
    done: watch::Sender<usize>,
    index: usize,
    /// A generator of its own, so that each run of the test is about the same.
    random: u64,
}

impl Worker {
    fn random(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % below
    }

    async fn run(mut self) {
        let mut done = self.done.subscribe();
        while self.books.lock().unwrap().done() < PUBLISHERS * MESSAGES {
            let version = ["1.2", "1.1"][self.index % 2];
            let mode = ["client", "client-individual"][self.index / 2 % 2];
            let mut client = Consumer::connect(&self.messaging, version).await;
            let prefetch = self.random(10);
            client.send(format!(
                "SUBSCRIBE\nid:s\ndestination:{QUEUE}\nack:{mode}\nprefetch-count:{prefetch}\n\n\0"
            ));
            let held = self.session(&mut client, &mut done, mode).await;
            self.books.lock().unwrap().let_go(&held);
        }
    }

    /// One session until its connection is lost: what it holds then.
    async fn session(
        &mut self,
        client: &mut Consumer,
        done: &mut watch::Receiver<usize>,
        mode: &str,
    ) -> Vec<Frame> {
        let mut held: Vec<Frame> = Vec::new();
        let mut left = self.random(200);
        while left > 0 {
            left -= 1;
            tokio::select! {
                message = client.expect_message() => {
                    self.books.lock().unwrap().receive(&message);
                    held.push(message);
                }
                _ = done.wait_for(|done| *done == PUBLISHERS * MESSAGES) => break,
                // Nothing more may come as long as it keeps what it has.
                () = tokio::time::sleep(Duration::from_millis(5)), if !held.is_empty() => {}
            }
            let is_cumulative = mode == "client";
            let chosen = match self.random(10) {
                0..6 => held.len() - 1,
                6..8 => 0,
                // It keeps it for a while.
                _ => continue,
            };
            let settled: Vec<_> = if is_cumulative {
                held.drain(..=chosen).collect()
            } else {
                vec![held.remove(chosen)]
            };
            let name = client.name(settled.last().unwrap());
            match self.random(8) {
                0..2 => {
                    self.books.lock().unwrap().let_go(&settled);
                    client.send(format!("NACK\n{name}\n\n\0"));
                }
                verdict => {
                    let rejects = verdict == 2;
                    let command = if rejects {
                        "NACK\nrequeue:false"
                    } else {
                        "ACK"
                    };
                    client.send(format!("{command}\n{name}\nreceipt:settled\n\n\0"));
                    loop {
                        let frame = client.expect_frame().await;
                        if frame.header("receipt-id").is_some() {
                            break;
                        }
                        self.books.lock().unwrap().receive(&frame);
                        held.push(frame);
                    }
                    self.settled(&settled, rejects);
                }
            }
        }
        held
    }

    fn settled(&self, messages: &[Frame], rejects: bool) {
        let mut books = self.books.lock().unwrap();
        books.let_go(messages);
        for message in messages {
            let body = text(message).to_owned();
            let books = &mut *books;
            let outcome = if rejects {
                &mut books.rejected
            } else {
                &mut books.accepted
            };
            assert!(outcome.insert(body));
        }
        self.done.send_replace(books.done());
    }
}

async fn soak() {
    let messaging = queue_server_with(|limits| limits.deliveries = u32::MAX);
    let mut watcher = Consumer::new(&messaging, "1.2", "/topic/dead", "auto").await;
    let books: Arc<Mutex<Books>> = Arc::default();
    let (done, _) = watch::channel(0);
    let mut tasks = Vec::new();
    for publisher in 0..PUBLISHERS {
        let messaging = messaging.clone();
        tasks.push(tokio::spawn(async move {
            let client = connect(&messaging, "1.2").await;
            let mut client = Consumer::of(client, "1.2");
            for number in 0..MESSAGES {
                let body = format!("{publisher} {number}");
                if number % 3 == 0 {
                    publish(&messaging, QUEUE, &body).await;
                } else if number % 3 == 1 {
                    send(&mut client, QUEUE, &body).await;
                } else {
                    client.send(format!(
                        "BEGIN\ntransaction:t\n\n\0\
                         SEND\ndestination:{QUEUE}\ntransaction:t\n\n{body}\0\
                         COMMIT\ntransaction:t\n\n\0"
                    ));
                }
            }
            client.confirmed("DISCONNECT").await;
        }));
    }
    for index in 0..CONSUMERS {
        let worker = Worker {
            messaging: messaging.clone(),
            books: books.clone(),
            done: done.clone(),
            index,
            random: 0x9E37_79B9_7F4A_7C15 ^ index as u64,
        };
        tasks.push(tokio::spawn(worker.run()));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let letters: BTreeSet<_> = watcher.all_bodies().await.into_iter().collect();
    {
        let books = books.lock().unwrap();
        assert_eq!(books.done(), PUBLISHERS * MESSAGES);
        assert!(books.held.is_empty());
        assert_eq!(letters, books.rejected);
    }
    drop(watcher);
    while messaging.connection_count() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(messaging.broker_statistics(), Default::default());
}

#[test]
fn sub_010_ack_002_025_each_message_is_done_once_whoever_is_lost() {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap()
        .block_on(soak());
}
