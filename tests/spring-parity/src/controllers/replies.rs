//! `ReplyController.java`.

use std::collections::BTreeMap;

use bytes::Bytes;
use stomp_axum::prelude::*;

use crate::{failures, payloads::Trade};

pub(crate) struct ReplyController;

#[message_mapping("/reply")]
impl ReplyController {
    #[message_mapping("/default")]
    async fn by_default() -> &'static str {
        "default"
    }

    #[message_mapping("/default/{x}")]
    async fn by_default_with_variable() -> &'static str {
        "default"
    }

    #[message_mapping("/empty")]
    #[send_to]
    async fn empty_send_to() -> &'static str {
        "empty"
    }

    #[message_mapping("/one")]
    #[send_to("/topic/one")]
    async fn one() -> &'static str {
        "one"
    }

    #[message_mapping("/several")]
    #[send_to("/topic/two", "/topic/one")]
    async fn several() -> &'static str {
        "several"
    }

    #[message_mapping("/room/{room}/{user}")]
    #[send_to("/topic/room.{room}.{user}")]
    async fn variables() -> &'static str {
        "variables"
    }

    #[message_mapping("/wildcard/*")]
    async fn wildcard() -> &'static str {
        "wildcard"
    }

    #[message_mapping("/kind/object")]
    async fn object() -> Trade {
        Trade::new("VMW", 25)
    }

    #[message_mapping("/kind/bytes")]
    async fn bytes() -> Bytes {
        Bytes::from_static(b"bytes")
    }

    #[message_mapping("/kind/number")]
    async fn number() -> i32 {
        42
    }

    #[message_mapping("/kind/flag")]
    async fn flag() -> bool {
        true
    }

    #[message_mapping("/kind/list")]
    async fn list() -> Vec<Trade> {
        vec![Trade::new("A", 1), Trade::new("B", 2)]
    }

    #[message_mapping("/kind/map")]
    async fn map() -> BTreeMap<&'static str, i32> {
        BTreeMap::from([("a", 1)])
    }

    #[message_mapping("/kind/text")]
    async fn text() -> &'static str {
        "\"quotes\" \\ and ü"
    }

    #[message_mapping("/kind/empty-text")]
    async fn empty_text() -> &'static str {
        ""
    }

    #[message_mapping("/kind/nothing")]
    async fn nothing() {}

    #[message_mapping("/kind/null")]
    async fn none() -> Option<String> {
        None
    }

    #[message_mapping("/kind/message")]
    async fn message() -> Message {
        Message::new("/ignored", "in a message").with_header("x", "y")
    }

    #[message_mapping("/user/all")]
    #[send_to_user("/queue/reply")]
    async fn all() -> &'static str {
        "all sessions"
    }

    #[message_mapping("/user/one")]
    #[send_to_user("/queue/reply", broadcast = false)]
    async fn one_session() -> &'static str {
        "one session"
    }

    #[message_mapping("/user/default/{x}")]
    #[send_to_user(broadcast = false)]
    async fn user_default() -> &'static str {
        "user default"
    }

    #[message_mapping("/user/several")]
    #[send_to_user("/queue/reply", "/queue/other", broadcast = false)]
    async fn user_several() -> &'static str {
        "user several"
    }

    #[message_mapping("/user/variable/{x}")]
    #[send_to_user("/queue/reply.{x}", broadcast = false)]
    async fn user_variable() -> &'static str {
        "user variable"
    }

    #[message_mapping("/both")]
    #[send_to("/topic/one")]
    #[send_to_user("/queue/reply", broadcast = false)]
    async fn both() -> &'static str {
        "both"
    }

    #[message_mapping("/both/default")]
    #[send_to]
    #[send_to_user(broadcast = false)]
    async fn both_default() -> &'static str {
        "both default"
    }

    #[message_mapping("/future")]
    #[send_to("/topic/one")]
    async fn future() -> &'static str {
        tokio::task::yield_now().await;
        "later"
    }

    #[message_mapping("/future/none")]
    #[send_to("/topic/one")]
    async fn future_none() -> Option<&'static str> {
        tokio::task::yield_now().await;
        None
    }

    #[message_mapping("/future/fails")]
    #[send_to("/topic/one")]
    async fn future_fails() -> Result<&'static str, failures::Everywhere> {
        tokio::task::yield_now().await;
        Err(failures::Everywhere)
    }

    #[message_mapping("/written")]
    #[send_to("/topic/one")]
    async fn written(accessor: MessageHeaderAccessor) -> &'static str {
        accessor.set_native_header("x-keep-written", "yes");
        accessor.add_native_header("x-keep", "too");
        accessor.remove_native_header("x-keep-not");
        "written"
    }
}
