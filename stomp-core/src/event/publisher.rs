use std::{
    fmt,
    sync::{Arc, OnceLock, Weak},
};

use futures_util::future::BoxFuture;
use tokio::sync::broadcast;

use super::{
    BrokerAvailabilityEvent, Event, EventKind, EventStream, SessionConnectEvent,
    SessionConnectedEvent, SessionDisconnectEvent, SessionSubscribeEvent, SessionUnsubscribeEvent,
    UnresolvedUserMessageEvent, event_type::KindOfEvent,
};
use crate::{
    message::Message,
    session::{CloseReason, Session},
};

/// Takes events: an `#[event_listener]`.
pub(crate) trait EventListener: Send + Sync + 'static {
    /// Whether it takes events of that kind.
    fn takes(&self, kind: EventKind) -> bool;

    /// Takes an event. Whatever goes wrong is its own affair.
    fn call(&self, event: Event) -> BoxFuture<'_, ()>;
}

/// What is left of publishing: the listeners run while it is polled.
pub(crate) type Listening = BoxFuture<'static, ()>;

/// Tells listeners and streams what happens. Cheap to clone.
///
/// Each method returns what has to be waited for, and `None` if there is nothing: nothing is made, locked or allocated
/// for an event that nobody wants.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventPublisher(Arc<Inner>);

/// A publisher for those that its listeners lead to again, by the template: without it the server would hold itself.
#[derive(Clone, Debug)]
pub(crate) struct WeakEventPublisher(Weak<Inner>);

impl WeakEventPublisher {
    /// The publisher; `None` when the server is gone.
    pub(crate) fn upgrade(&self) -> Option<EventPublisher> {
        self.0.upgrade().map(EventPublisher)
    }
}

#[derive(Default)]
struct Inner {
    listeners: OnceLock<[Listeners; EventKind::ALL.len()]>,
    stream: OnceLock<broadcast::Sender<Event>>,
}

/// The listeners of one kind of event, in their order.
type Listeners = Arc<[Arc<dyn EventListener>]>;

/// How many events a stream may be behind.
const STREAM_EVENTS: usize = 1024;

tokio::task_local! {
    /// Listeners of unresolved messages run: what they send may be unresolved, too.
    static UNRESOLVED: ();
}

impl EventPublisher {
    /// Says who listens. The publisher comes first and its listeners later, because they can already publish.
    pub(crate) fn connect(&self, listeners: &[Arc<dyn EventListener>]) {
        let connected = self.0.listeners.set(EventKind::ALL.map(|kind| {
            let of_kind = listeners.iter().filter(|listener| listener.takes(kind));
            of_kind.cloned().collect()
        }));
        debug_assert!(connected.is_ok(), "listeners are connected once");
    }

    pub(crate) fn downgrade(&self) -> WeakEventPublisher {
        WeakEventPublisher(Arc::downgrade(&self.0))
    }

    /// A stream of everything that happens from now on.
    pub(crate) fn stream(&self) -> EventStream {
        let sender = self
            .0
            .stream
            .get_or_init(|| broadcast::Sender::new(STREAM_EVENTS));
        EventStream::new(sender.subscribe())
    }

    /// Whether anybody wants to know of CONNECT, so that it has to be kept.
    pub(crate) fn wants_connects(&self) -> bool {
        self.wants(EventKind::SessionConnect)
    }

    /// CONNECT was accepted, and the session is registered.
    pub(crate) fn connected(
        &self,
        session: &Session,
        connect: Option<Message>,
    ) -> Option<Listening> {
        let connect = connect.and_then(|connect| {
            self.publish_for(session, || SessionConnectEvent {
                session: session.clone(),
                message: Arc::new(connect),
            })
        });
        let connected = self.publish_for(session, || SessionConnectedEvent {
            session: session.clone(),
        });
        match (connect, connected) {
            (Some(connect), Some(connected)) => Some(Box::pin(async {
                connect.await;
                connected.await;
            })),
            (one, other) => one.or(other),
        }
    }

