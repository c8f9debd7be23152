//! `InterceptedController.java`: what the interceptors of the broker channel look at.

use stomp_axum::prelude::*;

pub(crate) struct InterceptedController;

#[message_mapping("/intercepted")]
impl InterceptedController {
    #[message_mapping("/{name}")]
    #[send_to("/topic/intercepted/{name}")]
    async fn publish() -> &'static str {
        "published"
    }

    #[message_mapping("/several")]
    #[send_to("/topic/intercepted/swallowed", "/topic/intercepted/other")]
    async fn several() -> &'static str {
        "several"
    }

    #[subscribe_mapping("/direct")]
    async fn direct() -> &'static str {
        "direct"
    }
}
