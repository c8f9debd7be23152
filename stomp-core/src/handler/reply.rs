use std::{convert::Infallible, fmt, marker::PhantomData};

use futures_util::{Stream, StreamExt, TryStreamExt, stream::BoxStream};
use serde::Serialize;

use super::MessageContext;
use crate::{
    codec::Headers,
    message::{BoxError, Message, MessageConverters, PayloadError},
};

/// What a handler's return value becomes: nothing, a message that still needs its destinations, or a stream of them.
#[derive(Debug, Default)]
pub struct Reply(pub(super) Content);

/// What is in a [`Reply`].
#[derive(Default)]
pub(super) enum Content {
    #[default]
    Nothing,
    Message(Message),
    Stream(MessageStream),
}

/// The messages of a stream; `None` is a value that sends nothing.
pub(super) type MessageStream = BoxStream<'static, Result<Option<Message>, BoxError>>;

impl Reply {
    /// Nothing is sent.
    pub fn nothing() -> Self {
        Self(Content::Nothing)
    }

    /// Payload and headers of `message` are sent; its destination does not count.
    pub fn message(message: Message) -> Self {
        Self(Content::Message(message))
    }

    /// Each message of `stream` is sent as it comes. An error ends the stream, and goes to the exception handlers.
    pub fn stream(stream: impl Stream<Item = Result<Message, BoxError>> + Send + 'static) -> Self {
        Self(Content::Stream(stream.map_ok(Some).boxed()))
    }
}

impl From<Option<Message>> for Reply {
    fn from(message: Option<Message>) -> Self {
        message.map_or_else(Self::nothing, Self::message)
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Message(message) => f.debug_tuple("Message").field(message).finish(),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

/// A type that can be returned by a message handler.
///
/// * any type that implements serde's `Serialize`: strings are sent as text, `Bytes` and `Vec<u8>` as they are,
///   everything else as JSON (MC-5); `None` and `()` send nothing (RV-2);
/// * [`Message`], of bytes or of a value, to send headers, too, or an `Option` of it;
/// * a [`Stream`](futures_util::Stream) of any of these: each value is sent as it comes;
/// * a `Result` of any of these with an error that converts into a boxed error: an `Err` goes to the exception
///   handlers. The values of a stream may be such `Result`s, too; an `Err` ends the stream.
///
/// # Streams
///
/// A stream runs beside its session: the RECEIPT is sent when the handler has returned it, and other frames go on. Its
/// values go where other replies of the handler would go: those of a `#[subscribe_mapping]` to the subscriber. It is
/// dropped when its session ends; that of a `#[subscribe_mapping]` also when its subscription ends. A session may have
/// [`Limits::streams`](crate::session::Limits::streams) at a time.
///
/// A stream whose values go to one session waits while more than half of that client's outbound queue is taken, so that
/// a client that reads slowly gets them slowly, instead of being cut off.
///
/// ```
/// use futures_util::{Stream, stream};
/// use stomp_axum::prelude::*;
///
/// /// SUBSCRIBE to /app/countdown, answered with three messages, one a second.
/// #[subscribe_mapping("/countdown")]
/// async fn countdown() -> impl Stream<Item = u32> {
///     stream::unfold(3, |left: u32| async move {
///         tokio::time::sleep(std::time::Duration::from_secs(1)).await;
///         Some((left, left.checked_sub(1)?))
///     })
/// }
/// ```
///
/// A stream borrows neither from its controller nor from the error of an exception handler, which are gone before it is:
/// a method says so with `impl Stream<Item = u32> + use<>`.
///
/// The parameter `Via` only tells the implementations apart for the compiler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned by a message handler",
    label = "can't be sent as a reply",
    note = "derive `serde::Serialize` for it",
    note = "return `()` if the handler has no reply",
    note = "a stream is sent if its values could be, and if it is `Send` and borrows nothing"
)]
pub trait IntoReply<Via> {
    /// Makes the value a reply, with the message converters of the server.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] if it can't be written.
    fn into_reply(self, converters: &MessageConverters) -> Result<Reply, PayloadError>;
}

/// Marks types that are serialised.
#[derive(Debug)]
pub enum ViaSerialize {}

/// Marks messages.
#[derive(Debug)]
pub enum ViaMessage {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + 'static> IntoReply<ViaSerialize> for T {
    fn into_reply(self, converters: &MessageConverters) -> Result<Reply, PayloadError> {
        converters.write(&self, Headers::new()).map(Reply::from)
    }
}

/// The payload is converted, unless it is bytes. Of what the message says otherwise, only its headers count: so a handler
/// may return the message that it got.
impl<T: Serialize + 'static> IntoReply<ViaMessage> for Message<T> {
    fn into_reply(self, converters: &MessageConverters) -> Result<Reply, PayloadError> {
        converters.write_message(self).map(Reply::from)
    }
}

