//! Methods that can't be called for a connection.

#![allow(unused_variables)]

use bytes::Bytes;
use stomp_axum::server_endpoint::{CloseStatus, EndpointError, Session, server_endpoint};

#[derive(Default)]
struct Nothing;

#[server_endpoint("/nothing")]
impl Nothing {
    async fn not_annotated(&self) {}

    #[on_close]
    async fn close(&self) {}
}

// All mistakes of one `impl`.
#[derive(Default)]
struct Chat;

#[server_endpoint("/chat/{room}/{seat}")]
impl Chat {
    #[constructor]
    fn new(self, room: String) -> Self {
        self
    }

    #[on_open]
    fn open(&self) {}

    #[on_open]
    async fn open_again(&self) {}

    #[on_open]
    #[on_close]
    async fn both(&self) {}

    #[on_message]
    async fn generic<T>(&self, text: T) {}

    #[on_message]
    async unsafe fn not_safe(&self, text: String) {}

    #[on_message]
    async fn borrowed(&self, text: &str, session: &Session) {}

    #[on_message(text)]
    async fn kind(&self, text: String) {}

    #[on_message = "text"]
    async fn value(&self, text: String) {}

    #[on_close(reason)]
    async fn by_value(self, status: CloseStatus) {}

    #[on_error]
    async fn boxed(self: Box<Self>, error: EndpointError) {}

    #[on_message]
    async fn unknown(&self, data: Bytes, #[path_param] rom: String, #[path_param("")] empty: String) {}

    #[on_message]
    async fn forgotten(&self, room: String) {}

    #[on_message]
    async fn attributes(
        &self,
        data: Bytes,
        #[path_param] (a, b): (u8, u8),
        #[path_param("room", default = "x")] optional: String,
        #[path_param(seat)] seat: u8,
        #[path_param]
        #[path_param("room")]
        twice: String,
    ) {
    }

    #[cfg_attr(all(), on_message)]
    async fn conditional(&self, text: String) {}
}

#[server_endpoint("/no_parameters")]
impl NoParameters {
    #[on_open]
    async fn open(&self, #[path_param] room: String) {}
}

struct NoParameters;

// One instance for all connections.
struct Shared;

#[server_endpoint("/shared", shared)]
impl Shared {
    #[constructor]
    async fn new() -> Self {
        Self
    }

    #[on_message]
    async fn text(&mut self, text: String) {}

    #[on_close]
    async fn close(self) {}
}

struct Constructed;

#[server_endpoint("/constructed")]
impl Constructed {
    #[cfg(all())]
    #[constructor]
    async fn new() -> Self {
        Self
    }

    #[on_open]
    async fn open(&self) {}
}

struct Conditional;

#[server_endpoint("/conditional")]
impl Conditional {
    #[cfg_attr(all(), constructor)]
    async fn new() -> Self {
        Self
    }

    #[on_open]
    async fn open(&self) {}
}

fn main() {}
