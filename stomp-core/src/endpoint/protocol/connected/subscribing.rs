//! SUBSCRIBE and UNSUBSCRIBE.

use std::{
    collections::{VecDeque, hash_map::Entry},
    sync::Arc,
};

use futures_util::FutureExt;

use super::{
    super::super::{
        inbound::{Subscribed, SubscriptionName},
        late_subscription::LateSubscription,
        layers::InboundMessage,
    },
    Connected, Handled, Receipt, Refusal,
};
use crate::{
    broker::Subscription,
    channel::{Completion, SendOutcome, completed, pending},
    codec::Frame,
    handler::Dispatched,
    message::{Message, MessageType},
    pattern::is_pattern,
    session::SubscriptionKey,
};

/// A subscription of this session.
#[derive(Debug)]
pub(super) struct SubscriptionEntry {
    /// That of its [`Subscription`].
    pub(super) number: u64,
    is_pattern: bool,
    subscribed: Subscribed,
}

/// The latest acknowledged subscriptions that have ended, so that an ACK that crosses an UNSUBSCRIBE is no error
/// (ACK-031).
#[derive(Default)]
#[expect(
    clippy::box_collection,
    reason = "most sessions have none, and keep no more than a pointer for it"
)]
pub(super) struct UnsubscribedKeys(Option<Box<VecDeque<(u64, SubscriptionKey)>>>);

/// An ACK that is under way while a client ends more subscriptions than these is an error.
const MAX_UNSUBSCRIBED: usize = 16;

impl Connected {
    pub(super) fn subscribe(
        &mut self,
        frame: &Frame,
        receipt: Option<&mut Receipt>,
    ) -> Result<Handled, Refusal> {
        let destination: Arc<str> = self.destination(frame)?.into();
        let id = self.subscription_id(frame)?;
        let key = match &id {
            Some(id) => SubscriptionKey::Id(id.clone()),
            None => SubscriptionKey::Destination(destination.clone()),
        };
        let limit = self.services.limits.subscriptions;
        if self.subscriptions.len() >= limit {
            let what = "the session has too many subscriptions";
            return Err(Refusal::limit(
                "too-many-subscriptions",
                what,
                limit,
                "subscriptions",
            ));
        }
        let is_pattern = is_pattern(&destination);
        let limit = self.services.limits.pattern_subscriptions;
        if is_pattern && self.patterns() >= limit {
            let what = "the session has too many subscriptions to patterns";
            return Err(Refusal::limit(
                "too-many-subscriptions",
                what,
                limit,
                "pattern_subscriptions",
            ));
        }
        let mut message = self
            .message(MessageType::Subscribe, frame.headers.clone())
            .with_destination(&*destination);
        let Entry::Vacant(entry) = self.subscriptions.entry(key.clone()) else {
            return Err(Refusal::new(
                "duplicate-subscription",
                "the session has a subscription of this id already",
            ));
        };
        let number = self.subscription_count;
        self.subscription_count += 1;
        // The client has left; frames that came before are still handled.
        if self.session.has_ended() {
            entry.insert(SubscriptionEntry {
                number,
                is_pattern,
                subscribed: Subscribed::ByNobody,
            });
            return Ok(Handled::Done);
        }
        if let Some(id) = &id {
            message = message.with_subscription_id(&**id);
        }
        let name = SubscriptionName { id, number };
        // A subscription that was swallowed has an UNSUBSCRIBE, too.
        let mut subscribed = Subscribed::ByNobody;
        let mut has_passed = false;
        let mut event = None;
        let services = &self.services;
        let completion = services.pass(&self.session, message, |message| {
            has_passed = true;
            event = services
                .events
                .wants_subscriptions()
                .then(|| message.clone());
            if let Some(layers) = &self.layers {
                let late = LateSubscription::default();
                subscribed = Subscribed::Late(late.clone());
                let message = InboundMessage::subscribe(&self.session, message, name, late);
                let (layers, session, key) =
                    (layers.start(message), self.session.clone(), key.clone());
                return pending(async move {
                    let dispatched = layers.await?;
                    if dispatched == Dispatched::Swallowed {
                        session.remove_subscription(&key);
                    }
                    Ok(dispatched)
                });
            }
            match services.inbound.subscribe(&self.session, message, name) {
                Ok((by, completion)) => {
                    subscribed = by;
                    completion
                }
                Err(refusal) => completed(Err(refusal)),
            }
        });
        if let Some(receipt) = receipt {
            receipt.subscribed = Some(subscribed.clone());
        }
        entry.insert(SubscriptionEntry {
            number,
            is_pattern,
            subscribed,
        });
        if has_passed {
            self.session.add_subscription(key, destination);
        }
        match event {
            Some(event) => self.announce(event, completion).try_into(),
            None => completion.try_into(),
        }
    }

