//! What those do who come from axum or from Spring.

use std::sync::{Arc, Mutex};

use stomp_axum::prelude::*;

struct Service;

/// Without `Deserialize`.
struct Order;

/// Without `Serialize`.
struct Receipt;

#[message_mapping("/payload")]
async fn payload(_order: Order) {}

#[message_mapping("/json")]
async fn payload_as_json(_order: axum::Json<u32>) {}

#[message_mapping("/bare_state")]
async fn state_without_state(_service: Arc<Service>) {}

#[message_mapping("/reply")]
async fn reply(_order: u32) -> Result<Receipt, std::io::Error> {
    Ok(Receipt)
}

#[message_mapping("/status")]
async fn http_reply() -> axum::http::StatusCode {
    axum::http::StatusCode::OK
}

#[message_mapping("/html")]
async fn http_body() -> axum::response::Html<&'static str> {
    axum::response::Html("<b/>")
}

#[message_mapping("/list")]
async fn list() -> Vec<Receipt> {
    Vec::new()
}

#[message_mapping("/future")]
fn future() -> impl Future<Output = u32> {
    std::future::ready(1)
}

#[message_mapping("/template")]
async fn borrowed_template(_template: &MessagingTemplate) {}

#[message_mapping("/guard")]
async fn guard(State(state): State<Arc<Mutex<u32>>>) {
    let mut count = state.lock().unwrap();
    std::future::ready(()).await;
    *count += 1;
}

#[message_mapping("/{id}")]
async fn forgotten_attribute(id: String) {
    drop(id);
}

#[message_mapping("/:id")]
async fn path_of_another_framework(#[destination_variable] id: u32) {
    drop(id);
}

#[message_mapping("/room/{id}")]
#[send_to("/topic/room/{room}")]
async fn wrong_variable(text: String) -> String {
    text
}

#[message_mapping("/user")]
#[send_to_user("/queue/a", broadcast(false))]
async fn broadcast_as_a_call(text: String) -> String {
    text
}

#[message_mapping(value = "/named")]
async fn named_value() {}

#[message_mapping(["/a", "/b"])]
async fn array() {}

#[message_mapping("/default")]
async fn default_value(#[header("x", default_value = "1")] x: u32) {
    drop(x);
}

#[message_mapping("/option")]
async fn optional_state(_state: Option<State<Service>>) {}

fn main() {}
