use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    ops::Deref,
    sync::{Arc, LazyLock, OnceLock},
};

use super::{
    acknowledgement::{AckId, AckMode},
    history::Recovery,
    simple::{MessageQueue, Place},
};
use crate::{
    codec::Version,
    selector::Selector,
    session::{Outbound, Session},
};

/// A subscription of a session, as a broker keeps it.
///
/// Clones are the same subscription.
#[derive(Clone)]
pub(crate) struct Subscription(Arc<Inner>);

/// What a publisher reads of each subscriber comes first, and is small: in a large fan-out, each line of it is a cache miss.
pub(crate) struct Inner {
    /// The queue of the session.
    pub(crate) outbound: Outbound,
    /// Subscriptions with the same key get the same frame of a message.
    pub(crate) frame_key: FrameKey,
    /// Where it takes its messages from, if they may have to wait for it.
    pub(super) queue: OnceLock<Arc<MessageQueue>>,
    /// How its messages are acknowledged, which of them it gets, and so on; `None` if there is nothing to be said.
    options: Option<Box<SubscribeOptions>>,
    /// The `id` of SUBSCRIBE; STOMP 1.0 may do without (SUB-004).
    pub(crate) id: Option<Arc<str>>,
    /// Who subscribed.
    pub(crate) session: Session,
    /// The destination or pattern.
    pub(crate) destination: Arc<str>,
    /// Its number among those of its session.
    pub(crate) number: u64,
    /// Whether it is one to a user destination: only what is for its session reaches it.
    pub(crate) is_private: bool,
    /// Where the embedded broker keeps it.
    pub(crate) place: Place,
    /// What became of the request for history, as soon as it is known.
    recovery: OnceLock<Box<Recovery>>,
}

/// Stands for the version and the id of a subscription. It is a hash that no client can foresee, of 64 bits, so that two
/// ids share one by no accident and by no intention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameKey(u64);

impl FrameKey {
    fn new(version: Version, id: Option<&str>) -> Self {
        static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        Self(HASHER.hash_one((version as u8, id)))
    }
}

/// What SUBSCRIBE says besides the destination.
#[derive(Debug, Default)]
pub(crate) struct SubscribeOptions {
    pub(crate) ack: AckMode,
    /// Which messages it wants; `None` for all.
    pub(crate) selector: Option<Selector>,
    /// How many messages may be delivered and not acknowledged: the header `prefetch-count`. `None` for as many as the
    /// limit allows.
    pub(crate) prefetch: Option<usize>,
    /// The messages that came before.
    pub(crate) history: Option<HistoryRequest>,
}

/// Which of the messages that came before a subscription are delivered to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HistoryRequest {
    /// So many, the latest: the header `history`.
    Last(usize),
    /// All behind this one: the headers `recover-epoch` and `recover-offset`.
    Behind { epoch: String, offset: u64 },
}

impl SubscribeOptions {
    fn is_default(&self) -> bool {
        let Self {
            ack,
            selector,
            prefetch,
            history,
        } = self;
        *ack == AckMode::Auto && selector.is_none() && prefetch.is_none() && history.is_none()
    }
}

impl Subscription {
    pub(crate) fn new(
        session: Session,
        id: Option<Arc<str>>,
        destination: Arc<str>,
        number: u64,
        is_private: bool,
        options: SubscribeOptions,
    ) -> Self {
        Self(Arc::new(Inner {
            outbound: session.outbound().clone(),
            frame_key: FrameKey::new(session.version(), id.as_deref()),
            options: (!options.is_default()).then(|| Box::new(options)),
            session,
            id,
            destination,
            number,
            is_private,
            place: Place::default(),
            queue: OnceLock::new(),
            recovery: OnceLock::new(),
        }))
    }

    /// Whether its messages are acknowledged.
    pub(crate) fn is_acknowledged(&self) -> bool {
        self.ack() != AckMode::Auto
    }

    pub(crate) fn ack(&self) -> AckMode {
        self.options
            .as_ref()
            .map_or(AckMode::Auto, |options| options.ack)
    }

    /// Which messages it wants; `None` for all.
    pub(super) fn selector(&self) -> Option<&Selector> {
        self.options.as_ref()?.selector.as_ref()
    }

    /// How many messages it may have that are not acknowledged; `None` for as many as the limit allows.
    pub(super) fn prefetch(&self) -> Option<usize> {
        self.options.as_ref()?.prefetch
    }

    /// The messages that came before, if it wants some.
    pub(super) fn history(&self) -> Option<&HistoryRequest> {
        self.options.as_ref()?.history.as_ref()
    }

    /// How the client names a delivery of it in STOMP 1.2.
    pub(crate) fn ack_id(&self, delivery: u64) -> AckId {
        AckId {
            subscription: self.number,
            delivery,
        }
    }

    /// What the RECEIPT says of its history; `None` if its destination has none.
    pub(crate) fn recovery(&self) -> Option<&Recovery> {
        self.recovery.get().map(|recovery| &**recovery)
    }

    pub(super) fn set_recovery(&self, recovery: Recovery) {
        let set = self.recovery.set(Box::new(recovery));
        debug_assert!(set.is_ok(), "a subscription is made once");
    }
}

impl Deref for Subscription {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl PartialEq for Subscription {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("session", self.session.id())
            .field("id", &self.id)
            .field("destination", &self.destination)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
