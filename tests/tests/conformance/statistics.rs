//! What the server counts: STAT, MON-01, and T-33.

use futures_util::{Stream, stream};
use stomp_axum::{
    codec::Command,
    message::Message,
    prelude::*,
    statistics::{MessagingStatistics, TransportKind},
};

use super::{
    handlers::{Gate, with_handlers},
    *,
};

/// The figures of these commands; all others must be 0.
#[track_caller]
fn assert_counts(counts: stomp_axum::statistics::CommandCounts, expected: &[(&str, u64)]) {
    let counts: Vec<_> = counts.iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(counts, expected);
}

#[tokio::test(start_paused = true)]
async fn stat_01_connections_and_sessions() {
    let messaging = server();
    let expect = |open, total, sessions, users| {
        let statistics = messaging.statistics();
        assert_eq!(statistics.connections.open.of(TransportKind::Other), open);
        assert_eq!(statistics.connections.open.total(), open);
        assert_eq!(statistics.connections.total.total(), total);
        assert_eq!((statistics.sessions, statistics.users), (sessions, users));
    };
    expect(0, 0, 0, 0);
    let silent = TestConnection::open(&messaging);
    tokio::task::yield_now().await;
    expect(1, 1, 0, 0);
    let joe = TestConnection::connect_as(&messaging, "joe").await;
    let _joe_again = TestConnection::connect_as(&messaging, "joe").await;
    let mut anonymous = connect(&messaging, "1.2").await;
    expect(4, 4, 3, 1);
    drop((silent, joe));
    expect_nothing(&mut anonymous).await;
    expect(2, 4, 2, 1);
}

#[tokio::test(start_paused = true)]
async fn stat_03_frames_by_command() {
    let messaging = server();
    let mut client = connect(&messaging, "1.2").await;
    subscribe(&mut client, "1", "/topic/a").await;
    client.send("SEND\ndestination:/topic/a\nreceipt:sent\n\nx\0");
    client.expect_message().await;
    client.expect_receipt("sent").await;
    client.send("UNSUBSCRIBE\nid:1\n\n\0DISCONNECT\nreceipt:bye\n\n\0");
    client.expect_receipt("bye").await;

    // STOMP is another name for CONNECT; and this one is lost without DISCONNECT.
    let mut client = TestConnection::open(&messaging);
    client.send("STOMP\naccept-version:1.2\nhost:h\n\n\0");
    client.expect_connected().await;
    client.send("BREW\n\ncoffee\0");
    client.expect_error("unknown-command").await;

    let statistics = messaging.statistics();
    assert_counts(
        statistics.inbound.frames,
        &[
            ("CONNECT", 1),
            ("STOMP", 1),
            ("SEND", 1),
            ("SUBSCRIBE", 1),
            ("UNSUBSCRIBE", 1),
            ("DISCONNECT", 1),
            ("unknown", 1),
        ],
    );
    assert_counts(
        statistics.outbound.frames,
        &[
            ("CONNECTED", 2),
            ("MESSAGE", 1),
            ("RECEIPT", 3),
            ("ERROR", 1),
        ],
    );
    assert_eq!(statistics.inbound.frames.total(), 7);
    let line = statistics.to_string();
    assert!(
        line.contains("stompSubProtocol[processed CONNECT(2)-CONNECTED(2)-DISCONNECT(1)]"),
        "{line}"
    );
}

#[tokio::test(start_paused = true)]
async fn mon_01_bytes_in_both_directions() {
    let messaging = server();
    let mut client = TestConnection::open(&messaging);
    let (mut sent, mut received) = (0, 0);
    for data in [
        "\n",
        "CONNECT\naccept-version:1.2\nhost:h\nheart-beat:0,1000\n\n\0",
        "SUBSCRIBE\nid:1\ndestination:/topic/a\n\n\0",
        "SEND\ndestination:/topic/a\n\nx\0\n\n",
        // Not all of it.
        "SEND\ndesti",
    ] {
        client.send(data);
        sent += data.len() as u64;
    }
    // CONNECTED, MESSAGE, and two heart-beats.
    for _ in 0..4 {
        match client.receive().await {
            Some(stomp_axum::testing::Sent::Text(text)) => received += text.len() as u64,
            other => panic!("{other:?}"),
        }
    }
    let statistics = messaging.statistics();
    assert_eq!(statistics.inbound.bytes, sent);
    assert_eq!(statistics.outbound.bytes, received);
    assert_eq!(statistics.outbound.heart_beats, 2);
    assert_eq!(statistics.outbound.frames.total(), 2);
    assert_eq!(statistics.inbound.frames.total(), 3);
}

