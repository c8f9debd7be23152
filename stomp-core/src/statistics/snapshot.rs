//! The figures, as the application gets them.

use std::{collections::BTreeMap, time::Duration};

use serde::{Serialize, Serializer};

use super::{CommandCounts, TransportCounts};

/// What a server has counted since it was built, and what there is at this moment: Spring's
/// `WebSocketMessageBrokerStats` (STAT-01 to STAT-05). `Display` is the line that is logged, and serde makes an object of
/// it, for JSON.
///
/// The figures are read one after another while the server goes on: those of a message may be in one already, and not
/// yet in the next.
///
/// ```
/// use stomp_axum::{codec::Command, handler::Handlers, server::Messaging};
///
/// let messaging = Messaging::builder().handlers(Handlers::none()).build()?;
/// let statistics = messaging.statistics();
/// assert_eq!(statistics.connections.open.total(), 0);
/// assert_eq!(statistics.inbound.frames.of(&Command::Send), 0);
/// assert_eq!(statistics.errors.get("access-denied"), None);
///
/// let line = statistics.to_string();
/// assert!(line.starts_with("WebSocketSession[0 current WS(0)-HttpStream(0)-HttpPoll(0), 0 total, "));
/// # Ok::<(), stomp_axum::server::BuildError>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MessagingStatistics {
    /// For how long the server has been there. It serializes as seconds.
    #[serde(serialize_with = "seconds")]
    pub uptime: Duration,
    /// Connections, whether their clients have sent CONNECT or not.
    pub connections: ConnectionStatistics,
    /// Sessions that are connected now: their clients have got CONNECTED.
    pub sessions: usize,
    /// Users who have a session now.
    pub users: usize,
    /// From clients.
    pub inbound: InboundStatistics,
    /// To clients.
    pub outbound: OutboundStatistics,
    /// `#[message_mapping]` and `#[subscribe_mapping]` functions.
    pub handlers: HandlerStatistics,
    /// What the broker keeps now.
    pub broker: BrokerStatistics,
    /// Messages that the embedded broker has taken, from clients, handlers and the template; those for users, too, and
    /// those that it publishes itself as dead letters.
    pub publishes: u64,
    /// What the embedded broker has put into the outbound queues of subscribers, one for each subscription: out of
    /// histories and queues as well, and again what was not acknowledged. What is dropped there later is among them.
    pub deliveries: u64,
    /// Those of the deliveries that were not the first of their message: a client has not acknowledged it (ACK-026).
    pub redeliveries: u64,
    /// Messages that are not delivered again, because a client has rejected them, or they were delivered too often
    /// (ACK-023, ACK-025).
    pub dead_letters: u64,
    /// ERROR frames, by their `code`. Those that there was none of are not in it.
    pub errors: BTreeMap<&'static str, u64>,
    /// How often a limit was reached, by the name of its field in [`Limits`](crate::session::Limits). Those that never
    /// were are not in it.
    pub limits: BTreeMap<&'static str, u64>,
}

/// Connections (STAT-01).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ConnectionStatistics {
    /// Those that are open now.
    pub open: TransportCounts,
    /// All that there were, those that are open included.
    pub total: TransportCounts,
    /// Closed because CONNECT did not come in time: a proxy or the network is in the way (MON-01).
    pub connect_failures: u64,
    /// Cut off because the client read too slowly: by bytes that wait, or by time without progress.
    pub slow_consumers: u64,
    /// Ended by an error of the transport: the connection broke, or the client broke the transport's rules.
    pub transport_errors: u64,
}

/// What clients have sent.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InboundStatistics {
    /// Frames, by command. Fewer DISCONNECT than CONNECT are sessions that ended without a good-bye (MON-01).
    pub frames: CommandCounts,
    /// Bytes, those of heart-beats included, and without what the transport adds.
    pub bytes: u64,
    /// Frames that wait now until those before them are handled, and those that `parallel` handlers handle: many are a
    /// sign of slow handlers (MON-01).
    pub waiting_frames: usize,
}

/// What was sent to clients.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OutboundStatistics {
    /// Frames that were written, by command.
    pub frames: CommandCounts,
    /// Heart-beats that were written.
    pub heart_beats: u64,
    /// Bytes that were written, those of heart-beats included, and without what the transport adds.
    pub bytes: u64,
    /// Bytes that wait to be written now, to all clients: many are a sign of slow clients (MON-01).
    pub waiting_bytes: usize,
    /// Messages that clients did not get because they read too slowly for them, by the policy of their destination (see
    /// [`SlowConsumer`](crate::session::SlowConsumer)).
    pub dropped_messages: u64,
    /// Frames that were meant for a client, and not written: it was cut off, or its connection was lost. Some of them
    /// may have been on their way.
    pub lost_frames: u64,
}

/// Calls of handlers. Exception handlers and event listeners are none of them.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HandlerStatistics {
    /// Those that run now.
    pub running: u64,
    /// All that were started, those that run included.
    pub invoked: u64,
    /// Failed: an argument could not be taken from the message, the function returned an error, its reply could not be
    /// sent, or its stream failed. What panicked is not among them.
    pub failed: u64,
    /// Panicked.
    pub panicked: u64,
    /// Those that failed or panicked, and no exception handler took the error, or it failed, too. They are in the log.
    pub unhandled: u64,
}

/// What a broker keeps.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BrokerStatistics {
    /// Subscriptions of all sessions.
    pub subscriptions: usize,
    /// Destinations and patterns that anybody is subscribed to; the user destinations of a session count as one.
    pub destinations: usize,
    /// Messages that wait in queues (see [`queue_semantics`](crate::server::MessagingBuilder::queue_semantics)).
    pub waiting_messages: usize,
}

fn seconds<S: Serializer>(uptime: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(uptime.as_secs_f64())
}
