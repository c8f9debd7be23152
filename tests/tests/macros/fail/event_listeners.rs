//! Functions that can't be event listeners.

#![allow(unused_variables)]

use stomp_axum::{event::SessionConnectedEvent, prelude::*};

#[event_listener]
async fn no_event() {}

#[event_listener]
fn not_async(event: SessionConnectedEvent) {}

#[event_listener]
async fn generic<T>(event: SessionConnectedEvent, value: State<T>) {}

#[event_listener]
async unsafe fn not_safe(event: SessionConnectedEvent) {}

#[event_listener]
async fn borrowed(event: &SessionConnectedEvent, users: &UserRegistry) {}

#[event_listener]
async fn of_a_message(
    event: SessionConnectedEvent,
    #[header] trace: String,
    #[destination_variable] room: String,
) {
}

#[event_listener]
async fn left_out(#[cfg(all())] event: SessionConnectedEvent) {}

// The attribute.
#[event_listener(SessionConnectedEvent)]
async fn type_in_the_attribute(event: SessionConnectedEvent) {}

#[event_listener("/topic/a")]
async fn destination(event: SessionConnectedEvent) {}

#[event_listener(order = 1)]
async fn unknown_option(event: SessionConnectedEvent) {}

#[event_listener]
#[send_to("/topic/a")]
async fn reply(event: SessionConnectedEvent) {}

#[send_to_user]
#[event_listener]
async fn reply_to_user(event: SessionConnectedEvent) {}

#[event_listener]
#[message_mapping("/a")]
async fn both(event: SessionConnectedEvent) {}

#[message_exception_handler]
#[event_listener]
async fn exception(event: SessionConnectedEvent) {}

#[event_listener]
struct Structure;

#[event_listener]
impl Structure {}

impl Structure {
    #[event_listener]
    async fn method(&self, event: SessionConnectedEvent) {}
}

struct Controller;

#[message_mapping]
impl Controller {
    #[event_listener]
    async fn mutable(&mut self, event: SessionConnectedEvent) {}

    #[event_listener]
    async fn no_event(&self) {}
}

fn main() {
    let _ = handlers![no_event, reply, Controller];
}
