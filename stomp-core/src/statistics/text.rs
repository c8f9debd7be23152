//! The statistics as a line of a log.

use std::{collections::BTreeMap, fmt};

use super::{MessagingStatistics, TransportKind};
use crate::codec::Command;

/// Its first two parts are those of Spring, word for word (STAT-02, STAT-03), and stand for all that reads them already.
impl fmt::Display for MessagingStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connections = &self.connections;
        let open = |kind| connections.open.of(kind);
        write!(
            f,
            "WebSocketSession[{} current WS({})-HttpStream({})-HttpPoll({})",
            connections.open.total(),
            open(TransportKind::WebSocket),
            open(TransportKind::HttpStreaming),
            open(TransportKind::HttpPolling),
        )?;
        // Spring has no others, and whoever has none reads its text.
        for (name, kind) in [("TCP", TransportKind::Tcp), ("Other", TransportKind::Other)] {
            if connections.total.of(kind) > 0 {
                write!(f, "-{name}({})", open(kind))?;
            }
        }
        write!(
            f,
            ", {} total, {} closed abnormally ({} connect failure, {} send limit, {} transport error)]",
            connections.total.total(),
            connections.connect_failures + connections.slow_consumers,
            connections.connect_failures,
            connections.slow_consumers,
            connections.transport_errors,
        )?;
        let received = |command| self.inbound.frames.of(&command);
        write!(
            f,
            ", stompSubProtocol[processed CONNECT({})-CONNECTED({})-DISCONNECT({})]",
            received(Command::Connect) + received(Command::Stomp),
            self.outbound.frames.of(&Command::Connected),
            received(Command::Disconnect),
        )?;
        write!(
            f,
            ", broker[{} sessions, {} users, {} subscriptions, {} destinations, {} published, {} delivered, \
             {} redelivered, {} dead letters, {} waiting]",
            self.sessions,
            self.users,
            self.broker.subscriptions,
            self.broker.destinations,
            self.publishes,
            self.deliveries,
            self.redeliveries,
            self.dead_letters,
            self.broker.waiting_messages,
        )?;
        let handlers = &self.handlers;
        write!(
            f,
            ", inboundChannel[active handlers = {}, waiting frames = {}, invoked handlers = {} ({} failed, {} panicked, \
             {} unhandled), frames = {}, bytes = {}]",
            handlers.running,
            self.inbound.waiting_frames,
            handlers.invoked,
            handlers.failed,
            handlers.panicked,
            handlers.unhandled,
            self.inbound.frames.total(),
            self.inbound.bytes,
        )?;
        let outbound = &self.outbound;
        write!(
            f,
            ", outboundChannel[waiting bytes = {}, frames = {}, bytes = {}, dropped messages = {}, lost frames = {}]",
            outbound.waiting_bytes,
            outbound.frames.total(),
            outbound.bytes,
            outbound.dropped_messages,
            outbound.lost_frames,
        )?;
        write_named(f, "errors", &self.errors)?;
        write_named(f, "limits", &self.limits)?;
        write!(f, ", up {} s", self.uptime.as_secs())
    }
}

fn write_named(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    counts: &BTreeMap<&'static str, u64>,
) -> fmt::Result {
    if counts.is_empty() {
        return Ok(());
    }
    write!(f, ", {title}[")?;
    for (at, (name, count)) in counts.iter().enumerate() {
        let separator = if at == 0 { "" } else { ", " };
        write!(f, "{separator}{name} = {count}")?;
    }
    f.write_str("]")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        super::{CommandCounts, TransportCounts, counts::index},
        *,
    };

    fn counts(counts: &[(Command, u64)]) -> CommandCounts {
        let mut all = CommandCounts::default();
        for (command, count) in counts {
            all.0[index(command)] = *count;
        }
        all
    }

    #[test]
    fn stat_05_of_a_server_that_has_just_started() {
        assert_eq!(
            MessagingStatistics::default().to_string(),
            "WebSocketSession[0 current WS(0)-HttpStream(0)-HttpPoll(0), 0 total, \
             0 closed abnormally (0 connect failure, 0 send limit, 0 transport error)], \
             stompSubProtocol[processed CONNECT(0)-CONNECTED(0)-DISCONNECT(0)], \
             broker[0 sessions, 0 users, 0 subscriptions, 0 destinations, 0 published, 0 delivered, \
             0 redelivered, 0 dead letters, 0 waiting], \
             inboundChannel[active handlers = 0, waiting frames = 0, \
             invoked handlers = 0 (0 failed, 0 panicked, 0 unhandled), frames = 0, bytes = 0], \
             outboundChannel[waiting bytes = 0, frames = 0, bytes = 0, dropped messages = 0, lost frames = 0], up 0 s"
        );
    }

    #[test]
    fn stat_02_to_stat_05_with_everything() {
        let mut statistics = MessagingStatistics {
            uptime: Duration::from_millis(1_800_999),
            sessions: 12,
            users: 11,
            publishes: 1000,
            deliveries: 9000,
            redeliveries: 21,
            dead_letters: 22,
            errors: [("access-denied", 2), ("unknown-destination", 1)].into(),
            limits: [("message_bytes", 3)].into(),
            ..MessagingStatistics::default()
        };
        statistics.connections.open = TransportCounts([1, 2, 3, 4, 5]);
        statistics.connections.total = TransportCounts([10, 20, 30, 40, 50]);
        statistics.connections.connect_failures = 6;
        statistics.connections.slow_consumers = 7;
        statistics.connections.transport_errors = 8;
        statistics.inbound.frames = counts(&[
            (Command::Connect, 100),
            (Command::Stomp, 1),
            (Command::Send, 1000),
            (Command::Disconnect, 90),
        ]);
        statistics.inbound.bytes = 65_000;
        statistics.inbound.waiting_frames = 9;
        statistics.outbound.frames = counts(&[(Command::Connected, 99), (Command::Message, 8000)]);
        statistics.outbound.heart_beats = 5;
        statistics.outbound.bytes = 800_000;
        statistics.outbound.waiting_bytes = 512;
        statistics.outbound.dropped_messages = 14;
        statistics.outbound.lost_frames = 13;
        statistics.handlers.running = 2;
        statistics.handlers.invoked = 500;
        statistics.handlers.failed = 20;
        statistics.handlers.panicked = 1;
        statistics.handlers.unhandled = 3;
        statistics.broker.subscriptions = 24;
        statistics.broker.destinations = 4;
        statistics.broker.waiting_messages = 23;
        assert_eq!(
            statistics.to_string(),
            "WebSocketSession[15 current WS(1)-HttpStream(2)-HttpPoll(3)-TCP(4)-Other(5), 150 total, \
             13 closed abnormally (6 connect failure, 7 send limit, 8 transport error)], \
             stompSubProtocol[processed CONNECT(101)-CONNECTED(99)-DISCONNECT(90)], \
             broker[12 sessions, 11 users, 24 subscriptions, 4 destinations, 1000 published, 9000 delivered, \
             21 redelivered, 22 dead letters, 23 waiting], \
             inboundChannel[active handlers = 2, waiting frames = 9, \
             invoked handlers = 500 (20 failed, 1 panicked, 3 unhandled), frames = 1191, bytes = 65000], \
             outboundChannel[waiting bytes = 512, frames = 8099, bytes = 800000, dropped messages = 14, lost frames = 13], \
             errors[access-denied = 2, unknown-destination = 1], limits[message_bytes = 3], up 1800 s"
        );
    }
}
