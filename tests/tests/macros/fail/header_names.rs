//! Spring's names of headers that are no text, or no headers at all.

#![allow(unused_variables)]

use stomp_axum::prelude::*;

#[message_mapping("/a")]
async fn no_text(
    #[header("simpSessionAttributes")] attributes: String,
    #[header("nativeHeaders")] all: String,
    #[header] simpSession: String,
) {
}

// These are none of the server's.
#[message_mapping("/a")]
async fn fine(
    #[header] simple: String,
    #[header("simpUser")] user: Option<String>,
    #[header("nativeHeaders.simpHeartbeat")] heart_beat: Option<String>,
) {
}

fn main() {}
