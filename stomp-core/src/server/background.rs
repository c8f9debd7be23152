//! What runs beside the sessions: the statistics are logged, and copied to the recorder.
//!
//! Nothing here keeps a server alive: it ends when the server stops, or when nobody has it any more.

use std::{sync::Weak, time::Duration};

use parking_lot::Mutex;
use tokio::{
    runtime::Handle,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval_at},
};

/// The tasks of a server. Dropping it ends them.
#[derive(Debug, Default)]
pub(super) struct Background(Mutex<JoinSet<()>>);

impl Background {
    /// Calls `work` with the server, for the first time after `first`, and then every `period`.
    ///
    /// It is called in a task, and so must not wait.
    pub(super) fn repeat<T: Send + Sync + 'static>(
        &self,
        server: Weak<T>,
        first: Duration,
        period: Duration,
        runtime: &Handle,
        work: fn(&T),
    ) {
        let task = async move {
            let mut times = interval_at(Instant::now() + first, period);
            // As Spring's: the period is that between two lines, however late the first of them was (STAT-06).
            times.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                times.tick().await;
                let Some(server) = server.upgrade() else {
                    return;
                };
                work(&server);
            }
        };
        self.0.lock().spawn_on(task, runtime);
    }

    /// Ends all tasks.
    pub(super) fn stop(&self) {
        self.0.lock().abort_all();
    }
}