impl<T: Serialize + 'static> IntoReply<ViaMessage> for Option<Message<T>> {
    fn into_reply(self, converters: &MessageConverters) -> Result<Reply, PayloadError> {
        self.map_or_else(
            || Ok(Reply::nothing()),
            |message| message.into_reply(converters),
        )
    }
}

/// Marks streams, and what their values are.
#[derive(Debug)]
pub struct ViaStream<Via>(PhantomData<Via>);

/// Marks streams of `Result`s, and what their `Ok` values are.
#[derive(Debug)]
pub struct ViaTryStream<Via>(PhantomData<Via>);

/// Says of a marker that its types are one message at most: what a stream may consist of.
pub trait SingleReply {}

impl SingleReply for ViaSerialize {}
impl SingleReply for ViaMessage {}

#[diagnostic::do_not_recommend]
impl<S, Via> IntoReply<ViaStream<Via>> for S
where
    S: Stream + Send + 'static,
    S::Item: IntoReply<Via>,
    Via: SingleReply,
{
    fn into_reply(self, converters: &MessageConverters) -> Result<Reply, PayloadError> {
        let converters = converters.clone();
        let messages = self.map(move |value| single(value, &converters));
        Ok(Reply(Content::Stream(messages.boxed())))
    }
}

/// A stream of `Result`s.
#[doc(hidden)]
#[derive(Debug)]
pub struct StreamOfResults<S>(S);

#[diagnostic::do_not_recommend]
impl<S, T, E, Via> IntoReply<ViaTryStream<Via>> for StreamOfResults<S>
where
    S: Stream<Item = Result<T, E>> + Send + 'static,
    T: IntoReply<Via>,
    E: HandlerError,
    Via: SingleReply,
{
    fn into_reply(self, converters: &MessageConverters) -> Result<Reply, PayloadError> {
        let converters = converters.clone();
        let messages = self.0.map(move |value| {
            let value = value.map_err(HandlerError::into_boxed)?;
            single(value, &converters)
        });
        Ok(Reply(Content::Stream(messages.boxed())))
    }
}

/// One value of a stream.
fn single<T: IntoReply<Via>, Via: SingleReply>(
    value: T,
    converters: &MessageConverters,
) -> Result<Option<Message>, BoxError> {
    match value.into_reply(converters)?.0 {
        Content::Nothing => Ok(None),
        Content::Message(message) => Ok(Some(message)),
        Content::Stream(_) => Err("a stream of streams can't be sent".into()),
    }
}

/// What a handler returned, of which the `Result`s of a stream are to be taken apart: by method resolution, for the
/// reason that [`Returned`] gives.
#[doc(hidden)]
#[derive(Debug)]
pub struct Items<T>(pub T);

impl<S, T, E> Items<S>
where
    S: Stream<Item = Result<T, E>>,
{
    #[doc(hidden)]
    pub fn into_items(self) -> StreamOfResults<S> {
        StreamOfResults(self.0)
    }
}

#[doc(hidden)]
pub trait OtherItems<T> {
    fn into_items(self) -> T;
}

impl<T> OtherItems<T> for Items<T> {
    fn into_items(self) -> T {
        self.0
    }
}

/// What a handler returned, of which a `Result` is to be taken apart.
///
/// An inherent method goes before that of a trait: so `Returned(value).into_result()` is the `Result` itself for any
/// `Result`, under whatever name it was imported, and `Ok(value)` for any other type. An `impl IntoReply for Result`
/// can't do this: a `Result` of two `Serialize` types is `Serialize`, too.
#[doc(hidden)]
#[derive(Debug)]
pub struct Returned<T>(pub T);

impl<T, E> Returned<Result<T, E>> {
    #[doc(hidden)]
    pub fn into_result(self) -> Result<T, E> {
        self.0
    }
}

#[doc(hidden)]
pub trait ReturnedValue<T> {
    fn into_result(self) -> Result<T, Infallible>;
}

impl<T> ReturnedValue<T> for Returned<T> {
    fn into_result(self) -> Result<T, Infallible> {
        Ok(self.0)
    }
}

/// What a handler may fail with: any error that converts into a boxed one. It is there for the compiler's advice only.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the error of a message handler",
    label = "`{Self}` is no `std::error::Error` that can go to exception handlers",
    note = "implement `std::error::Error` for it, for example with `#[derive(Debug, thiserror::Error)]`",
    note = "it must be `Send`, `Sync` and `'static`, too"
)]
pub trait HandlerError {
    fn into_boxed(self) -> BoxError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> HandlerError for E {
    fn into_boxed(self) -> BoxError {
        self.into()
    }
}

/// Makes the value of a handler a reply.
#[doc(hidden)]
pub fn reply<T, E, Via>(context: &MessageContext, result: Result<T, E>) -> Result<Reply, BoxError>
where
    T: IntoReply<Via>,
    E: HandlerError,
{
    let value = result.map_err(HandlerError::into_boxed)?;
    Ok(value.into_reply(context.converters())?)
}
