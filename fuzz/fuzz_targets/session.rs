//! Any octets in any pieces, and any sequence of commands, from several clients, to a whole server in memory with queues,
//! histories and dead letters: no panic, every connection ends behind its ERROR, what the server sends is whole frames,
//! no message is delivered as new twice, and nothing is left when all have gone and the queues are drained.

#![no_main]

use std::{collections::HashSet, time::Duration};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use stomp_core::{
    broker::History,
    codec::{Command, Decoder, DecoderLimits, Frame, Version},
    server::Messaging,
    session::{CloseReason, Limits},
    testing::{Sent, TestConnection},
};
use tokio::runtime::{Builder, Handle};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// Small limits are met more often.
    small: bool,
    /// Dead letters go to a queue, and not to a topic.
    dead_letters_wait: bool,
    clients: [Client; 2],
    actions: Vec<Action<'a>>,
}

#[derive(Arbitrary, Debug)]
struct Client {
    /// Which version the client connects with before it sends what it likes; none to begin with the unknown.
    version: Option<u8>,
    is_user: bool,
    is_slow: bool,
}

#[derive(Arbitrary, Debug)]
enum Action<'a> {
    /// Octets as they are.
    Octets(bool, &'a [u8]),
    /// A frame that is nearly right, with any text in it.
    Frame(bool, u8, &'a str, &'a str),
    /// A frame that is right, about few destinations, ids and transactions.
    Subscribe {
        which: bool,
        destination: u8,
        id: u8,
        mode: u8,
        prefetch: u8,
        request: u8,
    },
    Unsubscribe {
        which: bool,
        id: u8,
    },
    Send {
        which: bool,
        destination: u8,
        transaction: u8,
    },
    /// Of a message that the client has got, or of any.
    Settle {
        which: bool,
        verdict: u8,
        message: u8,
        transaction: u8,
    },
    Transaction {
        which: bool,
        command: u8,
        transaction: u8,
    },
    /// The client is gone, and comes again.
    Reconnect(bool),
    Pause(u8),
    Receive(bool),
    Finish(bool),
}

const COMMANDS: [&str; 12] = [
    "SEND",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "DISCONNECT",
    "CONNECT",
    "STOMP",
    "ACK",
    "NACK",
    "BEGIN",
    "COMMIT",
    "ABORT",
    "MESSAGE",
];

const DESTINATIONS: [&str; 8] = [
    "/queue/a",
    "/queue/b",
    "/topic/a",
    "/topic/b",
    "/topic/*",
    "/user/queue/a",
    "/topic/dead",
    "/queue/dead",
];

fuzz_target!(|input: Input<'_>| {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without IO needs nothing");
    runtime.block_on(run(input));
});