    /// How many subscriptions to patterns there are.
    fn patterns(&self) -> usize {
        let entries = self.subscriptions.values();
        entries.filter(|entry| entry.is_pattern).count()
    }

    /// Tells of a subscription when it is active.
    fn announce(
        &self,
        subscribe: Message,
        completion: Completion<Result<Dispatched, Refusal>>,
    ) -> Completion<Result<Dispatched, Refusal>> {
        let (events, session) = (self.services.events.clone(), self.session.clone());
        pending(async move {
            let dispatched = completion.await?;
            if dispatched != Dispatched::Swallowed
                && let Some(listening) = events.subscribed(&session, subscribe)
            {
                listening.await;
            }
            Ok(dispatched)
        })
    }

    pub(super) fn unsubscribe(&mut self, frame: &Frame) -> Result<Handled, Refusal> {
        let key = match self.subscription_id(frame)? {
            Some(id) => SubscriptionKey::Id(id),
            None => SubscriptionKey::Destination(self.destination(frame)?.into()),
        };
        let Some(mut entry) = self.subscriptions.remove(&key) else {
            return Err(Refusal::new(
                "unknown-subscription",
                "the session has no subscription of this id",
            ));
        };
        let destination = self.session.remove_subscription(&key);
        let message = || {
            let message = self.message(MessageType::Unsubscribe, frame.headers.clone());
            match &key {
                SubscriptionKey::Id(id) => message.with_subscription_id(&**id),
                SubscriptionKey::Destination(_) => message,
            }
        };
        let services = &self.services;
        let attributes = self.session.attributes();
        let accepted = if services.phases.is_empty() {
            Ok(None)
        } else {
            services.phases.accept(message(), attributes)
        };
        // Whatever the interceptors say: a client that wants no more messages gets none.
        let ended = entry.end();
        if let Some(subscription) = &ended {
            services.inbound.broker().unsubscribe(subscription);
        }
        let is_acknowledged = ended.is_some_and(|subscription| subscription.is_acknowledged());
        services
            .phases
            .completed(accepted?, attributes, SendOutcome::Sent);
        // What was swallowed has never been a subscription.
        let listening = destination.and_then(|destination| {
            let event = || message().with_destination(&*destination);
            services.events.unsubscribed(&self.session, event)
        });
        if is_acknowledged {
            self.unsubscribed.add(entry.number, key);
        }
        Ok(match listening {
            Some(listening) => {
                let work = listening.map(|()| Ok(Dispatched::Handled));
                Handled::Pending(Box::pin(work), None)
            }
            None => Handled::Done,
        })
    }
}

impl SubscriptionEntry {
    /// The subscription, if a broker keeps it.
    pub(super) fn subscription(&self) -> Option<Subscription> {
        self.subscribed.subscription()
    }

    /// Ends it, and stays behind without it. What is returned is to be removed from its broker.
    pub(super) fn end(&mut self) -> Option<Subscription> {
        std::mem::replace(&mut self.subscribed, Subscribed::ByNobody).end()
    }
}

impl UnsubscribedKeys {
    fn add(&mut self, number: u64, key: SubscriptionKey) {
        let keys = self.0.get_or_insert_default();
        if keys.len() == MAX_UNSUBSCRIBED {
            keys.pop_front();
        }
        keys.push_back((number, key));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    pub(super) fn contains(&self, key: &SubscriptionKey) -> bool {
        self.iter().any(|(_, other)| other == key)
    }

    pub(super) fn contains_number(&self, number: u64) -> bool {
        self.iter().any(|(other, _)| *other == number)
    }

    fn iter(&self) -> impl Iterator<Item = &(u64, SubscriptionKey)> {
        self.0.iter().flat_map(|keys| keys.iter())
    }
}
