//! The Rust side of the comparison: the controllers of `spring/`, file by file and method by method.

mod cart;
mod controllers;
mod failures;
mod interceptors;
mod payloads;

use std::{error::Error, net::Ipv4Addr};

use axum::serve::ListenerExt;
use stomp_axum::{endpoint::UnknownDestinations, prelude::*};
use tokio::net::TcpListener;
use tracing_subscriber::filter::LevelFilter;

use self::cart::Cart;
use self::controllers::{
    arguments::ArgumentController, class_mappings, class_replies, exceptions,
    intercepted::InterceptedController, mappings::MappingController, replies::ReplyController,
    sessions::SessionController, subscribe::SubscribeController,
};

/// Serves until Ctrl-C or SIGTERM.
///
/// It is silent about unknown destinations, as Spring is, unless `--refuse-unknown` asks for our default.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(LevelFilter::ERROR)
        .init();
    let unknown_destinations = if std::env::args().any(|option| option == "--refuse-unknown") {
        UnknownDestinations::Refuse
    } else {
        UnknownDestinations::Ignore
    };
    let messaging = Messaging::builder()
        .application_destination_prefixes(["/app"])
        .simple_broker(["/topic", "/queue"])
        .endpoint(StompEndpoint::new("/ws"))
        .authenticator(authenticate)
        .inbound_interceptor(interceptors::inbound)
        .outbound_interceptor(interceptors::outbound)
        .broker_interceptor(interceptors::broker)
        .reply_header_filter(|header| header.starts_with("x-keep"))
        .session_scoped(|_| Cart::default())
        .unknown_destinations(unknown_destinations)
        .controller(ArgumentController)
        .controller(InterceptedController)
        .controller(MappingController)
        .controller(ReplyController)
        .controller(SessionController)
        .controller(SubscribeController)
        .controller(class_mappings::Several)
        .controller(class_mappings::Variables)
        .controller(class_mappings::Star)
        .controller(class_mappings::CatchAll)
        .controller(class_mappings::TrailingSlash)
        .controller(class_mappings::BothAnnotations)
        .controller(class_replies::Topic)
        .controller(class_replies::User)
        .controller(class_replies::Both)
        .controller(class_replies::Empty)
        .controller(exceptions::Own)
        .controller(exceptions::Superclass)
        .controller(exceptions::Broad)
        .controller(exceptions::Arguments)
        .controller(exceptions::Default)
        .controller(exceptions::Failing)
        .controller(exceptions::Trading)
        .build()?;

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    // Part of the interface: the player reads the port from this line.
    println!("listening on {}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        // A failure costs milliseconds, and nothing else.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, messaging.router::<()>())
        .with_graceful_shutdown(messaging.shutdown_on_ctrl_c())
        .await?;
    Ok(())
}

/// The `login` of CONNECT is the user, without any passcode.
async fn authenticate(connect: ConnectRequest) -> Result<Option<Principal>, AuthenticationError> {
    Ok(connect.login().map(Principal::new))
}