#[tokio::test(start_paused = true)]
async fn stat_02_who_never_sends_connect_is_a_connect_failure() {
    let messaging = server_with(|limits| limits.connect_timeout = 3 * SECOND);
    let mut silent = TestConnection::open(&messaging);
    silent.send("CONNECT\nnot:all");
    let mut other = connect(&messaging, "1.2").await;
    other.expect_silence(2 * SECOND).await;
    assert_eq!(messaging.statistics().connections.connect_failures, 0);
    silent.expect_error("connect-timeout").await;
    let statistics = messaging.statistics();
    assert_eq!(statistics.connections.connect_failures, 1);
    assert_eq!(statistics.limits, [("connect_timeout", 1)].into());
    assert_eq!(statistics.errors, [("connect-timeout", 1)].into());
    let line = statistics.to_string();
    assert!(
        line.contains("1 closed abnormally (1 connect failure, 0 send limit, 0 transport error)"),
        "{line}"
    );
}

/// A subscriber whose connection takes one message.
async fn slow_subscriber(messaging: &Messaging) -> TestConnection {
    let mut slow = TestConnection::open_slow(messaging, 1);
    slow.send_connect("1.2").await;
    subscribe(&mut slow, "s", "/topic/a").await;
    slow
}

#[tokio::test(start_paused = true)]
async fn stat_02_slow_consumers_by_bytes_and_what_is_dropped() {
    let messaging = server_with(|limits| limits.outbound_bytes = 10_000);
    let _slow = slow_subscriber(&messaging).await;
    let mut sender = connect(&messaging, "1.2").await;
    let body = "x".repeat(1000);
    // The transport takes one, and the queue holds nine, of which the writer has the first.
    for _ in 0..10 {
        send(&mut sender, "/topic/a", &body).await;
    }
    let before = messaging.statistics();
    assert_eq!(before.connections.slow_consumers, 0);
    assert_eq!(before.outbound.lost_frames, 0);
    assert_eq!((before.publishes, before.deliveries), (10, 10));
    assert_eq!(before.outbound.waiting_bytes / 1000, 9);

    send(&mut sender, "/topic/a", &body).await;
    // Those who are gone have nothing to be delivered to.
    send(&mut sender, "/topic/a", &body).await;
    let after = messaging.statistics();
    assert_eq!(after.connections.slow_consumers, 1);
    assert_eq!(after.limits, [("outbound_bytes", 1)].into());
    assert_eq!(after.outbound.waiting_bytes, 0);
    assert_eq!(after.outbound.lost_frames, 10);
    assert_eq!((after.publishes, after.deliveries), (12, 10));
    assert_eq!(after.outbound.frames.of(&Command::Message), 1);
    let line = after.to_string();
    assert!(
        line.contains("1 closed abnormally (0 connect failure, 1 send limit, 0 transport error)"),
        "{line}"
    );
}

#[tokio::test(start_paused = true)]
async fn stat_02_slow_consumers_by_time() {
    let messaging = server_with(|limits| limits.write_timeout = 7 * SECOND);
    let _slow = slow_subscriber(&messaging).await;
    let mut other = connect(&messaging, "1.2").await;
    for _ in 0..3 {
        send(&mut other, "/topic/a", "x").await;
    }
    other.expect_silence(6 * SECOND).await;
    assert_eq!(messaging.statistics().connections.slow_consumers, 0);
    other
        .expect_silence(SECOND + Duration::from_millis(5))
        .await;
    let statistics = messaging.statistics();
    assert_eq!(statistics.connections.slow_consumers, 1);
    assert_eq!(statistics.connections.open.total(), 2);
    assert_eq!(statistics.limits, [("write_timeout", 1)].into());
    assert_eq!(statistics.errors, [("slow-consumer", 1)].into());
    assert_eq!(statistics.outbound.lost_frames, 2);
    // It does not take the ERROR either.
    other.expect_silence(SECOND).await;
    let statistics = messaging.statistics();
    assert_eq!(statistics.connections.open.total(), 1);
    assert_eq!(statistics.connections.slow_consumers, 1);
    assert_eq!(statistics.limits, [("write_timeout", 1)].into());
    assert_eq!(statistics.outbound.frames.of(&Command::Error), 0);
    assert_eq!(statistics.outbound.lost_frames, 3);
}

