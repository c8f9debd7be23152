use super::{
    BrokerAvailabilityEvent, SessionConnectEvent, SessionConnectedEvent, SessionDisconnectEvent,
    SessionSubscribeEvent, SessionUnsubscribeEvent, UnresolvedUserMessageEvent,
};

/// A type that `#[event_listener]` functions can take as their event: one of the events, or [`Event`] for all of them.
///
/// It can't be implemented for other types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no event",
    label = "the first argument of an event listener is the event that it listens to",
    note = "take one of the types of `stomp_axum::event`, such as `SessionConnectedEvent`, or `Event` for all of them"
)]
pub trait EventType: sealed::Sealed + Clone + Send + Sync + 'static {
    /// Whether a listener of this type gets events of that kind.
    #[doc(hidden)]
    fn takes(kind: EventKind) -> bool;

    /// The event, if it is of this type.
    #[doc(hidden)]
    fn from_event(event: Event) -> Option<Self>;
}

mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for Event {}

impl EventType for Event {
    fn takes(_: EventKind) -> bool {
        true
    }

    fn from_event(event: Event) -> Option<Self> {
        Some(event)
    }
}

/// An event that has a kind of its own.
pub(crate) trait KindOfEvent: EventType + Into<Event> {
    const KIND: EventKind;
}

macro_rules! events {
    ($($(#[$documentation:meta])* $kind:ident($event:ident),)*) => {
        /// Any event. Cheap to clone.
        #[non_exhaustive]
        #[derive(Clone, Debug)]
        pub enum Event {
            $($(#[$documentation])* $kind($event),)*
        }

        /// Tells the events apart before there is one.
        #[doc(hidden)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventKind {
            $($kind,)*
        }

        impl EventKind {
            pub(super) const ALL: [Self; [$(Self::$kind),*].len()] = [$(Self::$kind),*];
        }

        $(
            impl From<$event> for Event {
                fn from(event: $event) -> Self {
                    Self::$kind(event)
                }
            }

            impl sealed::Sealed for $event {}

            impl EventType for $event {
                fn takes(kind: EventKind) -> bool {
                    kind == EventKind::$kind
                }

                fn from_event(event: Event) -> Option<Self> {
                    match event {
                        Event::$kind(event) => Some(event),
                        _ => None,
                    }
                }
            }

            impl KindOfEvent for $event {
                const KIND: EventKind = EventKind::$kind;
            }
        )*
    };
}

events! {
    /// CONNECT was accepted.
    SessionConnect(SessionConnectEvent),
    /// The session is registered.
    SessionConnected(SessionConnectedEvent),
    /// A subscription is active.
    SessionSubscribe(SessionSubscribeEvent),
    /// A subscription is removed.
    SessionUnsubscribe(SessionUnsubscribeEvent),
    /// A session has ended.
    SessionDisconnect(SessionDisconnectEvent),
    /// The server has started, or stops.
    BrokerAvailability(BrokerAvailabilityEvent),
    /// A message is for a user who is not connected.
    UnresolvedUserMessage(UnresolvedUserMessageEvent),
}
