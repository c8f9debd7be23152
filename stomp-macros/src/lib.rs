//! The attribute macros of stomp-rs. Use them through `stomp-axum` (or `stomp-core`), which re-export them.
//!
//! | attribute | on | what it says |
//! |---|---|---|
//! | [`#[message_mapping]`](macro@message_mapping) | `async fn`, method, `impl`, `mod` | SEND to these destinations is handled here |
//! | [`#[subscribe_mapping]`](macro@subscribe_mapping) | `async fn`, method | SUBSCRIBE to these destinations is answered here |
//! | [`#[send_to]`](macro@send_to) | with a mapping | the reply goes to these destinations |
//! | [`#[send_to_user]`](macro@send_to_user) | with a mapping | the reply goes to the user who sent the message |
//! | [`#[message_exception_handler]`](macro@message_exception_handler) | `async fn`, method | errors of handlers are handled here |
//! | [`#[event_listener]`](macro@event_listener) | `async fn`, method | told here is who connects, subscribes and disconnects |
//! | [`#[server_endpoint]`](macro@server_endpoint) | `impl` | the WebSockets of this path, without STOMP, are handled here |
//!
//! Rules for all of them:
//!
//! * **The function stays what it is**: it can be called, tested, documented and instrumented as if the attributes were
//!   not there. Beside it stands a hidden static, which registers it.
//! * **The order of the attributes does not matter**; other attributes may stand between them. They are recognised by
//!   the last segment of their path: `#[stomp_axum::send_to]` works, `use stomp_axum::send_to as reply_to` does not.
//! * **Destinations are string literals**, and checked by the compiler: a mistake in a pattern does not compile.
//! * **All mistakes of one function are reported together.**
//! * `crate = path` names the crate that the generated code uses, for macros that wrap these and for builds without
//!   cargo: `#[message_mapping("/hello", crate = my_framework::stomp)]`. Otherwise it is `stomp-axum`, or else
//!   `stomp-core`, under the name that it has in `Cargo.toml`.
//! * With `STOMP_MACROS_DEBUG=1` in the compiler's environment, the generated code is printed to its standard error.

mod args;
mod borrowed_stream;
mod controller;
mod destination;
mod errors;
mod expand;
mod handlers;
mod item;
mod module;
mod named_text;
mod parameter;
mod paths;
#[allow(
    dead_code,
    reason = "the file is that of `stomp-core`; the macros need less of it"
)]
mod pattern_syntax;
mod server_endpoint;
mod siblings;
mod spec;

use proc_macro::TokenStream;

use self::{
    args::{Attribute, Kind},
    errors::Errors,
};

