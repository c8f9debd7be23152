//! How long handlers take, for the recorder of the application.

use std::{sync::OnceLock, time::Instant};

use metrics::{Histogram, Label};

use super::export::duration_histogram;

/// The time of all calls of one handler.
#[derive(Debug)]
pub(crate) struct Timing {
    /// The command and the patterns: what stands in the program, and never what a client sends (T-33).
    labels: [Label; 2],
    /// Made when it is first needed: the recorder may be installed behind `build`.
    histogram: OnceLock<Histogram>,
}

/// Measures one call. Dropping it ends it.
pub(super) struct Stopwatch<'a> {
    timing: &'a Timing,
    /// Not that of tokio, which stands still in tests: what a handler costs is real.
    since: Instant,
}

impl Timing {
    /// Of the handler of `command` with the mapping that `mapping` makes.
    pub(crate) fn new(command: &'static str, mapping: impl FnOnce() -> String) -> Self {
        Self {
            labels: [
                Label::from_static_parts("command", command),
                Label::new("mapping", mapping()),
            ],
            histogram: OnceLock::new(),
        }
    }

    pub(super) fn start(&self) -> Stopwatch<'_> {
        Stopwatch {
            timing: self,
            since: Instant::now(),
        }
    }
}

impl Drop for Stopwatch<'_> {
    fn drop(&mut self) {
        let histogram = &self.timing.histogram;
        let histogram = histogram.get_or_init(|| duration_histogram(&self.timing.labels));
        histogram.record(self.since.elapsed().as_secs_f64());
    }
}
