//! Calls the handler of a message, sends its reply, and finds the exception handler if it failed.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{
    Function, HandlerKind, HandlerPanicked, MessageContext, Reply, RoutingTable, Services,
    error::Chain,
    table::{Lookup, Parallel, RouteReply},
};
use crate::{
    channel::{Completion, pending},
    codec::SharedMessage,
    message::{BoxError, Message, MessageType, SessionId},
    session::Session,
};

/// Where replies go without `#[send_to]` (RV-10).
const DEFAULT_DESTINATION: &str = "/topic";
/// Where replies to a user go without a destination (RV-13).
const DEFAULT_USER_DESTINATION: &str = "/queue";

/// Spring's `SimpAnnotationMethodMessageHandler`.
#[derive(Clone, Debug)]
pub(crate) struct Dispatcher {
    table: Arc<RoutingTable>,
    services: Arc<Services>,
}

/// What became of a message for the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dispatched {
    /// A handler has handled it, or an exception handler its error.
    Handled,
    /// Its handler failed, and no exception handler took the error. It is logged.
    Failed,
}

/// No handler is mapped to the destination of this message.
#[derive(Debug)]
pub(crate) struct NoHandler(pub(crate) Box<Message>);

impl Dispatcher {
    pub(crate) fn new(table: RoutingTable, services: Arc<Services>) -> Self {
        Self {
            table: Arc::new(table),
            services,
        }
    }

    /// Whether any handler takes several messages of one session at the same time.
    pub(crate) fn has_parallel_handlers(&self) -> bool {
        self.table.has_parallel_handlers()
    }

    /// The handler of a SEND to this destination, if it takes several messages of one session at the same time.
    pub(crate) fn parallel(&self, lookup_destination: &str) -> Option<Parallel> {
        self.table.parallel(lookup_destination)
    }

    /// Gives a message whose destination, without the application prefix, is `lookup_destination` to its handler.
    pub(crate) fn dispatch(
        &self,
        session: &Session,
        message: Message,
        lookup_destination: String,
    ) -> Result<Completion<Dispatched>, NoHandler> {
        let kind = match message.message_type() {
            MessageType::Subscribe => HandlerKind::Subscribe,
            MessageType::Message => HandlerKind::Message,
            MessageType::Connect | MessageType::Unsubscribe | MessageType::Disconnect => {
                return Err(NoHandler(Box::new(message)));
            }
        };
        let (route, variables) = match self.table.lookup(kind, &lookup_destination) {
            Lookup::Found(route, variables) => (route, variables),
            Lookup::NotFound => return Err(NoHandler(Box::new(message))),
            Lookup::Ambiguous(one, other) => {
                let [one, other] =
                    [one, other].map(|index| self.table.route(index).definition.function);
                tracing::error!(destination = lookup_destination, %one, %other, "two handlers match equally well");
                return Ok(crate::channel::completed(Dispatched::Failed));
            }
        };
        let context = MessageContext {
            message,
            session: session.clone(),
            lookup_destination,
            variables,
            services: self.services.clone(),
        };
        let table = self.table.clone();
        Ok(pending(
            async move { handle(&table, route, &context).await },
        ))
    }
}

async fn handle(table: &RoutingTable, route: usize, context: &MessageContext) -> Dispatched {
    let route = table.route(route);
    let definition = route.definition;
    let result = match catch_panic(|| (definition.invoke)(context)).await {
        Ok(reply) => send_reply(reply, &route.reply, definition.kind, context).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(()) => Dispatched::Handled,
        Err(error) => handle_error(table, &definition.function, context, error).await,
    }
}