#[tokio::test(start_paused = true)]
async fn mon_01_errors_by_code_and_limits_by_setting() {
    let messaging = server_with(|limits| {
        limits.subscriptions = 1;
        limits.headers = 3;
        limits.message_bytes = 1000;
        limits.destination_segments = 2;
        limits.pre_connect_bytes = 500;
    });
    let mut errors = std::collections::BTreeMap::new();
    let mut limits = std::collections::BTreeMap::new();
    for (frame, code, limit) in [
        (
            "SEND\ndestination:/nowhere\n\n\0",
            "unknown-destination",
            None,
        ),
        (
            "SEND\ndestination:/nowhere/else\n\n\0",
            "unknown-destination",
            None,
        ),
        ("SEND\n\n\0", "missing-header", None),
        ("NACK\n\n\0", "missing-header", None),
        ("no colon\n\n\0", "unknown-command", None),
        ("SEND\nno colon\n\n\0", "malformed-frame", None),
        (
            "SEND\na:1\nb:2\nc:3\nd:4\n\n\0",
            "too-many-headers",
            Some("headers"),
        ),
        (
            "SEND\ncontent-length:2000\n\n",
            "frame-too-large",
            Some("message_bytes"),
        ),
        (
            "SUBSCRIBE\nid:1\ndestination:/topic/a\n\n\0SUBSCRIBE\nid:2\ndestination:/topic/b\n\n\0",
            "too-many-subscriptions",
            Some("subscriptions"),
        ),
        (
            "SEND\ndestination:/topic/a/b\n\n\0",
            "destination-too-long",
            Some("destination_segments"),
        ),
    ] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(frame);
        client.expect_error(code).await;
        *errors.entry(code).or_default() += 1;
        if let Some(limit) = limit {
            *limits.entry(limit).or_default() += 1;
        }
    }
    refused(&messaging, vec![b'\n'; 501], "too-large").await;
    errors.insert("too-large", 1);
    limits.insert("pre_connect_bytes", 1);
    let statistics = messaging.statistics();
    assert_eq!(statistics.errors, errors);
    assert_eq!(statistics.limits, limits);
    let written = statistics.outbound.frames.of(&Command::Error);
    assert_eq!(statistics.errors.values().sum::<u64>(), written);
}

#[tokio::test(start_paused = true)]
async fn mon_01_frames_that_wait_and_a_client_that_is_not_read_from() {
    let gate = Gate::closed();
    let mut limits = Limits::default();
    limits.inbound_frames = 3;
    let builder = with_handlers(builder().limits(limits), &gate);
    let messaging = builder.build().unwrap();
    let mut client = connect(&messaging, "1.2").await;
    let mut other = connect(&messaging, "1.2").await;
    let waiting = || messaging.statistics().inbound.waiting_frames;

    client.send("SEND\ndestination:/app/wait\n\n\0");
    for number in 0..2 {
        client.send("SEND\ndestination:/topic/a\n\n\0");
        expect_nothing(&mut other).await;
        assert_eq!(waiting(), number + 1);
    }
    assert_eq!(messaging.statistics().handlers.running, 1);
    assert_eq!(messaging.statistics().limits, [].into());
    // The third fills the list, and the server does not read on.
    for _ in 0..3 {
        client.send("SEND\ndestination:/topic/a\n\n\0");
        expect_nothing(&mut other).await;
        assert_eq!(waiting(), 3);
    }
    assert_eq!(
        messaging.statistics().limits,
        [("inbound_frames", 1)].into()
    );

    gate.open(1);
    expect_nothing(&mut client).await;
    assert_eq!(waiting(), 0);
    assert_eq!(messaging.statistics().handlers.running, 0);

    // What waits when a client is lost waits no more.
    client.send("SEND\ndestination:/app/wait\n\n\0SEND\ndestination:/app/wait\n\n\0");
    expect_nothing(&mut other).await;
    assert_eq!(waiting(), 1);
    client.send("NACK\n\n\0");
    drop(client);
    gate.open(2);
    expect_nothing(&mut other).await;
    assert_eq!(waiting(), 0);
}

