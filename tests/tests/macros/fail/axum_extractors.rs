//! An extractor of axum, which looks like ours.

use stomp_axum::prelude::*;

#[derive(Clone)]
struct Service;

#[message_mapping("/state")]
async fn state(axum::extract::State(_service): axum::extract::State<Service>) {}

fn main() {}
