//! `ClassReplyControllers.java`: targets of a class and of its methods.

use stomp_axum::prelude::*;

use crate::failures;

pub(crate) struct Topic;

#[message_mapping("/class-topic")]
#[send_to("/topic/class")]
impl Topic {
    #[message_mapping("/plain")]
    async fn plain() -> &'static str {
        "plain"
    }

    #[message_mapping("/empty-topic")]
    #[send_to]
    async fn empty_topic() -> &'static str {
        "empty topic"
    }

    #[message_mapping("/own-topic")]
    #[send_to("/topic/own")]
    async fn own_topic() -> &'static str {
        "own topic"
    }

    #[message_mapping("/empty-user")]
    #[send_to_user(broadcast = false)]
    async fn empty_user() -> &'static str {
        "empty user"
    }

    #[message_mapping("/own-user")]
    #[send_to_user("/queue/own", broadcast = false)]
    async fn own_user() -> &'static str {
        "own user"
    }

    #[subscribe_mapping("/subscribe")]
    async fn subscribe() -> &'static str {
        "subscribed"
    }

    #[message_mapping("/fails")]
    async fn fails() -> Result<String, failures::Own> {
        Err(failures::Own)
    }

    #[message_exception_handler]
    async fn failed(_failure: &failures::Own) -> &'static str {
        "failed"
    }
}

pub(crate) struct User;

#[message_mapping("/class-user")]
#[send_to_user("/queue/class", broadcast = false)]
impl User {
    #[message_mapping("/plain")]
    async fn plain() -> &'static str {
        "plain"
    }

    #[message_mapping("/empty-topic")]
    #[send_to]
    async fn empty_topic() -> &'static str {
        "empty topic"
    }

    #[message_mapping("/own-topic")]
    #[send_to("/topic/own")]
    async fn own_topic() -> &'static str {
        "own topic"
    }

    #[message_mapping("/empty-user")]
    #[send_to_user(broadcast = false)]
    async fn empty_user() -> &'static str {
        "empty user"
    }

    #[message_mapping("/own-user")]
    #[send_to_user("/queue/own", broadcast = false)]
    async fn own_user() -> &'static str {
        "own user"
    }

    #[message_mapping("/own-both")]
    #[send_to("/topic/own")]
    #[send_to_user("/queue/own", broadcast = false)]
    async fn own_both() -> &'static str {
        "own both"
    }
}

pub(crate) struct Both;

#[message_mapping("/class-both")]
#[send_to("/topic/class")]
#[send_to_user("/queue/class", broadcast = false)]
impl Both {
    #[message_mapping("/plain")]
    async fn plain() -> &'static str {
        "plain"
    }

    #[message_mapping("/own-topic")]
    #[send_to("/topic/own")]
    async fn own_topic() -> &'static str {
        "own topic"
    }
}

pub(crate) struct Empty;

#[message_mapping("/class-empty")]
#[send_to_user(broadcast = false)]
impl Empty {
    #[message_mapping("/plain")]
    async fn plain() -> &'static str {
        "plain"
    }

    #[message_mapping("/empty-topic")]
    #[send_to]
    async fn empty_topic() -> &'static str {
        "empty topic"
    }
}
