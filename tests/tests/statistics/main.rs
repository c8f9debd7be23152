//! Where the statistics go: to the log, and to the recorder of the crate `metrics`.

mod log;
mod recorded;
mod recorder;

use std::time::Duration;

use stomp_axum::{
    handler::Handlers,
    server::{Messaging, MessagingBuilder},
};

fn builder() -> MessagingBuilder {
    Messaging::builder()
        .application_destination_prefixes(["/app"])
        .simple_broker(["/topic", "/queue"])
        .handlers(Handlers::none())
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
