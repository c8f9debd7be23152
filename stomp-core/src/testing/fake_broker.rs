use std::sync::Arc;

use parking_lot::Mutex;

use super::SentMessages;
use crate::{
    broker::{
        Broker, BrokerStatistics, DeliveryName, Publication, Recipients, SubscribeError,
        Subscription, Verdict,
    },
    channel::{Completion, MessagingError, completed},
    message::SessionId,
    server::MessagingBuilder,
};

/// A broker that delivers nothing, records all, and fails when it is told to: instead of the embedded one, to test
/// handlers alone (TST-02). Clones are the same broker.
///
/// It serves the prefixes that `simple_broker` was given.
///
/// ```
/// use stomp_axum::{
///     channel::MessagingError,
///     server::Messaging,
///     testing::{FakeBroker, FrameExt, TestConnection},
/// };
///
/// #[tokio::main(flavor = "current_thread", start_paused = true)]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let broker = FakeBroker::new();
///     let builder = Messaging::builder().simple_broker(["/topic"]);
///     let messaging = builder.fake_broker(&broker).build()?;
///
///     let mut client = TestConnection::connect(&messaging).await;
///     client.subscribe("/topic/quotes").await;
///     assert_eq!(broker.subscriptions()[0].destination, "/topic/quotes");
///
///     let template = messaging.template();
///     template.convert_and_send("/topic/quotes", "24.5").await?;
///     assert_eq!(broker.published().expect_message().await.text(), "24.5");
///
///     broker.fail("connection refused");
///     let failed = template.convert_and_send("/topic/quotes", "24.6").await;
///     assert!(matches!(failed, Err(MessagingError::BrokerUnavailable { .. })));
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct FakeBroker(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    published: SentMessages,
    sent_to_sessions: SentMessages,
    subscriptions: Mutex<Vec<Subscription>>,
    failure: Mutex<Option<String>>,
}

/// A subscription that a [`FakeBroker`] has.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FakeSubscription {
    /// Who subscribed.
    pub session_id: SessionId,
    /// The `id` of SUBSCRIBE.
    pub id: Option<String>,
    /// The destination or pattern.
    pub destination: String,
    /// Whether it is one to a user destination.
    pub is_private: bool,
}

impl FakeBroker {
    /// A broker that has recorded nothing yet, and does not fail.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was published to destinations of the broker.
    pub fn published(&self) -> &SentMessages {
        &self.0.published
    }

    /// What was sent to users: one message for each session, with its id, and with the destination that the session
    /// would have subscribed to, such as `/user/queue/a`.
    pub fn sent_to_sessions(&self) -> &SentMessages {
        &self.0.sent_to_sessions
    }

    /// The subscriptions that there are now, in the order in which they were made.
    pub fn subscriptions(&self) -> Vec<FakeSubscription> {
        let subscriptions = self.0.subscriptions.lock();
        let all = subscriptions.iter();
        all.map(|subscription| FakeSubscription {
            session_id: subscription.session.id().clone(),
            id: subscription.id.as_deref().map(str::to_owned),
            destination: (*subscription.destination).to_owned(),
            is_private: subscription.is_private,
        })
        .collect()
    }

    /// Lets everything fail from now on: publishing with
    /// [`MessagingError::BrokerUnavailable`](crate::channel::MessagingError::BrokerUnavailable), and SEND and SUBSCRIBE
    /// of clients with an ERROR of code `broker-unavailable`. Ending a subscription never fails.
    pub fn fail(&self, reason: impl Into<String>) {
        *self.0.failure.lock() = Some(reason.into());
    }

    /// Lets nothing fail any more.
    pub fn recover(&self) {
        *self.0.failure.lock() = None;
    }

    fn failure(&self) -> Option<String> {
        self.0.failure.lock().clone()
    }

    fn add(&self, subscription: Subscription) -> Completion<Result<(), SubscribeError>> {
        completed(match self.failure() {
            Some(reason) => Err(SubscribeError::Unavailable { reason }),
            None => {
                self.0.subscriptions.lock().push(subscription);
                Ok(())
            }
        })
    }

    fn record(&self, record: impl FnOnce()) -> Completion<Result<(), MessagingError>> {
        completed(match self.failure() {
            Some(reason) => Err(MessagingError::BrokerUnavailable { reason }),
            None => {
                record();
                Ok(())
            }
        })
    }
}

impl Inner {
    fn publish(&self, Publication { message, to }: Publication) {
        match to {
            Recipients::Subscribers => self.published.push(message),
            Recipients::Sessions(sessions) => {
                for session in sessions {
                    let message = message.clone().with_session_id(session.id().clone());
                    self.sent_to_sessions.push(message);
                }
            }
        }
    }
}

impl MessagingBuilder {
    /// Uses a fake instead of the embedded broker, with the prefixes of
    /// [`simple_broker`](MessagingBuilder::simple_broker).
    pub fn fake_broker(self, broker: &FakeBroker) -> Self {
        let broker = broker.clone();
        self.broker(move |prefixes| Arc::new(Serving { prefixes, broker }))
    }
}

/// A fake broker in a server.
struct Serving {
    prefixes: Vec<String>,
    broker: FakeBroker,
}

impl Broker for Serving {
    fn prefixes(&self) -> &[String] {
        &self.prefixes
    }

    fn subscribe(&self, subscription: Subscription) -> Completion<Result<(), SubscribeError>> {
        self.broker.add(subscription)
    }

    fn unsubscribe(&self, subscription: &Subscription) {
        let mut subscriptions = self.broker.0.subscriptions.lock();
        subscriptions.retain(|other| other != subscription);
    }

    fn publish(&self, publication: Publication) -> Completion<Result<(), MessagingError>> {
        self.broker.record(|| self.broker.0.publish(publication))
    }

    fn publish_all(
        &self,
        publications: Vec<Publication>,
    ) -> Completion<Result<(), MessagingError>> {
        self.broker.record(|| {
            for publication in publications {
                self.broker.0.publish(publication);
            }
        })
    }

    /// It delivers nothing that could be settled.
    fn unsettled(&self, _: &Subscription, _: DeliveryName<'_>) -> Option<u64> {
        None
    }

    fn settle(&self, _: &Subscription, _: u64, _: Verdict) {}

    fn statistics(&self) -> BrokerStatistics {
        let subscriptions = self.broker.subscriptions();
        let mut destinations: Vec<_> = subscriptions
            .iter()
            .map(|subscription| &subscription.destination)
            .collect();
        destinations.sort();
        destinations.dedup();
        BrokerStatistics {
            subscriptions: subscriptions.len(),
            destinations: destinations.len(),
            ..BrokerStatistics::default()
        }
    }
}
