use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::runtime::Handle;

use super::{MessagingBuilder, background::Background};
use crate::{
    broker::BrokerStatistics,
    endpoint::{EndpointServices, StompEndpoint, Transport, serve},
    event::EventStream,
    message::Principal,
    session::{Limits, SessionAttributes, SessionRegistry},
    statistics::{Kept, MessagingStatistics},
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
    statistics_log: Option<Duration>,
    #[cfg(feature = "metrics")]
    metrics: parking_lot::Mutex<crate::statistics::Export>,
    background: Background,
}

/// When the statistics are logged first (STAT-06).
const FIRST_LOG: Duration = Duration::from_secs(60);
/// How old what a recorder shows may be: less than the time between two looks of whatever reads it.
#[cfg(feature = "metrics")]
const METRICS_PERIOD: Duration = Duration::from_secs(5);

impl Messaging {
    /// Starts to configure a server.
    pub fn builder() -> MessagingBuilder {
        MessagingBuilder::new()
    }

    pub(super) fn new(
        services: EndpointServices,
        endpoints: Vec<StompEndpoint>,
        template: MessagingTemplate,
        statistics_log: Option<Duration>,
    ) -> Self {
        let messaging = Self(Arc::new(Inner {
            services: Arc::new(services),
            endpoints,
            template,
            started: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            statistics_log,
            #[cfg(feature = "metrics")]
            metrics: Default::default(),
            background: Background::default(),
        }));
        messaging.start();
        messaging
    }

    /// Says once that the broker is available (EVT-01), and starts what runs beside the sessions. Both need a runtime,
    /// which a server may be built without.
    fn start(&self) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let Inner {
            services,
            started,
            statistics_log,
            background,
            ..
        } = &*self.0;
        if started.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Some(listening) = services.events.broker_is_available(true) {
            services.connections.spawn(listening);
        }
        if services.connections.is_closing() {
            return;
        }
        // None at all, or none of it, is Spring's way to say never.
        if let Some(period) = statistics_log.filter(|period| !period.is_zero()) {
            let inner = Arc::downgrade(&self.0);
            background.repeat(inner, FIRST_LOG.min(period), period, &runtime, |inner| {
                // To ask all connections is not for nothing.
                if tracing::enabled!(tracing::Level::INFO) {
                    tracing::info!("{}", inner.statistics());
                }
            });
        }
        #[cfg(feature = "metrics")]
        background.repeat(
            Arc::downgrade(&self.0),
            METRICS_PERIOD,
            METRICS_PERIOD,
            &runtime,
            Inner::record_metrics,
        );
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

    /// What the server has counted since it was built, and what there is at this moment: Spring's
    /// `WebSocketMessageBrokerStats` (STAT-01 to STAT-05).
    ///
    /// It asks each connection how much waits for it: not for every message, but as often as somebody looks at it.
    pub fn statistics(&self) -> MessagingStatistics {
        self.0.statistics()
    }

    /// Copies the statistics to the recorder that is installed for the crate `metrics`, see
    /// [`statistics`](crate::statistics). That happens every 5 seconds anyway; call it before metrics are rendered, and
    /// they are not that old.
    #[cfg(feature = "metrics")]
    pub fn record_metrics(&self) {
        self.0.record_metrics();
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
    /// `principal` is the user that the handshake found; `attributes` are what the handshake keeps for the session.
    pub async fn serve<T: Transport>(
        &self,
        transport: T,
        principal: Option<Principal>,
        attributes: SessionAttributes,
    ) {
        self.start();
        serve(transport, self.0.services.clone(), principal, attributes).await;
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
            background,
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
        background.stop();
        #[cfg(feature = "metrics")]
        self.record_metrics();
        ended
    }
}

impl Inner {
    fn statistics(&self) -> MessagingStatistics {
        let services = &self.services;
        services.counters.read(&Kept {
            sessions: services.sessions.len(),
            users: services.users.user_count(),
            broker: services.inbound.routing.broker.statistics(),
            outbound_waiting_bytes: services.connections.waiting_bytes(),
        })
    }

    #[cfg(feature = "metrics")]
    fn record_metrics(&self) {
        // The lock comes first, so that figures don't go back when two do it at once.
        let mut metrics = self.metrics.lock();
        metrics.record(&self.statistics());
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
