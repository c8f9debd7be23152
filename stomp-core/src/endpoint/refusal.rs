use std::{borrow::Cow, fmt};

use super::TransportError;
use crate::{
    broker::SubscribeError,
    channel::{MessageRejected, MessagingError},
    codec::{Command, DecodeError, DecodeErrorKind, EncodedFrame, FrameBuilder, Version},
    selector::SelectorError,
    session::{CloseReason, Limits},
};

/// Why the server does not go on with a client. It becomes an ERROR frame, and the end of the connection (ERR-001).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Stable, for programs.
    code: &'static str,
    /// For people.
    message: Cow<'static, str>,
    /// The `receipt` of the frame that is refused (ERR-003).
    receipt: Option<String>,
    /// Another header, for programs.
    detail: Option<&'static (&'static str, &'static str)>,
    /// The limit that was reached, by the name of its field in `Limits`.
    limit: Option<&'static str>,
    reason: CloseReason,
}

/// What an ERROR says at most, in bytes: it may name a destination that the client chose.
const MAX_MESSAGE_BYTES: usize = 1024;

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            receipt: None,
            detail: None,
            limit: None,
            reason: CloseReason::Error,
        }
    }

    pub(super) fn limit(
        code: &'static str,
        what: &str,
        limit: impl fmt::Display,
        setting: &'static str,
    ) -> Self {
        Self::new(code, format!("{what} (at most {limit}, limit {setting})")).of_limit(setting)
    }

    /// Says that it is because of a limit, which is called so in `Limits`.
    pub(super) fn of_limit(mut self, setting: &'static str) -> Self {
        self.limit = Some(setting);
        self
    }

    /// The client reads too slowly: more waits for it than may (LIM-010, IN-15).
    pub(super) fn too_much_waits(limits: &Limits) -> Self {
        Self::slow_consumer(
            "the client reads too slowly: too many bytes wait for it",
            limits.outbound_bytes,
            "outbound_bytes",
        )
    }

    /// The client reads too slowly: nothing could be written to it for too long (LIM-010, IN-15).
    pub(super) fn no_write_progress(limits: &Limits) -> Self {
        Self::slow_consumer(
            "the client reads too slowly: nothing could be written for too long",
            format_args!("{:?}", limits.write_timeout),
            "write_timeout",
        )
    }

    fn slow_consumer(what: &str, limit: impl fmt::Display, setting: &'static str) -> Self {
        Self {
            reason: CloseReason::SlowConsumer,
            ..Self::limit("slow-consumer", what, limit, setting)
        }
    }

    /// The first frame is none to start with (NEG-012).
    pub(super) fn not_connected() -> Self {
        Self::new("not-connected", "the first frame must be CONNECT or STOMP")
    }

    /// What the transport found wrong with the client's input (LIM-009, WS-017); `None` if the connection is broken, and
    /// there is nobody to tell.
    pub(super) fn of_transport(error: &TransportError, limits: &Limits) -> Option<Self> {
        let reason = error.close_reason()?;
        let refusal = match error {
            TransportError::MessageTooBig => Self::limit(
                "frame-too-large",
                "a message has too many bytes",
                limits.message_bytes,
                "message_bytes",
            ),
            TransportError::InvalidText => Self::new("invalid-utf8", error.to_string()),
            TransportError::NotAcceptable
            | TransportError::Protocol(_)
            | TransportError::Broken(_) => Self::new("transport-protocol", error.to_string()),
        };
        Some(Self { reason, ..refusal })
    }

    /// What a client is told in place of a close code; `None` if it knows, or has been told (TCP-001).
    pub(super) fn of_close(reason: CloseReason) -> Option<Self> {
        let refusal = match reason {
            CloseReason::Shutdown => Self::new("shutdown", reason.as_str()),
            CloseReason::ByApplication(text) => Self::new("closed", text),
            _ => return None,
        };
        Some(Self { reason, ..refusal })
    }

    /// The reason is about the server, and goes to the log.
    fn broker_unavailable(reason: &str) -> Self {
        tracing::warn!(reason, "the broker is not available to a client");
        Self::new("broker-unavailable", "the broker is not available")
    }

    /// Names the frame that is refused, unless it is named already.
    pub(super) fn with_receipt(mut self, receipt: Option<&str>) -> Self {
        if self.receipt.is_none() {
            self.receipt = receipt.map(str::to_owned);
        }
        self
    }

    pub(super) fn with_detail(mut self, detail: &'static (&'static str, &'static str)) -> Self {
        self.detail = Some(detail);
        self
    }

    pub(super) fn code(&self) -> &'static str {
        self.code
    }

    /// The limit that was reached.
    pub(super) fn reached_limit(&self) -> Option<&'static str> {
        self.limit
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// How the connection ends.
    pub(super) fn reason(&self) -> CloseReason {
        self.reason
    }

    /// The ERROR frame (ERR-002). The text stands in the `message` header, where clients log it, and in the body,
    /// where people look for it.
    ///
    /// Without a version, which the client has not been told yet, the header is one that reads the same with and
    /// without escapes: some clients decode them before CONNECTED, and some don't.
    pub(super) fn to_frame(&self, version: Option<Version>) -> EncodedFrame {
        let text = truncate(&self.message, MAX_MESSAGE_BYTES);
        let message = match version {
            Some(_) => Cow::Borrowed(text),
            None => text.replace([':', '\\', '\r', '\n'], " ").into(),
        };
        let mut frame = FrameBuilder::new(Command::Error, version.unwrap_or(Version::V1_0))
            .header("message", &message)
            .header("code", self.code);
        if let Some(receipt) = &self.receipt {
            frame = frame.header("receipt-id", receipt);
        }
        if let Some((name, value)) = self.detail {
            frame = frame.header(name, value);
        }
        frame
            .header("content-type", "text/plain")
            .body(text.as_bytes())
    }
}