/// Section 4 of the messaging rules: EX-1 to EX-13.
async fn handle_error(
    table: &RoutingTable,
    function: &Function,
    context: &MessageContext,
    error: BoxError,
) -> Dispatched {
    let Some(route) = table.exception_route(function, &*error) else {
        tracing::error!(
            handler = %function,
            session = %context.session.id(),
            error = %Chain(&*error),
            "a message handler failed, and no exception handler takes its error"
        );
        return Dispatched::Failed;
    };
    let definition = route.definition;
    let result = match catch_panic(|| (definition.invoke)(context, &error)).await {
        Ok(reply) => send_reply(reply, &route.reply, HandlerKind::Message, context).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(()) => Dispatched::Handled,
        Err(second) => {
            tracing::error!(
                handler = %function,
                exception_handler = %definition.function,
                session = %context.session.id(),
                error = %Chain(&*error),
                second_error = %Chain(&*second),
                "an exception handler failed"
            );
            Dispatched::Failed
        }
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

/// Sends a reply to all its destinations: RV-10 to RV-23, and SM-2 for subscriptions.
async fn send_reply(
    reply: Reply,
    targets: &RouteReply,
    kind: HandlerKind,
    context: &MessageContext,
) -> Result<(), BoxError> {
    let Some(message) = reply.0 else {
        return Ok(());
    };
    let template = &context.services.template;
    if let Some(user_targets) = &targets.send_to_user {
        let (user, narrowed_to) = user_and_session(context, targets.broadcast);
        for destination in destinations(user_targets, DEFAULT_USER_DESTINATION, context)? {
            let destination = template.user_destination(user, &destination)?;
            let mut message = message.clone().with_destination(destination);
            if let Some(session_id) = narrowed_to {
                message = message.with_session_id(session_id.clone());
            }
            template.send(message).await?;
        }
    }
    match &targets.send_to {
        Some(targets) => {
            for destination in destinations(targets, DEFAULT_DESTINATION, context)? {
                template
                    .send(message.clone().with_destination(destination))
                    .await?;
            }
        }
        None if targets.send_to_user.is_some() => {}
        None if kind == HandlerKind::Subscribe => reply_to_subscriber(&message, context),
        None => {
            let destination = default_destination(DEFAULT_DESTINATION, &context.lookup_destination);
            template.send(message.with_destination(destination)).await?;
        }
    }
    Ok(())
}

/// Who gets a reply to the user (RV-20 to RV-22): an anonymous session stands for its user.
fn user_and_session(context: &MessageContext, broadcast: bool) -> (&str, Option<&SessionId>) {
    let session_id = context.session.id();
    match context.session.principal() {
        Some(principal) => (
            principal.destination_user_name(),
            (!broadcast).then_some(session_id),
        ),
        None => (session_id.as_str(), Some(session_id)),
    }
}

fn destinations(
    targets: &[super::target::Target],
    default_prefix: &str,
    context: &MessageContext,
) -> Result<Vec<String>, BoxError> {
    if targets.is_empty() {
        return Ok(vec![default_destination(
            default_prefix,
            &context.lookup_destination,
        )]);
    }
    let expand = |target: &super::target::Target| {
        target.expand(&context.variables).map_err(|missing| {
            super::ExtractError::MissingDestinationVariable { name: missing.0 }.into()
        })
    };
    targets.iter().map(expand).collect()
}

fn default_destination(prefix: &str, lookup_destination: &str) -> String {
    let separator = if lookup_destination.starts_with('/') {
        ""
    } else {
        "/"
    };
    format!("{prefix}{separator}{lookup_destination}")
}

/// Sends the reply of a subscription straight to the subscriber, past the broker (SM-2, SM-7).
fn reply_to_subscriber(message: &Message, context: &MessageContext) {
    let session = &context.session;
    let shared = SharedMessage::new(
        session.version(),
        context.services.message_ids.next().as_str(),
        context.message.destination().unwrap_or_default(),
        message.content_type(),
        message.headers(),
        message.payload(),
    );
    let frame = shared.for_subscription(context.message.subscription_id(), None);
    if let Err(closed) = session.outbound().send(frame) {
        tracing::debug!(session = %session.id(), %closed, "the subscriber is gone before the reply");
    }
}
