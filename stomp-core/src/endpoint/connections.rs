use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use crate::session::{CloseReason, Outbound};

/// All open connections, whether their clients have sent CONNECT yet or not, so that all can be closed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connections {
    /// By their numbers.
    open: Arc<Mutex<HashMap<u64, Outbound>>>,
    next: Arc<AtomicU64>,
    tasks: TaskTracker,
    /// Cancelled under the lock of `open`.
    closing: CancellationToken,
}

/// An open connection: closed when it is dropped.
#[derive(Debug)]
pub(crate) struct OpenConnection {
    number: u64,
    connections: Connections,
    _token: TaskTrackerToken,
}

impl Connections {
    /// Counts a new connection in. When the server is shutting down, it is closed right away, in the usual way: its
    /// client is told why.
    pub(crate) fn open(&self, outbound: &Outbound) -> OpenConnection {
        let mut open = self.open.lock();
        if self.closing.is_cancelled() {
            outbound.close(CloseReason::Shutdown);
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        open.insert(number, outbound.clone());
        OpenConnection {
            number,
            connections: self.clone(),
            _token: self.tasks.token(),
        }
    }

    /// Runs a future on, that a connection leaves behind: shutting down waits for it.
    ///
    /// A connection may be dropped outside of any runtime, with which everything ends.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        match Handle::try_current() {
            Ok(runtime) => drop(self.tasks.spawn_on(future, &runtime)),
            Err(_) => tracing::warn!("a connection was dropped outside of tokio's runtime"),
        }
    }

    /// What shutting down waits for.
    pub(crate) fn tasks(&self) -> TaskTracker {
        self.tasks.clone()
    }

    /// Whether the server takes no new connections any more.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.is_cancelled()
    }

    /// Tells those who accept connections when there are to be no more.
    pub(crate) fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    /// Takes no new connections, and closes those that are open after what waits for each has been written.
    pub(crate) fn close_all(&self) {
        let open = self.open.lock();
        self.closing.cancel();
        for outbound in open.values() {
            outbound.close(CloseReason::Shutdown);
        }
        self.tasks.close();
    }

    /// Waits until everything that [`close_all`](Self::close_all) closes has ended.
    pub(crate) async fn closed(&self) {
        self.tasks.wait().await;
    }

    /// How many bytes wait to be written to all clients.
    pub(crate) fn waiting_bytes(&self) -> usize {
        // Under the lock: a copy of the list would touch each queue, too, and touching them is what takes time.
        let open = self.open.lock();
        open.values().map(Outbound::waiting_bytes).sum()
    }

    /// How many connections are open.
    pub(crate) fn len(&self) -> usize {
        self.open.lock().len()
    }
}

impl OpenConnection {
    /// A fraction, from 0 to 1, that is another for each connection: however many there are, theirs are spread evenly,
    /// because the golden ratio is so badly approximated by fractions.
    pub(super) fn phase(&self) -> f64 {
        const GOLDEN_RATIO: u64 = 0x9e37_79b9_7f4a_7c15;
        (self.number.wrapping_mul(GOLDEN_RATIO) >> 32) as f64 / f64::from(u32::MAX)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.connections.open.lock().remove(&self.number);
    }
}
