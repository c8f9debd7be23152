//! Functions that can't be handlers.

#![allow(unused_variables)]

use std::error::Error;

use stomp_axum::prelude::*;

#[message_mapping("/a")]
fn not_async() {}

#[message_mapping("/a")]
async fn generic<T>(value: T) {}

#[message_mapping("/a")]
async fn lifetime<'a>(value: std::borrow::Cow<'a, str>) {}

#[message_mapping("/a")]
async fn impl_trait(value: impl Send) {}

#[message_mapping("/a")]
async unsafe fn not_safe() {}

#[message_mapping("/a")]
async fn borrowed(text: &str, bytes: &[u8], numbers: &[u32], user: &Principal) {}

#[subscribe_mapping("/a")]
async fn borrowed_header(#[header] trace: &str) {}

#[message_mapping("/a")]
async fn borrowed_within(
    text: Option<&str>,
    Json(names): Json<Vec<&'static str>>,
    state: State<&'static str>,
) {
}

// Argument attributes.
#[message_mapping("/{a}")]
async fn arguments(
    #[header] (left, right): (u8, u8),
    #[header("")] empty: String,
    #[header(required = false)] optional: String,
    #[header("a", default = 1)] number: u32,
    #[header = "a"] name_value: String,
    #[header(name)] no_literal: String,
    #[destination_variable("a", default = "x")] variable: String,
    #[header]
    #[destination_variable]
    a: String,
) {
}

// Exception handlers.
#[message_exception_handler]
async fn no_error(text: String) {}

#[message_exception_handler(std::io::Error)]
async fn type_in_the_attribute(error: &std::io::Error) {}

#[message_exception_handler("/a")]
async fn destination(error: &std::io::Error) {}

#[message_exception_handler(everywhere)]
async fn unknown_flag(error: &std::io::Error) {}

#[message_mapping("/a")]
#[message_exception_handler]
async fn both(error: &std::io::Error) {}

#[message_exception_handler]
async fn two_references(error: &std::io::Error, text: &str) {}

#[message_exception_handler]
async fn mutable(error: &mut std::io::Error) {}

#[message_exception_handler]
async fn not_sync(error: &dyn Error) {}

#[message_exception_handler]
fn not_async_either(error: &std::io::Error) {}

fn main() {}
