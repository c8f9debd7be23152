//! Controllers and modules: what their handlers inherit.

#![deny(warnings)]

use std::any::TypeId;

use stomp_axum::{
    __private::{HandlerDefinition, Registration, Registrations},
    handler::HandlerKind,
    prelude::*,
};

struct TradeController;

#[send_to_user("/queue/trade", broadcast = false)]
#[message_mapping("/trade", "/t")]
impl TradeController {
    const GREETING: &'static str = "hello";

    /// A method that is no handler.
    fn new() -> Self {
        Self
    }

    const BEFORE_BUY: u32 = line!();
    #[send_to("/topic/trades.{item}")]
    #[message_mapping("/buy/{item}")]
    async fn buy(&self, amount: u32, #[destination_variable] item: String) -> String {
        format!("{amount} {item}")
    }

    #[subscribe_mapping]
    pub async fn prices() -> &'static str {
        Self::GREETING
    }

    #[message_mapping("/self")]
    async fn mentions_self(state: State<std::sync::Arc<Self>>, _: Option<State<Self>>) {
        drop(state);
    }

    #[cfg(any())]
    #[message_mapping("/never")]
    async fn configured_out(&self, missing: DoesNotExist) {}

    #[message_exception_handler]
    async fn failed(&self, error: &std::fmt::Error) -> String {
        error.to_string()
    }
}

impl Clone for TradeController {
    fn clone(&self) -> Self {
        Self
    }
}

/// Without a prefix, and without an instance.
struct Plain;

#[message_mapping]
impl Plain {
    #[message_mapping("/plain")]
    async fn plain() {}

    #[message_mapping("/r#type")]
    async fn r#type() {}
}

#[message_mapping("/chat/{room}")]
#[send_to("/topic/chat")]
mod chat {
    use super::*;

    #[message_mapping("/join")]
    pub async fn join(#[destination_variable] room: String) -> String {
        room
    }

    #[message_mapping]
    #[send_to("/topic/{room}")]
    pub async fn class_pattern_only() -> u8 {
        1
    }

    #[message_exception_handler(global)]
    pub async fn failed(error: &(dyn std::error::Error + Send + Sync)) -> String {
        error.to_string()
    }

    /// Not annotated itself.
    pub mod plain {
        use super::*;

        #[subscribe_mapping("/inner")]
        pub async fn inner() -> u8 {
            1
        }
    }

    #[message_mapping("/{user}")]
    #[send_to_user]
    pub mod annotated {
        use super::*;

        pub struct Controller;

        #[message_mapping("/controller")]
        impl Controller {
            #[message_mapping("/method")]
            async fn method(
                &self,
                #[destination_variable] room: String,
                #[destination_variable] user: String,
            ) {
                drop((room, user));
            }
        }
    }
}

fn handler(registrations: &Registrations, index: usize) -> &HandlerDefinition {
    match &registrations.0[index] {
        Registration::Handler(handler) => handler,
        other => panic!("{other:?}"),
    }
}

fn main() {
    let trade = &__stomp_handlers_TradeController;
    assert_eq!(trade.0.len(), 4);
    let buy = handler(trade, 0);
    assert_eq!(buy.function.name, "TradeController::buy");
    assert_eq!(buy.function.line, TradeController::BEFORE_BUY + 3);
    let controller = buy.function.controller.unwrap();
    assert_eq!(
        (controller.name, controller.needs_instance),
        ("TradeController", true)
    );
    assert_eq!((controller.id)(), TypeId::of::<TradeController>());
    assert_eq!(buy.class_patterns, [["/trade", "/t"]]);
    assert_eq!(buy.patterns, ["/buy/{item}"]);
    assert_eq!(buy.reply.send_to, Some(["/topic/trades.{item}"].as_slice()));
    assert!(buy.class_reply.send_to.is_none());
    let user = buy.class_reply.send_to_user.unwrap();
    assert_eq!(
        (user.destinations, user.broadcast),
        (["/queue/trade"].as_slice(), false)
    );

    let prices = handler(trade, 1);
    assert_eq!(prices.kind, HandlerKind::Subscribe);
    assert!(prices.patterns.is_empty() && prices.class_patterns.len() == 1);
    // Whether it needs an instance is said of the controller, not of the method.
    assert!(prices.function.controller.unwrap().needs_instance);

    let Registration::ExceptionHandler(failed) = &trade.0[3] else {
        panic!("{trade:?}");
    };
    assert_eq!(
        (failed.function.name, failed.global),
        ("TradeController::failed", false)
    );
    assert_eq!(failed.function.controller, Some(controller));
    assert!(failed.class_reply.send_to_user.is_some());

    let plain = handler(&__stomp_handlers_Plain, 0);
    assert!(plain.class_patterns.is_empty());
    assert!(!plain.function.controller.unwrap().needs_instance);
    assert_eq!(
        handler(&__stomp_handlers_Plain, 1).function.name,
        "Plain::type"
    );

    let join = handler(&chat::__stomp_handlers_join, 0);
    assert_eq!(
        (join.class_patterns, join.patterns),
        (
            [["/chat/{room}"].as_slice()].as_slice(),
            ["/join"].as_slice()
        )
    );
    assert_eq!(join.class_reply.send_to, Some(["/topic/chat"].as_slice()));
    assert!(join.reply.send_to.is_none());
    assert!(join.function.module.ends_with("::chat"));
    let class_pattern_only = handler(&chat::__stomp_handlers_class_pattern_only, 0);
    assert!(class_pattern_only.patterns.is_empty());
    assert_eq!(
        class_pattern_only.reply.send_to,
        Some(["/topic/{room}"].as_slice())
    );

    let Registration::ExceptionHandler(failed) = &chat::__stomp_handlers_failed.0[0] else {
        panic!("it is an exception handler");
    };
    assert!(failed.global && failed.error.matches.is_none());
    assert_eq!(failed.class_reply.send_to, Some(["/topic/chat"].as_slice()));

    let inner = handler(&chat::plain::__stomp_handlers_inner, 0);
    assert_eq!(inner.class_patterns, [["/chat/{room}"]]);

    // Outermost first; the closest reply targets count.
    let method = handler(&chat::annotated::__stomp_handlers_Controller, 0);
    assert_eq!(
        method.class_patterns,
        [["/chat/{room}"], ["/{user}"], ["/controller"]]
    );
    assert_eq!(method.patterns, ["/method"]);
    assert!(method.class_reply.send_to.is_none());
    assert!(
        method
            .class_reply
            .send_to_user
            .unwrap()
            .destinations
            .is_empty()
    );

    let _ = (TradeController::new().clone(), Plain);
    let _ = handlers![
        TradeController,
        Plain,
        chat::join,
        chat::plain::inner,
        chat::annotated::Controller
    ];
    let _ = handlers![];
}