    /// Whether anybody wants to know of subscriptions.
    pub(crate) fn wants_subscriptions(&self) -> bool {
        self.wants(EventKind::SessionSubscribe)
    }

    /// A subscription is active.
    pub(crate) fn subscribed(&self, session: &Session, subscribe: Message) -> Option<Listening> {
        self.publish_for(session, || SessionSubscribeEvent {
            session: session.clone(),
            message: Arc::new(subscribe),
        })
    }

    /// A subscription is removed.
    pub(crate) fn unsubscribed(
        &self,
        session: &Session,
        unsubscribe: impl FnOnce() -> Message,
    ) -> Option<Listening> {
        self.publish_for(session, || SessionUnsubscribeEvent {
            session: session.clone(),
            message: Arc::new(unsubscribe()),
        })
    }

    /// A session has ended: for `reason`, unless it is closed for another already.
    pub(crate) fn disconnected(&self, session: &Session, reason: CloseReason) -> Option<Listening> {
        self.publish_for(session, || SessionDisconnectEvent {
            session: session.clone(),
            close_reason: session.close_reason().unwrap_or(reason),
        })
    }

    /// The broker takes messages, or no longer.
    pub(crate) fn broker_is_available(&self, is_available: bool) -> Option<Listening> {
        self.publish(|| BrokerAvailabilityEvent { is_available })
    }

    /// A message is for `user`, who is not connected. `destination` is the one that the user would have subscribed to.
    pub(crate) fn unresolved(
        &self,
        message: &Message,
        user: &str,
        destination: &str,
    ) -> Option<Listening> {
        if UNRESOLVED.try_with(|()| ()).is_ok() {
            tracing::debug!(
                user,
                destination,
                "a listener of unresolved messages sends one"
            );
            return None;
        }
        let listening = self.publish(|| UnresolvedUserMessageEvent {
            message: Arc::new(message.clone()),
            user: user.into(),
            destination: destination.into(),
        })?;
        Some(Box::pin(UNRESOLVED.scope((), listening)))
    }

    fn publish<E: KindOfEvent>(&self, event: impl FnOnce() -> E) -> Option<Listening> {
        if !self.wants(E::KIND) {
            return None;
        }
        let event = event().into();
        self.send_to_streams(&event);
        let listeners = self.listeners(E::KIND)?.clone();
        Some(Box::pin(call_all(listeners, event)))
    }

    /// The listeners of one session run one after another. Behind its disconnect there is nothing more.
    fn publish_for<E: KindOfEvent>(
        &self,
        session: &Session,
        event: impl FnOnce() -> E,
    ) -> Option<Listening> {
        if !self.wants(E::KIND) {
            return None;
        }
        let event = event().into();
        let (turn, listeners) = session.take_turns(|turns, has_ended| {
            if has_ended && E::KIND != EventKind::SessionDisconnect {
                return None;
            }
            self.send_to_streams(&event);
            let listeners = self.listeners(E::KIND)?.clone();
            Some((turns.next(), listeners))
        })?;
        Some(Box::pin(turn.run(call_all(listeners, event))))
    }

    fn wants(&self, kind: EventKind) -> bool {
        self.listeners(kind).is_some()
            || self
                .0
                .stream
                .get()
                .is_some_and(|stream| stream.receiver_count() > 0)
    }

    /// `None` if there are none.
    fn listeners(&self, kind: EventKind) -> Option<&Listeners> {
        let listeners = &self.0.listeners.get()?[kind as usize];
        (!listeners.is_empty()).then_some(listeners)
    }

    fn send_to_streams(&self, event: &Event) {
        if let Some(stream) = self.0.stream.get() {
            // The last stream may just have been dropped.
            let _nobody_reads = stream.send(event.clone());
        }
    }
}

async fn call_all(listeners: Listeners, event: Event) {
    for listener in listeners.iter() {
        listener.call(event.clone()).await;
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}