mod annotated {
    use super::*;

    #[message_mapping("/ok")]
    async fn ok() {}

    #[message_mapping("/number")]
    async fn number(_number: u32) {}

    #[message_mapping("/caught")]
    async fn caught() -> Result<(), std::fmt::Error> {
        Err(std::fmt::Error)
    }

    #[message_exception_handler]
    async fn catch(_error: &std::fmt::Error) {}

    #[message_mapping("/panic")]
    async fn panics() {
        panic!("on purpose")
    }

    #[message_mapping("/for-ever", parallel = 2)]
    async fn for_ever() {
        std::future::pending::<()>().await;
    }

    #[subscribe_mapping("/stream")]
    async fn streams() -> impl Stream<Item = &'static str> {
        stream::pending()
    }

    #[subscribe_mapping("/failing-stream")]
    async fn failing_stream() -> impl Stream<Item = Result<&'static str, std::io::Error>> {
        stream::iter([Ok("one"), Err(std::io::Error::other("no more"))])
    }
}

fn with_annotated(builder: MessagingBuilder) -> MessagingBuilder {
    builder.handlers(Handlers::in_module(concat!(module_path!(), "::annotated")))
}

#[tokio::test(start_paused = true)]
async fn mon_01_handlers() {
    let mut limits = Limits::default();
    limits.streams = 1;
    let messaging = with_annotated(builder().limits(limits)).build().unwrap();
    let mut client = connect(&messaging, "1.2").await;
    let mut expected = MessagingStatistics::default().handlers;
    for (frame, failed, panicked, unhandled) in [
        ("SEND\ndestination:/app/ok\n\n\0", 0, 0, 0),
        ("SEND\ndestination:/app/number\n\n1\0", 0, 0, 0),
        ("SEND\ndestination:/app/number\n\none\0", 1, 0, 1),
        ("SEND\ndestination:/app/caught\n\n\0", 1, 0, 0),
        ("SEND\ndestination:/app/panic\n\n\0", 0, 1, 1),
        ("SUBSCRIBE\nid:1\ndestination:/app/stream\n\n\0", 0, 0, 0),
        ("SUBSCRIBE\nid:2\ndestination:/app/stream\n\n\0", 1, 0, 1),
    ] {
        client.send(frame);
        expect_nothing(&mut client).await;
        expected.invoked += 1;
        expected.failed += failed;
        expected.panicked += panicked;
        expected.unhandled += unhandled;
        assert_eq!(messaging.statistics().handlers, expected, "{frame}");
    }
    assert_eq!(messaging.statistics().limits, [("streams", 1)].into());

    let mut other = connect(&messaging, "1.2").await;
    other.send("SUBSCRIBE\nid:1\ndestination:/app/failing-stream\n\n\0");
    assert_eq!(message(&mut other).await.1, "one");
    expect_nothing(&mut other).await;
    expected.invoked += 1;
    expected.failed += 1;
    expected.unhandled += 1;
    assert_eq!(messaging.statistics().handlers, expected);

    // Two of three at a time; the third waits for one of them.
    for _ in 0..3 {
        other.send("SEND\ndestination:/app/for-ever\n\n\0");
    }
    expect_nothing(&mut client).await;
    let statistics = messaging.statistics();
    assert_eq!(statistics.handlers.running, 2);
    assert_eq!(statistics.handlers.invoked, expected.invoked + 2);
    assert_eq!(statistics.inbound.waiting_frames, 2);
}

