use std::sync::Arc;

use parking_lot::Mutex;

use super::{inbound::Subscribed, refusal::Refusal};
use crate::{
    broker::{Broker, Subscription},
    channel::{Completion, completed},
    handler::Dispatched,
};

/// A subscription that a layer may still hold back.
///
/// A layer can let go of a SUBSCRIBE whenever it likes: when its UNSUBSCRIBE has been answered, or when the session is
/// gone. Whoever comes second finds out under the lock, so that no subscription outlives its session (SUB-011, SUB-033).
#[derive(Clone, Debug, Default)]
pub(super) struct LateSubscription(Arc<Mutex<Progress>>);

#[derive(Debug, Default)]
enum Progress {
    /// The SUBSCRIBE is on its way through the layers, or nobody keeps it.
    #[default]
    Waiting,
    /// The broker delivers to it.
    Active(Subscription),
    /// The client has unsubscribed, or its session has ended.
    Ended,
}

impl LateSubscription {
    /// Makes the subscription, unless it has ended already. A layer that lets a SUBSCRIBE through twice replaces it.
    pub(super) fn subscribe(
        &self,
        broker: &dyn Broker,
        subscribe: impl FnOnce()
            -> Result<(Subscribed, Completion<Result<Dispatched, Refusal>>), Refusal>,
    ) -> Completion<Result<Dispatched, Refusal>> {
        let mut progress = self.0.lock();
        match &*progress {
            Progress::Waiting => {}
            Progress::Active(earlier) => broker.unsubscribe(earlier),
            Progress::Ended => return completed(Ok(Dispatched::Swallowed)),
        }
        *progress = Progress::Waiting;
        match subscribe() {
            Ok((subscribed, completion)) => {
                if let Subscribed::ByBroker(subscription) = subscribed {
                    *progress = Progress::Active(subscription);
                }
                completion
            }
            Err(refusal) => completed(Err(refusal)),
        }
    }

    /// The subscription, if a broker keeps it now.
    pub(super) fn subscription(&self) -> Option<Subscription> {
        match &*self.0.lock() {
            Progress::Active(subscription) => Some(subscription.clone()),
            Progress::Waiting | Progress::Ended => None,
        }
    }

    /// Ends it, whether the SUBSCRIBE has come through or not. What is returned is to be removed from its broker.
    pub(super) fn end(&self) -> Option<Subscription> {
        match std::mem::replace(&mut *self.0.lock(), Progress::Ended) {
            Progress::Active(subscription) => Some(subscription),
            Progress::Waiting | Progress::Ended => None,
        }
    }
}
