use std::any::{Any, type_name};

use super::{
    super::{ExtractError, MessageContext, Requirements},
    FromMessage, OptionalFromMessage,
};

/// What the application gave to `MessagingBuilder::state`: a clone of it, as with axum's `State`.
///
/// A handler whose state was not given is an error at `build()`; `Option<State<T>>` is `None` instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State<T>(pub T);

impl<T: Any + Clone + Send> FromMessage for State<T> {
    type Rejection = ExtractError;

    async fn from_message(context: &MessageContext) -> Result<Self, ExtractError> {
        context.state().ok_or(ExtractError::MissingState {
            type_name: type_name::<T>(),
        })
    }

    fn requirements(requirements: &mut Requirements) {
        requirements.state::<T>();
    }
}

impl<T: Any + Clone + Send> OptionalFromMessage for State<T> {
    type Rejection = std::convert::Infallible;

    async fn from_message_optional(
        context: &MessageContext,
    ) -> Result<Option<Self>, Self::Rejection> {
        Ok(context.state())
    }
}
