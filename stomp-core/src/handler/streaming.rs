//! Streams that handlers return run beside their session, each in a task of its own.

use std::panic::AssertUnwindSafe;

use futures_util::{
    FutureExt, StreamExt,
    stream::{AbortHandle, AbortRegistration, Abortable, Aborted},
};

use super::{
    HandlerPanicked, TooManyStreams,
    handling::{Handling, Replier},
    reply::MessageStream,
    sending::{goes_to_one_session, send_reply},
};
use crate::{
    message::{BoxError, Message, MessageType},
    session::{NotOpened, OpenStream, SubscriptionKey},
};

/// A stream that is to be sent, and who returned it.
pub(super) struct Streaming {
    messages: MessageStream,
    replier: Replier,
    open: OpenStream,
    abort: AbortRegistration,
}

impl Handling {
    /// Makes a stream one of the session. If the session or the subscription has ended, there
    /// is nobody to stream for.
    pub(super) fn open(
        &self,
        messages: MessageStream,
        replier: Replier,
    ) -> Result<Option<Streaming>, (BoxError, Replier)> {
        let message = self.context.message();
        let subscription = match message.message_type() {
            MessageType::Subscribe => Some(match message.subscription_id() {
                Some(id) => SubscriptionKey::Id(id.into()),
                None => {
                    // As the client wrote it: an interceptor may have changed where the message goes.
                    let destination = message.headers().get("destination");
                    let destination = destination.or(message.destination());
                    SubscriptionKey::Destination(destination.unwrap_or_default().into())
                }
            }),
            _ => None,
        };
        let limit = self.context.services.streams;
        let (handle, abort) = AbortHandle::new_pair();
        match self
            .context
            .session
            .open_stream(subscription, handle, limit)
        {
            Ok(open) => Ok(Some(Streaming {
                messages,
                replier,
                open,
                abort,
            })),
            Err(NotOpened::Ended) => Ok(None),
            Err(NotOpened::TooMany) => {
                self.context.services.counters.limit_reached("streams");
                Err((TooManyStreams { limit }.into(), replier))
            }
        }
    }

    /// Sends a stream to its end. What fails goes to the exception handler, which may return a stream, too.
    pub(super) async fn stream(self, streaming: Streaming) {
        let mut next = Some(streaming);
        while let Some(Streaming {
            messages,
            replier,
            open,
            abort,
        }) = next.take()
        {
            // Only the stream is aborted: an exception handler is never cancelled half-way, as handlers aren't.
            let error = match Abortable::new(self.send_all(messages, &replier, &open), abort).await
            {
                Ok(Ok(())) | Err(Aborted) => return,
                Ok(Err(error)) => error,
            };
            drop(open);
            match replier {
                Replier::Handler(_) => next = self.failed(error).await.streaming,
                Replier::ExceptionHandler(index, first) => {
                    self.exception_handler_failed(index, &first, &*error);
                }
            }
        }
    }

    async fn send_all(
        &self,
        mut messages: MessageStream,
        replier: &Replier,
        open: &OpenStream,
    ) -> Result<(), BoxError> {
        let (targets, kind) = self.targets(replier);
        let context = &self.context;
        let can_wait = goes_to_one_session(targets, kind, context);
        let outbound = context.session.outbound();
        loop {
            if can_wait {
                // What the stream makes meanwhile would only get old.
                drop(outbound.room_for(0).await);
            }
            // A stream that is always ready gives way to other tasks now and then.
            tokio::task::coop::consume_budget().await;
            match AssertUnwindSafe(messages.next()).catch_unwind().await {
                Ok(Some(message)) => {
                    if let Some(message) = message? {
                        // Kept until the message is sent, so that it is not promised to two streams.
                        let _room = if can_wait {
                            Some(outbound.room_for(frame_bytes(&message)).await)
                        } else {
                            None
                        };
                        send_reply(message, targets, kind, context, Some(open)).await?;
                    }
                }
                Ok(None) => return Ok(()),
                Err(panic) => return Err(HandlerPanicked::new(panic).into()),
            }
        }
    }
}

/// How large the frame of a message is, about.
fn frame_bytes(message: &Message) -> usize {
    /// What the server adds: command, destination, ids.
    const HEAD: usize = 512;

    let headers = message.headers().iter();
    let headers: usize = headers
        .map(|(name, value)| name.len() + value.len() + 2)
        .sum();
    HEAD + headers + message.payload().len()
}