/// Handles SEND messages to these destinations: Spring's `@MessageMapping` (MM-2 to MM-9).
///
/// ```text
/// #[message_mapping("/destination", "/another", .., parallel = 4, crate = path)]
/// ```
///
/// # On a function
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use stomp_axum::prelude::*;
/// # #[derive(Deserialize, Serialize)] struct ChatMessage { text: String }
/// /// SEND to /app/chat/lobby, answered to every subscriber of /topic/chat.lobby.
/// #[message_mapping("/chat/{room}")]
/// #[send_to("/topic/chat.{room}")]
/// async fn chat(message: ChatMessage, #[destination_variable] room: String) -> ChatMessage {
///     message
/// }
/// ```
///
/// The destinations are patterns: `?` matches one character, `*` any text within a segment, `**` any number of
/// segments, `{name}` and `{name:regex}` a segment whose text is kept.
///
/// The function must be async, and neither generic nor unsafe.
///
/// ## Arguments
///
/// Everything that implements `FromMessage`, in any order: the payload (any type that implements serde's
/// `Deserialize`), `Headers`, `Principal`, `State<T>`, `MessagingTemplate` and so on; `Json(order): Json<Order>` and
/// other patterns work as in any function. Arguments are owned, so take `String` instead of `&str`. Two attributes say
/// that an argument is a text of the message, converted by `FromStr`:
///
/// * `#[header]`, `#[header("name")]`, `#[header("name", default = "text")]`: a header of the frame (AR-10 to AR-15).
///   The default counts if it is missing or empty; without a default, and if the type is no `Option`, it must be there.
///   Spring's names `simpDestination`, `simpMessageType`, `simpSessionId`, `simpSubscriptionId`, `simpUser`,
///   `contentType` and `lookupDestination` are what the server knows, and never a header of the frame;
///   `nativeHeaders.name` always is one;
/// * `#[destination_variable]`, `#[destination_variable("name")]`: what `{name}` stands for (AR-30).
///
/// Without a name, it is that of the parameter. A parameter without an attribute can't have the name of a destination
/// variable: so a forgotten attribute does not silently make it the payload.
///
/// ## Return values
///
/// Any type that implements serde's `Serialize`, `Message`, or a `Result` of them, whose error goes to the
/// [exception handlers](macro@message_exception_handler). `()` and `None` send nothing. Without
/// [`#[send_to]`](macro@send_to) the reply goes to `/topic` and the destination behind the application prefix (RV-10).
///
/// ## Order
///
/// The messages of one session are handled one after another, in the order in which they came. With `parallel = 4`, this
/// handler takes up to four messages of one session at the same time, and the frames behind them are handled meanwhile,
/// too: for a handler that waits for something else, and whose messages don't depend on each other. A RECEIPT is sent
/// when its frame is handled, and that of DISCONNECT when all are. `parallel = 1` is one after another. At an `impl` or
/// `mod` it counts for all handlers in it that don't say it themselves; `MessagingBuilder::parallel_handlers` says it for
/// all.
///
/// # On an `impl`: a controller
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use stomp_axum::prelude::*;
/// # #[derive(Deserialize)] struct Order { ticker: String }
/// # #[derive(Serialize)] struct Receipt { ticker: String }
/// # #[derive(Debug, thiserror::Error)] #[error("out of stock")] struct TradeError;
/// # struct TradeService;
/// # impl TradeService {
/// #     async fn buy(&self, order: Order, _trader: &str) -> Result<Receipt, TradeError> { Ok(Receipt { ticker: order.ticker }) }
/// # }
/// struct TradeController { trades: TradeService }
///
/// #[message_mapping("/trade")]
/// impl TradeController {
///     /// SEND to /app/trade/buy
///     #[message_mapping("/buy")]
///     async fn buy(&self, order: Order, trader: Principal) -> Result<Receipt, TradeError> {
///         self.trades.buy(order, trader.name()).await
///     }
/// }
/// ```
///
/// The patterns are prefixes of those of the methods, of both kinds (MM-5); `#[message_mapping]` without any makes a
/// controller without a prefix. `#[send_to]` and `#[send_to_user]` beside it are those of all methods (RV-15).
///
/// Methods take `&self`, or no receiver; the application gives the instance to `MessagingBuilder::controller`. The type
/// has no generic parameters, and there is no other annotated `impl` of the same type in the same module. A method needs
/// the attribute on its `impl`: without it, the compiler says that "associated `static` items are not allowed", or that
/// `&self` needs it. A method may have a `#[cfg]`, but the attributes can't stand in a `#[cfg_attr]`.
///
/// # On an inline `mod`
///
/// ```
/// # use stomp_axum::prelude::*;
/// #[message_mapping("/chat")]
/// mod chat {
///     use stomp_axum::prelude::*;
///
///     /// SEND to /app/chat/join
///     #[message_mapping("/join")]
///     async fn join(user: Principal) { /* .. */ }
/// }
/// ```
///
/// The patterns are prefixes of those of all handlers in it, also of nested modules and controllers; the closest
/// `#[send_to]` or `#[send_to_user]` counts. Handlers that a macro call in the module would create can't be seen, and
/// have no prefix. Rust refuses the attribute on a `mod name;` in another file; there, write an `impl`.
///
/// # Both mappings on one function
///
/// It handles SEND and SUBSCRIBE. (Spring ignores the `@SubscribeMapping` then, MM-6.)
#[proc_macro_attribute]
pub fn message_mapping(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::MessageMapping, arguments, item)
}

