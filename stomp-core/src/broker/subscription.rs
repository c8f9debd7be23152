use std::{
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use super::{
    acknowledgement::{AckId, AckMode},
    history::Recovery,
    simple::{MessageQueue, Place},
};
use crate::{selector::Selector, session::Session};

/// A subscription of a session, as a broker keeps it.
///
/// Clones are the same subscription.
#[derive(Clone)]
pub(crate) struct Subscription(Arc<Inner>);

pub(crate) struct Inner {
    /// Who subscribed.
    pub(crate) session: Session,
    /// The `id` of SUBSCRIBE; STOMP 1.0 may do without (SUB-004).
    pub(crate) id: Option<Arc<str>>,
    /// The destination or pattern.
    pub(crate) destination: Arc<str>,
    /// Its number among those of its session.
    pub(crate) number: u64,
    /// How its messages are acknowledged, which of them it gets, and so on.
    pub(crate) options: SubscribeOptions,
    /// Where the embedded broker keeps it.
    pub(crate) place: Place,
    /// Where it takes its messages from, if they may have to wait for it.
    pub(super) queue: OnceLock<Arc<MessageQueue>>,
    /// What became of the request for history, as soon as it is known.
    recovery: OnceLock<Recovery>,
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

impl Subscription {
    pub(crate) fn new(
        session: Session,
        id: Option<Arc<str>>,
        destination: Arc<str>,
        number: u64,
        options: SubscribeOptions,
    ) -> Self {
        Self(Arc::new(Inner {
            session,
            id,
            destination,
            number,
            options,
            place: Place::default(),
            queue: OnceLock::new(),
            recovery: OnceLock::new(),
        }))
    }

    /// Whether its messages are acknowledged.
    pub(crate) fn is_acknowledged(&self) -> bool {
        self.options.ack != AckMode::Auto
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
        self.recovery.get()
    }

    pub(super) fn set_recovery(&self, recovery: Recovery) {
        let set = self.recovery.set(recovery);
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
