//! Mistakes that only the types show.

use std::rc::Rc;

use bytes::Bytes;
use stomp_axum::server_endpoint::{
    CloseStatus, EndpointError, PongMessage, Session, State, server_endpoint,
};

/// Without `Deserialize` and `Serialize`.
struct Plain;

type Data = Vec<u8>;

#[derive(Default)]
struct Kinds;

#[server_endpoint("/kinds")]
impl Kinds {
    #[on_message]
    async fn text(&mut self, _: String) {}

    #[on_message]
    async fn json(&mut self, _: Vec<u32>) {}

    #[on_message]
    async fn binary(&mut self, _: Bytes) {}

    #[on_message]
    async fn alias(&mut self, _: Data) {}

    #[on_message]
    async fn pong(&mut self, _: PongMessage) {}

    #[on_message]
    async fn another_pong(&mut self, _: Session, _: PongMessage) {}
}

#[derive(Default)]
struct Arguments;

#[server_endpoint("/arguments/{id}")]
impl Arguments {
    #[on_open]
    async fn open(&mut self, _: String, _: CloseStatus) {}

    #[on_message]
    async fn nothing(&mut self, _: Session) {}

    #[on_close]
    async fn close(&mut self, _: EndpointError) {}

    #[on_error]
    async fn no_error(&mut self, _: Session, #[path_param("id")] _: Plain) {}
}

#[derive(Default)]
struct Payloads;

#[server_endpoint("/payloads")]
impl Payloads {
    #[on_message]
    async fn not_deserialize(&mut self, _: Plain) {}

    #[on_message]
    async fn two(&mut self, _: Bytes, _: Vec<u8>) {}
}

#[derive(Default)]
struct Parts;

#[server_endpoint("/parts")]
impl Parts {
    #[on_message]
    async fn decoded(&mut self, _: Vec<u32>, last: bool) {
        let _ = last;
    }

    #[on_message]
    async fn pong(&mut self, _: PongMessage, last: bool) {
        let _ = last;
    }
}

#[derive(Default)]
struct Returned;

#[server_endpoint("/returned")]
impl Returned {
    #[on_open]
    async fn open(&mut self) -> &'static str {
        "hello"
    }

    #[on_message]
    async fn text(&mut self, _: String) -> Plain {
        Plain
    }

    #[on_message]
    async fn binary(&mut self, _: Bytes) -> Result<String, Plain> {
        Err(Plain)
    }

    #[on_close]
    async fn close(&mut self) -> Result<(), String> {
        Ok(())
    }
}

struct NoDefault;

#[server_endpoint("/no_default")]
impl NoDefault {
    #[on_open]
    async fn open(&self) {}
}

struct Constructed;

#[server_endpoint("/constructed")]
impl Constructed {
    #[constructor]
    async fn new(_: Session, _: Plain, _: axum::extract::State<u8>) -> Result<Self, Plain> {
        Ok(Self)
    }

    #[on_open]
    async fn open(&self) {}
}

struct WrongType;

#[server_endpoint("/wrong_type")]
impl WrongType {
    #[constructor]
    async fn new() -> Plain {
        Plain
    }

    #[on_open]
    async fn open(&self) {}
}

#[derive(Default)]
struct PongsOnly;

#[server_endpoint("/pongs")]
impl PongsOnly {
    #[on_message]
    async fn pong(&mut self, _: PongMessage) {}
}

#[derive(Default)]
struct Twice;

#[server_endpoint("/one")]
impl Twice {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/two")]
impl Twice {
    #[on_open]
    async fn open_again(&self) {}
}

#[derive(Default)]
struct Conditional;

#[server_endpoint("/conditional")]
impl Conditional {
    #[cfg(all())]
    #[on_open]
    async fn open(&self) {}

    #[cfg(not(any()))]
    #[on_open]
    async fn open_again(&self, _: Option<State<u8>>) {}
}

fn main() {
    let _ = stomp_axum::websocket::WebSockets::builder().server_endpoint::<Plain>();
    let _ = Rc::new(());
}
