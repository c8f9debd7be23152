//! `handlers!` with what is no handler.

use stomp_axum::prelude::*;

mod chat {
    use stomp_axum::prelude::*;

    #[message_mapping("/a")]
    pub async fn greeting() {}

    #[message_mapping("/b")]
    async fn private() {}
}

use chat::greeting;

async fn not_annotated() {}

fn main() {
    let _ = (greeting(), not_annotated());
    let _ = handlers![chat::greeting];
    let _ = handlers![greeting];
    let _ = handlers![chat::private];
    let _ = handlers![not_annotated];
    let _ = handlers![chat::greeting::<u8>];
    let _ = handlers!["/a"];
}
