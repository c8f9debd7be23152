//! A handler runs on any thread.

use std::rc::Rc;

use stomp_axum::prelude::*;

#[message_mapping("/body")]
async fn body() {
    let count = Rc::new(1);
    std::future::ready(()).await;
    drop(count);
}

struct Controller(Rc<u8>);

#[message_mapping("/controller")]
impl Controller {
    #[message_mapping("/method")]
    async fn method(&self) -> u8 {
        *self.0
    }
}

fn main() {}
