//! ACK and NACK.

use super::{Connected, Handled, Refusal, missing_header, subscribing::SubscriptionEntry};
use crate::{
    broker::{AckId, DeliveryName, Subscription, Verdict},
    codec::{Command, Frame, Version},
    session::SubscriptionKey,
};

impl Connected {
    pub(super) fn acknowledge(&mut self, frame: &Frame) -> Result<Handled, Refusal> {
        let verdict = match frame.command {
            Command::Nack if self.session.version() == Version::V1_0 => {
                let text = "STOMP 1.0 has no NACK";
                return Err(Refusal::new("unknown-command", text));
            }
            Command::Nack if frame.header("requeue") == Some("false") => Verdict::Rejected,
            Command::Nack => Verdict::Returned,
            _ => Verdict::Accepted,
        };
        // A transaction that does not exist is a mistake, whatever the message is.
        let transaction = match frame.header("transaction") {
            Some(id) => Some(self.transactions.get(id)?),
            None => None,
        };
        // What a client has not acknowledged when it is lost goes back at once: an ACK that has waited behind a slow
        // handler comes too late, and must not keep the frames behind it from being handled (RCP-013).
        if self.session.has_ended() {
            return Ok(Handled::Done);
        }
        let Some((subscription, delivery)) = self.delivery(frame)? else {
            return Ok(Handled::Done);
        };
        match transaction {
            Some(transaction) => {
                transaction.settle(subscription, delivery, verdict, &self.services.limits)?;
            }
            None => {
                let broker = self.services.inbound.broker();
                broker.settle(&subscription, delivery, verdict);
            }
        }
        Ok(Handled::Done)
    }

    /// Which delivery an ACK or NACK is about. `None` if its subscription has ended meanwhile: the client could not know
    /// yet (ACK-031).
    ///
    /// All lookups are among the subscriptions of this session: what belongs to another one can't be named (T-26,
    /// ACK-019).
    fn delivery(&self, frame: &Frame) -> Result<Option<(Subscription, u64)>, Refusal> {
        let header = |name| {
            frame
                .header(name)
                .ok_or_else(|| missing_header(frame, name))
        };
        match self.session.version() {
            Version::V1_2 => {
                let id = AckId::parse(header("id")?).ok_or_else(unknown_message)?;
                let subscription = self.subscription_numbered(id.subscription);
                if subscription.is_none() && self.unsubscribed.contains_number(id.subscription) {
                    return Ok(None);
                }
                let name = DeliveryName::Number(id.delivery);
                self.find(subscription.into_iter(), name).map(Some)
            }
            version => {
                let name = DeliveryName::MessageId(header("message-id")?);
                let id = match frame.header("subscription") {
                    Some(id) => SubscriptionKey::Id(id.into()),
                    // STOMP 1.0 may do without: message ids are unique among all subscriptions.
                    None if version == Version::V1_0 => {
                        let all = self.subscriptions.values();
                        let found = self.find(all.filter_map(|entry| entry.subscription()), name);
                        return match found {
                            Err(_) if !self.unsubscribed.is_empty() => Ok(None),
                            found => found.map(Some),
                        };
                    }
                    None => return Err(missing_header(frame, "subscription")),
                };
                let entry = self.subscriptions.get(&id);
                let subscription = entry.and_then(SubscriptionEntry::subscription);
                match self.find(subscription.into_iter(), name) {
                    // There may be a new subscription of that id meanwhile.
                    Err(_) if self.unsubscribed.contains(&id) => Ok(None),
                    found => found.map(Some),
                }
            }
        }
    }

    fn subscription_numbered(&self, number: u64) -> Option<Subscription> {
        let mut entries = self.subscriptions.values();
        let entry = entries.find(|entry| entry.number == number)?;
        entry.subscription()
    }

    /// The delivery of one of these subscriptions.
    fn find(
        &self,
        subscriptions: impl Iterator<Item = Subscription>,
        name: DeliveryName<'_>,
    ) -> Result<(Subscription, u64), Refusal> {
        let broker = self.services.inbound.broker();
        subscriptions
            .filter(Subscription::is_acknowledged)
            .find_map(|subscription| {
                let delivery = broker.unsettled(&subscription, name)?;
                Some((subscription, delivery))
            })
            .ok_or_else(unknown_message)
    }
}

fn unknown_message() -> Refusal {
    Refusal::new(
        "unknown-message",
        "no message of this id waits to be acknowledged by this session",
    )
}
