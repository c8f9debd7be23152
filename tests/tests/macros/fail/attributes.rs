//! Attributes at the wrong place, and with the wrong arguments.

#![allow(unused_variables)]

use stomp_axum::prelude::*;

const DESTINATION: &str = "/constant";

// A destination must be a literal.
#[message_mapping(DESTINATION)]
async fn constant() {}

#[message_mapping(concat!("/a", "/b"), "/fine")]
async fn macro_call() {}

// Options.
#[message_mapping("/a", prefix = "/b")]
async fn unknown_option() {}

#[message_mapping("/a")]
#[send_to_user("/queue/a", brodcast = false)]
async fn misspelt_option() {}

#[message_mapping("/a")]
#[send_to_user("/queue/a", broadcast = "no")]
async fn wrong_value() {}

#[message_mapping = "/a"]
async fn name_value() {}

#[message_mapping("/a")]
#[send_to = "/topic/a"]
async fn sibling_name_value() {}

#[message_mapping("/a" "/b")]
async fn no_comma() {}

// Each attribute once.
#[message_mapping("/a")]
#[send_to("/topic/a")]
#[send_to("/topic/b")]
async fn twice() {}

#[message_mapping("/a")]
#[message_mapping("/b")]
async fn two_mappings() {}

// No mapping.
#[send_to("/topic/a")]
async fn no_mapping() {}

#[send_to("/topic/a")]
#[send_to_user]
async fn no_mapping_either() {}

use stomp_axum::prelude::send_to as reply_to;

#[message_mapping("/a")]
#[reply_to("/topic/a")]
async fn renamed() {}

// No pattern (MM-4).
#[message_mapping]
async fn no_pattern() {}

#[subscribe_mapping()]
#[message_mapping]
async fn no_pattern_at_all() {}

// Items that can't have handlers.
#[message_mapping("/a")]
struct Structure;

#[subscribe_mapping("/a")]
#[send_to("/topic/a")]
enum Enumeration {
    A,
}

#[message_exception_handler]
const CONSTANT: u8 = 0;

// Several mistakes of one function.
#[message_mapping("", DESTINATION, "/{")]
#[send_to("/topic/*", "/topic/a", "/topic/a")]
fn everything(text: &str) {}

fn main() {
    // They are there for the rest of the program.
    let _ = (constant(), unknown_option(), Structure, CONSTANT);
    let _ = handlers![constant, no_comma, everything];
    everything("");
}
