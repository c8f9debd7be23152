//! The figures for the recorder that the application has installed for the crate `metrics`.
//!
//! They are copied to it now and then, and not counted there when something happens: a recorder has one atomic number
//! for each series, which all cores would fight for with every message, behind a virtual call. So the hot path costs the
//! same with and without a recorder, whichever it is. Only the time of a handler's call, which no counter knows, goes to
//! its histogram at once.

use std::collections::HashMap;

use metrics::{Counter, Gauge, Histogram, Label, Unit};

use super::MessagingStatistics;

/// What was copied to the recorder. Only differences are, so that several servers of one process make one sum.
#[derive(Default)]
pub(crate) struct Export {
    is_described: bool,
    counters: HashMap<Series, (Counter, u64)>,
    gauges: HashMap<Series, (Gauge, u64)>,
}

/// The name of a metric, and the value of its label. Both stand in the program: no client can make new series (T-33).
type Series = (&'static str, &'static str);

/// A metric that is copied.
struct Metric {
    name: &'static str,
    /// The name of its label; empty without any.
    label: &'static str,
    kind: Kind,
    unit: Unit,
    description: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
}

const HANDLER_DURATION: &str = "stomp_handler_duration_seconds";

/// Those of one kind, with their labels, descriptions and units.
macro_rules! metrics {
    ($($constant:ident = $kind:ident $name:literal $([$label:literal])? $unit:ident $description:literal;)*) => {
        $(const $constant: Metric = Metric {
            name: $name,
            label: concat!($($label)?),
            kind: Kind::$kind,
            unit: Unit::$unit,
            description: $description,
        };)*

        /// All that are copied.
        const METRICS: &[Metric] = &[$($constant),*];
    };
}

metrics! {
    CONNECTIONS = Gauge "stomp_connections" ["transport"] Count "Connections that are open";
    CONNECTIONS_OPENED = Counter "stomp_connections_opened_total" ["transport"] Count "Connections that were opened";
    ABNORMAL_CLOSURES = Counter "stomp_abnormal_closures_total" ["reason"] Count "Connections that ended abnormally";
    SESSIONS = Gauge "stomp_sessions" Count "Sessions that are connected";
    USERS = Gauge "stomp_users" Count "Users who are connected";
    FRAMES_IN = Counter "stomp_frames_in_total" ["command"] Count "Frames that clients have sent";
    BYTES_IN = Counter "stomp_bytes_in_total" Bytes "Bytes that clients have sent";
    WAITING_FRAMES = Gauge "stomp_waiting_frames" Count "Frames of clients that wait to be handled";
    FRAMES_OUT = Counter "stomp_frames_out_total" ["command"] Count "Frames that were written to clients";
    HEART_BEATS_OUT = Counter "stomp_heart_beats_out_total" Count "Heart-beats that were written to clients";
    BYTES_OUT = Counter "stomp_bytes_out_total" Bytes "Bytes that were written to clients";
    WAITING_BYTES = Gauge "stomp_waiting_bytes" Bytes "Bytes that wait to be written to clients";
    DROPPED_MESSAGES = Counter "stomp_dropped_messages_total" Count "Messages that a policy for slow clients dropped";
    LOST_FRAMES = Counter "stomp_lost_frames_total" Count "Frames for clients that were cut off or lost";
    ERRORS = Counter "stomp_errors_total" ["code"] Count "ERROR frames";
    LIMITS = Counter "stomp_limits_reached_total" ["limit"] Count "Limits that were reached";
    HANDLERS_RUNNING = Gauge "stomp_handlers_running" Count "Handlers that run";
    HANDLERS_INVOKED = Counter "stomp_handlers_invoked_total" Count "Calls of handlers";
    HANDLERS_FAILED = Counter "stomp_handlers_failed_total" Count "Calls of handlers that failed";
    HANDLERS_PANICKED = Counter "stomp_handlers_panicked_total" Count "Calls of handlers that panicked";
    HANDLERS_UNHANDLED = Counter "stomp_handlers_unhandled_total" Count "Errors of handlers that nothing handled";
    SUBSCRIPTIONS = Gauge "stomp_subscriptions" Count "Subscriptions of all sessions";
    DESTINATIONS = Gauge "stomp_destinations" Count "Destinations that anybody is subscribed to";
    PUBLISHES = Counter "stomp_publishes_total" Count "Messages that were given to the broker";
    DELIVERIES = Counter "stomp_deliveries_total" Count "Messages that were put into queues of subscribers";
    REDELIVERIES = Counter "stomp_redeliveries_total" Count "Deliveries that were not the first of their message";
    DEAD_LETTERS = Counter "stomp_dead_letters_total" Count "Messages that are not delivered again";
    WAITING_MESSAGES = Gauge "stomp_waiting_messages" Count "Messages that wait in queues";
}

