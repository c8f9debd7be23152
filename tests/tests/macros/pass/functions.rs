//! Attributes of functions: their order, what stands between them, and what they register.

// Imports of attributes count as used, whichever of them expands first.
#![deny(unused_imports)]

use stomp_axum::{
    __private::{HandlerDefinition, Registration, Registrations},
    handler::HandlerKind,
    message_mapping, send_to, send_to_user, subscribe_mapping,
};

// Any order, with other attributes in between.

#[message_mapping("/a")]
#[send_to("/topic/a")]
#[send_to_user("/queue/a", broadcast = false)]
async fn mapping_first() -> u8 {
    1
}

#[send_to_user("/queue/a", broadcast = false)]
#[must_use]
#[send_to("/topic/a")]
/// Between them.
#[inline]
#[message_mapping("/a")]
async fn mapping_last() -> u8 {
    1
}

#[send_to("/topic/a")]
#[stomp_axum::message_mapping("/a")]
#[::stomp_axum::prelude::send_to_user("/queue/a", broadcast = false)]
async fn by_path() -> u8 {
    1
}

#[cfg_attr(all(), send_to("/topic/a"))]
#[message_mapping("/a")]
#[cfg_attr(all(), send_to_user("/queue/a", broadcast = false), inline)]
#[cfg_attr(any(), send_to("/topic/b"))]
async fn conditional() -> u8 {
    1
}

#[message_mapping("/never")]
#[cfg(any())]
async fn configured_out() {}

// What they register.

const BEFORE_DEFAULTS: u32 = line!();
#[message_mapping("/a", "/b/{c}", r"/{d:\d+}/**")]
#[send_to]
#[send_to_user]
async fn defaults() -> u8 {
    1
}

#[subscribe_mapping("/{room}")]
#[send_to("/topic/{room}", "/topic/rooms")]
async fn subscription() -> u8 {
    1
}

#[message_mapping("/m")]
#[subscribe_mapping("/s")]
async fn both() -> u8 {
    1
}

#[message_mapping]
#[subscribe_mapping("/s")]
async fn only_one_has_a_pattern() -> u8 {
    1
}

#[message_mapping("/a", crate = stomp_axum)]
async fn with_crate() {}

mod wrapper {
    pub mod stomp {
        pub use ::stomp_axum::*;
    }
}

#[message_mapping("/a")]
#[send_to("/topic/a", crate = crate::wrapper::stomp)]
async fn with_wrapped_crate() {}

fn handler(registrations: &Registrations, index: usize) -> &HandlerDefinition {
    match &registrations.0[index] {
        Registration::Handler(handler) => handler,
        other => panic!("{other:?}"),
    }
}

fn main() {
    for registrations in [
        &__stomp_handlers_mapping_first,
        &__stomp_handlers_mapping_last,
        &__stomp_handlers_by_path,
        &__stomp_handlers_conditional,
    ] {
        assert_eq!(registrations.0.len(), 1);
        let handler = handler(registrations, 0);
        assert_eq!(handler.kind, HandlerKind::Message);
        assert_eq!(handler.patterns, ["/a"]);
        assert!(handler.class_patterns.is_empty());
        assert_eq!(handler.reply.send_to, Some(["/topic/a"].as_slice()));
        let user = handler.reply.send_to_user.unwrap();
        assert_eq!(
            (user.destinations, user.broadcast),
            (["/queue/a"].as_slice(), false)
        );
        assert!(
            handler.class_reply.send_to.is_none() && handler.class_reply.send_to_user.is_none()
        );
        assert!(handler.function.controller.is_none());
    }

    let defaults = handler(&__stomp_handlers_defaults, 0);
    assert_eq!(defaults.patterns, ["/a", "/b/{c}", r"/{d:\d+}/**"]);
    assert_eq!(defaults.reply.send_to, Some([].as_slice()));
    let user = defaults.reply.send_to_user.unwrap();
    assert!(user.destinations.is_empty() && user.broadcast);
    assert_eq!(
        (defaults.function.name, defaults.function.module),
        ("defaults", module_path!())
    );
    assert!(
        defaults.function.file.ends_with("functions.rs"),
        "{:?}",
        defaults.function
    );
    assert_eq!(defaults.function.line, BEFORE_DEFAULTS + 4);

    let subscription = handler(&__stomp_handlers_subscription, 0);
    assert_eq!(subscription.kind, HandlerKind::Subscribe);
    assert_eq!(
        subscription.reply.send_to,
        Some(["/topic/{room}", "/topic/rooms"].as_slice())
    );

    // Better than MM-6.
    assert_eq!(__stomp_handlers_both.0.len(), 2);
    for (index, kind, pattern) in [
        (0, HandlerKind::Message, "/m"),
        (1, HandlerKind::Subscribe, "/s"),
    ] {
        let handler = handler(&__stomp_handlers_both, index);
        assert_eq!(
            (handler.kind, handler.patterns),
            (kind, [pattern].as_slice())
        );
    }
    assert_eq!(__stomp_handlers_only_one_has_a_pattern.0.len(), 1);
    assert_eq!(
        handler(&__stomp_handlers_only_one_has_a_pattern, 0).kind,
        HandlerKind::Subscribe
    );

    let _ = (
        &__stomp_handlers_with_crate,
        &__stomp_handlers_with_wrapped_crate,
    );
    let _ = mapping_first();
}
