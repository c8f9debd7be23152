//! Controllers and modules.

#![allow(unused_variables)]

use stomp_axum::prelude::*;

struct Controller;
struct Generic<T>(T);
struct OfTrait;

trait Trait {
    async fn method(&self);
}

#[message_mapping("/a")]
impl<T> Generic<T> {}

#[message_mapping("/a")]
impl Generic<u8> {}

#[message_mapping("/a")]
impl Trait for OfTrait {
    #[message_mapping("/b")]
    async fn method(&self) {}
}

#[message_mapping("/a")]
impl Controller {
    #[message_mapping("/by_value")]
    async fn by_value(self) {}

    #[message_mapping("/mutable")]
    async fn mutable(&mut self) {}

    #[message_mapping("/shared")]
    async fn shared(self: std::sync::Arc<Self>) {}

    #[cfg_attr(all(), message_mapping("/conditional"), inline)]
    async fn conditional(&self) {}

    #[send_to("/topic/a")]
    async fn no_mapping(&self) {}

    #[message_mapping("/not_async")]
    fn not_async(&self) {}
}

struct Variables;

#[message_mapping("/{class}")]
impl Variables {
    #[message_mapping("/{own}")]
    async fn no_attribute(&self, own: String, class: String) {}
}

struct OtherController;

#[message_mapping]
impl OtherController {
    // Neither the method nor the class has a pattern (MM-4).
    #[message_mapping]
    async fn no_pattern(&self) {}
}

struct Subscriptions;

#[subscribe_mapping("/a")]
impl Subscriptions {}

struct Exceptions;

#[message_exception_handler]
impl Exceptions {}

struct Replies;

#[send_to("/topic/a")]
impl Replies {}

struct Twice;

#[message_mapping("/a")]
impl Twice {}

#[message_mapping("/b")]
impl Twice {}

struct NoController;

impl NoController {
    #[message_mapping("/a")]
    async fn method(&self, _text: String) {}
}

#[subscribe_mapping("/a")]
mod subscriptions {}

#[message_mapping("/a")]
#[message_exception_handler]
mod exceptions {}

#[send_to_user]
mod users {}

#[message_mapping("/a")]
mod module {
    #[cfg_attr(all(), message_mapping("/conditional"))]
    async fn conditional() {}

    mod nested {
        use stomp_axum::prelude::*;

        #[message_mapping("/b")]
        fn not_async() {}
    }
}

#[message_mapping("/{class}")]
mod variables {
    use stomp_axum::prelude::*;

    #[message_mapping("/b")]
    async fn no_attribute(class: String) {}
}

fn main() {
    let _ = handlers![Controller, OtherController];
}
