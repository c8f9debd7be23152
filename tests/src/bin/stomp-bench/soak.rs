//! Half of what the server can, for a while, with clients that come and go: does its memory stay flat?

use std::{
    convert::Infallible,
    error::Error,
    time::{Duration, Instant},
};

use stomp_axum::codec::{Command, Frame};
use tokio::time::{interval, interval_at};

use super::{
    Verdict,
    client::{Client, ClientError, ClientOptions},
    load::{Amount, Load, Pacing},
    options::Options,
    process::ServerProcess,
};

const SAMPLE: Duration = Duration::from_secs(10);
const CALIBRATION: Duration = Duration::from_secs(10);
/// In percent.
const GROWTH_ALLOWED: f64 = 10.0;

pub(crate) async fn run(options: &Options) -> Verdict {
    let server = ServerProcess::of(options)?;
    let load = Load::new(options);
    let rate = match options.rate {
        Some(rate) => rate,
        None => {
            let in_flight = Pacing::InFlight(options.in_flight);
            let full = load.run(in_flight, Amount::Time(CALIBRATION)).await?;
            println!("in full: {full}");
            full.per_second(full.messages) / 2.0
        }
    };
    println!(
        "{rate:.0} messages/s, {} other clients come and go a second",
        options.churn
    );
    let mut samples = Vec::new();
    let outcome = tokio::select! {
        outcome = load.run(Pacing::PerSecond(rate), Amount::Time(options.duration)) => outcome?,
        churned = churn(options, &load) => match churned? {},
        sampled = sample(&server, &mut samples) => match sampled? {},
    };
    println!("{outcome}");
    let growth = growth(&samples);
    match growth {
        Some(growth) => println!("memory: {growth:+.1} % between the second quarter and the last"),
        None => println!("memory: too short to say"),
    }
    Ok(outcome.is_exact() && growth.is_none_or(|growth| growth <= GROWTH_ALLOWED))
}

/// Clients that connect and subscribe, each to a topic that nobody else has. Every other one says that it leaves.
async fn churn(options: &Options, load: &Load) -> Result<Infallible, ClientError> {
    let mut ticks = interval(Duration::from_secs_f64(1.0 / options.churn));
    let mut count = 0_u64;
    loop {
        ticks.tick().await;
        let mut client = Client::connect(&options.url, ClientOptions::default()).await?;
        let destination = format!("{}/churn-{count}", load.destinations()[0]);
        client.subscribe(0, &destination).await?;
        if count.is_multiple_of(2) {
            let disconnect = Frame::new(Command::Disconnect).with_header("receipt", "bye");
            client.send(&disconnect).await?;
            client.expect(&Command::Receipt).await?;
        }
        count += 1;
    }
}

/// Prints what the server uses, and keeps how much memory that is.
async fn sample(
    server: &ServerProcess,
    samples: &mut Vec<f64>,
) -> Result<Infallible, Box<dyn Error>> {
    let start = Instant::now();
    let mut ticks = interval_at(tokio::time::Instant::now() + SAMPLE, SAMPLE);
    let mut before = server.usage()?;
    loop {
        ticks.tick().await;
        let usage = server.usage()?;
        if let (Some(resident), Some(cpu)) = (usage.resident, usage.since(&before).cpu) {
            println!(
                "{:5.0} s: {:7.1} MiB, {:3.0} % of a CPU",
                start.elapsed().as_secs_f64(),
                resident as f64 / (1024.0 * 1024.0),
                cpu.as_secs_f64() / SAMPLE.as_secs_f64() * 100.0
            );
            samples.push(resident as f64);
        }
        before = usage;
    }
}

/// From the mean of the second quarter to that of the last, in percent. In the first, the heap finds its size.
fn growth(samples: &[f64]) -> Option<f64> {
    let quarter = samples.len() / 4;
    let mean = |samples: &[f64]| samples.iter().sum::<f64>() / samples.len() as f64;
    let early = samples
        .get(quarter..2 * quarter)
        .filter(|early| !early.is_empty())?;
    let late = &samples[samples.len() - quarter..];
    Some((mean(late) / mean(early) - 1.0) * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_that_behind_the_first_quarter() {
        assert_eq!(growth(&[10.0, 100.0, 500.0, 150.0]), Some(50.0));
        assert_eq!(
            growth(&[1.0, 2.0, 100.0, 100.0, 1.0, 1.0, 90.0, 110.0]),
            Some(0.0)
        );
        assert_eq!(growth(&[1.0, 2.0, 3.0]), None);
    }
}
