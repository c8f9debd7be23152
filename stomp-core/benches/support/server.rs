//! A server with clients in memory, on a runtime of one thread: what is measured is the work of the server alone, and it
//! is the same in each run.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use stomp_core::{
    codec::EncodedFrame,
    endpoint::{Incoming, Transport, TransportError},
    server::{Messaging, MessagingBuilder},
    session::{CloseReason, SessionAttributes},
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::{Notify, mpsc},
};

/// What a run waits for: so many frames that the server has flushed, or messages that it has handled.
#[derive(Debug, Default)]
pub(crate) struct Countdown {
    left: AtomicUsize,
    done: Notify,
}

impl Countdown {
    /// # Panics
    ///
    /// If more is done than was expected: what is measured is not what was meant.
    pub(crate) fn count(&self, done: usize) {
        let left = self.left.load(Ordering::Relaxed);
        let left = left.checked_sub(done).expect("no more than expected");
        self.left.store(left, Ordering::Relaxed);
        if left == 0 && done > 0 {
            self.done.notify_one();
        }
    }

    fn expect(&self, more: usize) {
        self.left.store(more, Ordering::Relaxed);
    }
}

/// The server's end of a connection. It takes every frame at once, and forgets it.
struct CountingTransport {
    input: mpsc::UnboundedReceiver<Bytes>,
    flushed: Arc<Countdown>,
    not_flushed: usize,
    /// Of a client that acknowledges each message: its own way to the server.
    acknowledge: Option<mpsc::UnboundedSender<Bytes>>,
}

impl Transport for CountingTransport {
    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Incoming, TransportError>>> {
        let received = self.input.poll_recv(cx);
        received.map(|data| data.map(|data| Ok(Incoming::Data(data))))
    }

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, frame: EncodedFrame) -> Result<(), TransportError> {
        self.not_flushed += 1;
        if let Some(acknowledge) = &self.acknowledge
            && let Some(ack) = acknowledgement(frame.bytes())
        {
            let sent = acknowledge.send(ack);
            sent.map_err(|error| TransportError::Broken(error.into()))?;
        }
        Ok(())
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.flushed.count(std::mem::take(&mut self.not_flushed));
        Poll::Ready(Ok(()))
    }

    fn poll_close(
        &mut self,
        _: &mut Context<'_>,
        reason: CloseReason,
    ) -> Poll<Result<(), TransportError>> {
        panic!("the server has closed a connection: {reason:?}")
    }
}

/// The ACK of a MESSAGE that wants one.
fn acknowledgement(message: &[u8]) -> Option<Bytes> {
    let mut lines = message
        .split(|byte| *byte == b'\n')
        .take_while(|line| !line.is_empty());
    let id = lines.find_map(|line| line.strip_prefix(b"ack:"))?;
    Some([b"ACK\nid:", id, b"\n\n\0"].concat().into())
}

/// A server and its clients. Dropping it drops the connections, without a good-bye.
pub(crate) struct Server {
    runtime: Runtime,
    pub(crate) messaging: Messaging,
    countdown: Arc<Countdown>,
    clients: Vec<mpsc::UnboundedSender<Bytes>>,
}

impl Server {
    /// The countdown also goes to `build`, for handlers that nothing comes back from.
    pub(crate) fn new(
        build: impl FnOnce(MessagingBuilder, &Arc<Countdown>) -> MessagingBuilder,
    ) -> Self {
        let runtime = Builder::new_current_thread().enable_time().build();
        let countdown = Arc::<Countdown>::default();
        let messaging = build(Messaging::builder(), &countdown).build();
        Self {
            runtime: runtime.unwrap_or_else(|error| panic!("{error}")),
            messaging: messaging.unwrap_or_else(|error| panic!("{error}")),
            countdown,
            clients: Vec::new(),
        }
    }

    /// Adds a client that subscribes to `destination`, as `@stomp/stompjs` would. With another ack mode than `auto` it
    /// acknowledges each message. Returns when it is subscribed.
    pub(crate) fn subscribe(&mut self, destination: &str, ack: &str) {
        let (client, input) = mpsc::unbounded_channel();
        let transport = CountingTransport {
            input,
            flushed: self.countdown.clone(),
            not_flushed: 0,
            acknowledge: (ack != "auto").then(|| client.clone()),
        };
        let messaging = self.messaging.clone();
        let attributes = SessionAttributes::default();
        self.runtime
            .spawn(async move { messaging.serve(transport, None, attributes).await });
        self.clients.push(client);
        let frames = format!(
            "CONNECT\naccept-version:1.2\nhost:localhost\nheart-beat:0,0\n\n\0\
             SUBSCRIBE\nid:sub-0\ndestination:{destination}\nack:{ack}\nreceipt:1\n\n\0"
        );
        let connected_and_receipt = 2;
        self.run(connected_and_receipt, async { self.send(frames.into()) });
    }

    /// Sends frames as the client that was added last.
    pub(crate) fn send(&self, frames: Bytes) {
        let client = self.clients.last().expect("there is a client");
        client.send(frames).expect("it is served");
    }

    /// Does something, and returns when the server has done so much.
    pub(crate) fn run(&self, expected: usize, action: impl Future<Output = ()>) {
        self.countdown.expect(expected);
        self.runtime.block_on(async {
            action.await;
            self.countdown.done.notified().await;
        });
    }
}
