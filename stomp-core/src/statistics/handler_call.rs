use super::{Counters, Timing, timing::Stopwatch};

/// A handler that runs; dropping it says that it has ended, be it that its future was dropped.
pub(crate) struct HandlerCall<'a> {
    counters: &'a Counters,
    _stopwatch: Stopwatch<'a>,
}

impl<'a> HandlerCall<'a> {
    pub(crate) fn start(counters: &'a Counters, timing: &'a Timing) -> Self {
        counters.handler_invoked();
        Self {
            counters,
            _stopwatch: timing.start(),
        }
    }
}

impl Drop for HandlerCall<'_> {
    fn drop(&mut self) {
        self.counters.handler_ended();
    }
}
