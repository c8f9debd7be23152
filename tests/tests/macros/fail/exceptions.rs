//! Exception handlers that take no error, or more than one.

use stomp_axum::prelude::*;

#[derive(Debug, serde::Deserialize)]
struct NoError;

#[derive(Debug, thiserror::Error)]
#[error("out of stock")]
struct OutOfStock;

#[message_exception_handler]
async fn nothing() {}

#[message_exception_handler]
async fn only_argument(_error: NoError) {}

#[message_exception_handler]
async fn only_state(_error: NoError, _state: State<u8>) {}

#[message_exception_handler]
async fn two_errors(_error: OutOfStock, _other: std::io::Error) {}

#[message_exception_handler]
async fn by_reference(_error: &NoError) {}

#[message_exception_handler]
async fn both_ways(_error: &OutOfStock, _other: OutOfStock) {}

struct Controller;

#[message_mapping]
impl Controller {
    #[message_mapping("/a")]
    async fn fails(&self) -> Result<(), OutOfStock> {
        Err(OutOfStock)
    }

    #[message_exception_handler]
    async fn text(&self, _text: String, _user: Principal) {}
}

fn main() {}
