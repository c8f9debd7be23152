use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use tokio::sync::broadcast::{self, error::RecvError};

use super::Event;

/// All events of a server from the moment at which the stream was made, for code that has no use for listeners:
/// `Messaging::events` makes one. It is also a [`Stream`], for the combinators of `futures_util::StreamExt`.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use stomp_axum::{event::Event, server::Messaging, testing::TestConnection};
///
/// let messaging = Messaging::builder().simple_broker(["/topic"]).build()?;
/// let mut events = messaging.events();
/// let client = TestConnection::connect_as(&messaging, "joe").await;
/// while let Some(event) = events.recv().await {
///     if let Event::SessionConnected(event) = event? {
///         assert_eq!(event.principal().unwrap().name(), "joe");
///         break;
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// Sessions don't wait for streams. A stream that nobody reads keeps the last 1024 events of the server; whoever reads
/// too slowly learns with [`EventsMissed`] how many it has lost, and gets those that are still there.
///
/// It ends when the server, and everything that serves its connections, is gone.
pub struct EventStream(BoxStream<'static, Result<Event, EventsMissed>>);

/// A receiver was too slow, and some events are lost to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{count} events were missed, because the stream was read too slowly")]
pub struct EventsMissed {
    /// How many.
    pub count: u64,
}

impl EventStream {
    pub(super) fn new(receiver: broadcast::Receiver<Event>) -> Self {
        let events = stream::unfold(receiver, |mut receiver| async {
            match receiver.recv().await {
                Ok(event) => Some((Ok(event), receiver)),
                Err(RecvError::Lagged(count)) => Some((Err(EventsMissed { count }), receiver)),
                Err(RecvError::Closed) => None,
            }
        });
        Self(events.boxed())
    }

    /// The next event; `None` when the server is gone. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// [`EventsMissed`] if the stream was read too slowly. It goes on behind them.
    pub async fn recv(&mut self) -> Option<Result<Event, EventsMissed>> {
        self.next().await
    }
}

impl Stream for EventStream {
    type Item = Result<Event, EventsMissed>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").finish_non_exhaustive()
    }
}