impl Export {
    /// Copies the figures to the recorder.
    pub(crate) fn record(&mut self, statistics: &MessagingStatistics) {
        if !std::mem::replace(&mut self.is_described, true) {
            METRICS.iter().for_each(Metric::describe);
        }
        let connections = &statistics.connections;
        for (kind, count) in connections.open.iter() {
            self.set(&CONNECTIONS, kind.as_str(), count);
        }
        for (kind, count) in connections.total.iter() {
            self.set(&CONNECTIONS_OPENED, kind.as_str(), count);
        }
        for (reason, count) in [
            ("connect-failure", connections.connect_failures),
            ("slow-consumer", connections.slow_consumers),
            ("transport-error", connections.transport_errors),
        ] {
            self.set(&ABNORMAL_CLOSURES, reason, count);
        }
        for (command, count) in statistics.inbound.frames.iter() {
            self.set(&FRAMES_IN, command, count);
        }
        for (command, count) in statistics.outbound.frames.iter() {
            // Those of clients are never written.
            if count > 0 {
                self.set(&FRAMES_OUT, command, count);
            }
        }
        for (&code, &count) in &statistics.errors {
            self.set(&ERRORS, code, count);
        }
        for (&limit, &count) in &statistics.limits {
            self.set(&LIMITS, limit, count);
        }
        let (handlers, broker) = (&statistics.handlers, &statistics.broker);
        for (metric, figure) in [
            (&SESSIONS, statistics.sessions as u64),
            (&USERS, statistics.users as u64),
            (&BYTES_IN, statistics.inbound.bytes),
            (&WAITING_FRAMES, statistics.inbound.waiting_frames as u64),
            (&HEART_BEATS_OUT, statistics.outbound.heart_beats),
            (&BYTES_OUT, statistics.outbound.bytes),
            (&WAITING_BYTES, statistics.outbound.waiting_bytes as u64),
            (&DROPPED_MESSAGES, statistics.outbound.dropped_messages),
            (&LOST_FRAMES, statistics.outbound.lost_frames),
            (&HANDLERS_RUNNING, handlers.running),
            (&HANDLERS_INVOKED, handlers.invoked),
            (&HANDLERS_FAILED, handlers.failed),
            (&HANDLERS_PANICKED, handlers.panicked),
            (&HANDLERS_UNHANDLED, handlers.unhandled),
            (&SUBSCRIPTIONS, broker.subscriptions as u64),
            (&DESTINATIONS, broker.destinations as u64),
            (&PUBLISHES, statistics.publishes),
            (&DELIVERIES, statistics.deliveries),
            (&REDELIVERIES, statistics.redeliveries),
            (&DEAD_LETTERS, statistics.dead_letters),
            (&WAITING_MESSAGES, broker.waiting_messages as u64),
        ] {
            self.set(metric, "", figure);
        }
    }

    fn set(&mut self, metric: &Metric, label: &'static str, figure: u64) {
        let series = (metric.name, label);
        match metric.kind {
            Kind::Counter => {
                let handle = || (metrics::counter!(metric.name, metric.labels(label)), 0);
                let (counter, last) = self.counters.entry(series).or_insert_with(handle);
                counter.increment(figure.saturating_sub(*last));
                *last = figure;
            }
            Kind::Gauge => {
                let handle = || (metrics::gauge!(metric.name, metric.labels(label)), 0);
                let (gauge, last) = self.gauges.entry(series).or_insert_with(handle);
                gauge.increment(figure as f64 - *last as f64);
                *last = figure;
            }
        }
    }
}

/// A server that is gone has no sessions.
impl Drop for Export {
    fn drop(&mut self) {
        for (gauge, last) in self.gauges.values() {
            gauge.decrement(*last as f64);
        }
    }
}

impl Metric {
    fn labels(&self, value: &'static str) -> Vec<Label> {
        if self.label.is_empty() {
            return Vec::new();
        }
        vec![Label::from_static_parts(self.label, value)]
    }

    fn describe(&self) {
        match self.kind {
            Kind::Counter => metrics::describe_counter!(self.name, self.unit, self.description),
            Kind::Gauge => metrics::describe_gauge!(self.name, self.unit, self.description),
        }
    }
}

/// The histogram of the calls of one handler.
pub(super) fn duration_histogram(labels: &[Label]) -> Histogram {
    metrics::describe_histogram!(
        HANDLER_DURATION,
        Unit::Seconds,
        "How long calls of handlers take, until their replies are sent"
    );
    metrics::histogram!(HANDLER_DURATION, labels.to_vec())
}
