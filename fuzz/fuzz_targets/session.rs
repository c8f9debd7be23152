//! Any octets in any pieces, from several clients, to a whole server in memory: no panic, every connection ends behind
//! its ERROR, what the server sends is whole frames, and nothing is left when all have gone.

#![no_main]

use std::time::Duration;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use stomp_core::{
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
    }
    let messaging = Messaging::builder()
        .simple_broker(["/topic", "/queue"])
        .limits(limits)
        .build()
        .expect("nothing is wrong with the server");
    let mut clients = input.clients.map(|client| Peer::open(&messaging, &client));
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
            Action::Pause(seconds) => {
                tokio::time::sleep(Duration::from_secs(u64::from(seconds) / 8)).await
            }
            Action::Receive(which) => clients[usize::from(which)].receive_what_is_there().await,
            Action::Finish(which) => clients[usize::from(which)].connection.finish(),
        }
    }
    for mut client in clients {
        client.connection.finish();
        client.receive_to_the_end().await;
    }
    while messaging.connection_count() > 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(messaging.sessions().is_empty());
    assert_eq!(messaging.users().user_count(), 0);
    assert_eq!(messaging.broker_statistics(), Default::default());
    tokio::task::yield_now().await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
}

/// A client, and what it has seen.
struct Peer {
    connection: TestConnection,
    version: Option<Version>,
    is_over: bool,
    is_closed: bool,
}

impl Peer {
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
            version: None,
            is_over: false,
            is_closed: false,
        }
    }

    async fn receive_what_is_there(&mut self) {
        // Longer than the server lets anything wait.
        while let Ok(sent) =
            tokio::time::timeout(Duration::from_millis(100), self.connection.receive()).await
        {
            match sent {
                Some(sent) => self.check(sent),
                None => return,
            }
        }
    }

    async fn receive_to_the_end(&mut self) {
        while let Some(sent) = self.connection.receive().await {
            self.check(sent);
        }
    }

    fn check(&mut self, sent: Sent) {
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
            Command::Message | Command::Receipt => {
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
