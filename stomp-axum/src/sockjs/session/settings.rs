use std::time::Duration;

use stomp_core::endpoint::SockJsSettings;

/// Longer times than that are as good as endless, and no clock is sure to have room for them.
const ENDLESS: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// What the sessions of one service have in common.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// How long a session waits for the next receiving request (SJ-SES-09).
    pub(crate) disconnect_delay: Duration,
    /// After such a silence a receiving request gets a heart-beat (SJ-HB-01).
    pub(crate) heartbeat_time: Duration,
    /// After so many bytes a streaming response ends (SJ-LIM-01).
    pub(crate) stream_bytes_limit: usize,
    /// How many messages wait for the next receiving request, before the application must wait (SJ-SES-10).
    pub(crate) http_message_cache_size: usize,
    /// So many bytes of them, too: a message that exceeds it is the last.
    pub(crate) http_cache_bytes: usize,
    /// How many messages of the client wait for the application, before the client must wait; the last request may bring
    /// more.
    pub(crate) inbound_messages: usize,
    /// So many bytes of them, too.
    pub(crate) inbound_bytes: usize,
    /// How many sessions there are at most.
    pub(crate) sessions: usize,
    /// How many sessions of one client address may wait for a receiving request when another is opened. An IPv6 address
    /// stands for the network of its first 64 bits.
    pub(crate) unattached_per_address: usize,
}

impl Settings {
    pub(crate) fn new(settings: &SockJsSettings) -> Self {
        Self {
            disconnect_delay: settings.disconnect_delay,
            heartbeat_time: settings.heartbeat_time,
            stream_bytes_limit: settings.stream_bytes_limit,
            http_message_cache_size: settings.http_message_cache_size,
            http_cache_bytes: 64 * 1024,
            inbound_messages: 128,
            inbound_bytes: 64 * 1024,
            sessions: settings.sessions,
            unattached_per_address: settings.unattached_sessions_per_address,
        }
    }

    /// With times that a clock has room for.
    pub(super) fn on_clock(mut self) -> Self {
        self.disconnect_delay = self.disconnect_delay.min(ENDLESS);
        self.heartbeat_time = self.heartbeat_time.min(ENDLESS);
        self
    }
}

#[cfg(test)]
impl Default for Settings {
    fn default() -> Self {
        Self::new(&SockJsSettings::default())
    }
}