fn truncate(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

impl From<DecodeError> for Refusal {
    fn from(error: DecodeError) -> Self {
        let reason = match error.kind() {
            DecodeErrorKind::FrameTooLarge { .. } => CloseReason::MessageTooBig,
            _ => CloseReason::Error,
        };
        let refusal = Self::new(error.code(), error.to_string()).with_receipt(error.receipt());
        let limit = error.kind().setting();
        Self {
            reason,
            limit,
            ..refusal
        }
    }
}

impl From<SelectorError> for Refusal {
    fn from(error: SelectorError) -> Self {
        Self::new("invalid-selector", error.to_string())
    }
}

impl From<SubscribeError> for Refusal {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::Pattern(error) => Self::new("invalid-destination", error.to_string()),
            SubscribeError::QueuePattern(_) => Self::new("invalid-destination", error.to_string()),
            SubscribeError::NoHistory(_) => Self::new("no-history", error.to_string()),
            SubscribeError::Unavailable { reason } => Self::broker_unavailable(&reason),
        }
    }
}

impl From<MessagingError> for Refusal {
    fn from(error: MessagingError) -> Self {
        match error {
            MessagingError::InvalidUserDestination { destination, .. } => Self::new(
                "invalid-destination",
                format!("no user destination: {destination}"),
            ),
            MessagingError::BrokerUnavailable { reason } => Self::broker_unavailable(&reason),
            // The broker has counted that its limit was reached: applications that publish reach it, too.
            MessagingError::QueueFull { .. } => Self::new("queue-full", error.to_string()),
            MessagingError::TooManyQueues { .. } => Self::new("too-many-queues", error.to_string()),
            MessagingError::Rejected(rejected) => rejected.into(),
            other => {
                tracing::error!(error = %other, "a message of a client could not be sent");
                Self::new("not-sent", "the message could not be sent")
            }
        }
    }
}

/// For layers to look at. It tells all that a refused SEND or SUBSCRIBE is refused with.
impl From<Refusal> for MessageRejected {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code, refusal.message)
    }
}

impl From<MessageRejected> for Refusal {
    fn from(rejected: MessageRejected) -> Self {
        Self::new(rejected.code(), rejected.into_text())
    }
}
