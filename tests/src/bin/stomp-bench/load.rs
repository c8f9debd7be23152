//! Publishers and subscribers, and the ledger of what went from one to the other.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use stomp_axum::codec::{Command, Frame};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use super::{
    client::{Client, ClientError, ClientOptions},
    ledger::{Ledger, Mistakes},
    options::Options,
};

/// When nothing arrives for so long, what is missing is lost.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
pub(crate) struct Load {
    options: Options,
    /// Of this run alone, so that several can share a server.
    destinations: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Pacing {
    /// The next message is published when there are fewer that did not reach all subscribers.
    InFlight(usize),
    /// Messages a second, whatever becomes of them.
    PerSecond(f64),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Amount {
    Messages(u64),
    Time(Duration),
}

#[derive(Debug)]
pub(crate) struct Outcome {
    options: Options,
    pub(crate) messages: u64,
    pub(crate) deliveries: u64,
    pub(crate) mistakes: Mistakes,
    pub(crate) elapsed: Duration,
    /// From publishing to receiving, in microseconds, sorted.
    latencies: Vec<u32>,
}

/// What publishers and subscribers share.
struct Run {
    load: Load,
    start: Instant,
    /// For each publisher, how many messages went to each destination.
    sent: Vec<Vec<AtomicU64>>,
    delivered: AtomicU64,
    in_flight: Semaphore,
}

impl Load {
    pub(crate) fn new(options: &Options) -> Self {
        let run = std::process::id();
        let destination = |number| format!("/topic/bench-{run}/{number}");
        Self {
            options: options.clone(),
            destinations: (0..options.destinations).map(destination).collect(),
        }
    }

    pub(crate) fn destinations(&self) -> &[String] {
        &self.destinations
    }

    /// Connects everybody, publishes, and waits for what was published.
    pub(crate) async fn run(&self, pacing: Pacing, amount: Amount) -> Result<Outcome, ClientError> {
        let url = &self.options.url;
        let mut clients = Vec::new();
        for _ in 0..self.options.subscribers {
            let mut client = Client::connect(url, ClientOptions::default()).await?;
            for (id, destination) in self.destinations.iter().enumerate() {
                client.subscribe(id, destination).await?;
            }
            clients.push(client);
        }
        let mut publishing = Vec::new();
        for _ in 0..self.options.publishers {
            publishing.push(Client::connect(url, ClientOptions::default()).await?);
        }

        let sent = || {
            self.destinations
                .iter()
                .map(|_| AtomicU64::new(0))
                .collect()
        };
        let run = Arc::new(Run {
            load: self.clone(),
            start: Instant::now(),
            sent: publishing.iter().map(|_| sent()).collect(),
            delivered: AtomicU64::new(0),
            in_flight: Semaphore::new(match pacing {
                Pacing::InFlight(messages) => messages,
                Pacing::PerSecond(_) => 0,
            }),
        });
        let (stop, stopped) = watch::channel(false);
        let mut subscribers = JoinSet::new();
        for client in clients {
            subscribers.spawn(run.clone().subscribe(client, stopped.clone()));
        }
        let mut publishers = JoinSet::new();
        for (number, client) in publishing.into_iter().enumerate() {
            publishers.spawn(run.clone().publish(number, client, pacing, amount));
        }
        run.wait(&mut publishers, &mut subscribers).await?;
        let elapsed = run.start.elapsed();
        publishers.shutdown().await;

        stop.send_replace(true);
        let sent: Vec<Vec<u64>> = run
            .sent
            .iter()
            .map(|sent| sent.iter().map(load).collect())
            .collect();
        let mut mistakes = Mistakes::default();
        let mut latencies = Vec::new();
        while let Some(ended) = subscribers.join_next().await {
            let (ledger, of_one) = joined(ended)?;
            mistakes += ledger.mistakes(&sent);
            latencies.extend(of_one);
        }
        latencies.sort_unstable();
        Ok(Outcome {
            options: self.options.clone(),
            messages: sent.iter().flatten().sum(),
            deliveries: load(&run.delivered),
            mistakes,
            elapsed,
            latencies,
        })
    }
}

type Received = Result<(Ledger, Vec<u32>), ClientError>;

impl Run {
    fn expected(&self) -> u64 {
        let sent: u64 = self.sent.iter().flatten().map(load).sum();
        sent * self.load.options.subscribers as u64
    }

    /// Until everything has arrived that was published, or nothing arrives any more.
    async fn wait(
        &self,
        publishers: &mut JoinSet<Result<(), ClientError>>,
        subscribers: &mut JoinSet<Received>,
    ) -> Result<(), ClientError> {
        let mut look = interval(Duration::from_millis(10));
        let mut progress = (0, Instant::now());
        loop {
            tokio::select! {
                Some(ended) = publishers.join_next() => joined(ended)?,
                // They end before they are told to only if something is wrong.
                Some(ended) = subscribers.join_next() => drop(joined(ended)?),
                _ = look.tick() => {
                    let delivered = load(&self.delivered);
                    if publishers.is_empty() && delivered >= self.expected() {
                        return Ok(());
                    }
                    if delivered != progress.0 {
                        progress = (delivered, Instant::now());
                    } else if progress.1.elapsed() > PATIENCE {
                        return Ok(());
                    }
                }
            }
        }
    }

    async fn publish(
        self: Arc<Self>,
        number: usize,
        mut client: Client,
        pacing: Pacing,
        amount: Amount,
    ) -> Result<(), ClientError> {
        let Options {
            publishers, body, ..
        } = self.load.options;
        let mut ticks = match pacing {
            Pacing::InFlight(_) => None,
            Pacing::PerSecond(rate) => {
                let mut ticks = interval(Duration::from_secs_f64(publishers as f64 / rate));
                ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
                Some(ticks)
            }
        };
        for message in 0_u64.. {
            match &mut ticks {
                Some(ticks) => drop(ticks.tick().await),
                None => self
                    .in_flight
                    .acquire()
                    .await
                    .expect("it is never closed")
                    .forget(),
            }
            let is_enough = match amount {
                Amount::Messages(all) => message * publishers as u64 + number as u64 >= all,
                Amount::Time(time) => self.start.elapsed() >= time,
            };
            if is_enough {
                // For another publisher, which waits for it.
                self.in_flight.add_permits(1);
                break;
            }
            let destination = message as usize % self.load.destinations.len();
            let sequence = self.sent[number][destination].fetch_add(1, Ordering::Relaxed);
            let micros = self.start.elapsed().as_micros();
            let text = format!("{number} {sequence} {micros} ");
            let send = Frame::new(Command::Send)
                .with_header("destination", &self.load.destinations[destination])
                .with_header("content-type", "text/plain")
                .with_body(format!("{text:x<body$}"));
            client.send(&send).await?;
        }
        Ok(())
    }

    async fn subscribe(
        self: Arc<Self>,
        mut client: Client,
        mut stop: watch::Receiver<bool>,
    ) -> Received {
        let Options {
            publishers,
            destinations,
            ..
        } = self.load.options;
        let mut ledger = Ledger::new(publishers, destinations);
        let mut latencies = Vec::new();
        loop {
            tokio::select! {
                frame = client.receive() => self.enter(&frame?, &mut ledger, &mut latencies)?,
                _ = stop.changed() => break,
            }
        }
        // What comes too often comes before this RECEIPT.
        for id in 0..destinations {
            let unsubscribe = Frame::new(Command::Unsubscribe).with_header("id", &id.to_string());
            client
                .send(&unsubscribe.with_header("receipt", &id.to_string()))
                .await?;
        }
        let mut receipts = 0;
        while receipts < destinations {
            let frame = client.receive().await?;
            if frame.command == Command::Receipt {
                receipts += 1;
            } else {
                self.enter(&frame, &mut ledger, &mut latencies)?;
            }
        }
        Ok((ledger, latencies))
    }

    /// Enters a MESSAGE.
    fn enter(
        &self,
        frame: &Frame,
        ledger: &mut Ledger,
        latencies: &mut Vec<u32>,
    ) -> Result<(), ClientError> {
        let now = self.start.elapsed();
        let read = || {
            let destination = frame.header("subscription")?.parse().ok()?;
            let mut words = std::str::from_utf8(&frame.body).ok()?.split(' ');
            let publisher = words.next()?.parse().ok()?;
            let sequence = words.next()?.parse().ok()?;
            let sent = Duration::from_micros(words.next()?.parse().ok()?);
            Some((publisher, destination, sequence, sent))
        };
        let (publisher, destination, sequence, sent) = read().ok_or(ClientError::Stranger)?;
        if !ledger.enter(publisher, destination, sequence) {
            return Err(ClientError::Stranger);
        }
        let delivered = self.delivered.fetch_add(1, Ordering::Relaxed) + 1;
        if delivered.is_multiple_of(self.load.options.subscribers as u64) {
            self.in_flight.add_permits(1);
        }
        // A sample is enough, and keeps a long run from filling the memory.
        if sequence % 16 == 0 {
            let latency = now.saturating_sub(sent).as_micros();
            latencies.push(latency.try_into().unwrap_or(u32::MAX));
        }
        Ok(())
    }
}

impl Outcome {
    pub(crate) fn is_exact(&self) -> bool {
        self.mistakes == Mistakes::default()
    }

    pub(crate) fn per_second(&self, count: u64) -> f64 {
        count as f64 / self.elapsed.as_secs_f64()
    }

    /// So many percent had this latency, or a lower one.
    pub(crate) fn latency(&self, percent: usize) -> Duration {
        let index = self.latencies.len().saturating_sub(1) * percent / 100;
        let micros = self.latencies.get(index).copied().unwrap_or_default();
        Duration::from_micros(micros.into())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options {
            publishers,
            subscribers,
            destinations,
            ..
        } = self.options;
        writeln!(
            f,
            "{} messages of {publishers} publishers to {destinations} destinations, {} deliveries to {subscribers} \
             subscribers: {}",
            self.messages, self.deliveries, self.mistakes
        )?;
        write!(
            f,
            "{:.1} s, {:.0} deliveries/s, latency p50 {:?}, p99 {:?}",
            self.elapsed.as_secs_f64(),
            self.per_second(self.deliveries),
            self.latency(50),
            self.latency(99),
        )
    }
}

fn load(number: &AtomicU64) -> u64 {
    number.load(Ordering::Relaxed)
}

/// What a task has returned; a panic goes on here.
fn joined<T>(ended: Result<T, tokio::task::JoinError>) -> T {
    match ended.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(value) => value,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(error)) => panic!("nobody aborts it: {error}"),
    }
}
