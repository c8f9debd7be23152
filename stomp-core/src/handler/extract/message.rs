use std::{convert::Infallible, fmt};

use serde::de::DeserializeOwned;

use super::{
    super::{ExtractError, MessageContext, MessageHeaderAccessor},
    FromMessage, OptionalFromMessage,
};
use crate::{
    codec::Headers,
    message::{Message, PayloadError, SessionId},
    pattern::DestinationVariables,
    session::{Session, SessionAttributes, SessionRegistry},
    template::MessagingTemplate,
    user::UserRegistry,
};

/// The destination of the message, as the client wrote it: `/app/chat/lobby`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Destination(pub String);

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Extractors that never fail, and their `Option`s, which are never `None`.
macro_rules! always {
    ($($type:ty = |$context:ident| $value:expr;)*) => {
        $(
            impl FromMessage for $type {
                type Rejection = Infallible;

                async fn from_message($context: &MessageContext) -> Result<Self, Infallible> {
                    Ok($value)
                }
            }

            impl OptionalFromMessage for $type {
                type Rejection = Infallible;

                async fn from_message_optional($context: &MessageContext) -> Result<Option<Self>, Infallible> {
                    Ok(Some($value))
                }
            }
        )*
    };
}

always! {
    MessageHeaderAccessor = |context| context.header_accessor().clone();
    Headers = |context| context.message().headers().clone();
    Destination = |context| Destination(context.message().destination().unwrap_or_default().to_owned());
    DestinationVariables = |context| context.destination_variables().clone();
    Session = |context| context.session().clone();
    SessionId = |context| context.session().id().clone();
    SessionAttributes = |context| context.session().attributes().clone();
    MessagingTemplate = |context| context.template().clone();
    UserRegistry = |context| context.users().clone();
    SessionRegistry = |context| context.sessions().clone();
}

/// The message with its payload converted. Without a body it is an error, unless `T` is an `Option` or bytes (AR-32).
impl<T: DeserializeOwned + Send + 'static> FromMessage for Message<T> {
    type Rejection = ExtractError;

    async fn from_message(context: &MessageContext) -> Result<Self, ExtractError> {
        let message = context.message();
        let payload = context.converters().read_of_message(message)?;
        Ok(message.without_payload().map_payload(|()| payload))
    }
}

/// `None` if there is no body. An `Option` of a plain [`Message`] never is.
impl<T: DeserializeOwned + Send + 'static> OptionalFromMessage for Message<T> {
    type Rejection = ExtractError;

    async fn from_message_optional(context: &MessageContext) -> Result<Option<Self>, ExtractError> {
        match Self::from_message(context).await {
            Ok(message) => Ok(Some(message)),
            Err(ExtractError::Payload(PayloadError::Missing { .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
