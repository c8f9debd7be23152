//! What generated code calls. Every function is generic over one argument or return type, so that the compiler
//! reports a mistake once, at that type.

pub use super::{
    caught::{
        ExceptionArgument, NoError, OtherExceptionArgument, any_error, count_argument, error_among,
        error_match, find_error, take_any_error, take_error, takes_one_error,
    },
    convert::{destination_variable, header},
    listener::{event, listened, listener_argument},
    probe::{
        NotProbed, Probe, ProbedApplicationArgument, ProbedArgument, ProbedEvent, ProbedInListener,
    },
    reply::{Items, OtherItems, Returned, ReturnedValue, reply},
};

use super::{FromMessage, MessageContext};
use crate::message::BoxError;

/// Takes an argument.
pub async fn extract<T: FromMessage<Via>, Via>(context: &MessageContext) -> Result<T, BoxError> {
    T::from_message(context).await.map_err(Into::into)
}