async fn run(input: Input<'_>) {
    let mut limits = Limits::default();
    if input.small {
        limits.pre_connect_bytes = 200;
        limits.message_bytes = 100;
        limits.frames_per_message = 3;
        limits.headers = 5;
        limits.header_line_bytes = 40;
        limits.destination_segments = 3;
        limits.subscriptions = 2;
        limits.outbound_bytes = 300;
        limits.unacknowledged = 2;
        limits.deliveries = 2;
        limits.transactions = 1;
        limits.transaction_actions = 3;
        limits.queue_bytes = 1500;
        limits.queues_bytes = 2500;
        limits.queues = 2;
        limits.history_bytes = 2000;
        limits.history_destinations = 2;
    }
    let dead_letters = ["/topic/dead", "/queue/dead"][usize::from(input.dead_letters_wait)];
    let messaging = Messaging::builder()
        .simple_broker(["/topic", "/queue"])
        .queue_semantics(["/queue"])
        .dead_letters(dead_letters)
        .history("/topic/*", History::last(5))
        .limits(limits)
        .build()
        .expect("nothing is wrong with the server");
    let mut clients = input
        .clients
        .each_ref()
        .map(|client| Peer::open(&messaging, client));
    let mut delivered = HashSet::new();
    for action in input.actions {
        match action {
            Action::Octets(which, octets) => {
                clients[usize::from(which)].connection.send(octets.to_vec())
            }
            Action::Frame(which, command, destination, id) => {
                let command = COMMANDS[usize::from(command) % COMMANDS.len()];
                let (prefix, receipt) = (
                    ["/topic/", "/user/queue/", ""][destination.len() % 3],
                    id.len(),
                );
                let frame = format!(
                    "{command}\ndestination:{prefix}{destination}\nid:{id}\nreceipt:{receipt}\n\n\0"
                );
                clients[usize::from(which)].connection.send(frame);
            }
            Action::Subscribe {
                which,
                destination,
                id,
                mode,
                prefetch,
                request,
            } => {
                let destination = DESTINATIONS[usize::from(destination) % DESTINATIONS.len()];
                let mode = ["auto", "client", "client-individual"][usize::from(mode) % 3];
                let request = match request % 8 {
                    0 => "history:3\n".to_owned(),
                    1 => clients[usize::from(which)].recovery(),
                    _ => String::new(),
                };
                clients[usize::from(which)].connection.send(format!(
                    "SUBSCRIBE\ndestination:{destination}\nid:{}\nack:{mode}\n\
                     prefetch-count:{}\n{request}receipt:s\n\n\0",
                    id % 4,
                    prefetch % 4
                ));
            }
            Action::Unsubscribe { which, id } => {
                let frame = format!("UNSUBSCRIBE\nid:{}\n\n\0", id % 4);
                clients[usize::from(which)].connection.send(frame);
            }
            Action::Send {
                which,
                destination,
                transaction,
            } => {
                let destination = DESTINATIONS[usize::from(destination) % DESTINATIONS.len()];
                let transaction = transaction_header(transaction);
                clients[usize::from(which)].connection.send(format!(
                    "SEND\ndestination:{destination}\noffset:1\nack:x\n{transaction}\nx\0"
                ));
            }
            Action::Settle {
                which,
                verdict,
                message,
                transaction,
            } => {
                let peer = &mut clients[usize::from(which)];
                peer.receive_what_is_there(&mut delivered).await;
                let verdict = ["ACK", "NACK", "NACK\nrequeue:false"][usize::from(verdict) % 3];
                let name = peer.name(message);
                let transaction = transaction_header(transaction);
                peer.connection
                    .send(format!("{verdict}\n{name}{transaction}receipt:a\n\n\0"));
            }
            Action::Transaction {
                which,
                command,
                transaction,
            } => {
                let command = ["BEGIN", "COMMIT", "ABORT"][usize::from(command) % 3];
                clients[usize::from(which)].connection.send(format!(
                    "{command}\ntransaction:t{}\nreceipt:t\n\n\0",
                    transaction % 2
                ));
            }
            Action::Reconnect(which) => {
                let which = usize::from(which);
                let known = std::mem::take(&mut clients[which].known);
                clients[which] = Peer::open(&messaging, &input.clients[which]);
                clients[which].known = known;
            }
            Action::Pause(seconds) => {
                tokio::time::sleep(Duration::from_secs(u64::from(seconds) / 8)).await
            }
            Action::Receive(which) => {
                clients[usize::from(which)]
                    .receive_what_is_there(&mut delivered)
                    .await;
            }
            Action::Finish(which) => clients[usize::from(which)].connection.finish(),
        }
    }
    for mut client in clients {
        client.connection.finish();
        client.receive_to_the_end(&mut delivered).await;
    }
    while messaging.connection_count() > 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(messaging.sessions().is_empty());
    assert_eq!(messaging.users().user_count(), 0);
    drain(&messaging, &mut delivered).await;
    // There may be queues of any name; but none is kept for nothing.
    let statistics = messaging.broker_statistics();
    assert_eq!(statistics.subscriptions, 0);
    assert!(statistics.destinations <= statistics.waiting_messages);
    // What the server runs beside its sessions ends with it.
    drop(messaging);
    tokio::task::yield_now().await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
}

fn transaction_header(transaction: u8) -> String {
    match transaction % 4 {
        0 => format!("transaction:t{}\n", transaction / 4 % 2),
        _ => String::new(),
    }
}

