//! `SubscribeController.java`.

use stomp_axum::prelude::*;

use crate::{failures, payloads::Trade};

pub(crate) struct SubscribeController;

#[message_mapping]
impl SubscribeController {
    #[subscribe_mapping("/sub/object")]
    async fn object() -> Trade {
        Trade::new("VMW", 25)
    }

    #[subscribe_mapping("/sub/number")]
    async fn number() -> i32 {
        42
    }

    #[message_mapping("/sub/number")]
    #[send_to("/topic/out")]
    async fn sent() -> &'static str {
        "sent"
    }

    #[subscribe_mapping("/sub/room/{room}")]
    async fn room(#[destination_variable] room: String, principal: Option<Principal>) -> String {
        let name = principal.as_ref().map_or("anonymous", Principal::name);
        format!("{room} {name}")
    }

    #[subscribe_mapping("/sub/header")]
    async fn header(#[header] id: String, #[header("x", default = "none")] x: String) -> String {
        format!("{id} {x}")
    }

    #[subscribe_mapping("/sub/nothing")]
    async fn nothing() -> Option<String> {
        None
    }

    #[subscribe_mapping("/sub/payload")]
    async fn payload(body: String) -> String {
        body
    }

    #[subscribe_mapping("/sub/future")]
    async fn future() -> &'static str {
        tokio::task::yield_now().await;
        "later"
    }

    #[subscribe_mapping("/sub/topic")]
    #[send_to("/topic/joined")]
    async fn topic() -> &'static str {
        "joined"
    }

    #[subscribe_mapping("/sub/empty-topic")]
    #[send_to]
    async fn empty_topic() -> &'static str {
        "joined"
    }

    #[subscribe_mapping("/sub/user")]
    #[send_to_user("/queue/joined", broadcast = false)]
    async fn user() -> &'static str {
        "joined"
    }

    #[subscribe_mapping("/sub/everywhere")]
    async fn everywhere() -> Result<String, failures::Everywhere> {
        Err(failures::Everywhere)
    }

    #[subscribe_mapping("/sub/*/star")]
    async fn star() -> &'static str {
        "star"
    }
}