/// Answers SUBSCRIBE messages to these destinations: Spring's `@SubscribeMapping` (MM-2, SM-2).
///
/// ```text
/// #[subscribe_mapping("/destination", "/another", .., crate = path)]
/// ```
///
/// The return value goes straight to the subscriber, and to no one else, as the first message of the subscription.
/// With [`#[send_to]`](macro@send_to) or [`#[send_to_user]`](macro@send_to_user) it is sent there instead.
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use stomp_axum::prelude::*;
/// # #[derive(Serialize)] struct Position { ticker: String }
/// # #[derive(Clone)] struct Portfolio;
/// # impl Portfolio { fn of(&self, _user: &str) -> Vec<Position> { Vec::new() } }
/// /// SUBSCRIBE to /app/positions
/// #[subscribe_mapping("/positions")]
/// async fn positions(user: Principal, State(portfolio): State<Portfolio>) -> Vec<Position> {
///     portfolio.of(user.name())
/// }
/// ```
///
/// Arguments and return values are those of [`#[message_mapping]`](macro@message_mapping). There is no class-level form
/// of this attribute: `#[message_mapping]` on an `impl` or `mod` is a prefix for both (MM-5).
#[proc_macro_attribute]
pub fn subscribe_mapping(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::SubscribeMapping, arguments, item)
}

/// Sends the reply to these destinations: Spring's `@SendTo` (RV-10 to RV-16).
///
/// ```text
/// #[send_to("/topic/destination", "/topic/another", ..)]
/// ```
///
/// The reply is sent to each of them. `{name}` stands for a variable of the handler's pattern; wildcards are refused.
/// `#[send_to]` without destinations is the default, which it gives back to a function beside a `#[send_to_user]`:
/// `/topic` and the destination behind the application prefix.
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use stomp_axum::prelude::*;
/// # #[derive(Deserialize, Serialize)] struct ChatMessage { text: String }
/// #[message_mapping("/chat/{room}")]
/// #[send_to("/topic/chat.{room}", "/topic/chat")]
/// async fn chat(message: ChatMessage) -> ChatMessage {
///     message
/// }
/// ```
///
/// It stands beside a [`#[message_mapping]`](macro@message_mapping), a
/// [`#[subscribe_mapping]`](macro@subscribe_mapping) or a
/// [`#[message_exception_handler]`](macro@message_exception_handler). At an `impl` or `mod` it counts for all handlers in
/// it that have no destinations of their own (RV-15).
#[proc_macro_attribute]
pub fn send_to(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::SendTo, arguments, item)
}

/// Sends the reply to the user who sent the message: Spring's `@SendToUser` (RV-13 to RV-23).
///
/// ```text
/// #[send_to_user("/queue/destination", "/queue/another", .., broadcast = false)]
/// ```
///
/// The user's clients subscribe to `/user/queue/destination`. With `broadcast = false` only the session that sent the
/// message gets the reply; by default all sessions of the user do (RV-22). Without destinations it is `/queue` and the
/// destination behind the application prefix (RV-13).
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use stomp_axum::prelude::*;
/// # #[derive(Deserialize)] struct Order { ticker: String }
/// # #[derive(Serialize)] struct Receipt { ticker: String }
/// # impl Order { fn execute(self) -> Receipt { Receipt { ticker: self.ticker } } }
/// #[message_mapping("/trade")]
/// #[send_to_user("/queue/receipts", broadcast = false)]
/// async fn trade(order: Order) -> Receipt {
///     order.execute()
/// }
/// ```
///
/// It stands where [`#[send_to]`](macro@send_to) can stand, also beside it: then the reply goes to both.
#[proc_macro_attribute]
pub fn send_to_user(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::SendToUser, arguments, item)
}

/// Handles errors of message handlers: Spring's `@MessageExceptionHandler` (EX-1 to EX-13).
///
/// ```text
/// #[message_exception_handler]
/// #[message_exception_handler(global)]
/// ```
///
/// It takes the errors of the handlers in the same `impl`, or, as a free function, of those in the same module. With
/// `global` it takes the errors of all handlers that have no exception handler of their own for it, as in a Spring
/// `@ControllerAdvice`. Errors are those that handlers return, and those of arguments that can't be taken from the
/// message.
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use stomp_axum::prelude::*;
/// # #[derive(Debug, thiserror::Error)] #[error("out of stock")] struct TradeError;
/// #[message_exception_handler]
/// #[send_to_user("/queue/errors", broadcast = false)]
/// async fn trade_failed(error: &TradeError) -> String {
///     error.to_string()
/// }
/// ```
///
/// One argument is the error, and its type says which errors the function takes (EX-2). By reference, `&TradeError` takes
/// errors of this type, also as a `source()` of another error; `&(dyn Error + Send + Sync)` or `&BoxError` takes every
/// error. By value, `TradeError` takes errors of this type that the handler has returned or the framework has found
/// itself, since a source can't be taken out of another error; `BoxError` takes every error. Without a reference, the
/// argument whose type implements `std::error::Error` is the error.
///
/// ```
/// # use serde::Serialize;
/// # use stomp_axum::{handler::FailedHandler, prelude::*};
/// # #[derive(Debug, thiserror::Error)] #[error("out of stock")] struct OutOfStock { goods: Vec<String> }
/// #[message_exception_handler]
/// #[send_to_user("/queue/missing", broadcast = false)]
/// async fn out_of_stock(error: OutOfStock, handler: FailedHandler) -> Vec<String> {
///     println!("out of stock in {}", handler.name());
///     error.goods
/// }
/// ```
///
/// `FailedHandler` is the handler that failed (EX-7). All other arguments, and the return value, are those of
/// [`#[message_mapping]`](macro@message_mapping), and come from the message whose handler failed.
#[proc_macro_attribute]
pub fn message_exception_handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::ExceptionHandler, arguments, item)
}

