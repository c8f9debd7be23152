//! A STOMP server to point client suites and load generators at.
//!
//! Everything that a suite may ask for is on: two endpoints, users with passcodes, a broker for the destinations that
//! brokers usually have, and handlers that answer, broadcast and fail. Below `/sockjs` are the services that suites for SockJS
//! want, and STOMP over SockJS.

mod handlers;
mod hixie;
mod login;
mod options;
mod sockjs;

use std::{
    error::Error,
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
};

use axum::{Router, middleware, serve::ListenerExt};
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
        .endpoint(sockjs::stomp_endpoint(options))
        .authenticator(login::authenticate)
        .limits(options.limits.clone())
        .build()?;
    let websockets = sockjs::services(options)?;

    // Loopback only: its passcodes are public.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let tcp_listener = match options.tcp_port {
        Some(port) => Some(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?),
        None => None,
    };
    // Part of the interface: suites read the ports from these lines.
    println!("listening on {}", listener.local_addr()?);
    if let Some(listener) = &tcp_listener {
        println!("listening on tcp {}", listener.local_addr()?);
    }
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::warn!(%error, "TCP_NODELAY could not be set");
        }
    });
    let over_tcp = async {
        match tcp_listener {
            Some(listener) => messaging.serve_tcp(listener).await,
            None => Ok(()),
        }
    };
    let app = Router::new()
        .merge(messaging.router())
        .merge(websockets.router())
        .layer(middleware::from_fn(hixie::shake_hands))
        .into_make_service_with_connect_info::<SocketAddr>();
    let shutdown = (
        messaging.shutdown_on_ctrl_c(),
        websockets.shutdown_on_ctrl_c(),
    );
    let over_http = axum::serve(listener, app).with_graceful_shutdown(async move {
        tokio::join!(shutdown.0, shutdown.1);
    });
    tokio::try_join!(over_http.into_future(), over_tcp)?;
    Ok(())
}
