//! Finds the handler of a message.

use std::sync::Arc;

use super::{
    HandlerKind, MessageContext, RoutingTable, Services,
    handling::Handling,
    header_accessor::AccessibleMessage,
    table::{Lookup, Parallel},
};
use crate::{
    channel::{Completion, pending},
    message::{Message, MessageType},
    session::Session,
};

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
    /// An interceptor or a layer has swallowed it.
    Swallowed,
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

    /// Whether a SEND to this destination has a handler.
    pub(crate) fn has_handler(&self, lookup_destination: &str) -> bool {
        let lookup = self.table.lookup(HandlerKind::Message, lookup_destination);
        !matches!(lookup, Lookup::NotFound)
    }

    /// Gives a message whose destination, without the application prefix, is `lookup_destination` to its handler.
    ///
    /// It never fails with an `E`, which is what the caller's other ways to handle a message may fail with: to add it
    /// there would cost each message another box.
    pub(crate) fn dispatch<E: Send + 'static>(
        &self,
        session: &Session,
        message: Message,
        lookup_destination: String,
    ) -> Result<Completion<Result<Dispatched, E>>, NoHandler> {
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
                return Ok(crate::channel::completed(Ok(Dispatched::Failed)));
            }
        };
        let context = MessageContext {
            message: AccessibleMessage::new(message),
            session: session.clone(),
            lookup_destination,
            variables,
            services: self.services.clone(),
            function: &self.table.route(route).definition.function,
        };
        let handling = Handling {
            table: self.table.clone(),
            context,
        };
        Ok(pending(async move { Ok(handling.run(route).await) }))
    }
}
