use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata,
    SharedString, Unit,
};

/// A recorder that knows all that it was told.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    series: BTreeMap<String, Arc<Series>>,
    described: BTreeMap<String, (&'static str, Option<Unit>)>,
    registrations: usize,
}

/// One series, and how often it was written.
struct Series {
    kind: &'static str,
    state: Mutex<(f64, usize)>,
}

impl Recorder {
    /// Records what this thread does, until the guard is dropped.
    pub(crate) fn install(&self) -> metrics::LocalRecorderGuard<'_> {
        metrics::set_default_local_recorder(self)
    }

    /// The value of a series, such as `name{label="value"}`; of a histogram the number of its samples. `None` if nobody
    /// has asked for it.
    pub(crate) fn value(&self, series: &str) -> Option<f64> {
        let recorded = self.0.lock().unwrap();
        let state = recorded.series.get(series)?.state.lock().unwrap();
        Some(state.0)
    }

    /// How often a series was written.
    pub(crate) fn writes(&self, series: &str) -> usize {
        let recorded = self.0.lock().unwrap();
        recorded.series[series].state.lock().unwrap().1
    }

    /// All series with their values.
    pub(crate) fn all(&self) -> BTreeMap<String, f64> {
        let recorded = self.0.lock().unwrap();
        let series = recorded.series.iter();
        series
            .map(|(name, series)| (name.clone(), series.state.lock().unwrap().0))
            .collect()
    }

    /// The names of all metrics, each with its kind and the names of its labels.
    pub(crate) fn names(&self) -> BTreeMap<String, String> {
        let recorded = self.0.lock().unwrap();
        let series = recorded.series.iter();
        series
            .map(|(name, series)| {
                let (name, labels) = name.split_once('{').unwrap_or((name, ""));
                let labels = labels.split(',').filter_map(|label| label.split_once('='));
                let labels: Vec<_> = labels.map(|(label, _)| label).collect();
                (
                    name.to_owned(),
                    format!("{} {}", series.kind, labels.join(",")),
                )
            })
            .collect()
    }

    /// What was said about a metric: its kind, and its unit.
    pub(crate) fn described(&self, name: &str) -> Option<(&'static str, Option<Unit>)> {
        self.0.lock().unwrap().described.get(name).copied()
    }

    /// How often a handle was asked for.
    pub(crate) fn registrations(&self) -> usize {
        self.0.lock().unwrap().registrations
    }

    fn register(&self, kind: &'static str, key: &Key) -> Arc<Series> {
        let labels: Vec<_> = key
            .labels()
            .map(|label| format!("{}={:?}", label.key(), label.value()))
            .collect();
        let name = match &*labels {
            [] => key.name().to_owned(),
            labels => format!("{}{{{}}}", key.name(), labels.join(",")),
        };
        let mut recorded = self.0.lock().unwrap();
        recorded.registrations += 1;
        let series = recorded.series.entry(name).or_insert_with(|| {
            Arc::new(Series {
                kind,
                state: Mutex::default(),
            })
        });
        series.clone()
    }

    fn describe(&self, kind: &'static str, name: &KeyName, unit: Option<Unit>) {
        let mut recorded = self.0.lock().unwrap();
        recorded
            .described
            .insert(name.as_str().to_owned(), (kind, unit));
    }
}

impl metrics::Recorder for Recorder {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe("counter", &name, unit);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe("gauge", &name, unit);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe("histogram", &name, unit);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.register("counter", key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.register("gauge", key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.register("histogram", key))
    }
}

impl Series {
    fn change(&self, change: impl FnOnce(f64) -> f64) {
        let mut state = self.state.lock().unwrap();
        *state = (change(state.0), state.1 + 1);
    }
}

impl CounterFn for Series {
    fn increment(&self, value: u64) {
        self.change(|now| now + value as f64);
    }

    fn absolute(&self, value: u64) {
        self.change(|now| now.max(value as f64));
    }
}

impl GaugeFn for Series {
    fn increment(&self, value: f64) {
        self.change(|now| now + value);
    }

    fn decrement(&self, value: f64) {
        self.change(|now| now - value);
    }

    fn set(&self, value: f64) {
        self.change(|_| value);
    }
}

impl HistogramFn for Series {
    fn record(&self, value: f64) {
        assert!(value >= 0.0);
        self.change(|samples| samples + 1.0);
    }
}
