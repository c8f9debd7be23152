//! STOMP over streams of bytes: in memory on a paused clock, over TCP, and over TLS.

mod client;
mod closing;
mod differential;
mod half_close;
mod limits;
mod sockets;
mod testbed;
mod tls;

use std::{sync::Arc, time::Duration};

use stomp_axum::{
    prelude::*,
    server::{Messaging, MessagingBuilder},
};
use tokio::{
    io::{DuplexStream, duplex},
    sync::Semaphore,
    time::Instant,
};

use crate::client::Client;

const SECOND: Duration = Duration::from_secs(1);

/// Waits until it is opened.
#[message_mapping("/wait")]
async fn wait(State(gate): State<Gate>) {
    gate.pass().await;
}

/// Holds whoever wants to pass until it is opened, as often as it is opened.
#[derive(Clone)]
struct Gate {
    arrivals: Arc<Semaphore>,
    passes: Arc<Semaphore>,
}

impl Gate {
    fn closed() -> Self {
        let [arrivals, passes] = [(), ()].map(|()| Arc::new(Semaphore::new(0)));
        Self { arrivals, passes }
    }

    fn open(&self, times: usize) {
        self.passes.add_permits(times);
    }

    /// Waits until somebody stands before it.
    async fn arrival(&self) {
        self.arrivals.acquire().await.unwrap().forget();
    }

    async fn pass(&self) {
        self.arrivals.add_permits(1);
        self.passes.acquire().await.unwrap().forget();
    }
}

/// The login is the user, and `bad` is refused.
async fn by_login(connect: ConnectRequest) -> Result<Option<Principal>, AuthenticationError> {
    match connect.login() {
        Some("bad") => Err(AuthenticationError::bad_credentials()),
        login => Ok(login.map(Principal::new)),
    }
}

fn builder() -> MessagingBuilder {
    builder_with(&Gate::closed())
}

fn builder_with(gate: &Gate) -> MessagingBuilder {
    Messaging::builder()
        .application_destination_prefixes(["/app"])
        .simple_broker(["/topic", "/queue"])
        .handlers(handlers![wait])
        .state(gate.clone())
        .authenticator(by_login)
}

fn server() -> Messaging {
    builder().build().unwrap()
}

fn server_with(change: impl FnOnce(&mut Limits)) -> Messaging {
    let mut limits = Limits::default();
    change(&mut limits);
    builder().limits(limits).build().unwrap()
}

/// Opens a connection in memory, with room for so many bytes in each direction, such as the buffers of an operating system
/// have.
fn open_with_room(messaging: &Messaging, room: usize) -> Client<DuplexStream> {
    let (client, server) = duplex(room);
    let messaging = messaging.clone();
    tokio::spawn(async move {
        messaging
            .serve_stream(server, None, SessionAttributes::default())
            .await;
    });
    Client::new(client)
}

fn open(messaging: &Messaging) -> Client<DuplexStream> {
    open_with_room(messaging, 1 << 20)
}

async fn connect(messaging: &Messaging) -> Client<DuplexStream> {
    let mut client = open(messaging);
    client.connect().await;
    client
}

/// Lets the tasks that can run do so, on a paused clock.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// Asserts how much time has passed on the paused clock, whose timers are precise to a millisecond.
#[track_caller]
fn assert_passed(since: Instant, expected: Duration) {
    let passed = since.elapsed();
    assert!(
        passed >= expected && passed <= expected + Duration::from_millis(5),
        "{passed:?} have passed, and not {expected:?}"
    );
}
