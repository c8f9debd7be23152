//! Loads for a STOMP server, and what they show: whether every message arrived once and in order, what a connection costs
//! in memory, whether memory stays flat, whether a client that does not read harms others, and what abandoned sessions leave
//! behind.
//!
//! It starts no server: its own CPU time would be mixed up with that of the server, and any STOMP server over WebSocket
//! can be compared.

mod abandoned;
mod client;
mod idle;
mod ledger;
mod load;
mod options;
mod process;
mod slow;
mod soak;

use std::{error::Error, process::ExitCode};

use self::{
    load::{Amount, Load, Pacing},
    options::{Command, HELP, Options},
    process::ServerProcess,
};

/// What a run may end with. `Ok(false)` is a run that has shown something wrong.
type Verdict = Result<bool, Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let causes = std::iter::successors(error.source(), |&cause| cause.source());
            let causes: String = causes.map(|cause| format!(": {cause}")).collect();
            eprintln!("stomp-bench: {error}{causes}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Verdict {
    // As text: the errors of lexopt say the same again as their cause.
    let (command, options) = options::from_arguments().map_err(|error| error.to_string())?;
    match command {
        Command::Help => {
            println!("{HELP}");
            Ok(true)
        }
        Command::Exactness => exactness(&options).await,
        Command::Idle => idle::run(&options).await,
        Command::Soak => soak::run(&options).await,
        Command::Slow => slow::run(&options).await,
        Command::Abandoned => abandoned::run(&options).await,
    }
}

/// As fast as the server can: is everything delivered once, and in order?
async fn exactness(options: &Options) -> Verdict {
    let server = ServerProcess::of(options)?;
    let messages = options.deliveries.div_ceil(options.subscribers as u64);
    let load = Load::new(options);
    let before = server.usage()?;
    let outcome = load
        .run(
            Pacing::InFlight(options.in_flight),
            Amount::Messages(messages),
        )
        .await?;
    println!("{outcome}");
    let used = server.usage()?.since(&before);
    if let Some(cpu) = used.cpu {
        println!(
            "the server took {:.3} us of CPU time per delivery, connects included",
            cpu.as_secs_f64() * 1e6 / outcome.deliveries as f64
        );
    }
    Ok(outcome.is_exact())
}
