//! The prelude has the session of STOMP.

use stomp_axum::prelude::*;

#[derive(Default)]
struct Chat;

#[server_endpoint("/chat")]
impl Chat {
    #[on_open]
    async fn open(&mut self, _: Session) {}

    #[on_message]
    async fn message(&mut self, _: String, _: Session) {}
}

fn main() {}
