use std::{
    fmt, io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    runtime::Handle,
};

use super::{MessagingBuilder, background::Background};
use crate::{
    broker::BrokerStatistics,
    endpoint::{
        EndpointServices, StompEndpoint, StreamTransport, TcpConnections, Transport, serve,
    },
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

    /// Serves STOMP over TCP: accepts connections until [`shutdown`](Self::shutdown) is called, and serves each in a task of
    /// its own, as those over WebSockets are served, with the same [limits](Limits).
    ///
    /// The address of the client is in the attributes of its session, as a [`SocketAddr`]. There is no handshake that could
    /// find a user: clients log in by CONNECT, and an [`Authenticator`](crate::endpoint::Authenticator) says who they are.
    /// Nothing is encrypted; see [`serve_stream`](Self::serve_stream) for TLS.
    ///
    /// Returns as soon as `shutdown` is called, which waits for the connections. Dropping the future stops the accepting, and
    /// no connection.
    ///
    /// ```standalone_crate
    /// use std::net::SocketAddr;
    ///
    /// use stomp_axum::prelude::*;
    /// use tokio::net::TcpListener;
    ///
    /// /// SUBSCRIBE to /app/address: where the client comes from.
    /// #[subscribe_mapping("/address")]
    /// async fn address(attributes: SessionAttributes) -> Option<SocketAddr> {
    ///     attributes.get()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::time::Duration;
    /// # use tokio::io::{AsyncReadExt, AsyncWriteExt};
    /// let messaging = Messaging::builder().application_destination_prefixes(["/app"]).build()?;
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let address = listener.local_addr()?;
    /// let serving = tokio::spawn(messaging.serve_tcp(listener));
    /// # let mut client = tokio::net::TcpStream::connect(address).await?;
    /// # client.write_all(b"CONNECT\naccept-version:1.2\nhost:localhost\n\n\0").await?;
    /// # client.write_all(b"SUBSCRIBE\nid:1\ndestination:/app/address\n\n\0").await?;
    /// # client.write_all(b"DISCONNECT\nreceipt:bye\n\n\0").await?;
    /// # let mut answers = String::new();
    /// # client.read_to_string(&mut answers).await?;
    /// # assert!(answers.contains(&format!("\n\n\"{}\"\0", client.local_addr()?)), "{answers}");
    ///
    /// messaging.shutdown(Duration::from_secs(10)).await;
    /// serving.await??;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the listener does not listen. Other errors, such as too many open files, are logged and waited out.
    pub fn serve_tcp(
        &self,
        listener: TcpListener,
    ) -> impl Future<Output = io::Result<()>> + Send + use<> + 'static {
        let messaging = self.clone();
        async move {
            let connections = &messaging.0.services.connections;
            let accepted = TcpConnections::new(listener, connections.closing());
            while let Some((stream, address)) = accepted.next().await? {
                let attributes = SessionAttributes::default();
                attributes.insert::<SocketAddr>(address);
                let messaging = messaging.clone();
                connections.spawn(async move {
                    messaging.serve_stream(stream, None, attributes).await;
                });
            }
            Ok(())
        }
    }

    /// Serves one connection over a stream of bytes until it ends: TLS over TCP, a Unix socket, or a
    /// [`duplex`](https://docs.rs/tokio/latest/tokio/io/fn.duplex.html) in a test.
    ///
    /// `principal` is who the stream says the client is, such as by its certificate; `attributes` are those of its session.
    ///
    /// ```
    /// use stomp_axum::prelude::*;
    /// use tokio::io::{AsyncReadExt, AsyncWriteExt};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let messaging = Messaging::builder().simple_broker(["/topic"]).handlers(Handlers::none()).build()?;
    /// let (mut client, server) = tokio::io::duplex(1024);
    /// tokio::spawn(async move {
    ///     let joe = Principal::new("joe");
    ///     messaging.serve_stream(server, Some(joe), SessionAttributes::default()).await;
    /// });
    /// client.write_all(b"CONNECT\naccept-version:1.2\nhost:localhost\n\n\0").await?;
    /// client.write_all(b"DISCONNECT\nreceipt:bye\n\n\0").await?;
    /// let mut answers = String::new();
    /// client.read_to_string(&mut answers).await?;
    /// assert!(answers.contains("user-name:joe\n"));
    /// assert!(answers.ends_with("\0RECEIPT\nreceipt-id:bye\n\n\0"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn serve_stream<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
        &self,
        stream: S,
        principal: Option<Principal>,
        attributes: SessionAttributes,
    ) {
        let transport = StreamTransport::new(stream);
        self.serve(transport, principal, attributes).await;
    }

    /// Ready when [`shutdown`](Self::shutdown) is called: for those who accept connections themselves, and stop then.
    pub fn shutting_down(&self) -> impl Future<Output = ()> + Send + use<> + 'static {
        self.0.services.connections.closing().cancelled_owned()
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
