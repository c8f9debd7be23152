//! A transport whose every move is written down: for what a client can't see, such as how often the server looks.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use stomp_axum::{
    codec::EncodedFrame,
    endpoint::{Incoming, Transport, TransportError},
    session::{CloseReason, SessionAttributes},
    statistics::TransportKind,
};

use super::*;
use crate::handlers::{Gate, with_handlers};

#[derive(Clone, Default)]
struct Script(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    kind: TransportKind,
    incoming: VecDeque<Option<Result<Incoming, TransportError>>>,
    waker: Option<Waker>,
    /// Whether nothing can be written.
    stuck: bool,
    /// Whether writing fails.
    broken: bool,
    /// What was written, and how often the transport was asked to read.
    sent: Vec<String>,
    closed: Option<CloseReason>,
    reads: usize,
    taken: usize,
}

impl Script {
    fn serve(&self, messaging: &Messaging) -> tokio::task::JoinHandle<()> {
        let (messaging, transport) = (messaging.clone(), self.clone());
        tokio::spawn(async move {
            messaging
                .serve(transport, None, SessionAttributes::default())
                .await;
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.0.lock().unwrap();
        let changed = change(&mut state);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
        changed
    }

    fn receive(&self, data: &'static str) {
        let incoming = Incoming::Data(data.as_bytes().into());
        self.change(|state| state.incoming.push_back(Some(Ok(incoming))));
    }

    fn poll_write(&self, cx: &Context<'_>) -> Poll<Result<(), TransportError>> {
        let mut state = self.0.lock().unwrap();
        if state.broken {
            return Poll::Ready(Err(TransportError::Broken("broken pipe".into())));
        }
        if state.stuck {
            state.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl Transport for Script {
    fn kind(&self) -> TransportKind {
        self.0.lock().unwrap().kind
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Incoming, TransportError>>> {
        let mut state = self.0.lock().unwrap();
        state.reads += 1;
        match state.incoming.pop_front() {
            Some(incoming) => {
                state.taken += 1;
                Poll::Ready(incoming)
            }
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_write(cx)
    }

    fn send(&mut self, frame: EncodedFrame) -> Result<(), TransportError> {
        let text = String::from_utf8_lossy(frame.bytes()).into_owned();
        self.0.lock().unwrap().sent.push(text);
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_write(cx)
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        reason: CloseReason,
    ) -> Poll<Result<(), TransportError>> {
        if self.poll_write(cx)?.is_pending() {
            return Poll::Pending;
        }
        self.0.lock().unwrap().closed = Some(reason);
        Poll::Ready(Ok(()))
    }
}

const CONNECT: &str = "CONNECT\naccept-version:1.2\nhost:h\n\n\0";

/// Lets time pass.
async fn pass(messaging: &Messaging, time: Duration) {
    connect(messaging, "1.2").await.expect_silence(time).await;
}

#[tokio::test(start_paused = true)]
async fn hb_026_any_sign_of_life_counts() {
    let messaging = server();
    let script = Script::default();
    script.serve(&messaging);
    script.receive("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:1000,0\n\n\0");
    for _ in 0..10 {
        pass(&messaging, Duration::from_millis(1900)).await;
        script.change(|state| state.incoming.push_back(Some(Ok(Incoming::Activity))));
    }
    assert_eq!(script.change(|state| state.closed), None);
    pass(&messaging, 3 * SECOND).await;
    assert_eq!(
        script.change(|state| state.closed),
        Some(CloseReason::Error)
    );
}

/// The limit is exceeded behind frames that are fine: they are handled first, then the client is told why.
#[tokio::test(start_paused = true)]
async fn lim_009_a_message_that_the_transport_refuses_is_answered() {
    for busy in [false, true] {
        let gate = Gate::closed();
        let messaging = with_handlers(builder(), &gate).build().unwrap();
        let script = Script::default();
        let served = script.serve(&messaging);
        script.receive(CONNECT);
        if busy {
            script.receive("SEND\ndestination:/app/wait\nreceipt:waited\n\n\0");
        }
        script.receive("SEND\ndestination:/topic/a\nreceipt:sent\n\n\0");
        script.change(|state| {
            state
                .incoming
                .push_back(Some(Err(TransportError::MessageTooBig)));
        });
        pass(&messaging, SECOND).await;
        gate.open(1);
        served.await.unwrap();
        script.change(|state| {
            let commands: Vec<_> = state
                .sent
                .iter()
                .map(|frame| frame.lines().next().unwrap())
                .collect();
            let expected = ["CONNECTED", "RECEIPT", "RECEIPT", "ERROR"];
            assert_eq!(
                commands,
                if busy {
                    &expected[..]
                } else {
                    &["CONNECTED", "RECEIPT", "ERROR"]
                }
            );
            assert!(state.sent.last().unwrap().contains("code:frame-too-large"));
            assert_eq!(state.closed, Some(CloseReason::MessageTooBig));
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_too_big_before_connect_is_answered() {
    let messaging = server();
    let script = Script::default();
    let served = script.serve(&messaging);
    script.change(|state| {
        state
            .incoming
            .push_back(Some(Err(TransportError::MessageTooBig)));
    });
    served.await.unwrap();
    script.change(|state| {
        assert_eq!(state.sent.len(), 1);
        assert_eq!(state.closed, Some(CloseReason::MessageTooBig));
    });
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_while_writing_is_gone_at_once() {
    let messaging = server();
    let script = Script::default();
    let served = script.serve(&messaging);
    script.receive(CONNECT);
    script.receive("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n\0");
    pass(&messaging, SECOND).await;
    script.change(|state| state.broken = true);
    let before = Instant::now();
    messaging
        .template()
        .convert_and_send("/topic/a", "x")
        .await
        .unwrap();
    served.await.unwrap();
    assert_passed(before, Duration::ZERO);
    assert_eq!(messaging.broker_statistics(), Default::default());
}

/// LIM: `inbound_frames` at its value and one over: the server takes no more from the transport.
#[tokio::test(start_paused = true)]
async fn the_server_stops_reading_while_too_many_frames_wait() {
    let gate = Gate::closed();
    let mut limits = Limits::default();
    limits.inbound_frames = 4;
    let messaging = with_handlers(builder().limits(limits), &gate)
        .build()
        .unwrap();
    let script = Script::default();
    let served = script.serve(&messaging);
    script.receive(CONNECT);
    for _ in 0..10 {
        script.receive("SEND\ndestination:/app/wait\nreceipt:waited\n\n\0");
    }
    pass(&messaging, SECOND).await;
    // CONNECT, the frame that is handled, and those that may wait.
    assert_eq!(script.change(|state| state.taken), 1 + 1 + 4);
    gate.open(3);
    pass(&messaging, SECOND).await;
    assert_eq!(script.change(|state| state.taken), 1 + 4 + 4);
    gate.open(7);
    script.receive("DISCONNECT\n\n\0");
    script.change(|state| state.incoming.push_back(None));
    served.await.unwrap();
    assert_eq!(script.change(|state| state.taken), 1 + 10 + 1 + 1);
}

/// What waits in one message that is larger than the queue stays in the message.
#[tokio::test(start_paused = true)]
async fn one_message_with_more_frames_than_may_wait_is_handled_in_order() {
    let gate = Gate::closed();
    let mut limits = Limits::default();
    limits.inbound_frames = 4;
    let messaging = with_handlers(builder().limits(limits), &gate)
        .build()
        .unwrap();
    let mut client = connect(&messaging, "1.2").await;
    let frames: String = (0..20)
        .map(|number| format!("SEND\ndestination:/app/wait\nreceipt:{number}\n\n\0"))
        .collect();
    client.send(frames + "nonsense\n\n\0");
    for number in 0..20 {
        gate.open(1);
        client.expect_receipt(&number.to_string()).await;
    }
    client.expect_error("unknown-command").await;
}

/// RCP-013: what the client sent before it left is handled, and then nothing is left; a handler that still runs when
/// the last frame is its own runs on by itself.
#[tokio::test(start_paused = true)]
async fn rcp_013_frames_that_wait_are_handled_when_the_client_has_left() {
    let gate = Gate::closed();
    let messaging = with_handlers(builder(), &gate).build().unwrap();
    let mut watcher = subscriber(&messaging, "/topic/a").await;
    let client = connect(&messaging, "1.2").await;
    client.send("SEND\ndestination:/app/wait\n\n\0SEND\ndestination:/topic/a\n\nx\0");
    client.send("SEND\ndestination:/app/wait\n\n\0");
    drop(client);
    watcher.expect_silence(SECOND).await;
    gate.open(1);
    assert_eq!(message(&mut watcher).await.1, "x");
    expect_nothing(&mut watcher).await;
    assert_eq!(messaging.sessions().len(), 1);
    gate.open(1);
    assert!(messaging.shutdown(3 * SECOND).await);
}

/// Nobody sees a session whose client has left, however long a handler keeps the frames behind it waiting.
///
/// OR-6.
#[tokio::test(start_paused = true)]
async fn rcp_013_sub_033_a_session_is_gone_before_what_waits_is_handled() {
    let gate = Gate::closed();
    let messaging = with_handlers(builder(), &gate).build().unwrap();
    let mut watcher = subscriber(&messaging, "/topic/watched").await;
    let mut client = TestConnection::connect_as(&messaging, "joe").await;
    subscribe(&mut client, "1", "/topic/a").await;
    subscribe(&mut client, "2", "/user/queue/a").await;
    client.send(
        "SEND\ndestination:/app/wait\n\n\0\
         UNSUBSCRIBE\nid:1\n\n\0\
         SUBSCRIBE\nid:3\ndestination:/topic/b\n\n\0\
         SEND\ndestination:/app/wait\n\n\0\
         SEND\ndestination:/topic/watched\n\nx\0",
    );
    drop(client);
    watcher.expect_silence(SECOND).await;
    let only_the_watcher_is_there = || {
        assert_eq!(messaging.sessions().len(), 1);
        assert_eq!(messaging.users().user_count(), 0);
        assert_eq!(messaging.broker_statistics().subscriptions, 1);
    };
    only_the_watcher_is_there();
    gate.open(1);
    watcher.expect_silence(SECOND).await;
    only_the_watcher_is_there();
    gate.open(1);
    assert_eq!(message(&mut watcher).await.1, "x");
    assert_eq!(messaging.connection_count(), 1);
}

/// Nothing spins: in every state, the server looks at a transport that has nothing new only when there is a reason.
#[tokio::test(start_paused = true)]
async fn an_idle_connection_costs_nothing() {
    let gate = Gate::closed();
    let mut limits = Limits::default();
    limits.inbound_frames = 1;
    limits.write_timeout = 1000 * SECOND;
    limits.connect_timeout = 1000 * SECOND;
    let messaging = with_handlers(builder().limits(limits), &gate)
        .build()
        .unwrap();
    let beating = "CONNECT\naccept-version:1.2\nhost:h\nheart-beat:60000,60000\n\n\0";
    let wait = "SEND\ndestination:/app/wait\nreceipt:r\n\n\0";
    for (state, pieces, stuck) in [
        ("before CONNECT", &["CONN"][..], false),
        ("idle", &[CONNECT], false),
        ("beating", &[beating], false),
        ("busy", &[CONNECT, wait], false),
        ("busy and full", &[CONNECT, wait, wait, wait], false),
        (
            "busy, full and beating",
            &[beating, wait, wait, wait],
            false,
        ),
        ("writing", &[CONNECT], true),
        ("refused and writing", &["nonsense\n\n\0"], true),
    ] {
        let script = Script::default();
        script.change(|state| state.stuck = stuck);
        let served = script.serve(&messaging);
        for piece in pieces {
            script.receive(piece);
        }
        pass(&messaging, SECOND).await;
        let before = script.change(|state| state.reads);
        pass(&messaging, 100 * SECOND).await;
        let reads = script.change(|state| state.reads) - before;
        // A heart-beat every 48 seconds is a reason, and so is the test's own wake-up.
        assert!(reads <= 12, "{state}: {reads} reads");
        served.abort();
    }
}

/// After the good-bye, a client that goes on sending is neither listened to nor kept.
#[tokio::test(start_paused = true)]
async fn err_012_what_comes_after_the_end_is_thrown_away() {
    let messaging = server();
    let script = Script::default();
    let served = script.serve(&messaging);
    script.receive(CONNECT);
    script.receive("nonsense\n\n\0");
    let started = Instant::now();
    for _ in 0..1000 {
        script.receive("SEND\ndestination:/topic/a\n\n\0");
    }
    served.await.unwrap();
    assert_passed(started, SECOND);
    assert_eq!(
        script.change(|state| (state.sent.len(), state.incoming.len())),
        (2, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn stat_01_connections_by_what_carries_them() {
    let messaging = server();
    let mut scripts = Vec::new();
    for (at, kind) in TransportKind::ALL.into_iter().enumerate() {
        for _ in 0..=at {
            let script = Script::default();
            script.change(|state| state.kind = kind);
            scripts.push((script.serve(&messaging), script));
        }
    }
    tokio::task::yield_now().await;
    let connections = messaging.statistics().connections;
    for (at, kind) in TransportKind::ALL.into_iter().enumerate() {
        assert_eq!(connections.open.of(kind), at as u64 + 1, "{kind:?}");
    }
    assert_eq!(connections.open, connections.total);
    assert_eq!(connections.total.total(), 15);
    let line = messaging.statistics().to_string();
    let expected =
        "WebSocketSession[15 current WS(1)-HttpStream(2)-HttpPoll(3)-TCP(4)-Other(5), 15 total, ";
    assert!(line.starts_with(expected), "{line}");

    for (served, script) in scripts {
        script.change(|state| state.incoming.push_back(None));
        served.await.unwrap();
    }
    let now = messaging.statistics().connections;
    assert_eq!(now.open.total(), 0);
    assert_eq!(now.total, connections.total);
}

/// STAT-02: they are not among those that are closed abnormally.
#[tokio::test(start_paused = true)]
async fn stat_01_errors_of_transports() {
    let messaging = server();
    let errors = || messaging.statistics().connections.transport_errors;

    // The client just goes.
    let script = Script::default();
    let served = script.serve(&messaging);
    script.receive(CONNECT);
    script.change(|state| state.incoming.push_back(None));
    served.await.unwrap();
    assert_eq!(errors(), 0);

    for (at, error) in [
        TransportError::Broken("reset".into()),
        TransportError::InvalidText,
        TransportError::MessageTooBig,
        TransportError::Protocol("a reserved bit".into()),
    ]
    .into_iter()
    .enumerate()
    {
        let script = Script::default();
        let served = script.serve(&messaging);
        script.receive(CONNECT);
        script.change(|state| state.incoming.push_back(Some(Err(error))));
        served.await.unwrap();
        assert_eq!(errors(), at as u64 + 1);
    }

    // Neither the first client nor the second was there any more to get CONNECTED.
    assert_eq!(messaging.statistics().outbound.lost_frames, 2);

    // CONNECTED can't be written.
    let script = Script::default();
    script.change(|state| state.broken = true);
    let served = script.serve(&messaging);
    script.receive(CONNECT);
    served.await.unwrap();
    let statistics = messaging.statistics();
    assert_eq!(statistics.connections.transport_errors, 5);
    assert_eq!(statistics.outbound.lost_frames, 3);
    assert_eq!(statistics.limits, [("message_bytes", 1)].into());
    let line = statistics.to_string();
    assert!(
        line.contains("0 closed abnormally (0 connect failure, 0 send limit, 5 transport error)"),
        "{line}"
    );
}
