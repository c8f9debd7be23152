use std::any::Any;

use super::{
    super::{MessageContext, Requirements},
    FromMessage, OptionalFromMessage,
};
use crate::session::{SessionScopeError, SessionScoped};

/// A handler whose object was not given to `MessagingBuilder::session_scoped` is an error at `build()`;
/// `Option<SessionScoped<T>>` is `None` instead.
impl<T: Any + Send + Sync> FromMessage for SessionScoped<T> {
    type Rejection = SessionScopeError;

    async fn from_message(context: &MessageContext) -> Result<Self, SessionScopeError> {
        context.session().scoped()
    }

    fn requirements(requirements: &mut Requirements) {
        requirements.session_scoped::<T>();
    }
}

impl<T: Any + Send + Sync> OptionalFromMessage for SessionScoped<T> {
    type Rejection = SessionScopeError;

    async fn from_message_optional(
        context: &MessageContext,
    ) -> Result<Option<Self>, SessionScopeError> {
        match context.session().scoped() {
            Err(SessionScopeError::NoFactory { .. }) => Ok(None),
            object => object.map(Some),
        }
    }
}
