//! Annotated handlers, driven through the whole server in memory. Tests are named after the rules that they prove.

mod argument_rules;
mod arguments;
mod channels;
mod converters;
mod event_listeners;
mod exception_types;
mod exceptions;
mod exceptions_by_value;
mod header_filter;
mod mapping_rules;
mod mappings;
mod registries;
mod replies;
mod reply_rules;
mod session_scope;
mod streams;
mod subscribe_mappings;
mod template;
mod template_rules;
mod testing;
mod typed_headers;
mod typed_messages;
mod validation;
mod wiring;

use stomp_axum::{
    codec::Frame,
    handler::Handlers,
    server::{Messaging, MessagingBuilder},
    testing::TestConnection,
};

/// A server with the handlers of one module, so that the tests of this binary don't see each other's.
fn builder(module: &str) -> MessagingBuilder {
    builder_without_handlers().handlers(Handlers::in_module(module))
}

fn builder_without_handlers() -> MessagingBuilder {
    Messaging::builder()
        .application_destination_prefixes(["/app"])
        .simple_broker(["/topic", "/queue"])
        .handlers(Handlers::none())
}

/// A client of that server, subscribed to `destinations` with their positions as ids.
async fn client(messaging: &Messaging, destinations: &[&str]) -> TestConnection {
    let mut client = TestConnection::connect(messaging).await;
    subscribe(&mut client, destinations).await;
    client
}

async fn subscribe(client: &mut TestConnection, destinations: &[&str]) {
    for (id, destination) in destinations.iter().enumerate() {
        client.send(format!(
            "SUBSCRIBE\nid:{id}\ndestination:{destination}\nreceipt:subscribed\n\n\0"
        ));
        client.expect_receipt("subscribed").await;
    }
}

fn send(client: &TestConnection, destination: &str, body: &str) {
    client.send(format!("SEND\ndestination:{destination}\n\n{body}\0"));
}

/// The next MESSAGE, as its destination and body.
async fn message(client: &mut TestConnection) -> (String, String) {
    as_text(&client.expect_message().await)
}

fn as_text(frame: &Frame) -> (String, String) {
    let destination = frame
        .header("destination")
        .expect("a MESSAGE has a destination");
    (
        destination.to_owned(),
        String::from_utf8(frame.body.to_vec()).expect("a text body"),
    )
}

fn pair(destination: &str, body: &str) -> (String, String) {
    (destination.to_owned(), body.to_owned())
}
