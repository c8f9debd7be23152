//! `tower` layers over the inbound channel.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{FutureExt, future::BoxFuture};
use tower::{ServiceExt, util::BoxService};
use tower_layer::Layer;
use tower_service::Service;

use super::{
    EndpointServices, inbound::SubscriptionName, late_subscription::LateSubscription,
    phases::Original, protocol::Transaction, refusal::Refusal,
};
use crate::{
    channel::{Completion, MessageRejected, completed},
    handler::Dispatched,
    message::{BoxError, Message, MessageType, SessionId},
    session::Session,
};

/// What a layer over the inbound channel wraps: it takes a SEND or SUBSCRIBE to its handler and to the broker.
///
/// It is the `S` of the `Layer<S>` that
/// [`inbound_layer`](crate::server::MessagingBuilder::inbound_layer) takes. It is always ready: what is behind it may
/// wait in its future.
#[derive(Clone)]
pub struct InboundService(Next);

#[derive(Clone)]
enum Next {
    /// There is no further layer.
    Route(Arc<EndpointServices>),
    /// A further layer. A mutex, since the services of many layers, such as that of `tower`'s `RateLimit`, are no
    /// `Clone`. Whoever waits for the layer to be ready holds it; that keeps the order.
    Layer(Arc<tokio::sync::Mutex<LayeredService>>),
}

type LayeredService = BoxService<InboundMessage, InboundOutcome, BoxError>;

/// A SEND or SUBSCRIBE of a connected session on its way through the layers.
#[derive(Clone, Debug)]
pub struct InboundMessage {
    message: Message,
    session: Session,
    /// For a SUBSCRIBE.
    subscription: Option<PendingSubscription>,
    /// For a SEND that belongs to one.
    transaction: Option<Transaction>,
}

#[derive(Clone, Debug)]
struct PendingSubscription {
    late: LateSubscription,
    name: SubscriptionName,
}

/// What became of a message behind the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InboundOutcome(Dispatched);

/// The layers of a server. They are applied to each session.
#[derive(Default)]
pub(crate) struct InboundLayers(Vec<Box<BoxedLayer>>);

type BoxedLayer = dyn Fn(InboundService) -> LayeredService + Send + Sync;

impl InboundMessage {
    pub(super) fn send(
        session: &Session,
        message: Message,
        transaction: Option<Transaction>,
    ) -> Self {
        Self {
            message,
            session: session.clone(),
            subscription: None,
            transaction,
        }
    }

    pub(super) fn subscribe(
        session: &Session,
        message: Message,
        name: SubscriptionName,
        late: LateSubscription,
    ) -> Self {
        Self {
            message,
            session: session.clone(),
            subscription: Some(PendingSubscription { late, name }),
            transaction: None,
        }
    }

    /// The message.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The message, to change. Destination, headers and payload may change; changes of type, session, user and
    /// subscription id are undone.
    pub fn message_mut(&mut self) -> &mut Message {
        &mut self.message
    }

    /// The session that sent it.
    pub fn session(&self) -> &Session {
        &self.session
    }
}

impl InboundOutcome {
    /// The message was handled, and its RECEIPT may be sent; if a layer says so instead of passing the message on, it
    /// has done so itself.
    pub fn processed() -> Self {
        Self(Dispatched::Handled)
    }

    /// The message is dropped, and there is no RECEIPT.
    pub fn swallowed() -> Self {
        Self(Dispatched::Swallowed)
    }

    /// Whether the message was handled. It was not if its handler failed, and no exception handler took the error.
    pub fn is_processed(&self) -> bool {
        self.0 == Dispatched::Handled
    }
}

impl InboundLayers {
    pub(crate) fn push<L>(&mut self, layer: L)
    where
        L: Layer<InboundService> + Send + Sync + 'static,
        L::Service: Service<InboundMessage, Response = InboundOutcome> + Send + 'static,
        <L::Service as Service<InboundMessage>>::Error: Into<BoxError>,
        <L::Service as Service<InboundMessage>>::Future: Send + 'static,
    {
        self.0.push(Box::new(move |inner| {
            BoxService::new(layer.layer(inner).map_err(Into::into))
        }));
    }