/// No handler ends when its future is dropped, but by a layer.
#[tokio::test(start_paused = true)]
async fn mon_01_a_handler_that_is_cancelled_runs_no_more() {
    let timeout = tower::timeout::TimeoutLayer::new(SECOND);
    let messaging = with_annotated(builder().inbound_layer(timeout));
    let messaging = messaging.build().unwrap();
    let mut client = connect(&messaging, "1.2").await;
    let mut other = connect(&messaging, "1.2").await;
    client.send("SEND\ndestination:/app/for-ever\n\n\0");
    expect_nothing(&mut other).await;
    assert_eq!(messaging.statistics().handlers.running, 1);
    client.expect_error("not-processed").await;
    let handlers = messaging.statistics().handlers;
    assert_eq!((handlers.running, handlers.invoked), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn mon_01_what_the_broker_publishes_and_delivers() {
    let keeps_secrets = |message: Message| {
        let is_secret = message.headers().contains("secret");
        Ok((!is_secret).then_some(message))
    };
    let messaging = builder()
        .outbound_interceptor(keeps_secrets)
        .build()
        .unwrap();
    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    for (id, destination) in [
        ("1", "/topic/a"),
        ("2", "/topic/a"),
        ("3", "/topic/*"),
        ("4", "/user/queue/a"),
    ] {
        subscribe(&mut joe, id, destination).await;
    }
    let mut other = subscriber(&messaging, "/topic/a").await;
    let mut expected = (0, 0);
    for (destination, headers, deliveries) in [
        ("/topic/a", "", 4),
        ("/topic/b", "", 1),
        ("/queue/nobody", "", 0),
        ("/user/joe/queue/a", "", 1),
        ("/topic/a", "secret:1\n", 0),
    ] {
        other.send(format!(
            "SEND\ndestination:{destination}\n{headers}receipt:sent\n\n\0"
        ));
        while other.expect_frame().await.command != Command::Receipt {}
        expected = (expected.0 + 1, expected.1 + deliveries);
        let statistics = messaging.statistics();
        let counted = (statistics.publishes, statistics.deliveries);
        assert_eq!(counted, expected, "{destination} {headers}");
    }
    let statistics = messaging.statistics();
    assert_eq!(statistics.broker, messaging.broker_statistics());
    assert_eq!(statistics.broker.subscriptions, 5);
    let line = statistics.to_string();
    let broker =
        "broker[2 sessions, 1 users, 5 subscriptions, 3 destinations, 5 published, 6 delivered, ";
    assert!(line.contains(broker), "{line}");
}

#[tokio::test(start_paused = true)]
async fn stat_05_how_long_the_server_has_been_there() {
    let messaging = server();
    let mut client = connect(&messaging, "1.2").await;
    client.expect_silence(100 * SECOND).await;
    let statistics = messaging.statistics();
    assert!(statistics.uptime >= 100 * SECOND);
    assert!(statistics.to_string().ends_with(", up 100 s"));
    let json = serde_json::to_value(&statistics).unwrap();
    assert_eq!(json["uptime"].as_f64().unwrap().floor(), 100.0);
    assert_eq!(json["inbound"]["frames"]["CONNECT"], 1);
    assert_eq!(json["connections"]["open"]["other"], 1);
}

/// How many figures there are in it.
fn figures(json: &serde_json::Value) -> usize {
    match json {
        serde_json::Value::Object(fields) => fields.values().map(figures).sum(),
        _ => 1,
    }
}

#[tokio::test(start_paused = true)]
async fn t_33_no_text_of_a_client_makes_a_figure() {
    let messaging = server();
    let mut client = connect(&messaging, "1.2").await;
    let number =
        |messaging: &Messaging| figures(&serde_json::to_value(messaging.statistics()).unwrap());
    // One error of each kind that follows.
    for (frame, code) in [
        ("BREW\n\n\0", "unknown-command"),
        ("SEND\ndestination:/x\n\n\0", "unknown-destination"),
    ] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(frame);
        client.expect_error(code).await;
    }
    let before = number(&messaging);
    for at in 0..10_000 {
        client.send(format!(
            "SUBSCRIBE\nid:{at}\ndestination:/topic/{at}\n\n\0SEND\ndestination:/topic/{at}\n\n\0UNSUBSCRIBE\nid:{at}\n\n\0"
        ));
        if at % 100 == 0 {
            client.expect_message().await;
            let mut user = TestConnection::connect_as(&messaging, &*at.to_string()).await;
            user.send(format!("BREW{at}\n\n\0"));
            user.expect_error("unknown-command").await;
            let mut user = TestConnection::connect_as(&messaging, &*at.to_string()).await;
            user.send(format!("SEND\ndestination:/x{at}\n\n\0"));
            user.expect_error("unknown-destination").await;
        } else {
            client.expect_message().await;
        }
    }
    assert_eq!(number(&messaging), before);
    assert_eq!(messaging.statistics().deliveries, 10_000);
    assert_eq!(messaging.statistics().errors["unknown-command"], 101);
}
