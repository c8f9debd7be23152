use std::borrow::Cow;

use crate::{message::Message, session::SessionAttributes};

/// Sees the messages of a channel before and after they are sent: Spring's `ChannelInterceptor` (CH-10 to CH-12, EP-32).
///
/// One trait for all three [channels](Channel); the builder says which one an interceptor is for:
/// [`inbound_interceptor`](crate::server::MessagingBuilder::inbound_interceptor),
/// [`outbound_interceptor`](crate::server::MessagingBuilder::outbound_interceptor),
/// [`broker_interceptor`](crate::server::MessagingBuilder::broker_interceptor). For one message, interceptors are called
/// in this order: `pre_send` from the first to the last, then the message is sent, `post_send` from the first to the
/// last, and `after_completion` from the last to the first.
///
/// A closure that takes a message is an interceptor, which has `pre_send` only:
///
/// ```
/// use stomp_axum::{channel::MessageRejected, message::Message, server::Messaging};
///
/// let builder = Messaging::builder()
///     .inbound_interceptor(|message: Message| {
///         if message.payload().len() > 1000 {
///             return Err(MessageRejected::new("too-chatty", "at most 1000 bytes, please"));
///         }
///         Ok(Some(message.with_header("seen", "yes")))
///     });
/// # let _ = builder;
/// ```
///
/// # No async
///
/// As in Spring, an interceptor can't wait: the outbound channel calls it once for each subscriber, while it holds the
/// lock of the destination. What has to wait belongs into an [`Authenticator`](crate::endpoint::Authenticator), or into
/// a `tower` layer, see [`inbound_layer`](crate::server::MessagingBuilder::inbound_layer). For the same reason an
/// interceptor of the outbound channel must neither publish nor ask for
/// [`broker_statistics`](crate::server::Messaging::broker_statistics): that would wait for itself.
///
/// # Panics
///
/// A panic of `pre_send` rejects the message with the code `internal-error`; one of `post_send` and `after_completion`
/// is logged, and changes nothing: the message has been sent by then. (In Spring, an exception of `postSend` fails the
/// send, CH-12.)
pub trait ChannelInterceptor: Send + Sync + 'static {
    /// Called before a message is sent. It may change the message, or replace it.
    ///
    /// `Ok(None)` swallows the message: nobody gets it, and neither the interceptors behind this one nor `post_send` are
    /// called (CH-11). [`Channel`] says who notices.
    ///
    /// # Errors
    ///
    /// [`MessageRejected`] refuses the message. [`Channel`] says who is told.
    fn pre_send(
        &self,
        message: Message,
        channel: Channel<'_>,
    ) -> Result<Option<Message>, MessageRejected> {
        let _ = channel;
        Ok(Some(message))
    }

    /// Called when the message has been sent.
    fn post_send(&self, message: &Message, channel: Channel<'_>) {
        let _ = (message, channel);
    }

    /// Called at the end, whatever became of the message, if `pre_send` of this interceptor has let it pass.
    fn after_completion(&self, message: &Message, channel: Channel<'_>, outcome: SendOutcome) {
        let _ = (message, channel, outcome);
    }
}

impl<F> ChannelInterceptor for F
where
    F: Fn(Message) -> Result<Option<Message>, MessageRejected> + Send + Sync + 'static,
{
    fn pre_send(
        &self,
        message: Message,
        _: Channel<'_>,
    ) -> Result<Option<Message>, MessageRejected> {
        self(message)
    }
}

/// Which channel a message is sent to.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub enum Channel<'a> {
    /// From clients to the server: Spring's `clientInboundChannel`. The message has the id and the user of the session
    /// that sent it; here are the attributes of that session (IN-7), which on CONNECT are those of the handshake.
    ///
    /// Interceptors see every CONNECT whose client was authenticated, SEND, SUBSCRIBE and UNSUBSCRIBE, and one DISCONNECT
    /// per session: that of the client, or one without headers when the connection is lost, which overtakes frames that
    /// wait (OR-6). They are called in the order of the frames of a session.
    ///
    /// * `post_send` is called when the message has been handled, not only handed over; if its handler failed, too.
    /// * The user of a CONNECT that an interceptor lets pass is the user of the session (IN-8). On other messages,
    ///   changes of type, session, user and subscription id are undone; destination, headers and payload may change.
    /// * Rejected: the client gets an ERROR with the code and the text, and the connection is closed (IN-10).
    /// * Swallowed: a CONNECT is refused with an ERROR of code `connect-refused`. A SEND or SUBSCRIBE is dropped, and
    ///   no RECEIPT is sent.
    /// * UNSUBSCRIBE and DISCONNECT take effect in any case, and for what the client wrote (SB-16).
    Inbound(&'a SessionAttributes),
    /// From the server to one subscriber: Spring's `clientOutboundChannel`, for MESSAGE frames.
    ///
    /// The message has the session id and the user of the *receiver*, the subscription id, and the destination as the
    /// client sees it. A message that is changed gets a frame of its own, while all others share theirs. Of a sender there
    /// is nothing but headers and payload (in Spring, `simpUser` is the sender, CH-18).
    ///
    /// Rejected: this subscriber does not get the message, which is logged. Swallowed: the same, without the log.
    Outbound,
    /// What handlers, the template and clients publish, before user destinations are resolved: Spring's
    /// `brokerChannel`.
    ///
    /// Rejected: who publishes gets [`MessagingError::Rejected`](super::MessagingError::Rejected), and a client that
    /// sends straight to the broker an ERROR. Swallowed: who publishes gets
    /// [`MessagingError::Swallowed`](super::MessagingError::Swallowed) (ST-9), a client nothing, and no RECEIPT.
    Broker,
}

impl Channel<'_> {
    /// `inbound`, `outbound` or `broker`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Inbound(_) => "inbound",
            Self::Outbound => "outbound",
            Self::Broker => "broker",
        }
    }
}

/// What became of a message.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SendOutcome {
    /// It was sent.
    Sent,
    /// An interceptor behind this one has swallowed it.
    Swallowed,
    /// An interceptor behind this one has rejected it, or it could not be sent.
    Failed,
}

/// An interceptor, or a layer over the inbound channel, refuses a message.
///
/// ```
/// use stomp_axum::channel::MessageRejected;
///
/// let rejected = MessageRejected::new("market-closed", "come back tomorrow");
/// assert_eq!(rejected.code(), "market-closed");
/// assert_eq!(rejected.to_string(), "come back tomorrow");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct MessageRejected {
    code: &'static str,
    text: Cow<'static, str>,
}

impl MessageRejected {
    /// `code` is for programs: make it stable, and write it like those of the server, in small letters with hyphens.
    /// `text` is for people. A client may see both.
    pub fn new(code: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    /// The code, which becomes the header `code` of the ERROR.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The text, which becomes the header `message` and the body of the ERROR.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn into_text(self) -> Cow<'static, str> {
        self.text
    }
}
