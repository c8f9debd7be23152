use std::time::Duration;

use crate::codec::DecoderLimits;

/// Every bound that protects the server from its clients. All are on by default; what exceeds one gets an ERROR that
/// names the limit, its value and the setting.
///
/// ```
/// use stomp_axum::session::Limits;
///
/// let mut limits = Limits::default();
/// limits.message_bytes = 2 * 1024 * 1024;
/// ```
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a new connection may take until CONNECT has arrived as a whole. Default: 10 s.
    pub connect_timeout: Duration,
    /// Bytes that a connection may send before it got CONNECTED. Default: 32 KiB.
    pub pre_connect_bytes: usize,
    /// Bytes of one STOMP frame, with its headers, however many WebSocket messages it comes in. Default: 64 KiB, as
    /// in Spring. Each session may hold that much of an unfinished frame.
    pub message_bytes: usize,
    /// STOMP frames in one WebSocket message. Default: 64. Streams such as TCP have no messages.
    pub frames_per_message: usize,
    /// Header lines of one frame. Default: 64.
    pub headers: usize,
    /// Bytes of one header line. Default: 8 KiB.
    pub header_line_bytes: usize,
    /// Bytes of all header lines of one frame. Default: 32 KiB.
    pub headers_bytes: usize,
    /// Bytes of a destination. Default: 255.
    pub destination_bytes: usize,
    /// Segments of a destination. Default: 16.
    pub destination_segments: usize,
    /// Subscriptions of one session at a time. Default: 128.
    pub subscriptions: usize,
    /// Those of them that are to patterns. Each message is matched against all patterns that might fit, those of other
    /// sessions included (T-21). Default: 32.
    pub pattern_subscriptions: usize,
    /// Streams that the handlers of one session have returned and that have not ended. Default: 128.
    pub streams: usize,
    /// Messages that are delivered to one subscription and not acknowledged. When there are so many, delivery to that
    /// subscription pauses (LIM-014). A client can ask for less with the header `prefetch-count` of SUBSCRIBE. Default:
    /// 128.
    pub unacknowledged: usize,
    /// How often a message that is returned, or whose session is lost, is delivered at most (ACK-025). Default: 10.
    pub deliveries: u32,
    /// Transactions that one session has begun and neither committed nor aborted. Default: 16.
    pub transactions: usize,
    /// SEND, ACK and NACK in one transaction. Default: 1024.
    pub transaction_actions: usize,
    /// Bytes of all messages in one transaction; each counts 256 bytes more than its text. Default: 1 MiB.
    pub transaction_bytes: usize,
    /// Bytes of all messages that wait in one queue or are not acknowledged (see
    /// [`queue_semantics`](crate::server::MessagingBuilder::queue_semantics)); each counts 256 bytes more than its
    /// text. What exceeds it is refused. Default: 4 MiB.
    pub queue_bytes: usize,
    /// The same for all queues together. Default: 64 MiB.
    pub queues_bytes: usize,
    /// Queues. When there are so many, messages can't make another one; subscriptions can. Default: 10,000.
    pub queues: usize,
    /// Bytes of all histories together (see [`history`](crate::server::MessagingBuilder::history)). When there are so
    /// many, those that were not used for longest are dropped. Default: 64 MiB.
    pub history_bytes: usize,
    /// Destinations with a history. When there are so many, those that were not used for longest lose theirs. Default:
    /// 10,000.
    pub history_destinations: usize,
    /// Sessions of one user at a time; `None` for any number. Default: `None`.
    pub sessions_per_user: Option<usize>,
    /// Frames of one session that wait until those before them have been handled, and those that `parallel` handlers
    /// handle. When there are so many, the server stops reading from that client until one is done. Default: 64.
    pub inbound_frames: usize,
    /// Bytes that wait to be written to one client. A client for which more waits is cut off. Default: 512 KiB, as in
    /// Spring.
    pub outbound_bytes: usize,
    /// How long writing to a client may make no progress until the client is cut off. Default: 10 s, as in Spring.
    pub write_timeout: Duration,
    /// The shortest heart-beat interval that the server agrees to, in either direction. Default: 1 s.
    pub heart_beat_min: Duration,
    /// The longest heart-beat interval that the server agrees to, in either direction. Default: 60 s.
    pub heart_beat_max: Duration,
    /// How many heart-beat intervals of silence the server tolerates before it takes the client for dead. Default: 2,
    /// which is also what `@stomp/stompjs` grants the server.
    pub heart_beat_tolerance: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            pre_connect_bytes: 32 * 1024,
            message_bytes: 64 * 1024,
            frames_per_message: 64,
            headers: 64,
            header_line_bytes: 8 * 1024,
            headers_bytes: 32 * 1024,
            destination_bytes: 255,
            destination_segments: 16,
            subscriptions: 128,
            pattern_subscriptions: 32,
            streams: 128,
            unacknowledged: 128,
            deliveries: 10,
            transactions: 16,
            transaction_actions: 1024,
            transaction_bytes: 1024 * 1024,
            queue_bytes: 4 * 1024 * 1024,
            queues_bytes: 64 * 1024 * 1024,
            queues: 10_000,
            history_bytes: 64 * 1024 * 1024,
            history_destinations: 10_000,
            sessions_per_user: None,
            inbound_frames: 64,
            outbound_bytes: 512 * 1024,
            write_timeout: Duration::from_secs(10),
            heart_beat_min: Duration::from_secs(1),
            heart_beat_max: Duration::from_secs(60),
            heart_beat_tolerance: 2,
        }
    }
}