    /// The service of one session; `None` if there are no layers. The client is refused if one of them panics (T-39).
    pub(super) fn service(
        services: &Arc<EndpointServices>,
    ) -> Result<Option<InboundService>, Refusal> {
        let layers = &services.layers.0;
        if layers.is_empty() {
            return Ok(None);
        }
        let layered = catch_unwind(AssertUnwindSafe(|| {
            let route = InboundService(Next::Route(services.clone()));
            // The first added is outermost.
            layers.iter().rev().fold(route, |service, layer| {
                let layered = tokio::sync::Mutex::new(layer(service));
                InboundService(Next::Layer(Arc::new(layered)))
            })
        }));
        layered.map(Some).map_err(|_panic| {
            tracing::error!("a layer of the inbound channel panicked, and its client is refused");
            let text = "the server failed to accept the connection";
            Refusal::new("internal-error", text)
        })
    }
}

impl InboundService {
    /// Takes a message through all layers.
    pub(super) fn start(
        &self,
        message: InboundMessage,
    ) -> BoxFuture<'static, Result<Dispatched, Refusal>> {
        let mut service = self.clone();
        let session = message.session.id().clone();
        let destination = message.message.destination().map(str::to_owned);
        let handled = AssertUnwindSafe(async move { service.call(message).await }).catch_unwind();
        Box::pin(async move {
            match handled.await {
                Ok(Ok(outcome)) => Ok(outcome.0),
                Ok(Err(error)) => Err(refusal_of(&*error, &session, destination.as_deref())),
                Err(_panic) => {
                    tracing::error!(
                        %session,
                        destination,
                        "a layer of the inbound channel panicked"
                    );
                    let text = "the server failed to process the message";
                    Err(Refusal::new("internal-error", text))
                }
            }
        })
    }
}

impl Service<InboundMessage> for InboundService {
    type Response = InboundOutcome;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<InboundOutcome, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, message: InboundMessage) -> Self::Future {
        match self.0.clone() {
            Next::Route(services) => Box::pin(async move {
                match route(&services, message).await {
                    Ok(dispatched) => Ok(InboundOutcome(dispatched)),
                    Err(refusal) => {
                        // What layers get does not say it.
                        if let Some(limit) = refusal.reached_limit() {
                            services.counters.limit_reached(limit);
                        }
                        Err(MessageRejected::from(refusal).into())
                    }
                }
            }),
            Next::Layer(service) => Box::pin(async move {
                let mut service = service.lock().await;
                let handled = service.ready().await?.call(message);
                drop(service);
                handled.await
            }),
        }
    }
}

/// What is behind the layers.
fn route(
    services: &EndpointServices,
    message: InboundMessage,
) -> Completion<Result<Dispatched, Refusal>> {
    let InboundMessage {
        message,
        session,
        subscription,
        transaction,
    } = message;
    if let Err(refusal) = services.check_changed_destination(&message) {
        return completed(Err(refusal));
    }
    let Some(PendingSubscription { late, name }) = subscription else {
        let message = Original::new(MessageType::Message, None).restore(message, &session);
        return match transaction {
            Some(transaction) => completed(services.join(&transaction, message)),
            None => services.inbound.send(&session, message),
        };
    };
    let original = Original::new(MessageType::Subscribe, name.id.as_deref());
    let message = original.restore(message, &session);
    late.subscribe(services.inbound.broker(), || {
        services.inbound.subscribe(&session, message, name)
    })
}

/// What the client is told about the error of a layer: what a [`MessageRejected`] says, wherever it stands in the chain
/// of sources; everything else goes to the log.
fn refusal_of(
    error: &(dyn std::error::Error + 'static),
    session: &SessionId,
    destination: Option<&str>,
) -> Refusal {
    let mut source = Some(error);
    while let Some(error) = source {
        if let Some(rejected) = error.downcast_ref::<MessageRejected>() {
            return rejected.clone().into();
        }
        source = error.source();
    }
    tracing::warn!(%session, destination, %error, "a layer of the inbound channel has stopped a message");
    Refusal::new("not-processed", "the message was not processed")
}

impl fmt::Debug for InboundService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundService").finish_non_exhaustive()
    }
}
