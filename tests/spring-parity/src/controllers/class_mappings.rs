//! `ClassMappingControllers.java`: patterns of a class and of its methods.

use stomp_axum::prelude::*;

pub(crate) struct Several;

#[message_mapping("/c1", "/c2")]
#[send_to("/topic/out")]
impl Several {
    #[message_mapping("/a", "b")]
    async fn both() -> &'static str {
        "both"
    }

    #[message_mapping]
    async fn class_alone() -> &'static str {
        "class alone"
    }
}

pub(crate) struct Variables;

#[message_mapping("/c/{room}")]
#[send_to("/topic/out")]
impl Variables {
    #[message_mapping("/join/{user}")]
    async fn join(
        #[destination_variable] room: String,
        #[destination_variable] user: String,
    ) -> String {
        format!("{room} {user}")
    }
}

pub(crate) struct Star;

#[message_mapping("/w/*")]
#[send_to("/topic/out")]
impl Star {
    #[message_mapping("/b")]
    async fn b() -> &'static str {
        "star and b"
    }
}

pub(crate) struct CatchAll;

#[message_mapping("/ww/**")]
#[send_to("/topic/out")]
impl CatchAll {
    #[message_mapping("/b")]
    async fn b() -> &'static str {
        "catch-all and b"
    }
}

pub(crate) struct TrailingSlash;

#[message_mapping("/slash/")]
impl TrailingSlash {
    #[message_mapping("/b")]
    #[send_to("/topic/out")]
    async fn b() -> &'static str {
        "slash and b"
    }

    #[subscribe_mapping("/s")]
    async fn s() -> &'static str {
        "subscribed below a class"
    }
}

pub(crate) struct BothAnnotations;

#[message_mapping]
impl BothAnnotations {
    #[message_mapping("/both-annotations/send")]
    #[subscribe_mapping("/both-annotations/subscribe")]
    async fn both() -> &'static str {
        "both annotations"
    }
}
