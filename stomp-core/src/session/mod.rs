//! One connection, whatever carries it: its identity, its attributes, its bounded outbound queue, and why it closes.

mod attributes;
mod close;
mod limits;
mod outbound;
mod registry;
mod scope;
mod slow_consumer;
mod streams;
mod subscriptions;
mod turns;

pub use self::{
    attributes::SessionAttributes,
    close::CloseReason,
    limits::Limits,
    registry::SessionRegistry,
    scope::{SessionScopeError, SessionScoped},
    slow_consumer::SlowConsumer,
    subscriptions::SessionSubscription,
};
pub(crate) use self::{
    outbound::{
        Drained, Outbound, OutboundReceiver, Overflow, Queued, RoomWaiter, SessionClosed, Unsent,
    },
    scope::SessionFactories,
    slow_consumer::SlowConsumers,
    streams::{NotOpened, OpenStream},
    subscriptions::SubscriptionKey,
    turns::Turns,
};
use self::{scope::Scope, streams::Streams, subscriptions::Subscriptions};

use std::{
    any::Any,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;

use crate::{
    codec::Version,
    message::{Principal, SessionId},
};

/// A connected session: it exists from the moment at which CONNECT was accepted until the connection has ended.
///
/// Cheap to clone; all clones are the same session.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    id: SessionId,
    version: Version,
    principal: Option<Principal>,
    attributes: SessionAttributes,
    scope: Scope,
    outbound: Outbound,
    life: Mutex<Life>,
    /// Changes under the lock of `life` only. Beside it, so that those can read it that hold locks which are taken under
    /// that one.
    has_ended: AtomicBool,
}

/// What changes while the session lives.
#[derive(Default)]
struct Life {
    subscriptions: Subscriptions,
    streams: Streams,
    /// The order of what is told about the session.
    turns: Turns,
}

impl Session {
    pub(crate) fn new(
        id: SessionId,
        version: Version,
        principal: Option<Principal>,
        attributes: SessionAttributes,
        factories: Arc<SessionFactories>,
        outbound: Outbound,
    ) -> Self {
        Self(Arc::new(Inner {
            id,
            version,
            principal,
            attributes,
            scope: Scope::new(factories),
            outbound,
            life: Mutex::default(),
            has_ended: AtomicBool::new(false),
        }))
    }

    /// The session's id, as the `session` header of CONNECTED shows it.
    pub fn id(&self) -> &SessionId {
        &self.0.id
    }

    /// The STOMP version that was negotiated.
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// The user; `None` for an anonymous session.
    pub fn principal(&self) -> Option<&Principal> {
        self.0.principal.as_ref()
    }

    /// What handlers keep for the time of the session. It is emptied when the session has ended, behind the listeners of
    /// its disconnect.
    pub fn attributes(&self) -> &SessionAttributes {
        &self.0.attributes
    }

    /// The session's object of this type, which is made when it is asked for first (WS-1, WS-3).
    ///
    /// # Errors
    ///
    /// If the builder was not told how to make it, or if the session has ended, and what belongs to it is gone.
    ///
    /// # Panics
    ///
    /// If what makes it panics; it is made anew then, when it is asked for next.
    pub fn scoped<T: Any + Send + Sync>(&self) -> Result<SessionScoped<T>, SessionScopeError> {
        self.0.scope.get(self)
    }

    /// Drops what handlers keep for the time of the session.
    pub(crate) fn drop_state(&self) {
        self.0.scope.clear();
        self.0.attributes.clear();
    }

    /// How many bytes wait to be written to the client.
    pub fn waiting_bytes(&self) -> usize {
        self.0.outbound.waiting_bytes()
    }

    /// How many messages the client did not get because it reads too slowly for them, by the policy of their destination:
    /// see [`SlowConsumer`]. What is lost when a client is cut off does not count.
    pub fn dropped_messages(&self) -> u64 {
        self.0.outbound.dropped()
    }

    /// Why the session ends; `None` while it goes on.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.0.outbound.closed()
    }

    /// Ends the session, after what waits for the client has been written. Ending it twice does nothing.
    pub fn close(&self) {
        self.close_with("closed by the application");
    }

    /// As [`close`](Self::close), and tells the client why: `reason` is the text of the close frame. Over WebSocket, what
    /// is beyond its 123rd byte is cut off.
    ///
    /// Returns whether the session was open.
    pub fn close_with(&self, reason: &'static str) -> bool {
        self.0.outbound.close(CloseReason::ByApplication(reason))
    }

    /// What the client is subscribed to at this moment, in the order in which it subscribed; nothing once the session
    /// has ended (UR-3).
    pub fn subscriptions(&self) -> Vec<SessionSubscription> {
        self.0.life.lock().subscriptions.list(self)
    }

    /// Whether the session has ended for everybody else: its subscriptions are gone, and no registry knows it.
    /// A handler that still runs for it may be the last to hold it.
    pub(crate) fn has_ended(&self) -> bool {
        self.0.has_ended.load(Ordering::Acquire)
    }

    /// Ends the session, and the streams of its handlers; whether it had not ended yet.
    pub(crate) fn end(&self) -> bool {
        let mut life = self.0.life.lock();
        life.subscriptions = Subscriptions::default();
        life.streams.abort_all();
        !self.0.has_ended.swap(true, Ordering::AcqRel)
    }

    /// Takes a turn, or more, among what is told about the session. `take` also gets whether the session has ended, which
    /// does not change meanwhile.
    pub(crate) fn take_turns<T>(&self, take: impl FnOnce(&mut Turns, bool) -> T) -> T {
        let life = &mut *self.0.life.lock();
        take(&mut life.turns, self.has_ended())
    }

    /// Shows a subscription from now on. Whether the session has not ended.
    pub(crate) fn add_subscription(&self, key: SubscriptionKey, destination: Arc<str>) -> bool {
        let mut life = self.0.life.lock();
        let is_alive = !self.has_ended();
        if is_alive {
            life.subscriptions.add(key, destination);
        }
        is_alive
    }

    /// Shows a subscription no more, ends the streams that answer it, and returns its destination.
    pub(crate) fn remove_subscription(&self, key: &SubscriptionKey) -> Option<Arc<str>> {
        let mut life = self.0.life.lock();
        life.streams.abort_those_of(key);
        life.subscriptions.remove(key)
    }

    /// The queue of frames that wait to be written.
    pub(crate) fn outbound(&self) -> &Outbound {
        &self.0.outbound
    }
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Session {}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.0.id)
            .field("version", &self.0.version)
            .field("principal", &self.0.principal)
            .finish_non_exhaustive()
    }
}
