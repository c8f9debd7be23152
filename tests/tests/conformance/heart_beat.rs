//! Heart-beats: HB.

use stomp_axum::{session::CloseReason, testing::Sent};

use super::*;
use crate::handlers::{Gate, with_handlers};

const MILLISECOND: Duration = Duration::from_millis(1);

async fn connect_beating(messaging: &Messaging, heart_beat: &str) -> (TestConnection, String) {
    let mut client = TestConnection::open(messaging);
    client.send(format!(
        "CONNECT\naccept-version:1.2\nhost:h\nheart-beat:{heart_beat}\n\n\0"
    ));
    let connected = client.expect_connected().await;
    let answer = connected.header("heart-beat").unwrap().to_owned();
    (client, answer)
}

async fn expect_heart_beat(client: &mut TestConnection) {
    // HB-015: exactly one octet, and a message of its own.
    assert_eq!(client.receive().await, Some(Sent::Text("\n".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn hb_001_002_022_without_heart_beats_there_are_no_timers() {
    let messaging = server();
    for (rule, connect) in [
        ("hb_001", "CONNECT\naccept-version:1.2\nhost:h\n\n\0"),
        (
            "hb_002",
            "CONNECT\naccept-version:1.2\nhost:h\nheart-beat:0,0\n\n\0",
        ),
        (
            "hb_022",
            "CONNECT\naccept-version:1.0\nheart-beat:1000,1000\n\n\0",
        ),
        ("hb_022 no version", "CONNECT\nheart-beat:1000,1000\n\n\0"),
    ] {
        let mut client = TestConnection::open(&messaging);
        client.send(connect);
        let connected = client.expect_connected().await;
        assert_eq!(connected.header("heart-beat"), Some("0,0"), "{rule}");
        client.expect_silence(3600 * SECOND).await;
        expect_nothing(&mut client).await;
    }
}

/// OUT-02.
#[tokio::test(start_paused = true)]
async fn hb_003_004_024_a_silent_client_is_closed_after_twice_the_agreed_interval() {
    for (rule, heart_beat, answer, dead_after) in [
        ("hb_003", "1000,0", "0,1000", 2000),
        ("hb_004", "500,0", "0,1000", 2000),
        ("hb_021", "1,0", "0,1000", 2000),
        (
            "longer than the server would ask for",
            "120000,0",
            "0,60000",
            240_000,
        ),
    ] {
        let (mut client, answered) = connect_beating(&server(), heart_beat).await;
        let connected = Instant::now();
        assert_eq!(answered, answer, "{rule}");
        client.expect_error("heart-beat-lost").await;
        assert_passed(connected, dead_after * MILLISECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn hb_005_006_008_015_023_the_server_sends_often_enough() {
    for (rule, heart_beat, answer, interval) in [
        ("hb_005", "0,1000", "1000,0", 1000),
        ("hb_006", "0,100", "1000,0", 1000),
        ("hb_008", "0,5000", "5000,0", 5000),
        ("hb_021", "0,1", "1000,0", 1000),
    ] {
        let (mut client, answered) = connect_beating(&server(), heart_beat).await;
        assert_eq!(answered, answer, "{rule}");
        for _ in 0..20 {
            let before = Instant::now();
            expect_heart_beat(&mut client).await;
            assert_passed(before, interval * 4 / 5 * MILLISECOND);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn hb_009_messages_are_heart_beats_too() {
    let messaging = server();
    let (mut client, _) = connect_beating(&messaging, "0,1000").await;
    subscribe(&mut client, "s", "/topic/a").await;
    for _ in 0..20 {
        client.expect_silence(700 * MILLISECOND).await;
        messaging
            .template()
            .convert_and_send("/topic/a", "x")
            .await
            .unwrap();
        client.expect_message().await;
    }
    expect_heart_beat(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn hb_010_a_dead_client_leaves_nothing_behind() {
    let messaging = server();
    let (mut client, _) = connect_beating(&messaging, "1000,0").await;
    subscribe(&mut client, "s", "/topic/a").await;
    client.expect_error("heart-beat-lost").await;
    assert!(messaging.sessions().is_empty());
    assert_eq!(messaging.broker_statistics().subscriptions, 0);
    messaging
        .template()
        .convert_and_send("/topic/a", "x")
        .await
        .unwrap();
    assert_eq!(client.receive().await, None);
}

#[tokio::test(start_paused = true)]
async fn hb_011_to_014_late_and_slow_clients_live_as_long_as_something_comes() {
    for (rule, pieces, gap) in [
        ("hb_011", ["\n"; 12], 1500),
        (
            "hb_012",
            [
                "SEND\ndestination:/topic/a\n\n",
                "a",
                "b",
                "c",
                "d",
                "e",
                "f",
                "g",
                "h",
                "i",
                "j",
                "\0",
            ],
            900,
        ),
        ("hb_013", ["\n"; 12], 900),
        ("hb_014", ["\r\n"; 12], 900),
        (
            "hb_014 in two pieces",
            [
                "\r", "\n", "\r", "\n", "\r", "\n", "\r", "\n", "\r", "\n", "\r", "\n",
            ],
            900,
        ),
    ] {
        let (mut client, _) = connect_beating(&server(), "1000,0").await;
        subscribe(&mut client, "s", "/topic/a").await;
        for piece in pieces {
            client.expect_silence(gap * MILLISECOND).await;
            client.send(piece);
        }
        if rule == "hb_012" {
            assert_eq!(message(&mut client).await.1, "abcdefghij");
        }
        expect_nothing(&mut client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn hb_016_a_write_that_is_stuck_gets_no_heart_beats_into_it() {
    let messaging = server();
    let mut client = TestConnection::open_slow(&messaging, 1);
    client.send("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:0,1000\n\n\0");
    client.expect_connected().await;
    subscribe(&mut client, "s", "/topic/a").await;
    for body in ["1", "2", "3"] {
        messaging
            .template()
            .convert_and_send("/topic/a", body)
            .await
            .unwrap();
    }
    // The first message fills the transport; the client takes it after nine seconds.
    let mut other = connect(&messaging, "1.2").await;
    other.expect_silence(9 * SECOND).await;
    for body in ["1", "2", "3"] {
        assert_eq!(text(&client.expect_message().await), body);
    }
    expect_heart_beat(&mut client).await;
}

/// IN-6.
#[tokio::test(start_paused = true)]
async fn hb_017_to_020_what_a_heart_beat_header_may_say() {
    let messaging = server();
    for (rule, invalid) in [
        ("hb_017", "abc"),
        ("hb_017", "1000"),
        ("hb_017", "1000,"),
        ("hb_017", "1,2,3"),
        ("hb_017 empty", ""),
        ("hb_019", "-1,0"),
    ] {
        let error = refused(
            &messaging,
            format!("CONNECT\naccept-version:1.2\nheart-beat:{invalid}\n\n\0"),
            "invalid-heart-beat",
        )
        .await;
        assert!(text(&error).contains("heart-beat"), "{rule}");
    }
    let (_, answer) = connect_beating(&messaging, "1000, 2000").await;
    assert_eq!(answer, "2000,1000", "hb_018");
    let huge = "99999999999999999999,99999999999999999999";
    let (mut client, answer) = connect_beating(&messaging, huge).await;
    assert_eq!(answer, "60000,60000", "hb_020");
    client.expect_silence(24 * 3600 * SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn hb_021_the_floor_is_a_setting() {
    let messaging = server_with(|limits| limits.heart_beat_min = 100 * MILLISECOND);
    let (mut client, answer) = connect_beating(&messaging, "0,1").await;
    assert_eq!(answer, "100,0");
    let before = Instant::now();
    expect_heart_beat(&mut client).await;
    assert_passed(before, 80 * MILLISECOND);
}

#[tokio::test(start_paused = true)]
async fn hb_025_timers_start_with_connected() {
    let gate = Gate::closed();
    let messaging = builder()
        .authenticator(gate.authenticator())
        .build()
        .unwrap();
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:1000,1000\n\n\0");
    client.expect_silence(30 * SECOND).await;
    gate.open(1);
    client.expect_connected().await;
    let connected = Instant::now();
    expect_heart_beat(&mut client).await;
    assert_passed(connected, 800 * MILLISECOND);
    expect_heart_beat(&mut client).await;
    client.expect_error("heart-beat-lost").await;
    assert_passed(connected, 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn hb_028_no_heart_beat_follows_disconnect() {
    let messaging = server();
    let mut client = TestConnection::open_slow(&messaging, 1);
    client.send("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:0,1000\n\n\0");
    client.expect_connected().await;
    client.send("DISCONNECT\nreceipt:bye\n\n\0");
    // The RECEIPT fills the transport, so that the good-bye has to wait.
    let mut other = connect(&messaging, "1.2").await;
    other.expect_silence(900 * MILLISECOND).await;
    client.expect_receipt("bye").await;
    client.expect_closed(CloseReason::Disconnected).await;
    assert_eq!(client.receive().await, None);
}

/// Both directions go on while a handler works.
///
/// OR-3.
#[tokio::test(start_paused = true)]
async fn a_slow_handler_stops_neither_heart_beats_nor_reading() {
    let gate = Gate::closed();
    let messaging = with_handlers(builder(), &gate).build().unwrap();
    let (mut client, _) = connect_beating(&messaging, "1000,1000").await;
    client.send("SEND\ndestination:/app/wait\nreceipt:waited\n\n\0");
    for _ in 0..30 {
        expect_heart_beat(&mut client).await;
        client.send("\n");
    }
    gate.open(1);
    client.expect_receipt("waited").await;
}

/// A client is not taken for dead while it is the server that does not read, nor at the moment when it reads again.
#[tokio::test(start_paused = true)]
async fn a_client_is_not_dead_while_the_server_does_not_read() {
    let gate = Gate::closed();
    let mut limits = Limits::default();
    limits.inbound_frames = 2;
    let messaging = with_handlers(builder().limits(limits), &gate)
        .build()
        .unwrap();
    let (mut client, _) = connect_beating(&messaging, "1000,0").await;
    for _ in 0..5 {
        client.send("SEND\ndestination:/app/wait\nreceipt:waited\n\n\0");
    }
    client.expect_silence(60 * SECOND).await;
    gate.open(5);
    for _ in 0..5 {
        client.expect_receipt("waited").await;
    }
    let last = Instant::now();
    client.expect_error("heart-beat-lost").await;
    assert_passed(last, 2 * SECOND);
}

/// The frames that waited fill a whole turn of the connection: the client's heart-beats are read in the next one.
#[tokio::test(start_paused = true)]
async fn a_client_is_not_dead_when_the_server_reads_again_only_in_its_next_turn() {
    let gate = Gate::closed();
    for waiting in 1..=130 {
        let mut limits = Limits::default();
        limits.inbound_frames = waiting;
        let messaging = with_handlers(builder().limits(limits), &gate)
            .build()
            .unwrap();
        let (mut client, _) = connect_beating(&messaging, "1000,0").await;
        client.send("SEND\ndestination:/app/wait\n\n\0");
        for _ in 0..waiting {
            client.send("SEND\ndestination:/topic/a\n\n\0");
        }
        for _ in 0..60 {
            client.expect_silence(SECOND).await;
            client.send("\n");
        }
        gate.open(1);
        expect_nothing(&mut client).await;
    }
}

/// A broadcast is the last that was written to all of them, at the same moment.
#[tokio::test(start_paused = true)]
async fn hb_008_the_heart_beats_of_many_sessions_are_spread() {
    let messaging = server();
    let mut clients = Vec::new();
    for _ in 0..100 {
        let (mut client, _) = connect_beating(&messaging, "0,10000").await;
        subscribe(&mut client, "s", "/topic/a").await;
        clients.push(client);
    }
    let sent = messaging.template().convert_and_send("/topic/a", "x").await;
    sent.unwrap();
    let broadcast = Instant::now();
    let beats = clients.iter_mut().map(async |client| {
        client.expect_message().await;
        expect_heart_beat(client).await;
        broadcast.elapsed()
    });
    let mut beats = futures_util::future::join_all(beats).await;
    beats.sort();
    assert!(beats[0] >= 7 * SECOND && beats[99] <= 8 * SECOND + 5 * MILLISECOND);
    // A hundredth of a second lies between two, on average, and never more than three.
    for two in beats.windows(2) {
        let gap = two[1] - two[0];
        assert!(gap >= 3 * MILLISECOND && gap <= 30 * MILLISECOND, "{gap:?}");
    }
}