impl Limits {
    /// The limits with which no client could ever be served, or something could never be used, and what is wrong with them.
    pub(crate) fn unusable(&self) -> Vec<(&'static str, &'static str)> {
        let never_zero = [
            ("connect_timeout", self.connect_timeout.is_zero()),
            ("pre_connect_bytes", self.pre_connect_bytes == 0),
            ("message_bytes", self.message_bytes == 0),
            ("frames_per_message", self.frames_per_message == 0),
            ("headers", self.headers == 0),
            ("header_line_bytes", self.header_line_bytes == 0),
            ("headers_bytes", self.headers_bytes == 0),
            ("destination_bytes", self.destination_bytes == 0),
            ("destination_segments", self.destination_segments == 0),
            ("unacknowledged", self.unacknowledged == 0),
            ("deliveries", self.deliveries == 0),
            ("transaction_actions", self.transaction_actions == 0),
            ("transaction_bytes", self.transaction_bytes == 0),
            ("queue_bytes", self.queue_bytes == 0),
            ("queues_bytes", self.queues_bytes == 0),
            ("queues", self.queues == 0),
            ("history_bytes", self.history_bytes == 0),
            ("history_destinations", self.history_destinations == 0),
            ("sessions_per_user", self.sessions_per_user == Some(0)),
            ("inbound_frames", self.inbound_frames == 0),
            ("outbound_bytes", self.outbound_bytes == 0),
            ("write_timeout", self.write_timeout.is_zero()),
            ("heart_beat_min", self.heart_beat_min.is_zero()),
            ("heart_beat_tolerance", self.heart_beat_tolerance == 0),
        ];
        let zero = never_zero.into_iter().filter(|(_, is_zero)| *is_zero);
        let mut unusable: Vec<_> = zero
            .map(|(setting, _)| (setting, "it must not be zero"))
            .collect();
        if self.heart_beat_max < self.heart_beat_min {
            let reason = "it must not be less than `heart_beat_min`";
            unusable.push(("heart_beat_max", reason));
        }
        unusable
    }

    /// What the decoder may take in one frame.
    pub(crate) fn decoder(&self) -> DecoderLimits {
        DecoderLimits {
            headers: self.headers,
            header_line_bytes: self.header_line_bytes,
            headers_bytes: self.headers_bytes,
            frame_bytes: self.message_bytes,
            ..DecoderLimits::default()
        }
    }
}
