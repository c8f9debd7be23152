//! Without a receiver, the macro can't know that it stands in an `impl`, so the compiler reports it.

use stomp_axum::prelude::*;

struct Controller;

impl Controller {
    #[message_mapping("/a")]
    async fn method() {}
}

fn main() {}