/// Takes out of the queues what nobody has taken.
async fn drain(messaging: &Messaging, delivered: &mut HashSet<String>) {
    let client = Client {
        version: Some(0),
        is_user: false,
        is_slow: false,
    };
    // With less than what may wait to be written, all of it does not come at once; whatever is there is acknowledged as it
    // comes.
    let mut peer = Peer::open(messaging, &client);
    for destination in ["/queue/a", "/queue/b", "/queue/dead"] {
        let before = messaging.broker_statistics().waiting_messages;
        if before == 0 {
            break;
        }
        peer.connection.send(format!(
            "SUBSCRIBE\ndestination:{destination}\nid:{destination}\n\n\0"
        ));
        peer.receive_what_is_there(delivered).await;
        peer.connection
            .send(format!("UNSUBSCRIBE\nid:{destination}\n\n\0"));
    }
    peer.connection.finish();
    peer.receive_to_the_end(delivered).await;
    while messaging.connection_count() > 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// A client, and what it has seen.
struct Peer {
    connection: TestConnection,
    /// How the messages that it got are acknowledged, and where they stand in their history.
    known: Vec<Known>,
    version: Option<Version>,
    is_over: bool,
    is_closed: bool,
}

#[derive(Default)]
struct Known {
    name: String,
    recovery: String,
}

impl Peer {
    /// What names a message that it got, or none.
    fn name(&self, message: u8) -> String {
        match self.known.get(usize::from(message)) {
            Some(known) => known.name.clone(),
            None => match self.known.last() {
                Some(known) if !message.is_multiple_of(8) => known.name.clone(),
                _ => format!(
                    "id:{}-{}\nsubscription:0\nmessage-id:x\n",
                    message % 4,
                    message / 4
                ),
            },
        }
    }

    /// From the last message that it got.
    fn recovery(&self) -> String {
        let known = self.known.last();
        known.map_or_else(String::new, |known| known.recovery.clone())
    }

    fn open(messaging: &Messaging, client: &Client) -> Self {
        let connection = if client.is_slow {
            TestConnection::open_slow(messaging, 2)
        } else if client.is_user {
            TestConnection::open_as(messaging, "joe")
        } else {
            TestConnection::open(messaging)
        };
        if let Some(version) = client.version {
            let version = Version::SUPPORTED[usize::from(version) % 3];
            connection.send(format!(
                "CONNECT\naccept-version:{version}\nheart-beat:3000,3000\n\n\0"
            ));
        }
        Self {
            connection,
            known: Vec::new(),
            version: None,
            is_over: false,
            is_closed: false,
        }
    }

    async fn receive_what_is_there(&mut self, delivered: &mut HashSet<String>) {
        // Longer than the server lets anything wait.
        while let Ok(sent) =
            tokio::time::timeout(Duration::from_millis(100), self.connection.receive()).await
        {
            match sent {
                Some(sent) => self.check(sent, delivered),
                None => return,
            }
        }
    }

    async fn receive_to_the_end(&mut self, delivered: &mut HashSet<String>) {
        while let Some(sent) = self.connection.receive().await {
            self.check(sent, delivered);
        }
    }

    fn check(&mut self, sent: Sent, delivered: &mut HashSet<String>) {
        assert!(!self.is_closed, "{sent:?} behind the good-bye");
        let octets = match sent {
            Sent::Text(text) if text == "\n" => {
                assert!(!self.is_over, "a heart-beat behind the last frame");
                return;
            }
            Sent::Text(text) => text.into_bytes(),
            Sent::Binary(octets) => {
                assert!(std::str::from_utf8(&octets).is_err());
                octets.to_vec()
            }
            Sent::Closed(reason) => {
                let is_protocol_error =
                    matches!(reason, CloseReason::Error | CloseReason::MessageTooBig);
                assert!(!is_protocol_error || self.is_over, "closed without ERROR");
                self.is_closed = true;
                return;
            }
        };
        assert!(!self.is_over, "a frame behind the last one");
        let frame = self.decode(&octets);
        match frame.command {
            Command::Connected => {
                assert!(self.version.is_none(), "connected twice");
                self.version = frame.header("version").and_then(Version::parse);
                assert!(self.version.is_some());
            }
            Command::Message => {
                assert!(self.version.is_some(), "before CONNECTED");
                self.know(&frame, delivered);
            }
            Command::Receipt => {
                assert!(self.version.is_some(), "before CONNECTED")
            }
            Command::Error => {
                assert!(frame.header("code").is_some() && frame.header("message").is_some());
                assert!(frame.body.len() <= 1024);
                self.is_over = true;
            }
            other => panic!("a server does not send {other:?}"),
        }
    }

    fn know(&mut self, frame: &Frame, delivered: &mut HashSet<String>) {
        let header = |name| frame.header(name).unwrap_or_default();
        let is_again = frame.header("redelivered").is_some();
        assert_eq!(is_again, frame.header("delivery-count").is_some());
        let is_queue = header("destination").starts_with("/queue/");
        if is_queue && !is_again {
            assert!(
                delivered.insert(header("message-id").to_owned()),
                "delivered twice: {frame:?}"
            );
        }
        let lines = |names: &[(&str, &str)]| {
            let mut text = String::new();
            for (name, header) in names {
                if let Some(value) = frame.header(header)
                    && !value.contains(['\\', '\n', '\r', ':'])
                {
                    text += &format!("{name}:{value}\n");
                }
            }
            text
        };
        self.known.push(Known {
            name: lines(&[
                ("id", "ack"),
                ("subscription", "subscription"),
                ("message-id", "message-id"),
            ]),
            recovery: lines(&[("recover-epoch", "epoch"), ("recover-offset", "offset")]),
        });
    }

    /// Exactly one frame, by the rules of the version.
    fn decode(&self, mut octets: &[u8]) -> Frame {
        let mut decoder = Decoder::new(DecoderLimits {
            headers: usize::MAX,
            frame_bytes: usize::MAX,
            header_line_bytes: usize::MAX,
            headers_bytes: usize::MAX,
            ..DecoderLimits::default()
        });
        if let Some(version) = self.version {
            decoder.set_version(version);
        }
        let frame = decoder.decode(&mut octets);
        assert!(octets.is_empty());
        frame
            .expect("what the server writes can be read")
            .expect("a whole frame")
    }
}
