//! Types that no argument or value of an event listener can have.

use stomp_axum::{
    event::{SessionConnectedEvent, SessionDisconnectEvent},
    prelude::*,
};

struct Opaque;

// The event is the first argument.
#[event_listener]
async fn template_first(_template: MessagingTemplate, _event: SessionConnectedEvent) {}

#[event_listener]
async fn two_events(_one: SessionConnectedEvent, _other: SessionDisconnectEvent) {}

#[event_listener]
async fn no_event(_text: String) {}

// What the event has, or only messages have.
#[event_listener]
async fn session(_event: SessionConnectedEvent, _session: Session, _user: Option<Principal>) {}

#[event_listener]
async fn opaque(_event: SessionConnectedEvent, _opaque: Opaque) {}

#[event_listener]
async fn value(_event: SessionConnectedEvent) -> String {
    String::new()
}

#[event_listener]
async fn result(_event: SessionConnectedEvent) -> Result<String, MessagingError> {
    Ok(String::new())
}

#[event_listener]
async fn error(_event: SessionConnectedEvent) -> Result<(), Opaque> {
    Ok(())
}

fn main() {}
