//! What goes to the recorder (MON-01), and what no client can make of it (T-33).

use std::collections::BTreeMap;

use metrics::Unit;
use stomp_axum::{
    prelude::*,
    testing::{FrameExt, TestConnection},
};

use super::{recorder::Recorder, *};

mod annotated {
    use super::*;

    #[message_mapping("/rooms")]
    mod rooms {
        use super::*;

        #[message_mapping("/{room}/say", "/{room}/shout")]
        #[send_to("/topic/said")]
        async fn say(text: String) -> String {
            text
        }
    }

    #[subscribe_mapping("/rooms")]
    async fn list() -> &'static str {
        "none"
    }

    #[message_mapping("/fail")]
    async fn fails() -> Result<(), std::fmt::Error> {
        Err(std::fmt::Error)
    }
}

fn server() -> Messaging {
    let handlers = Handlers::in_module(concat!(module_path!(), "::annotated"));
    builder().handlers(handlers).build().unwrap()
}

/// Everything happens that has a figure.
async fn use_all(messaging: &Messaging) -> TestConnection {
    let mut client = TestConnection::connect_as(messaging, "joe").await;
    client.subscribe("/topic/said").await;
    for destination in ["/app/rooms/a/say", "/app/rooms/b/shout"] {
        client.send_to(destination, "hi");
        assert_eq!(client.expect_message().await.text(), "hi");
    }
    client.subscribe("/app/rooms").await;
    assert_eq!(client.expect_message().await.text(), "none");
    client.send_to("/app/fail", "");
    let mut refused = TestConnection::connect(messaging).await;
    refused.send(format!(
        "SEND\ndestination:/topic/{}\n\n\0",
        "x".repeat(300)
    ));
    refused.expect_error("destination-too-long").await;
    drop(refused);
    // Until the server has seen that it is gone.
    client.expect_silence(2 * SECOND).await;
    client
}

#[tokio::test(start_paused = true)]
async fn mon_01_every_figure_goes_to_the_recorder() {
    let recorder = Recorder::default();
    let _guard = recorder.install();
    let messaging = server();
    let client = use_all(&messaging).await;
    messaging.record_metrics();
    for (series, value) in [
        ("stomp_connections{transport=\"other\"}", 1.0),
        ("stomp_connections{transport=\"websocket\"}", 0.0),
        ("stomp_connections_opened_total{transport=\"other\"}", 2.0),
        (
            "stomp_abnormal_closures_total{reason=\"slow-consumer\"}",
            0.0,
        ),
        ("stomp_sessions", 1.0),
        ("stomp_users", 1.0),
        ("stomp_frames_in_total{command=\"CONNECT\"}", 2.0),
        ("stomp_frames_in_total{command=\"SEND\"}", 4.0),
        ("stomp_frames_in_total{command=\"unknown\"}", 0.0),
        ("stomp_waiting_frames", 0.0),
        ("stomp_frames_out_total{command=\"MESSAGE\"}", 3.0),
        ("stomp_heart_beats_out_total", 0.0),
        ("stomp_waiting_bytes", 0.0),
        ("stomp_errors_total{code=\"destination-too-long\"}", 1.0),
        (
            "stomp_limits_reached_total{limit=\"destination_bytes\"}",
            1.0,
        ),
        ("stomp_handlers_running", 0.0),
        ("stomp_handlers_invoked_total", 4.0),
        ("stomp_handlers_failed_total", 1.0),
        ("stomp_handlers_panicked_total", 0.0),
        ("stomp_handlers_unhandled_total", 1.0),
        ("stomp_subscriptions", 1.0),
        ("stomp_destinations", 1.0),
        ("stomp_publishes_total", 2.0),
        ("stomp_deliveries_total", 2.0),
        (
            "stomp_handler_duration_seconds{command=\"SEND\",mapping=\"/rooms/{room}/say, /rooms/{room}/shout\"}",
            2.0,
        ),
        (
            "stomp_handler_duration_seconds{command=\"SUBSCRIBE\",mapping=\"/rooms\"}",
            1.0,
        ),
        (
            "stomp_handler_duration_seconds{command=\"SEND\",mapping=\"/fail\"}",
            1.0,
        ),
    ] {
        assert_eq!(recorder.value(series), Some(value), "{series}");
    }
    let statistics = messaging.statistics();
    for (series, figure) in [
        ("stomp_bytes_in_total", statistics.inbound.bytes),
        ("stomp_bytes_out_total", statistics.outbound.bytes),
        ("stomp_lost_frames_total", statistics.outbound.lost_frames),
    ] {
        assert_eq!(recorder.value(series), Some(figure as f64), "{series}");
    }
    drop(client);
}

/// The table is what users build their dashboards from.
#[tokio::test(start_paused = true)]
async fn the_table_of_the_documentation_is_complete() {
    let recorder = Recorder::default();
    let _guard = recorder.install();
    let messaging = server();
    let _client = use_all(&messaging).await;
    messaging.record_metrics();
    let recorded = recorder.names();
    for page in [
        include_str!("../../../stomp-core/src/statistics/metrics.md"),
        include_str!("../../../docs/src/stomp/monitoring.md"),
    ] {
        assert_eq!(recorded, documented(page));
    }
    for (name, kind) in recorded {
        let (described, unit) = recorder.described(&name).unwrap();
        assert!(kind.starts_with(described), "{name}");
        let expected = match &*name {
            name if name.contains("bytes") => Unit::Bytes,
            name if name.contains("seconds") => Unit::Seconds,
            _ => Unit::Count,
        };
        assert_eq!(unit, Some(expected), "{name}");
    }
}

