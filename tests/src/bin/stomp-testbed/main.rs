//! A STOMP server to point client suites and load generators at.
//!
//! Everything that a suite may ask for is on: two endpoints, users with passcodes, a broker for the destinations that
//! brokers usually have, and handlers that answer, broadcast and fail.

mod handlers;
mod login;
mod options;

use std::{error::Error, net::Ipv4Addr, process::ExitCode};

use axum::serve::ListenerExt;
use stomp_axum::{broker::History, prelude::*};
use tokio::net::TcpListener;

use self::options::{Command, HELP, Options};

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Command::from_arguments() {
        Ok(Command::Run(options)) => run(&options).await,
        Ok(Command::Help) => {
            println!("{HELP}");
            Ok(())
        }
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stomp-testbed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until Ctrl-C or SIGTERM.
async fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(options.log)
        .init();
    let messaging = Messaging::builder()
        .application_destination_prefixes(["/app"])
        .simple_broker(["/topic", "/queue", "/exchange", "/amq/queue", "/temp-queue"])
        .queue_semantics(["/queue", "/amq/queue"])
        .dead_letters("/queue/dead-letters")
        .history("/topic/history/**", History::default())
        .endpoint(StompEndpoint::new("/ws").allowed_origins(["*"]))
        .endpoint(StompEndpoint::new("/stomp").allowed_origins(["*"]))
        .authenticator(login::authenticate)
        .limits(options.limits.clone())
        .build()?;

    // Loopback only: its passcodes are public.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    // Part of the interface: suites read the port from this line.
    println!("listening on {}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::warn!(%error, "TCP_NODELAY could not be set");
        }
    });
    axum::serve(listener, messaging.router::<()>())
        .with_graceful_shutdown(messaging.shutdown_on_ctrl_c())
        .await?;
    Ok(())
}
