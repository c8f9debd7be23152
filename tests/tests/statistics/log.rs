//! STAT-06. Each test has a log of its own: only what its own thread logs is in it.

use std::sync::{Arc, Mutex};

use tracing::Level;

use super::*;

/// What this thread logs of the statistics.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn start(&self, level: Level) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(level)
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn lines(&self) -> Vec<String> {
        let log = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = log
            .lines()
            .filter(|line| line.contains("WebSocketSession["));
        lines.map(str::to_owned).collect()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// How many lines there are after each of these times, one after another.
async fn expect_lines(log: &Log, times: &[(Duration, usize)]) {
    for (at, (time, lines)) in times.iter().enumerate() {
        // On the paused clock: what is due in that time has happened then.
        tokio::time::advance(*time).await;
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        assert_eq!(log.lines().len(), *lines, "{at}");
    }
}

#[tokio::test(start_paused = true)]
async fn stat_06_a_line_after_a_minute_and_then_every_half_hour() {
    let log = Log::default();
    let _guard = log.start(Level::INFO);
    let messaging = builder().build().unwrap();
    tokio::task::yield_now().await;
    expect_lines(
        &log,
        &[
            (59 * SECOND, 0),
            (2 * SECOND, 1),
            (29 * MINUTE, 1),
            (MINUTE, 2),
            (29 * MINUTE, 2),
            (MINUTE, 3),
        ],
    )
    .await;
    let line = &log.lines()[0];
    assert!(line.contains(" INFO stomp_core"), "{line}");
    assert!(
        line.contains("0 current WS(0)-HttpStream(0)-HttpPoll(0)"),
        "{line}"
    );
    drop(messaging);
}

#[tokio::test(start_paused = true)]
async fn stat_06_a_period_of_ones_own_or_none() {
    let log = Log::default();
    let _guard = log.start(Level::INFO);
    let often = builder().statistics_log(Some(10 * SECOND)).build().unwrap();
    tokio::task::yield_now().await;
    let times = [
        (9 * SECOND, 0),
        (2 * SECOND, 1),
        (10 * SECOND, 2),
        (10 * SECOND, 3),
    ];
    expect_lines(&log, &times).await;
    drop(often);
    for never in [None, Some(Duration::ZERO)] {
        let _messaging = builder().statistics_log(never).build().unwrap();
        tokio::task::yield_now().await;
        expect_lines(&log, &[(60 * MINUTE, 3)]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn stat_06_nothing_without_info() {
    let log = Log::default();
    let _guard = log.start(Level::WARN);
    let _messaging = builder().build().unwrap();
    tokio::task::yield_now().await;
    expect_lines(&log, &[(60 * MINUTE, 0)]).await;
}

#[tokio::test(start_paused = true)]
async fn the_log_ends_with_the_server_and_does_not_keep_it() {
    let log = Log::default();
    let _guard = log.start(Level::INFO);
    let state = Arc::new(());

    let stopped = builder().state(state.clone()).build().unwrap();
    tokio::task::yield_now().await;
    assert!(stopped.shutdown(SECOND).await);
    expect_lines(&log, &[(60 * MINUTE, 0)]).await;
    drop(stopped);

    let dropped = builder().state(state.clone()).build().unwrap();
    tokio::task::yield_now().await;
    expect_lines(&log, &[(2 * MINUTE, 1)]).await;
    drop(dropped);
    assert_eq!(Arc::strong_count(&state), 1);
    expect_lines(&log, &[(60 * MINUTE, 1)]).await;
    // Its tasks are gone, and not only silent.
    let metrics = tokio::runtime::Handle::current().metrics();
    assert_eq!(metrics.num_alive_tasks(), 0);
}

/// A server may be built before there is a runtime.
#[test]
fn stat_06_the_first_connection_starts_it() {
    let log = Log::default();
    let _guard = log.start(Level::INFO);
    let messaging = builder().build().unwrap();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        expect_lines(&log, &[(60 * MINUTE, 0)]).await;
        let _client = stomp_axum::testing::TestConnection::connect(&messaging).await;
        expect_lines(&log, &[(2 * MINUTE, 1)]).await;
    });
    assert!(log.lines()[0].contains("CONNECT(1)-CONNECTED(1)"));
}
