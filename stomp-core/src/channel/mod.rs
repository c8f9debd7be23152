//! How the parts of the server hand messages to each other without knowing each other, and the interceptors of that.

mod broker_channel;
mod error;
mod interceptor;
mod interceptors;
mod outbound_channel;

pub(crate) use self::{
    broker_channel::{BrokerChannel, Intercepted, MessageHandler},
    interceptors::Interceptors,
    outbound_channel::{Delivered, Delivery, OutboundChannel, shared_message},
};
pub use self::{
    error::MessagingError,
    interceptor::{Channel, ChannelInterceptor, MessageRejected, SendOutcome},
};

use futures_util::future::{BoxFuture, Either, Ready};

/// The outcome of a step that mostly completes at once: a publish to the embedded broker only enqueues. Only a step
/// that really waits (for a handler, for an external broker) pays for a boxed future.
pub(crate) type Completion<T> = Either<Ready<T>, BoxFuture<'static, T>>;

/// A step that has completed.
pub(crate) fn completed<T>(value: T) -> Completion<T> {
    Either::Left(futures_util::future::ready(value))
}

/// A step that completes later.
pub(crate) fn pending<T>(future: impl Future<Output = T> + Send + 'static) -> Completion<T> {
    Either::Right(Box::pin(future))
}
