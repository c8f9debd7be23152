use std::{any::Any, sync::Arc};

use super::{Function, MessageHeaderAccessor, Services, State, header_accessor::AccessibleMessage};
use crate::{
    message::{Message, MessageConverters},
    pattern::DestinationVariables,
    session::{Session, SessionRegistry},
    template::MessagingTemplate,
    user::UserRegistry,
};

/// All that a handler's arguments are taken from: the message, its session, and what the application provides.
///
/// Extractors of your own read from it, see [`FromMessage`](super::FromMessage).
#[derive(Debug)]
pub struct MessageContext {
    pub(super) message: AccessibleMessage,
    pub(super) session: Session,
    /// The destination behind the application prefix.
    pub(super) lookup_destination: String,
    pub(super) variables: DestinationVariables,
    pub(super) services: Arc<Services>,
    /// The handler; that of the message in exception handlers, too.
    pub(super) function: &'static Function,
}

impl MessageContext {
    /// The message that is handled, with the headers that a handler has changed by its
    /// [`MessageHeaderAccessor`] until now.
    pub fn message(&self) -> &Message {
        self.message.current()
    }

    /// What is known about the message, to read and to change. There is one for each message.
    pub fn header_accessor(&self) -> &MessageHeaderAccessor {
        self.message.accessor(&self.lookup_destination)
    }

    /// The session that sent it.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The destination without the application prefix: `/hello` for a SEND to `/app/hello` (PX-4).
    pub fn lookup_destination(&self) -> &str {
        &self.lookup_destination
    }

    /// The variables of the handler's pattern, such as `room` of `/chat/{room}` (MM-17).
    pub fn destination_variables(&self) -> &DestinationVariables {
        &self.variables
    }

    /// The state of this type, as the application gave it to the builder.
    pub fn state<T: Any + Clone>(&self) -> Option<State<T>> {
        self.services.states.get::<T>().cloned().map(State)
    }

    /// The template, to send more than the reply.
    pub fn template(&self) -> &MessagingTemplate {
        &self.services.template
    }

    /// The message converters, to read or write a payload.
    pub fn converters(&self) -> &MessageConverters {
        self.services.template.converters()
    }

    /// The users that are connected.
    pub fn users(&self) -> &UserRegistry {
        &self.services.users
    }

    /// The sessions that are connected.
    pub fn sessions(&self) -> &SessionRegistry {
        &self.services.sessions
    }

    /// The instance of a controller.
    #[doc(hidden)]
    pub fn controller<T: Any>(&self) -> &T {
        self.services
            .controllers
            .get()
            .expect("`build` refuses a controller without instance")
    }
}
