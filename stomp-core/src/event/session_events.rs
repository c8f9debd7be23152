use std::sync::Arc;

use crate::{
    message::{Message, Principal},
    session::{CloseReason, Session},
};

/// What all events of sessions have.
macro_rules! of_session {
    ($($event:ident),*) => {$(
        impl $event {
            /// The session.
            pub fn session(&self) -> &Session {
                &self.session
            }

            /// The user of the session; `None` if it is anonymous.
            pub fn principal(&self) -> Option<&Principal> {
                self.session.principal()
            }
        }
    )*};
}

of_session!(
    SessionConnectEvent,
    SessionConnectedEvent,
    SessionSubscribeEvent,
    SessionUnsubscribeEvent,
    SessionDisconnectEvent
);

/// What the events of subscriptions have.
macro_rules! of_subscription {
    ($($event:ident),*) => {$(
        impl $event {
            /// The destination or pattern of the subscription, as the client wrote it in SUBSCRIBE. In the event of
            /// SUBSCRIBE an interceptor may have changed it.
            pub fn destination(&self) -> &str {
                self.message.destination().unwrap_or_default()
            }

            /// The `id` of the subscription; STOMP 1.0 may do without (SUB-004).
            pub fn subscription_id(&self) -> Option<&str> {
                self.message.subscription_id()
            }
        }
    )*};
}

of_subscription!(SessionSubscribeEvent, SessionUnsubscribeEvent);

/// A client's CONNECT was accepted (EVT-02).
///
/// The client has not got CONNECTED yet, and waits for the listeners.
#[derive(Clone, Debug)]
pub struct SessionConnectEvent {
    pub(super) session: Session,
    pub(super) message: Arc<Message>,
}

impl SessionConnectEvent {
    /// CONNECT, with all headers that the client sent, and as interceptors have changed it.
    pub fn message(&self) -> &Message {
        &self.message
    }
}

/// A session is registered: whoever asks the registries finds it, and CONNECTED is about to be written (EVT-03).
#[derive(Clone, Debug)]
pub struct SessionConnectedEvent {
    pub(super) session: Session,
}

/// A subscription is active: whatever is published from now on reaches it (EVT-04).
///
/// Spring's event says only that SUBSCRIBE waits to be processed (EVT-10), so that what its listeners send may be lost.
///
/// SUBSCRIBE to a `#[subscribe_mapping]` has this event, too, when its handler has answered. One that an interceptor or a
/// layer has swallowed or refused has none.
#[derive(Clone, Debug)]
pub struct SessionSubscribeEvent {
    pub(super) session: Session,
    pub(super) message: Arc<Message>,
}

impl SessionSubscribeEvent {
    /// SUBSCRIBE, with all headers that the client sent, and as interceptors have changed it.
    pub fn message(&self) -> &Message {
        &self.message
    }
}

/// A subscription is removed: no message is on its way to it any more (EVT-05).
///
/// When a session ends, so do its subscriptions, without events of their own.
#[derive(Clone, Debug)]
pub struct SessionUnsubscribeEvent {
    pub(super) session: Session,
    pub(super) message: Arc<Message>,
}

impl SessionUnsubscribeEvent {
    /// UNSUBSCRIBE, with all headers that the client sent.
    pub fn message(&self) -> &Message {
        &self.message
    }
}

/// A session has ended: the registries don't know it any more, and its subscriptions are gone (EVT-06).
///
/// It comes exactly once for each [`SessionConnectedEvent`], whatever ended the session. The
/// [attributes](Session::attributes) are emptied when the listeners are through.
#[derive(Clone, Debug)]
pub struct SessionDisconnectEvent {
    pub(super) session: Session,
    pub(super) close_reason: CloseReason,
}

impl SessionDisconnectEvent {
    /// Why the session has ended.
    pub fn close_reason(&self) -> CloseReason {
        self.close_reason
    }
}
