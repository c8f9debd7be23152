//! One subscriber that does not read: what does it do to the others, and when is it cut off?

use std::time::{Duration, Instant};

use stomp_axum::codec::{Command, Frame};
use tokio::time::interval;

use super::{
    Verdict,
    client::{Client, ClientError, ClientOptions},
    load::{Amount, Load, Pacing},
    options::Options,
    process::ServerProcess,
};

const WITHOUT: Duration = Duration::from_secs(10);
const AS_GUEST: ClientOptions = ClientOptions {
    as_guest: true,
    small_receive_buffer: false,
};

pub(crate) async fn run(options: &Options) -> Verdict {
    let server = ServerProcess::of(options)?;
    let load = Load::new(options);
    let pacing = Pacing::PerSecond(options.rate.unwrap_or(500.0));
    let without = load.run(pacing, Amount::Time(WITHOUT)).await?;
    println!("without it: {without}");
    let before = server.usage()?;

    let not_reading = ClientOptions {
        small_receive_buffer: true,
        ..AS_GUEST
    };
    let mut slow = Client::connect(&options.url, not_reading).await?;
    for (id, destination) in load.destinations().iter().enumerate() {
        slow.subscribe(id, destination).await?;
    }
    let mut cut_off = None;
    let mut most = before;
    let watched = async {
        let mut observer = Client::connect(&options.url, AS_GUEST).await?;
        let start = Instant::now();
        let mut ticks = interval(Duration::from_millis(100));
        for id in 0.. {
            ticks.tick().await;
            most.resident = most.resident.max(server.usage()?.resident);
            // The observer is one of them.
            if cut_off.is_none() && sessions(&mut observer, id).await? < 2 {
                cut_off = Some(start.elapsed());
            }
        }
        Ok::<_, Box<dyn std::error::Error>>(())
    };
    let with = tokio::select! {
        outcome = load.run(pacing, Amount::Time(options.duration)) => outcome?,
        watched = watched => return watched.map(|()| false),
    };
    drop(slow);
    println!("with it:    {with}");
    if let Some(resident) = most.since(&before).resident {
        println!(
            "the server had at most {:.1} MiB more",
            resident as f64 / (1024.0 * 1024.0)
        );
    }
    match cut_off {
        Some(after) => println!("it was cut off after {:.1} s", after.as_secs_f64()),
        None => println!("it was not cut off"),
    }
    Ok(without.is_exact() && with.is_exact() && cut_off.is_some())
}

/// How many sessions the user has.
async fn sessions(observer: &mut Client, id: usize) -> Result<usize, ClientError> {
    let subscribe = Frame::new(Command::Subscribe)
        .with_header("id", &id.to_string())
        .with_header("destination", "/app/sessions");
    observer.send(&subscribe).await?;
    let frame = observer.expect(&Command::Message).await?;
    let text = std::str::from_utf8(&frame.body).ok();
    let sessions = text.and_then(|text| text.parse().ok());
    sessions.ok_or(ClientError::Stranger)
}
