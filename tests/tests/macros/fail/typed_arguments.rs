//! Arguments around types that can't be in them.

#![allow(unused_variables)]

use serde::Deserialize;
use stomp_axum::prelude::*;

struct Opaque;

#[derive(Deserialize)]
struct WithoutRules;

#[message_mapping("/a")]
async fn message(message: Message<Opaque>) {}

#[message_mapping("/a")]
async fn reply() -> Message<Opaque> {
    Message::of(Opaque)
}

#[message_mapping("/{a}")]
async fn variables(variables: DestinationVariables<Opaque>) {}

#[message_mapping("/a")]
async fn without_rules(payload: Valid<WithoutRules>) {}

#[message_mapping("/a")]
async fn borrowed(message: Message<&str>) {}

fn main() {}
