//! Calls a handler, sends its reply, and calls the exception handler if one of the two failed.

use std::{fmt, panic::AssertUnwindSafe, sync::Arc};

use futures_util::{FutureExt, future::BoxFuture};

use super::{
    HandlerKind, HandlerPanicked, MessageContext, Reply, RoutingTable, dispatcher::Dispatched,
    error::Chain, reply::Content, sending::send_reply, streaming::Streaming, table::RouteReply,
};
use crate::{message::BoxError, statistics::HandlerCall};

/// A message, and what is needed to handle it.
pub(super) struct Handling {
    pub(super) table: Arc<RoutingTable>,
    pub(super) context: MessageContext,
}

/// Who made a reply.
pub(super) enum Replier {
    /// The handler of this index.
    Handler(usize),
    /// The exception handler of this index, and the error that it handled.
    ExceptionHandler(usize, HandledError),
}

/// An error that an exception handler has got.
pub(super) enum HandledError {
    Kept(BoxError),
    /// The exception handler took it by value; this was its text.
    Taken(String),
}

/// What has become of a message.
pub(super) struct Outcome {
    pub(super) dispatched: Dispatched,
    /// What is still to be sent.
    pub(super) streaming: Option<Streaming>,
}

impl Handling {
    pub(super) async fn run(self, handler: usize) -> Dispatched {
        // Functions of the application are called one by one, each with its own net. What else is the application's may
        // panic, too: the source or the text of an error, or a drop (T-39).
        let outcome = AssertUnwindSafe(self.handle(handler)).catch_unwind().await;
        let Ok(Outcome {
            dispatched,
            streaming,
        }) = outcome
        else {
            tracing::error!(
                handler = %self.context.function,
                session = %self.context.session.id(),
                "the error of a message handler panicked, or what the handler has left to be dropped"
            );
            self.context.services.counters.error_unhandled();
            return Dispatched::Failed;
        };
        if let Some(streaming) = streaming {
            let tasks = self.context.services.tasks.clone();
            tasks.spawn(self.stream(streaming));
        }
        dispatched
    }

    async fn handle(&self, handler: usize) -> Outcome {
        let route = self.table.route(handler);
        let _call = HandlerCall::start(&self.context.services.counters, &route.timing);
        let definition = route.definition;
        let result = match catch_panic(|| (definition.invoke)(&self.context)).await {
            Ok(reply) => self.send(reply, Replier::Handler(handler)).await,
            Err(error) => Err((error, Replier::Handler(handler))),
        };
        match result {
            Ok(streaming) => Outcome {
                dispatched: Dispatched::Handled,
                streaming,
            },
            // Boxed, so that messages whose handler does not fail need no room for it.
            Err((error, _)) => Box::pin(self.failed(error)).await,
        }
    }

    /// Sends a reply; a failure to do so is one of who made it (RV-5).
    async fn send(
        &self,
        reply: Reply,
        replier: Replier,
    ) -> Result<Option<Streaming>, (BoxError, Replier)> {
        let sent = match reply.0 {
            Content::Nothing => Ok(None),
            Content::Message(message) => {
                let (targets, kind) = self.targets(&replier);
                let sent = send_reply(message, targets, kind, &self.context, None);
                sent.await.map(|()| None)
            }
            Content::Stream(messages) => return self.open(messages, replier),
        };
        sent.map_err(|error| (error, replier))
    }

    /// Where the replies go. Those of an exception handler are no answer to a subscription (SM-10).
    pub(super) fn targets(&self, replier: &Replier) -> (&RouteReply, HandlerKind) {
        match replier {
            Replier::Handler(index) => {
                let route = self.table.route(*index);
                (&route.reply, route.definition.kind)
            }
            Replier::ExceptionHandler(index, _) => {
                (&self.table.exception(*index).reply, HandlerKind::Message)
            }
        }
    }

    /// Section 4 of the messaging rules: EX-1 to EX-13.
    pub(super) async fn failed(&self, error: BoxError) -> Outcome {
        let context = &self.context;
        let counters = &context.services.counters;
        if error.is::<HandlerPanicked>() {
            counters.handler_panicked();
        } else {
            counters.handler_failed();
        }
        let Some(index) = self.table.exception_route(context.function, &*error) else {
            counters.error_unhandled();
            tracing::error!(
                handler = %context.function,
                session = %context.session.id(),
                error = %Chain(&*error),
                "a message handler failed, and no exception handler takes its error"
            );
            return Outcome {
                dispatched: Dispatched::Failed,
                streaming: None,
            };
        };
        let definition = self.table.exception(index).definition;
        // The log needs it, if the exception handler fails, too.
        let text = definition
            .error
            .by_value
            .then(|| Chain(&*error).to_string());
        let mut error = Some(error);
        let called = catch_panic(|| (definition.invoke)(context, &mut error)).await;
        let error = match error {
            Some(error) => HandledError::Kept(error),
            None => HandledError::Taken(text.unwrap_or_default()),
        };
        let replier = Replier::ExceptionHandler(index, error);
        let result = match called {
            Ok(reply) => self.send(reply, replier).await,
            Err(second) => Err((second, replier)),
        };
        match result {
            Ok(streaming) => Outcome {
                dispatched: Dispatched::Handled,
                streaming,
            },
            Err((second, replier)) => {
                if let Replier::ExceptionHandler(index, error) = replier {
                    self.exception_handler_failed(index, &error, &*second);
                }
                Outcome {
                    dispatched: Dispatched::Failed,
                    streaming: None,
                }
            }
        }
    }

    /// Nobody handles an error of an exception handler (EX-11).
    pub(super) fn exception_handler_failed(
        &self,
        index: usize,
        error: &HandledError,
        second: &(dyn std::error::Error + 'static),
    ) {
        self.context.services.counters.error_unhandled();
        tracing::error!(
            handler = %self.context.function,
            exception_handler = %self.table.exception(index).definition.function,
            session = %self.context.session.id(),
            error = %error,
            second_error = %Chain(second),
            "an exception handler failed"
        );
    }
}

/// Calls a handler; a panic becomes an error (T-39).
async fn catch_panic<'a>(
    invoke: impl FnOnce() -> BoxFuture<'a, Result<Reply, BoxError>>,
) -> Result<Reply, BoxError> {
    // Whatever a panic leaves half done is the handler's own: its arguments are dropped, the context is only read.
    match std::panic::catch_unwind(AssertUnwindSafe(invoke)) {
        Ok(future) => AssertUnwindSafe(future)
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| Err(HandlerPanicked::new(panic).into())),
        Err(panic) => Err(HandlerPanicked::new(panic).into()),
    }
}

impl fmt::Display for HandledError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept(error) => Chain(&**error).fmt(f),
            Self::Taken(text) => f.write_str(text),
        }
    }
}