/// The metrics of a table, each with its kind and the names of its labels.
fn documented(page: &str) -> BTreeMap<String, String> {
    let rows = page.lines().filter(|line| line.starts_with("| `stomp_"));
    rows.map(|row| {
        let columns: Vec<_> = row.split('|').map(str::trim).collect();
        let label = columns[3].split(':').next().unwrap_or_default();
        let labels = label.replace(['`', ' '], "");
        let name = columns[1].trim_matches('`').to_owned();
        (name, format!("{} {labels}", columns[2]))
    })
    .collect()
}

#[tokio::test(start_paused = true)]
async fn the_recorder_is_told_every_five_seconds_until_the_server_stops() {
    let recorder = Recorder::default();
    let _guard = recorder.install();
    let messaging = server();
    let mut client = TestConnection::connect(&messaging).await;
    let frames = "stomp_frames_in_total{command=\"CONNECT\"}";
    client.expect_silence(4 * SECOND).await;
    assert_eq!(recorder.value(frames), None);
    client.expect_silence(2 * SECOND).await;
    assert_eq!(recorder.value(frames), Some(1.0));
    let _another = TestConnection::connect(&messaging).await;
    assert_eq!(recorder.value(frames), Some(1.0));
    client.expect_silence(5 * SECOND).await;
    assert_eq!(recorder.value(frames), Some(2.0));

    assert_eq!(recorder.value("stomp_sessions"), Some(2.0));
    assert!(messaging.shutdown(MINUTE).await);
    assert_eq!(recorder.value("stomp_sessions"), Some(0.0));
    let writes = recorder.writes("stomp_sessions");
    tokio::time::sleep(MINUTE).await;
    assert_eq!(recorder.writes("stomp_sessions"), writes);
}

#[tokio::test(start_paused = true)]
async fn servers_of_one_process_make_one_sum_and_one_that_is_gone_has_no_sessions() {
    let recorder = Recorder::default();
    let _guard = recorder.install();
    let (one, other) = (server(), server());
    let mut client = TestConnection::connect(&one).await;
    let _others = [
        TestConnection::connect(&other).await,
        TestConnection::connect(&other).await,
    ];
    for _ in 0..3 {
        one.record_metrics();
        other.record_metrics();
        let connects = recorder.value("stomp_frames_in_total{command=\"CONNECT\"}");
        assert_eq!(connects, Some(3.0));
        assert_eq!(recorder.value("stomp_sessions"), Some(3.0));
    }
    drop(_others);
    client.expect_silence(2 * SECOND).await;
    other.record_metrics();
    assert_eq!(recorder.value("stomp_sessions"), Some(1.0));
    one.record_metrics();
    client.send("DISCONNECT\nreceipt:1\n\n\0");
    client.expect_receipt("1").await;
    drop((client, one));
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(recorder.value("stomp_sessions"), Some(0.0));
    let connects = recorder.value("stomp_frames_in_total{command=\"CONNECT\"}");
    assert_eq!(connects, Some(3.0));
}

/// The recorder may come after the server, as long as it comes before the first call of a handler.
#[tokio::test(start_paused = true)]
async fn the_recorder_may_come_later() {
    let messaging = server();
    let recorder = Recorder::default();
    let _guard = recorder.install();
    let _client = use_all(&messaging).await;
    let duration = "stomp_handler_duration_seconds{command=\"SEND\",mapping=\"/fail\"}";
    assert_eq!(recorder.value(duration), Some(1.0));
}

#[tokio::test(start_paused = true)]
async fn t_33_handles_are_made_once_and_no_client_makes_a_series() {
    let recorder = Recorder::default();
    let _guard = recorder.install();
    let messaging = server();
    let mut client = use_all(&messaging).await;
    for destination in ["/nowhere", "/app/rooms/a"] {
        let mut stray = TestConnection::connect(&messaging).await;
        stray.send_to(destination, "");
        stray.expect_error("unknown-destination").await;
    }
    let mut stray = TestConnection::connect(&messaging).await;
    stray.send("BREW\n\n\0");
    stray.expect_error("unknown-command").await;
    messaging.record_metrics();
    let (series, registrations) = (recorder.all().len(), recorder.registrations());
    for number in 0..10_000 {
        client.send(format!(
            "SUBSCRIBE\nid:{number}\ndestination:/topic/{number}\n\n\0\
             SEND\ndestination:/topic/{number}\n\n\0\
             UNSUBSCRIBE\nid:{number}\n\n\0\
             SEND\ndestination:/app/rooms/{number}/say\n\nhi\0"
        ));
        client.expect_message().await;
        assert_eq!(client.expect_message().await.text(), "hi");
        if number % 100 == 0 {
            for frame in [
                format!("BREW{number}\n\n\0"),
                format!("SEND\ndestination:/nowhere/{number}\n\n\0"),
            ] {
                let user = number.to_string();
                let mut stray = TestConnection::connect_as(&messaging, &*user).await;
                stray.send(frame);
                while stray.receive().await.is_some() {}
            }
            messaging.record_metrics();
        }
    }
    messaging.record_metrics();
    assert_eq!(recorder.all().len(), series);
    assert_eq!(recorder.registrations(), registrations);
    assert_eq!(
        recorder.value("stomp_errors_total{code=\"unknown-command\"}"),
        Some(101.0)
    );
    assert_eq!(
        recorder.value("stomp_handlers_invoked_total"),
        Some(10_004.0)
    );
}
