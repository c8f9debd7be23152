use std::{future, io, time::Duration};

use stomp_core::server::Messaging;

/// How long connections and handlers may take to end after Ctrl-C.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

pub(crate) async fn shutdown_on(
    messaging: Messaging,
    signal: impl Future<Output = ()>,
    deadline: Duration,
) {
    signal.await;
    tracing::info!(connections = messaging.connection_count(), "shutting down");
    // Whether it was in time is in the log; the server stops either way.
    let _in_time = messaging.shutdown(deadline).await;
}

/// Waits for Ctrl-C, or for SIGTERM, with which service managers and containers stop a process.
pub(crate) async fn ctrl_c_or_terminate() {
    tokio::select! {
        () = or_never(tokio::signal::ctrl_c()) => {}
        () = or_never(terminate()) => {}
    }
}

#[cfg(unix)]
async fn terminate() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    signal(SignalKind::terminate())?.recv().await;
    Ok(())
}

/// Elsewhere there is no SIGTERM.
#[cfg(not(unix))]
async fn terminate() -> io::Result<()> {
    future::pending().await
}

/// A signal that can't be listened to never comes; that must not stop the server.
async fn or_never(signal: impl Future<Output = io::Result<()>>) {
    if let Err(error) = signal.await {
        tracing::error!(%error, "can't listen to a signal of the operating system");
        future::pending::<()>().await;
    }
}
