//! What generated code calls. Every function is generic over one argument or return type, so that the compiler
//! reports a mistake once, at that type.

pub use super::{
    convert::{destination_variable, header},
    listener::{event, listened, listener_argument, listener_requirements, takes_event},
    reply::{Returned, ReturnedValue, reply},
};

use std::error::Error;

use super::{FromMessage, MessageContext, Requirements};
use crate::message::BoxError;

/// Takes an argument.
pub async fn extract<T: FromMessage<Via>, Via>(context: &MessageContext) -> Result<T, BoxError> {
    T::from_message(context).await.map_err(Into::into)
}

/// Says what an argument requires.
pub fn requirements<T: FromMessage<Via>, Via>(requirements: &mut Requirements) {
    T::requirements(requirements);
}

/// The first error of type `E` along the chain of sources.
///
/// # Panics
///
/// If there is none. An exception handler is called only for errors that its [`ErrorType`](super::ErrorType) matches.
pub fn find_error<E: Error + 'static>(error: &BoxError) -> &E {
    super::error::chain(&**error)
        .find_map(<dyn Error>::downcast_ref)
        .expect("the routing table matched the type of the error")
}
