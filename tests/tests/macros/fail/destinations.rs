//! Patterns, targets and variables that can't be right.

#![allow(unused_variables)]

use stomp_axum::prelude::*;

#[message_mapping("")]
async fn empty() {}

#[message_mapping("/a", "/b", "/a")]
async fn repeated() {}

#[message_mapping("/{room")]
async fn unclosed() {}

#[message_mapping("/room}")]
async fn unopened() {}

#[message_mapping("/{}")]
async fn no_name() {}

#[message_mapping("/{1}")]
async fn no_identifier() {}

#[message_mapping("/{a}/{a}")]
async fn same_name() {}

#[subscribe_mapping(r"/{a:[}")]
async fn invalid_regex() {}

#[subscribe_mapping(r"/{a:(x)}")]
async fn capturing_group() {}

#[message_mapping("/{*rest}")]
async fn rest() {}

// Targets.
#[message_mapping("/a")]
#[send_to("")]
async fn empty_target() {}

#[message_mapping("/a")]
#[send_to("/topic/a", "/topic/a")]
async fn repeated_target() {}

#[message_mapping("/a")]
#[send_to("/topic/*")]
#[send_to_user("/queue/**", "/queue/?")]
async fn wildcard() {}

#[message_mapping("/{a}")]
#[send_to("/topic/{a:x+}")]
async fn regex() {}

#[message_mapping("/{a}")]
#[send_to("/topic/{a")]
async fn unclosed_target() {}

// Variables.
#[message_mapping("/{room}", "/{room}/{user}")]
#[send_to("/topic/{romo}", "/topic/{user}")]
async fn unknown_variable() {}

#[message_mapping("/chat")]
#[send_to_user("/queue/{room}")]
async fn no_variables() {}

#[message_mapping("/{room}")]
async fn unknown_argument(
    #[destination_variable] romo: String,
    #[destination_variable("user")] room: String,
) {
}

#[message_mapping("/{room}/{type}/{trace}/{state}")]
async fn forgotten_attribute(
    room: String,
    r#type: String,
    #[header] trace: String,
    State(state): State<u8>,
    text: String,
) {
}

#[message_mapping("/{class}")]
mod class {
    use stomp_axum::prelude::*;

    #[message_mapping("/{own}")]
    #[send_to("/topic/{class}/{own}/{other}")]
    async fn within() {}
}

// The class is reported once, not for each handler in it.
#[message_mapping("/{")]
#[send_to("/topic/*")]
mod wrong_class {
    use stomp_axum::prelude::*;

    #[message_mapping("/{a}")]
    async fn one(#[destination_variable] b: String) {}

    #[message_mapping("/b")]
    async fn two() {}
}

fn main() {}
