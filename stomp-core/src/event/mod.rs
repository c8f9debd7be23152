//! What happens to sessions, users and the broker: Spring's application events (EVT-01 to EVT-13).
//!
//! | event | when |
//! |---|---|
//! | [`SessionConnectEvent`] | CONNECT was accepted: the client is who it says, and there is room for its session |
//! | [`SessionConnectedEvent`] | the session is registered, and CONNECTED is about to be written |
//! | [`SessionSubscribeEvent`] | a subscription is active: whatever is published from now on reaches it |
//! | [`SessionUnsubscribeEvent`] | a subscription is removed |
//! | [`SessionDisconnectEvent`] | a session has ended, whatever ended it |
//! | [`BrokerAvailabilityEvent`] | the server has started, or stops |
//! | [`UnresolvedUserMessageEvent`] | a message is for a user who is not connected |
//!
//! # Listeners
//!
//! A function with `#[event_listener]` takes one of these types as its first argument:
//!
//! ```
//! use stomp_axum::prelude::*;
//!
//! /// Whoever joins a room is announced in it.
//! #[event_listener]
//! async fn joined(
//!     event: SessionSubscribeEvent,
//!     template: MessagingTemplate,
//! ) -> Result<(), MessagingError> {
//!     match (event.principal(), event.destination()) {
//!         (Some(user), room) if room.starts_with("/topic/chat.") => {
//!             let text = format!("{user} is here");
//!             template.convert_and_send(room, &text).await
//!         }
//!         _ => Ok(()),
//!     }
//! }
//! ```
//!
//! The listeners of one session run one after another, in the order of its events: connect, connected, subscribe and
//! unsubscribe, disconnect. The session's next frame waits for them, so that a client that is faster than its listeners
//! fills no queue. A session that is lost is announced at once, even while a handler of it still runs. An error or a
//! panic of a listener is logged, and changes nothing else (EVT-12).
//!
//! Each session that has connected disconnects exactly once. A client that is refused has no events at all (EVT-11).
//!
//! # Streams
//!
//! `Messaging::events` gives them as a stream, to code that prefers one: see [`EventStream`].

mod event_type;
mod publisher;
mod server_events;
mod session_events;
mod stream;

#[doc(hidden)]
pub use self::event_type::EventKind;
pub(crate) use self::publisher::{EventListener, EventPublisher, Listening, WeakEventPublisher};
pub use self::{
    event_type::{Event, EventType},
    server_events::{BrokerAvailabilityEvent, UnresolvedUserMessageEvent},
    session_events::{
        SessionConnectEvent, SessionConnectedEvent, SessionDisconnectEvent, SessionSubscribeEvent,
        SessionUnsubscribeEvent,
    },
    stream::{EventStream, EventsMissed},
};
