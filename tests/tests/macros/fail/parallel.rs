//! `parallel`, which is a number of messages.

use stomp_axum::prelude::*;

const LIMIT: usize = 4;

#[message_mapping("/zero", parallel = 0)]
async fn zero() {}

#[message_mapping("/text", parallel = "4")]
async fn text() {}

#[message_mapping("/constant", parallel = LIMIT)]
async fn constant() {}

#[message_mapping("/negative", parallel = -1)]
async fn negative() {}

#[message_mapping("/word", parallel)]
async fn word() {}

#[message_mapping("/call", parallel(4))]
async fn call() {}

#[subscribe_mapping("/subscription", parallel = 4)]
async fn subscription() {}

#[message_exception_handler(parallel = 4)]
async fn exception(_error: &std::io::Error) {}

#[message_mapping("/class", parallel = 0)]
mod class {}

fn main() {}