/// Listens to what happens to sessions, users and the broker: Spring's `@EventListener` (EVT-01 to EVT-12).
///
/// ```text
/// #[event_listener]
/// #[event_listener(crate = path)]
/// ```
///
/// The first argument is the event, and its type says which events the function listens to: one of the types of the
/// module `event`, or `Event` for all of them. The others are what the application provides, in any order: `State<T>`,
/// `MessagingTemplate`, `UserRegistry`, `SessionRegistry`, or a type of your own that implements `FromApplication`.
///
/// ```
/// # use stomp_axum::prelude::*;
/// use stomp_axum::event::SessionDisconnectEvent;
///
/// #[event_listener]
/// async fn left(
///     event: SessionDisconnectEvent,
///     users: UserRegistry,
///     template: MessagingTemplate,
/// ) -> Result<(), MessagingError> {
///     match event.principal() {
///         // The user may have other sessions.
///         Some(user) if users.user(user.name()).is_none() => {
///             template.convert_and_send("/topic/offline", user.name()).await
///         }
///         _ => Ok(()),
///     }
/// }
/// ```
///
/// It returns `()`, or a `Result<(), E>` whose error is logged; so is a panic (EVT-12). The session waits for its
/// listeners, which run one after another; the module `event` says more.
///
/// It is collected like a handler, and named in [`handlers!`]. As a method it belongs to a controller: its `impl` needs a
/// [`#[message_mapping]`](macro@message_mapping).
#[proc_macro_attribute]
pub fn event_listener(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::EventListener, arguments, item)
}

/// Names the handlers and controllers that a server uses, instead of all that the program has.
///
/// ```
/// # use stomp_axum::prelude::*;
/// # #[message_mapping("/greeting")]
/// # async fn greeting() {}
/// # mod chat {
/// #     #[stomp_axum::subscribe_mapping("/history")]
/// #     pub async fn history() {}
/// # }
/// # mod trade {
/// #     use stomp_axum::message_mapping;
/// #     pub struct TradeController;
/// #     #[message_mapping("/trade")]
/// #     impl TradeController {
/// #         #[message_mapping("/buy")]
/// #         async fn buy(&self) {}
/// #     }
/// # }
/// let handlers = handlers![greeting, chat::history, trade::TradeController];
/// ```
///
/// The value is a `Handlers`. The last segment is the name under which a function or controller is declared, behind the
/// path of the module in which it is declared: what registers it stands there, and `use trade::TradeController` does not
/// import that.
#[proc_macro]
pub fn handlers(input: TokenStream) -> TokenStream {
    handlers::expand(input.into()).into()
}

#[doc = include_str!("docs/server_endpoint.md")]
#[proc_macro_attribute]
pub fn server_endpoint(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let expansion = server_endpoint::expand(arguments.into(), &item.into());
    print(&expansion);
    expansion.into()
}

fn attribute(kind: Kind, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = arguments.into();
    if args::is_taken(&arguments) {
        return item;
    }
    let mut errors = Errors::default();
    let span = proc_macro2::Span::call_site();
    let first = Attribute::parse(kind, span, arguments, &mut errors);
    let expansion = item::expand(first, &item.into(), errors);
    print(&expansion);
    expansion.into()
}

fn print(expansion: &proc_macro2::TokenStream) {
    if std::env::var_os("STOMP_MACROS_DEBUG").is_some_and(|value| value == "1") {
        eprintln!("{expansion}");
    }
}
