use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::runtime::Handle;

use super::MessagingBuilder;
use crate::{
    broker::BrokerStatistics,
    endpoint::{EndpointServices, StompEndpoint, Transport, serve},
    event::EventStream,
    message::Principal,
    session::{Limits, SessionAttributes, SessionRegistry},
    template::MessagingTemplate,
    user::UserRegistry,
};

/// A messaging server: handlers, broker, users and sessions. Cheap to clone.
#[derive(Clone)]
pub struct Messaging(Arc<Inner>);

struct Inner {
    services: Arc<EndpointServices>,
    endpoints: Vec<StompEndpoint>,
    template: MessagingTemplate,
    /// Whether it was said that the broker is available, and that it is not.
    started: AtomicBool,
    stopped: AtomicBool,
}

impl Messaging {
    /// Starts to configure a server.
    pub fn builder() -> MessagingBuilder {
        MessagingBuilder::new()
    }

    pub(super) fn new(
        services: EndpointServices,
        endpoints: Vec<StompEndpoint>,
        template: MessagingTemplate,
    ) -> Self {
        let messaging = Self(Arc::new(Inner {
            services: Arc::new(services),
            endpoints,
            template,
            started: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        }));
        if Handle::try_current().is_ok() {
            messaging.start();
        }
        messaging
    }

    /// Says once that the broker is available (EVT-01). Listeners need a runtime, which a server may be built without.
    fn start(&self) {
        let Inner {
            services, started, ..
        } = &*self.0;
        if !started.swap(true, Ordering::Relaxed)
            && let Some(listening) = services.events.broker_is_available(true)
        {
            services.connections.spawn(listening);
        }
    }

    /// The template, for background tasks and everything else that is no handler.
    pub fn template(&self) -> &MessagingTemplate {
        &self.0.template
    }

    /// The users that are connected.
    pub fn users(&self) -> &UserRegistry {
        &self.0.services.users
    }

    /// The sessions that are connected.
    pub fn sessions(&self) -> &SessionRegistry {
        &self.0.services.sessions
    }

    /// A stream of everything that happens from now on: see [`EventStream`], and `#[event_listener]` for functions.
    pub fn events(&self) -> EventStream {
        self.0.services.events.stream()
    }

    /// What the broker keeps at this moment, for monitoring.
    pub fn broker_statistics(&self) -> BrokerStatistics {
        self.0.services.inbound.routing.broker.statistics()
    }

    /// The endpoints that were configured.
    pub fn endpoints(&self) -> &[StompEndpoint] {
        &self.0.endpoints
    }

    /// The bounds on what clients may do.
    pub fn limits(&self) -> &Limits {
        &self.0.services.limits
    }

    /// How many connections are open, whether their clients have sent CONNECT yet or not.
    pub fn connection_count(&self) -> usize {
        self.0.services.connections.len()
    }

    /// Serves one connection until it ends: for adapters to web frameworks, and for transports of your own.
    ///
    /// `principal` is the user that the handshake found; `attributes` are what the handshake keeps for the session. The
    /// connection is open from the call on, and closed when the future completes, or is dropped.
    pub fn serve<T: Transport>(
        &self,
        transport: T,
        principal: Option<Principal>,
        attributes: SessionAttributes,
    ) -> impl Future<Output = ()> + Send + use<T> {
        self.start();
        serve(transport, self.0.services.clone(), principal, attributes)
    }

    /// Whether [`shutdown`](Self::shutdown) was called: new connections should be refused then.
    pub fn is_shutting_down(&self) -> bool {
        self.0.services.connections.is_closing()
    }

    /// Closes all connections (close code 1001) after what waits for each has been written, lets handlers that run
    /// finish, and takes no new connections. Listeners learn of it. Returns when that is done, or when `deadline` has passed.
    ///
    /// Returns whether everything ended in time.
    pub async fn shutdown(&self, deadline: Duration) -> bool {
        let Inner {
            services,
            started,
            stopped,
            ..
        } = &*self.0;
        let connections = &services.connections;
        connections.close_all();
        let ending = async {
            connections.closed().await;
            if started.load(Ordering::Relaxed)
                && !stopped.swap(true, Ordering::Relaxed)
                && let Some(listening) = services.events.broker_is_available(false)
            {
                listening.await;
            }
        };
        let ended = tokio::time::timeout(deadline, ending).await.is_ok();
        if !ended {
            tracing::warn!(
                connections = connections.len(),
                "not all connections and handlers ended in time"
            );
        }
        ended
    }
}

impl fmt::Debug for Messaging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messaging")
            .field("endpoints", &self.0.endpoints)
            .field("connections", &self.connection_count())
            .finish_non_exhaustive()
    }
}
