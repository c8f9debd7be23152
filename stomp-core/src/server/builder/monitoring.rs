//! How a server is watched.

use std::time::Duration;

use super::MessagingBuilder;

/// As in Spring (STAT-06).
pub(super) const STATISTICS_LOG: Duration = Duration::from_secs(30 * 60);

impl MessagingBuilder {
    /// How often the server writes its [statistics](crate::statistics::MessagingStatistics) to the log, at the level
    /// `info` (STAT-06). `None`, or a period of zero, is never. Default: every 30 minutes.
    ///
    /// The first line comes after a minute, or after `period` if that is shorter.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use stomp_axum::server::Messaging;
    ///
    /// let builder = Messaging::builder().statistics_log(Some(Duration::from_secs(60)));
    /// # let _ = builder;
    /// ```
    pub fn statistics_log(mut self, period: Option<Duration>) -> Self {
        self.statistics_log = period;
        self
    }
}
