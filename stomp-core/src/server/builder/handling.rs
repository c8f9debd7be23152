//! How messages are handled and answered.

use super::MessagingBuilder;

impl MessagingBuilder {
    /// How many messages of one session each `#[message_mapping]` handles at the same time, unless it says so itself
    /// with `parallel = n`. Default: 1, one message of a session after another, in the order in which they came.
    ///
    /// More than 1 gives up that order: while a handler runs, the frames behind it are handled, as in Spring by default
    /// (OR-1). Of one session no more than [`Limits::inbound_frames`](crate::session::Limits::inbound_frames) are handled or wait at a time.
    pub fn parallel_handlers(mut self, limit: usize) -> Self {
        self.parallel_handlers = limit;
        self
    }

    /// Copies those headers of a message to its replies for which `filter` returns true: a correlation id, for example
    /// (RV-26). Default: none.
    ///
    /// With several filters, one that returns true is enough. All values of a header are copied. A header that the
    /// handler itself has set stays as it is; headers of the protocol, such as `destination`, `content-type` and
    /// `receipt`, are never copied.
    ///
    /// ```
    /// use stomp_axum::server::Messaging;
    ///
    /// let messaging = Messaging::builder()
    ///     .reply_header_filter(|name| name == "correlation-id" || name.starts_with("trace"))
    ///     .build()?;
    /// # Ok::<(), stomp_axum::server::BuildError>(())
    /// ```
    pub fn reply_header_filter(
        mut self,
        filter: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.reply_headers.add(Box::new(filter));
        self
    }
}
